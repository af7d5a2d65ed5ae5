// How long a newcomer waits: from `npm start` to the ready line, and from nothing to the first encrypted message.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { register, untilOnline, untilText } from '../e2e/headless.ts';
import { freePort } from '../local/ports.ts';
import { startSystem } from '../local/system.ts';
import { root, startWorker } from '../local/worker-process.ts';
import { type Benchmark, compare, median, type Row, seconds } from './harness.ts';
import { npmStart } from './npm-start.ts';
import { openPlainRoom } from './plain-room.ts';

const rounds = 3;
const messages = 30;
/** What we promised (issue 2; DESIGN section 1), in seconds. */
const limits = { start: 15, firstMessage: 30 } as const;

export const benchmark: Benchmark = {
  name: 'start',
  async run(say) {
    const directory = mkdtempSync(join(tmpdir(), 'stream-chat-bench-'));
    try {
      return [...(await starts(directory, say)), ...(await firstMessages(directory, say))];
    } finally {
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

/** `npm start` after `npm ci`: the very first one, and the one after it; beside Wrangler with an empty Worker. */
async function starts(directory: string, say: (line: string) => void): Promise<Row[]> {
  const times = { first: [] as number[], second: [] as number[], bare: [] as number[] };
  for (let round = 1; round <= rounds; round++) {
    say(`starts, round ${round} of ${rounds}`);
    const dataDir = join(directory, `start-${round}`);
    // As in a fresh clone: the web app is still to be built.
    rmSync(join(root, 'dist/web.stamp'), { force: true });
    times.first.push(await npmStart(dataDir));
    times.second.push(await npmStart(dataDir));
    times.bare.push(await bareWorker(join(directory, `bare-${round}`)));
  }
  const [first, second, bare] = [median(times.first), median(times.second), median(times.bare)];
  return [
    compare('first npm start to ready, s; anchor: the limit', first, limits.start, { atMost: 1 }),
    compare('second npm start to ready, s; anchor: the limit', second, limits.start, { atMost: 1 }),
    compare('second npm start to ready, s; anchor: wrangler dev of an empty Worker', second, bare),
  ];
}

/** Seconds until Wrangler serves a Worker that does nothing: what no start on it can be quicker than. */
async function bareWorker(directory: string): Promise<number> {
  mkdirSync(directory);
  writeFileSync(join(directory, 'worker.js'), "export default { fetch: () => new Response('ok') };\n");
  writeFileSync(
    join(directory, 'wrangler.toml'),
    'name = "bare"\nmain = "worker.js"\ncompatibility_date = "2026-10-01"\n',
  );
  const options = { root: directory, directory, port: await freePort(), variables: {} };
  let stop = async () => {};
  try {
    return await seconds(async () => {
      const worker = await startWorker(options, () => {});
      stop = worker.stop;
      await fetch(`http://localhost:${options.port}/`);
    });
  } finally {
    await stop();
  }
}

/** Two people from nothing to the first message read, then messages one at a time; beside the same two on plain `ws`. */
async function firstMessages(directory: string, say: (line: string) => void): Promise<Row[]> {
  const system = await startSystem({ dataDir: join(directory, 'messages') });
  const first = { ours: [] as number[], plain: [] as number[] };
  const each = { ours: [] as number[], plain: [] as number[] };
  try {
    for (let round = 1; round <= rounds; round++) {
      say(`messages, round ${round} of ${rounds}`);
      await encryptedTalk(system.url, first.ours, each.ours);
      await plainTalk(first.plain, each.plain);
    }
  } finally {
    await system.stop();
  }
  const [ours, plain] = [median(first.ours), median(first.plain)];
  return [
    compare('two new accounts to first message read, s; anchor: the limit', ours, limits.firstMessage, {
      atMost: 1,
    }),
    compare('two new accounts to first message read, s; anchor: two sockets on plain ws', ours, plain),
    compare('a message from send to read, ms; anchor: plain ws', median(each.ours), median(each.plain)),
  ];
}

async function encryptedTalk(url: string, first: number[], each: number[]): Promise<void> {
  const began = performance.now();
  const ana = await register(url, 'Ana');
  const room = await ana.createRoom('Friday film');
  const link = await ana.room(room).invite();
  const ben = await register(url, 'Ben');
  await ben.join(link);
  await ana.room(room).send('0');
  await untilText(ben, room, '0');
  first.push((performance.now() - began) / 1000);

  await Promise.all([untilOnline(ana, room), untilOnline(ben, room)]);
  for (let i = 1; i <= messages; i++) {
    const sent = performance.now();
    const read = untilText(ben, room, String(i));
    await ana.room(room).send(String(i));
    await read;
    each.push(performance.now() - sent);
  }
  await Promise.all([ana.close(), ben.close()]);
}

async function plainTalk(first: number[], each: number[]): Promise<void> {
  const room = await openPlainRoom();
  try {
    const began = performance.now();
    const ana = await room.enter();
    const ben = await room.enter();
    for (let i = 0; i <= messages; i++) {
      const sent = performance.now();
      const read = ben.next();
      ana.send(String(i));
      await read;
      if (i === 0) first.push((performance.now() - began) / 1000);
      else each.push(performance.now() - sent);
    }
  } finally {
    await room.close();
  }
}
