// The sealed log as its operator reads it: objects of the bucket in the order of time, opened here.
import { hpkeOpen } from '../../crypto/file/hpke.ts';
import { fromUtf8 } from '../../protocol/bytes.ts';
import { type LogLine, logKey, logsInfo, readLines, splitSealed } from '../../protocol/logs.ts';
import type { S3Bucket } from '../../worker/storage/s3.ts';

const hour = 3_600_000;
/** Pause between two looks of one that follows, in ms. */
const pause = 2_000;
/** How late an object may come after one with a later name, in ms: isolates that tell, storage that was away for a moment. */
const lateness = 10 * 60_000;

/**
 * The lines since `since` (ms). `complain` hears of objects that don't open.
 *
 * @param privateKey X25519, 32 bytes
 * @throws StorageError when the bucket does not answer
 */
export async function* readLog(
  bucket: Pick<S3Bucket, 'sizes' | 'read'>,
  privateKey: Uint8Array,
  since: number,
  complain: (key: string) => void,
  seen = new Set<string>(),
): AsyncGenerator<LogLine> {
  // Lines may be as much older than the name of their object says.
  for (let at = since; at < Date.now() + hour; at += hour) {
    const folder = logKey(at, 0).replace(/[^/]+$/, '');
    const keys = [...(await bucket.sizes(folder)).keys()].sort();
    for (const key of keys.filter((each) => !seen.has(each))) {
      seen.add(key);
      const object = await bucket.read(key);
      if (!object) continue;
      const lines = await open(object, privateKey).catch(() => complain(key));
      for (const line of lines ?? []) if (line.at >= since) yield line;
    }
  }
}

/** As `readLog`, and goes on until `signal`. */
export async function* followLog(
  bucket: Pick<S3Bucket, 'sizes' | 'read'>,
  privateKey: Uint8Array,
  since: number,
  complain: (key: string) => void,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const seen = new Set<string>();
  let from = since;
  while (!signal.aborted) {
    yield* readLog(bucket, privateKey, from, complain, seen);
    from = Math.max(since, Date.now() - lateness);
    await new Promise<void>((done) => {
      setTimeout(done, pause);
      signal.addEventListener('abort', () => done(), { once: true });
    });
  }
}

async function open(object: Uint8Array, privateKey: Uint8Array): Promise<LogLine[]> {
  const pieces = splitSealed(object).map(async (piece) =>
    readLines(fromUtf8(await hpkeOpen(privateKey, piece, logsInfo))),
  );
  return (await Promise.all(pieces)).flat();
}
