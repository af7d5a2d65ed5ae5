// `npm run logs`: opens the sealed log with the operator's private key, on the operator's machine. `npm run logs -- keys <file>` makes one.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { freshKeyPair } from '../crypto/signal/curve.ts';
import { fromBase64, toBase64 } from '../protocol/bytes.ts';
import type { LogLine } from '../protocol/logs.ts';
import { S3Bucket, StorageError } from '../worker/storage/s3.ts';
import { followLog, readLog } from './logs/read.ts';
import { command, Refusal } from './refusal.ts';

const usage = `Say logs -- keys <file>, or logs -- --key=<file> with, each as needed:
  --env-file=<file>   where the bucket's S3_… settings stand; without them a laptop's npm start is read
  --since=<time>      1h (which it is without), 30m, 2d, or an instant as 2026-11-29T18:00Z
  --follow            goes on as lines come
  --request=<number>  lines of one request alone
  --json              as they were written`;

await command(async () => {
  const [first, file, ...more] = process.argv.slice(2);
  if (first === 'keys' && file !== undefined && more.length === 0) return makeKeys(file);
  const options = readOptions();
  const privateKey = readKey(options.key);
  const show = (line: LogLine) => {
    if (options.request !== undefined && line.request !== options.request) return;
    console.log(options.json ? JSON.stringify(line) : describe(line));
  };
  const bucket = openBucket(options['env-file']);
  const since = readSince(options.since);
  const complain = (key: string) =>
    console.error(`${key} does not open with this key: it was sealed to another, or changed.`);
  const stop = new AbortController();
  if (options.follow)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const lines = options.follow
    ? followLog(bucket, privateKey, since, complain, stop.signal)
    : readLog(bucket, privateKey, since, complain);
  let read = 0;
  try {
    for await (const line of lines) {
      show(line);
      read++;
    }
  } catch (error) {
    throw error instanceof StorageError ? new Refusal(`${error.message}: ${whereToLook()}`) : error;
  }
  if (read === 0 && !options.follow) console.error(`No lines since ${new Date(since).toISOString()}.`);
  // A pause that was cut short has its timer yet.
  if (options.follow) process.exit();
});

/** What to do where the bucket does not answer, or refuses. */
function whereToLook(): string {
  return process.env.S3_ENDPOINT === undefined
    ? `npm start must be running, on the PORT that this command is given too (${process.env.PORT || 8787}); for a bucket say --env-file=<file>.`
    : 'look at the S3_… settings; npm run doctor with the same --env-file says what is wrong with them.';
}

/** Makes a key pair: the private key into `file`, which must not be there, the public one to be set as LOG_PUBLIC_KEY. */
async function makeKeys(file: string): Promise<void> {
  if (existsSync(file)) throw new Refusal(`${file} is there already: name another file.`);
  const { privateKey, publicKey } = await freshKeyPair();
  writeFileSync(file, `${toBase64(privateKey)}\n`, { mode: 0o600, flag: 'wx' });
  console.log(`LOG_PUBLIC_KEY='${toBase64(publicKey.subarray(1))}'`);
  console.error(
    `The private key is in ${file}: keep it off the servers. Whoever has it reads the log, nobody else.`,
  );
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        key: { type: 'string' },
        'env-file': { type: 'string' },
        since: { type: 'string', default: '1h' },
        follow: { type: 'boolean', default: false },
        request: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch {
    throw new Refusal(usage);
  }
}

function readKey(file: string | undefined): Uint8Array {
  if (file === undefined) throw new Refusal(usage);
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch {
    throw new Refusal(`${file} cannot be read: --key names the file that logs -- keys has made.`);
  }
  if (!/^[\w-]{43}$/.test(text)) throw new Refusal(`${file} holds no private key: 32 bytes of base64url.`);
  return fromBase64(text);
}

/** When to begin, in ms. */
function readSince(text: string): number {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const minutes = { m: 1, h: 60, d: 1440 }[unit ?? ''];
  const at = minutes === undefined ? Date.parse(text) : Date.now() - Number(count) * minutes * 60_000;
  if (!Number.isFinite(at)) throw new Refusal(usage);
  return at;
}

/** The bucket that the environment names; what `npm start` serves on this machine where it names none. */
function openBucket(file: string | undefined): S3Bucket {
  try {
    if (file !== undefined) process.loadEnvFile(file);
  } catch {
    throw new Refusal(`${file} cannot be read: --env-file names a file of NAME='value' lines.`);
  }
  const { S3_ENDPOINT, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_REGION, PORT } = process.env;
  if (S3_ENDPOINT === undefined) {
    const laptop = { S3_ACCESS_KEY_ID: 'local', S3_SECRET_ACCESS_KEY: 'local-secret', S3_REGION: 'auto' };
    return new S3Bucket(laptop, `http://localhost:${PORT || 8787}/cdn-cgi/local/r2/s3/stream-chat-files`);
  }
  if (!S3_ACCESS_KEY_ID || !S3_SECRET_ACCESS_KEY)
    throw new Refusal(
      'Set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY with S3_ENDPOINT: a key that reads the bucket.',
    );
  return new S3Bucket(
    { S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_REGION: S3_REGION || 'auto' },
    S3_ENDPOINT.replace(/\/+$/, ''),
  );
}

/** A line for a person. */
function describe({
  at,
  level,
  event,
  request,
  who,
  method,
  route,
  status,
  ms,
  stack,
  ...rest
}: LogLine): string {
  const parts = [
    new Date(at).toISOString(),
    level.padEnd(5),
    event,
    ...(method ? [`${method} ${route}`] : route ? [route] : []),
    ...(status === undefined ? [] : [status]),
    ...(ms === undefined ? [] : [`${ms} ms`]),
    ...Object.entries(rest).map(([name, value]) => `${name}=${value}`),
    ...(who ? [`who=${who}`] : []),
    ...(request ? [`request=${request}`] : []),
  ];
  return [parts.join(' '), ...(stack ?? []).map((line) => `    ${line}`)].join('\n');
}
