// A bucket with Miniflare's S3 endpoint in front of it, in memory: signatures are checked for real.
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';

const bucket = 'stream-chat-files';

export interface Storage {
  /** Path-style, with the bucket's name. */
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  close(): Promise<void>;
}

/** Serves an empty bucket on a loopback port of its own choosing. */
export async function startStorage(): Promise<Storage> {
  const s3Credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' };
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      modules: true,
      script: 'export default { fetch: () => new Response(null, { status: 404 }) };',
      r2Buckets: { FILES: { id: bucket, s3Credentials } },
    }),
  );
  const origin = (await miniflare.ready).origin;
  return {
    endpoint: `${origin}/cdn-cgi/local/r2/s3/${bucket}`,
    ...s3Credentials,
    close: () => miniflare.dispose(),
  };
}
