// What an upload costs the sender: time to the first byte on its way, memory whatever the size, speed beside plain PUTs.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Benchmark, compare, median, seconds } from './harness.ts';

const MB = 1e6;
const small = 512 * MB;
/** The large file, in GB: `UPLOAD_GB` for another. */
const large = (Number(process.env.UPLOAD_GB) || 10) * 1e9;
const rounds = 10;

interface Measured {
  readonly firstLeft: number;
  readonly seconds: number;
  readonly grown: number;
  readonly peak: number;
}

const measure = (path: string, storage: string): Promise<Measured> =>
  new Promise((done, failed) => {
    const program = new URL('upload-process.ts', import.meta.url);
    const child = fork(program, [path, storage], { execArgv: ['--expose-gc'] });
    child.once('message', (measured) => done(measured as Measured));
    child.once('exit', (code) => failed(new Error(`the upload ended with ${code}`)));
  });

/** Storage that takes everything and keeps nothing. */
async function drain() {
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** The anchor: PUTs of 8 MiB, four at once, of bytes that are there already. */
async function plainPuts(url: string, bytes: number): Promise<number> {
  const body = new Uint8Array(8 * 2 ** 20);
  let left = Math.ceil(bytes / body.length);
  const line = async () => {
    while (left-- > 0) await fetch(url, { method: 'PUT', body }).then((response) => response.text());
  };
  return seconds(() => Promise.all([line(), line(), line(), line()]));
}

export const benchmark: Benchmark = {
  name: 'upload',
  async run(say) {
    const directory = mkdtempSync(join(tmpdir(), 'stream-chat-upload-'));
    const storage = await drain();
    const file = (name: string, bytes: number) => {
      const path = join(directory, name);
      writeFileSync(path, '');
      truncateSync(path, bytes);
      return path;
    };
    try {
      const first: number[] = [];
      const [ours, plain]: [number[], number[]] = [[], []];
      const path = file('small', small);
      for (let round = 0; round < rounds; round++) {
        const { firstLeft, seconds: took } = await measure(path, storage.url);
        first.push(firstLeft);
        ours.push(small / MB / took);
        plain.push(small / MB / (await plainPuts(storage.url, small)));
        say(`round ${round + 1} of ${rounds}: ${Math.round(ours.at(-1)!)} MB/s`);
      }
      say(`one file of ${large / 1e9} GB`);
      const whole = await measure(file('large', large), storage.url);
      return [
        compare('pick to first object on its way, ms; anchor: the limit', median(first), 300, { atMost: 1 }),
        compare('upload on loopback, MB/s; anchor: plain PUTs, 8 MiB × 4', median(ours), median(plain), {
          atLeast: 0.85,
        }),
        compare(
          `memory that an upload of ${large / 1e9} GB adds, MB; anchor: the limit`,
          whole.grown / MB,
          150,
          { atMost: 1 },
        ),
      ];
    } finally {
      storage.close();
      rmSync(directory, { recursive: true, force: true });
    }
  },
};
