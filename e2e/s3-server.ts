// An S3 server that is not Cloudflare's: versitygw, where it is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { freePort } from '../local/ports.ts';
import { canRun, goPathOf, pathsOf } from '../local/program.ts';

/** How to get one, in one line. */
export const howToGetVersitygw =
  'No versitygw was found, so storage is tried on wrangler’s S3 alone: go install github.com/versity/versitygw/cmd/versitygw@v1.7.0, or set VERSITYGW to its path.';

/** The path of VERSITYGW (environment), or of versitygw in PATH or where Go puts it; undefined where there is none. */
export function findVersitygw(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.VERSITYGW) return env.VERSITYGW;
  return [...pathsOf(['versitygw'], env), goPathOf('versitygw', env)].find(canRun);
}

export interface S3Server {
  /** What the Worker is told of it. */
  readonly settings: Record<
    'S3_ENDPOINT' | 'S3_ACCESS_KEY_ID' | 'S3_SECRET_ACCESS_KEY' | 'S3_REGION',
    string
  >;
  remove(): Promise<void>;
}

/** Starts versitygw on an empty directory, with a bucket that takes browsers of `origin`; resolves when it answers. */
export async function startVersitygw(program: string, origin = '*'): Promise<S3Server> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-s3-'));
  for (const name of ['data', 'meta']) mkdirSync(join(directory, name));
  const host = `127.0.0.1:${await freePort()}`;
  // A secret with all that an escaping mistake would break, and a region that is nobody's default.
  const keys = {
    S3_ACCESS_KEY_ID: 'stream-chat',
    S3_SECRET_ACCESS_KEY: 'a/secret+with=signs%20',
    S3_REGION: 'eu-test-7',
  };
  const child = spawn(
    program,
    [
      ...['--port', host, '--region', keys.S3_REGION, '--quiet'],
      ...['posix', '--sidecar', join(directory, 'meta'), join(directory, 'data')],
    ],
    {
      env: {
        ROOT_ACCESS_KEY: keys.S3_ACCESS_KEY_ID,
        ROOT_SECRET_KEY: keys.S3_SECRET_ACCESS_KEY,
        HOME: directory,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const bucket = `http://${host}/stream-chat-files`;
  const client = new AwsClient({
    accessKeyId: keys.S3_ACCESS_KEY_ID,
    secretAccessKey: keys.S3_SECRET_ACCESS_KEY,
    region: keys.S3_REGION,
    service: 's3',
    retries: 0,
  });
  const remove = async () => {
    child.kill();
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const deadline = Date.now() + 20_000;
    for (let made = false; !made; ) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`versitygw did not start: ${said}`);
      made = await client.fetch(bucket, { method: 'PUT' }).then(
        ({ ok }) => ok,
        () => new Promise<false>((again) => setTimeout(() => again(false), 50)),
      );
    }
    const cors = corsRules(origin);
    const md5 = createHash('md5').update(cors).digest('base64');
    const set = await client.fetch(`${bucket}?cors=`, {
      method: 'PUT',
      body: cors,
      headers: { 'content-md5': md5 },
    });
    if (!set.ok) throw new Error(`versitygw took no CORS rules: ${await set.text()}`);
  } catch (error) {
    await remove();
    throw error;
  }
  return { settings: { S3_ENDPOINT: bucket, ...keys }, remove };
}

/** What ops/s3-cors.xml says, for `origin`. */
function corsRules(origin: string): string {
  const rules = readFileSync(new URL('../ops/s3-cors.xml', import.meta.url), 'utf8');
  return rules.replace('https://chat.example.org', origin);
}
