// How far apart the films of people are who watch together: ours, and by the rules of others, in real browsers on a line with delay.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openProfile, type Profile } from '../e2e/browser.ts';
import { findChromium, howToGetChromium } from '../local/browsers.ts';
import { Refusal } from '../local/refusal.ts';
import { root } from '../local/worker-process.ts';
import { type Benchmark, compare, median, p95, type Row } from './harness.ts';
import { buildPage } from './page.ts';
import { openRelay } from './together/relay.ts';

/** One way, in milliseconds, from each through the server to each. */
const [delay, jitter] = [40, 15];
/** Milliseconds between two looks, and how long it is looked. */
const [lookEvery, lookFor] = [50, 10_000];
/** Milliseconds in which the films come into step before they are looked at. */
const settle = 5_000;
/** Seconds by which one film falls behind. */
const fall = 0.9;

const rivals = {
  jellyfin: 'Jellyfin, corrections on',
  'jellyfin as it comes': 'Jellyfin, as it comes',
  openTogetherTube: 'OpenTogetherTube',
  syncplay: 'Syncplay',
  watchParty: 'WatchParty',
} as const;

interface Look {
  readonly at: number;
  /** Seconds between the foremost and the last, by `currentTime` and by the picture shown. */
  readonly places: number;
  readonly frames: number;
}

/** Looks at all films at the same moments. */
async function look(pages: readonly Page[], from: number, milliseconds = lookFor): Promise<Look[]> {
  const moments = Array.from({ length: milliseconds / lookEvery }, (_, i) => from + i * lookEvery);
  const seen = await Promise.all(
    pages.map((page) =>
      page.evaluate<{ place: number; frame: number }[]>(`globalThis.sample(${JSON.stringify(moments)})`),
    ),
  );
  const apart = (values: number[]) => Math.max(...values) - Math.min(...values);
  return moments.map((at, i) => ({
    at,
    places: apart(seen.map((each) => each[i]!.place)),
    frames: apart(seen.map((each) => each[i]!.frame)),
  }));
}

const ms = (seconds: number): number => seconds * 1000;
const clockOf = (page: Page) => page.evaluate<number>('globalThis.clock()');
const wait = (milliseconds: number) => new Promise((go) => setTimeout(go, milliseconds));

/** Milliseconds after `from` from which on all looks for a second are under 50 ms; Infinity when there are none. */
function backAfter(looks: readonly Look[], from: number): number {
  const needed = 1_000 / lookEvery;
  const first = looks.findIndex(
    (_, i) => i + needed <= looks.length && looks.slice(i, i + needed).every(({ places }) => places < 0.05),
  );
  return first < 0 ? Number.POSITIVE_INFINITY : looks[first]!.at - from;
}

export const benchmark: Benchmark = {
  name: 'together',
  async run(say) {
    const chromium = findChromium();
    if (chromium === undefined) throw new Refusal(howToGetChromium);
    process.env.CHROMIUM = chromium;
    const directory = mkdtempSync(join(tmpdir(), 'stream-chat-bench-'));
    const site = join(directory, 'site');
    await buildPage(root, join(root, 'bench/together/page.ts'), site);
    const film = readFileSync(process.env.TOGETHER_FILM ?? join(root, 'e2e/fixtures/camera.mp4'));
    const relay = await openRelay(site, film, delay, jitter);
    const people: Profile[] = [];
    /** So many fresh pages whose films play by a rule. */
    const play = async (count: number, by: string): Promise<Page[]> => {
      while (people.length < count) people.push(await openProfile());
      const pages = people.slice(0, count).map(({ page }) => page);
      for (const { page } of people) await page.goto('about:blank');
      await Promise.all(pages.map((page) => page.goto(relay.url)));
      const name = (i: number) => `watcher-${i}`;
      await pages[0]!.evaluate(`globalThis.come('${name(0)}', '${by}')`);
      if (by === 'ours') await pages[0]!.evaluate('globalThis.start()');
      await Promise.all(
        pages.slice(1).map((page, i) => page.evaluate(`globalThis.come('${name(i + 1)}', '${by}')`)),
      );
      if (by !== 'ours') await pages[0]!.evaluate('globalThis.start()');
      await wait(settle);
      return pages;
    };
    /** How far apart the two are while one falls behind and comes back, or doesn't. */
    const falling = async (pages: readonly Page[]) => {
      const fallAt = (await clockOf(pages[0]!)) + 500;
      await pages[1]!.evaluate(`globalThis.fallBehind(${fall}, ${fallAt})`);
      const looks = await look(pages, fallAt + lookEvery);
      if (Math.max(...looks.map(({ places }) => places)) < fall / 2) throw new Error('no film fell behind');
      return { back: backAfter(looks, fallAt), apart: median(looks.map(({ places }) => places)) };
    };
    try {
      const rows: Row[] = [];
      for (const count of [2, 4]) {
        const pages = await play(count, 'ours');
        const looks = await look(pages, (await clockOf(pages[0]!)) + 200);
        const places = looks.map((each) => ms(each.places));
        const frames = looks.map((each) => ms(each.frames)).filter(Number.isFinite);
        const who = `${count} browsers`;
        say(`${who}: median ${median(places).toFixed(1)} ms, p95 ${p95(places).toFixed(1)} ms`);
        rows.push(
          compare(`${who}: currentTime apart, median, ms; anchor: the limit`, median(places), 8, {
            atMost: 1,
          }),
          compare(`${who}: currentTime apart, p95, ms; anchor: the limit`, p95(places), 40, { atMost: 1 }),
          compare(`${who}: pictures apart, p95, ms; anchor: one at 30 fps`, p95(frames), 34, { atMost: 1 }),
        );
        if (count > 2) continue;
        const jumped = await clockOf(pages[0]!);
        await pages[0]!.evaluate('globalThis.jump(25)');
        const times = await Promise.all(pages.map((page) => page.evaluate<number>('globalThis.arrived(25)')));
        const took = Math.max(...times) - jumped;
        say(`a jump: ${took.toFixed(0)} ms`);
        rows.push(
          compare('2 browsers: a jump until both play there, ms; anchor: the limit', took, 600, {
            atMost: 1,
          }),
        );
      }
      const own = await falling(await play(2, 'ours'));
      say(`ours after ${fall} s: back in ${own.back.toFixed(0)} ms, median ${ms(own.apart).toFixed(1)} ms`);
      rows.push(
        compare(`${ms(fall)} ms behind: under 50 ms again after, s; anchor: the limit`, own.back / 1000, 3, {
          atMost: 1,
        }),
      );
      for (const [by, name] of Object.entries(rivals)) {
        const { apart } = await falling(await play(2, by));
        say(`${name}: median ${ms(apart).toFixed(1)} ms`);
        rows.push(
          compare(
            `10 s after ${ms(fall)} ms behind: apart, median, ms; anchor: ${name}`,
            ms(own.apart),
            ms(apart),
            { atMost: 1 },
          ),
        );
      }
      return rows;
    } finally {
      for (const profile of people) await profile.close();
      await relay.close();
      rmSync(directory, { recursive: true, force: true });
    }
  },
};
