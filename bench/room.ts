// The room under load: ours as it ships, every message on disk before anybody sees it, beside a plain `ws` server and Prosody.
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Benchmark, compare, median, type Row, type Target } from './harness.ts';
import { bare, type Contender, type Name, type OurRoom, ours, plain, prosody } from './room/contenders.ts';
import { type Crowd, type Paced, type Saturated, startCrowd } from './room/crowd.ts';
import { restRows } from './room/rest.ts';
import { cpuOf, memoryOf } from './room/server.ts';
import { type System, startSystem } from './room/system.ts';

type Say = (line: string) => void;

const rounds = 3;
/** How many sockets, and how many messages a second when it is not about how many are possible; ROOM_SIZES for some of them. */
const rooms = [
  { size: 1000, rate: 5 },
  { size: 100, rate: 20 },
  { size: 10, rate: 20 },
].filter(({ size }) => (process.env.ROOM_SIZES ?? `${size}`).split(',').includes(`${size}`));
const senders = 10;
const paced = 4;
const saturated = { warmUp: 1, seconds: 3 };
/** Rows that the database has before anything starts; ROOM_ROWS for fewer. */
const archive = Number(process.env.ROOM_ROWS ?? 1_000_000);
const names: Record<Name, string> = {
  ours: 'ours',
  plain: 'plain ws',
  synced: 'ws with an fsync',
  bare: 'bare object',
  storing: 'object that stores',
  prosody: 'Prosody MUC',
};
/** Whose part in the time of a single message is to be seen: the disk's, and the runtime's. */
const parts: ReadonlySet<Name> = new Set(['synced', 'bare', 'storing']);

/** Medians of the rounds of one contender with one room. */
interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU time of the server for each delivery, in µs: when it sends all it can, and at the paced rate. */
  readonly cpu: number;
  readonly pacedCpu: number;
  /** Memory of the server for each socket that does nothing, in KiB. */
  readonly memory: number;
}

export const benchmark: Benchmark = {
  name: 'room',
  async run(say) {
    const directory = mkdtempSync(join(tmpdir(), 'stream-chat-room-'));
    say(`fsync of 4 KiB here: ${syncTime(directory).toFixed(2)} ms`);
    say(`a database of ${archive} messages`);
    const system = await startSystem(directory, archive);
    try {
      const rows: Row[] = [];
      let last: OurRoom | undefined;
      for (const room of rooms) {
        const made = (one: OurRoom) => {
          last = one;
        };
        rows.push(...(await oneRoom(directory, system, room, made, say)));
      }
      if (last) rows.push(...(await restRows(system, last, say)));
      return rows;
    } finally {
      await system.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

/** Every contender with a room of `size`, in turn, as often as there are rounds. */
async function oneRoom(
  directory: string,
  system: System,
  { size, rate }: { size: number; rate: number },
  made: (room: OurRoom) => void,
  say: Say,
): Promise<Row[]> {
  const contenders = [ours(system, made), await plain(), await plain(directory)];
  contenders.push(await bare(directory), await bare(directory, true));
  const third = await prosody(directory);
  if (third) contenders.push(third);
  else say('Prosody is missing: apt-get install prosody');
  const crowds: Crowd[] = [];
  try {
    const runs = await Promise.all(
      contenders.map(async (contender) => {
        const crowd = startCrowd();
        crowds.push(crowd);
        return {
          contender,
          crowd,
          memory: await enter(contender, crowd, size),
          paces: [] as Load<Paced>[],
          peaks: [] as Load<Saturated>[],
        };
      }),
    );
    for (const { crowd } of runs) await settle(crowd);
    for (let round = 1; round <= rounds; round++) {
      for (const { contender, crowd, paces } of runs) {
        paces.push(await metered(contender, (meter) => crowd.pace({ senders, rate, seconds: paced }, meter)));
        say(`${size} sockets, round ${round}, ${names[contender.name]}: ${describePace(paces.at(-1)!)}`);
      }
    }
    // Afterwards: the database has much to take over then, which others wait for on the same disk.
    for (let round = 1; round <= rounds; round++) {
      for (const { contender, crowd, peaks } of runs) {
        if (parts.has(contender.name)) continue;
        peaks.push(
          await metered(contender, (meter) =>
            crowd.saturate({ senders, window: contender.window, ...saturated }, meter),
          ),
        );
        say(`${size} sockets, round ${round}, ${names[contender.name]}: ${describePeak(peaks.at(-1)!)}`);
      }
    }
    const measured = new Map(
      runs.map(({ contender, memory, paces, peaks }) => [contender.name, summary(memory, paces, peaks)]),
    );
    return rowsOf(size, rate, measured);
  } finally {
    for (const crowd of crowds) await crowd.close();
    for (const contender of contenders) await contender.stop();
  }
}

/** Lets the crowd in; answers what each socket that does nothing takes of the server's memory, in KiB. */
async function enter(contender: Contender, crowd: Crowd, size: number): Promise<number> {
  const entries = await contender.entries(size);
  const before = memoryOf(contender.pid);
  await crowd.open(contender.dialect, contender.port, entries);
  return (memoryOf(contender.pid) - before) / size / 1024;
}

/**
 * Sends messages until they come as they will: the first one of ours is told to every member's account, and a thousand
 * objects that come to life take this machine's one thread seconds, in production a thousand of them.
 */
async function settle(crowd: Crowd): Promise<void> {
  for (let tries = 0; tries < 15; tries++) {
    const { p99 } = await crowd.pace({ senders, rate: senders, seconds: 2 }, () => {});
    if (p99 < 1_000) return;
  }
}

/** What a crowd counted, and the CPU time of the server meanwhile, in seconds. */
type Load<T> = T & { readonly server: number };

async function metered<T>(contender: Contender, load: (meter: () => void) => Promise<T>): Promise<Load<T>> {
  const marks: number[] = [];
  const counted = await load(() => marks.push(cpuOf(contender.pid)));
  const [begin = 0, end = 0] = marks;
  return { ...counted, server: end - begin };
}

const describePeak = (peak: Load<Saturated>): string =>
  `${Math.round(peak.deliveries / peak.seconds)} deliveries/s (CPU: server ${share(peak.server, peak)}, load ${share(peak.cpu, peak)})`;

const describePace = (pace: Load<Paced>): string =>
  `p50 ${pace.p50.toFixed(2)} ms, p99 ${pace.p99.toFixed(2)} ms (CPU: server ${share(pace.server, pace)}, load ${share(pace.cpu, pace)})`;

const share = (cpu: number, { seconds }: { seconds: number }): string =>
  `${Math.round((100 * cpu) / seconds)} %`;

function summary(memory: number, paces: Load<Paced>[], peaks: Load<Saturated>[]): Measured {
  const perDelivery = ({ server, deliveries }: Load<{ deliveries: number }>) => (server / deliveries) * 1e6;
  // Not asked of everybody.
  const ofPeaks = (what: (peak: Load<Saturated>) => number) =>
    peaks.length > 0 ? median(peaks.map(what)) : 0;
  return {
    perSecond: ofPeaks(({ deliveries, seconds }) => deliveries / seconds),
    p50: median(paces.map(({ p50 }) => p50)),
    p99: median(paces.map(({ p99 }) => p99)),
    cpu: ofPeaks(perDelivery),
    pacedCpu: median(paces.map(perDelivery)),
    memory,
  };
}

function rowsOf(size: number, rate: number, measured: ReadonlyMap<Name, Measured>): Row[] {
  const own = measured.get('ours');
  if (!own) return [];
  const rows: Row[] = [];
  const add = (metric: string, key: keyof Measured, targets: Partial<Record<Name, Target>> = {}) => {
    for (const name of ['plain', 'synced', 'bare', 'storing', 'prosody'] as const) {
      const anchor = measured.get(name);
      if (!anchor || !(anchor[key] > 0)) continue;
      rows.push(
        compare(`${size} sockets: ${metric}; anchor: ${names[name]}`, own[key], anchor[key], targets[name]),
      );
    }
  };
  const many = size >= 100;
  add(
    'deliveries at saturation, /s',
    'perSecond',
    many ? { plain: { atLeast: 1.5 }, prosody: { atLeast: 15 } } : {},
  );
  add(`p50 at ${rate} messages a second, ms`, 'p50', { plain: { atMost: 1.5 } });
  add(`p99 at ${rate} messages a second, ms`, 'p99', { plain: { atMost: 2 } });
  add('CPU of a delivery at saturation, µs', 'cpu');
  add(`CPU of a delivery at ${rate} messages a second, µs`, 'pacedCpu');
  if (size === 1000) add('memory of an idle socket, KiB', 'memory');
  return rows;
}

/** What the disk asks for making 4 KiB durable, in ms. */
function syncTime(directory: string): number {
  const file = openSync(join(directory, 'sync'), 'w');
  const times: number[] = [];
  for (let i = 0; i < 50; i++) {
    writeSync(file, new Uint8Array(4096));
    const began = performance.now();
    fsyncSync(file);
    times.push(performance.now() - began);
  }
  closeSync(file);
  return median(times);
}
