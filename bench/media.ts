// What playing and sending cost in Chromium, beside the plain ways of the same browser on the same bytes.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../local/browsers.ts';
import { Refusal } from '../local/refusal.ts';
import { root } from '../local/worker-process.ts';
import { type Benchmark, compare, median, type Row } from './harness.ts';
import { type Browser, openBrowser } from './media/chromium.ts';
import { writeFilm } from './media/film.ts';
import { openShapedLine } from './media/line.ts';
import { lagging, rebuffering, watchingLive } from './media/live.ts';
import { type MediaServer, openServer, seal } from './media/server.ts';

const MB = 1e6;
const rounds = Number(process.env.MEDIA_ROUNDS) || 10;
/** A film of 5 Mbit/s, a minute long. */
const bytesPerSecond = 625_000;
const seconds = 60;
/** A place that no player has fetched by then. */
const seekTo = 47.3;
/** What is sent in each round, in MB: `UPLOAD_MB` for another. */
const uploaded = (Number(process.env.UPLOAD_MB) || 256) * MB;
/** The large files, in GB: `MEDIA_GB` for others. */
const large = (Number(process.env.MEDIA_GB) || 1) * 1e9;
const huge = (Number(process.env.UPLOAD_GB) || 10) * 1e9;
/** The parts that are measured, all unless `MEDIA_ONLY` names some: each takes one to six minutes. */
const parts = [
  'playing',
  'live',
  'lag',
  'long',
  'sending',
  'huge',
  'remuxing',
  'saving',
  'download',
] as const;
type Part = (typeof parts)[number];
const only = process.env.MEDIA_ONLY?.split(',');
const wanted = (part: Part): boolean => only?.includes(part) ?? true;

type Say = (line: string) => void;

/** First frames and jumps at one address, each way in turn. */
async function watch(url: string, seeks: boolean, say: Say) {
  const times: Record<'plain' | 'mse' | 'ours' | 'cold' | 'plainSeek' | 'oursSeek', number[]> = {
    plain: [],
    mse: [],
    ours: [],
    cold: [],
    plainSeek: [],
    oursSeek: [],
  };
  const { tab, close } = await openBrowser();
  try {
    await tab.goto(url);
    // The first of each loads and compiles what the others find ready.
    for (let round = -1; round < rounds; round++) {
      const to = seeks ? [seekTo] : [];
      const plain = await tab.call<[number, number]>('plain', ...to);
      const mse = await tab.call<number>('plainMse');
      const ours = await tab.call<[number, number]>('ours', true, ...to);
      const cold = await tab.call<[number, number]>('ours', false);
      if (round < 0) continue;
      times.plain.push(plain[0]);
      times.mse.push(mse);
      times.ours.push(ours[0]);
      times.cold.push(cold[0]);
      times.plainSeek.push(plain[1]);
      times.oursSeek.push(ours[1]);
      say(
        `round ${round + 1} of ${rounds}: plain ${Math.round(plain[0])} ms, ours ${Math.round(ours[0])} ms`,
      );
    }
  } finally {
    await close();
  }
  return times;
}

async function playing(server: MediaServer, say: Say): Promise<Row[]> {
  const line = await openShapedLine(server.port, 20, 40);
  try {
    say('first frames on loopback');
    const near = await watch(`http://127.0.0.1:${server.port}/`, false, say);
    say('first frames and jumps at 20 Mbit/s, 40 ms');
    const far = await watch(`http://127.0.0.1:${line.port}/`, true, say);
    const row = (metric: string, a: number[], b: number[], atMost?: number) =>
      compare(metric, median(a), median(b), atMost === undefined ? undefined : { atMost });
    return [
      row('first frame on loopback, ms; anchor: <video src>', near.ours, near.plain, 1.3),
      row('first frame on loopback, ms; anchor: plain MSE', near.ours, near.mse),
      row('the same, with the file opened first, ms; anchor: <video src>', near.cold, near.plain),
      row('first frame at 20 Mbit/s, 40 ms, ms; anchor: <video src>', far.ours, far.plain, 1),
      row('first frame at 20 Mbit/s, 40 ms, ms; anchor: plain MSE', far.ours, far.mse),
      row('the same, with the file opened first, ms; anchor: <video src>', far.cold, far.plain),
      row(
        'jump to a place not fetched yet, 20 Mbit/s, 40 ms, ms; anchor: <video src>',
        far.oursSeek,
        far.plainSeek,
        1.2,
      ),
    ];
  } finally {
    line.close();
  }
}

/** Runs `task` in a fresh browser, and tells by how much its memory rose. */
async function grown<T>(url: string, path: string | undefined, task: (browser: Browser) => Promise<T>) {
  const browser = await openBrowser();
  try {
    await browser.tab.goto(url);
    if (path !== undefined) await browser.tab.pick('file', path);
    const before = browser.memory();
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, browser.memory());
    }, 1000);
    const value = await task(browser).finally(() => clearInterval(watching));
    return { value, grown: peak - before };
  } finally {
    await browser.close();
  }
}

function sparse(path: string, bytes: number): string {
  writeFileSync(path, '');
  truncateSync(path, bytes);
  return path;
}

async function sending(server: MediaServer, directory: string, say: Say): Promise<Row[]> {
  const url = `http://127.0.0.1:${server.port}/`;
  const path = sparse(join(directory, 'sent'), uploaded);
  const [ours, plain, slices]: [number[], number[], number[]] = [[], [], []];
  const browser = await openBrowser();
  try {
    await browser.tab.goto(url);
    await browser.tab.pick('file', path);
    for (let round = -1; round < rounds; round++) {
      const a = uploaded / MB / (await browser.tab.call<number>('upload'));
      const b = uploaded / MB / (await browser.tab.call<number>('plainPuts', uploaded));
      const c = uploaded / MB / (await browser.tab.call<number>('plainSlices'));
      if (round < 0) continue;
      ours.push(a);
      plain.push(b);
      slices.push(c);
      say(`round ${round + 1} of ${rounds}: upload ${Math.round(a)} MB/s, plain ${Math.round(b)} MB/s`);
    }
  } finally {
    await browser.close();
  }
  return [
    compare(
      'upload on loopback, MB/s; anchor: plain PUTs from memory, 8 MiB × 4',
      median(ours),
      median(plain),
      {
        atLeast: 0.85,
      },
    ),
    compare('upload on loopback, MB/s; anchor: the same file in the clear', median(ours), median(slices)),
  ];
}

async function sendingHuge(server: MediaServer, directory: string, say: Say): Promise<Row[]> {
  const url = `http://127.0.0.1:${server.port}/`;
  say(`one upload of ${huge / 1e9} GB`);
  server.puts = 0;
  const whole = await grown(url, sparse(join(directory, 'huge'), huge), ({ tab }) =>
    tab.call<number>('upload'),
  );
  return [
    compare(`memory that an upload of ${huge / 1e9} GB adds, MB; anchor: the limit`, whole.grown / MB, 150, {
      atMost: 1,
    }),
    compare('objects written per GiB; anchor: the limit', server.puts / (huge / 2 ** 30), 140, { atMost: 1 }),
  ];
}

async function remuxing(url: string, directory: string, say: Say): Promise<Row[]> {
  const path = join(directory, 'large.mp4');
  say(`one film of ${large / 1e9} GB`);
  await writeFilm(path, { seconds: large / 1_250_000, bytesPerSecond: 1_250_000, index: 'last' });
  const remux = await grown(url, path, ({ tab }) => tab.call<number>('remux'));
  rmSync(path);
  return [
    compare(`remux of ${large / 1e9} GB, MB/s; anchor: the limit`, large / MB / remux.value, 100, {
      atLeast: 1,
    }),
    compare('memory that it adds, MB; anchor: the limit', remux.grown / MB, 200, { atMost: 1 }),
  ];
}

async function saving(server: MediaServer, directory: string, bytes: number, say: Say): Promise<Row[]> {
  const url = `http://127.0.0.1:${server.port}/`;
  const objects = join(directory, 'large-objects');
  const path = sparse(join(directory, 'large'), bytes);
  const sealed = await seal(path, 'large.bin', objects);
  server.stored.set('large', { ...sealed, directory: objects });
  say(`saving ${bytes / 1e9} GB`);
  const save = await grown(url, undefined, ({ tab }) => tab.call<number>('save'));
  rmSync(objects, { recursive: true });
  return [
    compare(`saving ${bytes / 1e9} GB, MB/s; anchor: the limit`, bytes / MB / save.value, 120, {
      atLeast: 1,
    }),
    compare('memory that it adds, MB; anchor: the limit', save.grown / MB, 250, { atMost: 1 }),
  ];
}

/** Ten minutes of a film that is small enough to be made quickly. */
async function playingLong(server: MediaServer, directory: string, say: Say): Promise<Row[]> {
  const path = join(directory, 'long.mp4');
  const rate = bytesPerSecond / 4;
  await writeFilm(path, { seconds: 600, bytesPerSecond: rate, index: 'first' });
  const objects = join(directory, 'long-objects');
  server.stored.set('long', { ...(await seal(path, 'long.mp4', objects)), directory: objects });
  return rebuffering(server, 'long', rate, say);
}

export const benchmark: Benchmark = {
  name: 'media',
  async run(say) {
    process.env.CHROMIUM ??= findChromium();
    if (!process.env.CHROMIUM) throw new Refusal('There is no Chromium here: name one in CHROMIUM.');
    const directory = mkdtempSync(join(tmpdir(), 'stream-chat-media-'));
    const server = await openServer(root, directory);
    const url = `http://127.0.0.1:${server.port}/`;
    try {
      const film = join(directory, 'plain.mp4');
      await writeFilm(film, { seconds, bytesPerSecond, index: 'first' });
      await writeFilm(join(directory, 'fragmented.mp4'), { seconds, bytesPerSecond, index: 'fragments' });
      const objects = join(directory, 'film-objects');
      server.stored.set('film', { ...(await seal(film, 'film.mp4', objects)), directory: objects });
      const live = { film, seconds, bytesPerSecond, rounds };
      const measure: Record<Part, () => Promise<Row[]>> = {
        playing: () => playing(server, say),
        live: () => watchingLive(server, live, say),
        lag: () => lagging(server, live, say),
        long: () => playingLong(server, directory, say),
        sending: () => sending(server, directory, say),
        huge: () => sendingHuge(server, directory, say),
        remuxing: () => remuxing(url, directory, say),
        saving: () => saving(server, directory, large, say),
        download: () => saving(server, directory, huge, say),
      };
      const rows: Row[] = [];
      for (const part of parts) if (wanted(part)) rows.push(...(await measure[part]()));
      return rows;
    } finally {
      server.close();
      rmSync(directory, { recursive: true, force: true });
    }
  },
};
