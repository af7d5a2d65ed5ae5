// Calls in Chromium: how soon one is heard, what encryption costs, and for how long faults are noticed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { behindStrictWalls, rememberConnections, way } from '../e2e/broken-browser.ts';
import { openProfile } from '../e2e/browser.ts';
import { type Callers, meet, moves, openCallers, others } from '../e2e/callers.ts';
import { findCoturn, howToGetCoturn, type Relay, startCoturn } from '../e2e/coturn.ts';
import { freshSystem } from '../e2e/system.ts';
import { findChromium, howToGetChromium } from '../local/browsers.ts';
import { Refusal } from '../local/refusal.ts';
import { root } from '../local/worker-process.ts';
import {
  forgetMoments,
  longestGap,
  lostBetween,
  momentsOf,
  noteMoments,
  restartIce,
  sentBy,
} from './calls/probes.ts';
import { type Benchmark, compare, median, p95, type Row } from './harness.ts';
import { buildPage } from './page.ts';

const rounds = { alone: 5, join: 20, leave: 6, socket: 8, ice: 12, relay: 4 };
/** For how long frames are encrypted and counted, in milliseconds. */
const talk = 10_000;
/** Frames that are encrypted without a call. */
const frames = 5_000;
const secret = 'a secret of this benchmark';
const camera = { framesPerSecond: 30 };

const limit = (metric: string, ours: number, most: number): Row =>
  compare(`${metric}; anchor: the limit`, ours, most, { atMost: 1 });

async function until<T>(read: () => Promise<T>, accept: (value: T) => boolean): Promise<T> {
  while (true) {
    const value = await read();
    if (accept(value)) return value;
    await pause(20);
  }
}

export const benchmark: Benchmark = {
  name: 'calls',
  async run(say) {
    const chromium = findChromium();
    if (chromium === undefined) throw new Refusal(howToGetChromium);
    process.env.CHROMIUM = chromium;
    return [...(await alone()), ...(await direct(say)), ...(await byRelay(say))];
  },
};

/** Encryption by itself, in Chromium: frames as large as a moment of sound and as a packet of a picture, sealed and opened in turn. */
async function alone(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-bench-'));
  const { page, close } = await openProfile();
  try {
    await buildPage(root, join(root, 'bench/calls/frames-page.ts'), directory);
    const script = readFileSync(join(directory, 'page.js'), 'utf8');
    // WebCrypto is for pages of a secure origin.
    await page.route('http://localhost/', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<script type="module">${script}</script>` }),
    );
    await page.goto('http://localhost/');
    const rows: Row[] = [];
    for (const size of [160, 1200]) {
      const readings: number[] = [];
      for (let round = 0; round < rounds.alone; round++) {
        const took = await page.evaluate<number>(`globalThis.sealAndOpen(${size}, ${frames})`);
        // Each was sealed and opened.
        readings.push((took * 1000) / (2 * frames));
      }
      rows.push(
        limit(`sealing or opening a frame of ${size} bytes, in Chromium, median, µs`, median(readings), 30),
      );
    }
    return rows;
  } finally {
    await close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function prepare(page: Page): Promise<void> {
  await noteMoments(page);
  await rememberConnections(page);
}

/** Two, and sometimes three, on loopback. */
async function direct(say: (line: string) => void): Promise<Row[]> {
  const system = await freshSystem();
  let callers: Callers | undefined;
  try {
    callers = await openCallers(system.url, ['Ana', 'Ben', 'Carla'], prepare, camera);
    const [ana, ben, carla] = callers.all.map(({ page }) => page) as [Page, Page, Page];
    const wire = callers.all[1]!.wire;
    await meet(ana);

    say(`joining, ${rounds.join} times`);
    const [opened, shown]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds.join; round++) {
      await forgetMoments(ben);
      await joinCall(ben);
      const { clicked, heard, frames } = await until(
        () => momentsOf(ben),
        (moments) => moments.heard > 0 && moments.frames.length > 1,
      );
      // The first loads the code of calls.
      if (round > 0) {
        opened.push(heard - clicked);
        shown.push(frames[0]! - clicked);
      }
      await ben.getByTestId('call-leave').click();
      await others(ana, 0);
    }

    say(`talking, ${talk / 1000} s`);
    await joinCall(ben);
    for (const page of [ana, ben]) await others(page, 1);
    const before = await sentBy(ana);
    await pause(talk);
    const after = await sentBy(ana);
    const passed = after.passed - before.passed;
    const bytes = (after.added - before.added) / passed;
    const micros = ((after.spent - before.spent) * 1000) / passed;
    let clear = Math.max(0, after.left - after.encrypted);

    say(`leaving, ${rounds.leave} times`);
    const rotations: number[] = [];
    let lost = 0;
    for (let round = 0; round < rounds.leave; round++) {
      await joinCall(carla);
      for (const page of [ana, ben, carla]) await others(page, 2);
      // What their coming has changed is in use.
      for (const page of [ana, ben]) await moves(page);
      const readings = await Promise.all([ana, ben].map(sentBy));
      for (const page of [ana, carla]) await forgetMoments(page);
      await carla.getByTestId('call-leave').click();
      const { rotated } = await until(
        () => momentsOf(ana),
        (moments) => moments.rotated > 0,
      );
      rotations.push(rotated - (await momentsOf(carla)).clicked);
      for (const page of [ana, ben]) await moves(page);
      for (const [n, page] of [ana, ben].entries()) lost += lostBetween(readings[n]!, await sentBy(page));
    }

    say(`losing the socket, ${rounds.socket} times`);
    const [sockets, gaps]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds.socket; round++) {
      let back = 0;
      wire.toPage = (frame) => {
        if (frame.t === 'welcome') back = Date.now();
        return [frame];
      };
      await forgetMoments(ben);
      const began = Date.now();
      await wire.cut();
      wire.mend();
      await until(async () => back, Boolean);
      sockets.push(back - began);
      await moves(ben);
      gaps.push(longestGap((await momentsOf(ben)).frames, began));
    }

    say(`restarting ICE, ${rounds.ice} times`);
    const restarts: number[] = [];
    for (let round = 0; round < rounds.ice; round++) {
      restarts.push(await restartIce(ben));
      await moves(ben);
    }
    for (const page of [ana, ben]) {
      const { left, encrypted } = await sentBy(page);
      clear = Math.max(clear, left - encrypted);
    }
    return [
      limit('click to the first encrypted frame of the other, p95 of two on loopback, ms', p95(opened), 500),
      compare('the same, median, ms; anchor: to its picture', median(opened), median(shown)),
      limit('bytes that encryption adds to a frame', bytes, 20),
      compare(
        'the same in a call, from its coming to its going on, µs; anchor: the limit by itself',
        micros,
        30,
      ),
      compare('frames that left unencrypted; anchor: frames that left', clear, after.left, { atMost: 0 }),
      limit('a new key in use after somebody left, worst of all, ms', Math.max(...rotations), 1000),
      compare('frames lost by that; anchor: frames of ten seconds', lost, passed, { atMost: 0 }),
      limit('socket lost and back, median, ms', median(sockets), 250),
      compare(
        'the longest still picture meanwhile, worst of all, ms; anchor: two frames at 30 fps',
        Math.max(...gaps),
        67,
      ),
      limit('ICE restarted, median, ms', median(restarts), 250),
    ];
  } finally {
    await callers?.close();
    await system.remove();
  }
}

/** Joins the call that is. */
async function joinCall(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Join with video' }).click();
}

/** Two by coturn, which dies. */
async function byRelay(say: (line: string) => void): Promise<Row[]> {
  const coturn = findCoturn();
  if (!coturn) {
    say(howToGetCoturn);
    return [];
  }
  const gaps: number[] = [];
  for (let round = 0; round < rounds.relay; round++) {
    say(`a relay that dies, ${round + 1} of ${rounds.relay}`);
    const relays = await Promise.all([startCoturn(coturn, secret), startCoturn(coturn, secret)]);
    const urls = relays.map(({ url }) => url).join(' ');
    const system = await freshSystem({ TURN_URLS: urls, TURN_SECRET: secret });
    let callers: Callers | undefined;
    try {
      callers = await openCallers(
        system.url,
        ['Ana', 'Ben'],
        (page) => behindStrictWalls(page).then(() => prepare(page)),
        camera,
      );
      const [ana, ben] = callers.all.map(({ page }) => page) as [Page, Page];
      await meet(ana, ben);
      for (const page of [ana, ben]) {
        await others(page, 1);
        await moves(page);
      }
      gaps.push(await killed(relays, ana));
    } finally {
      await callers?.close();
      await system.remove();
      await Promise.all(relays.map((relay) => relay.remove()));
    }
  }
  return [limit('relay killed, media again, median, ms', median(gaps), 1500)];
}

/** Kills the relay that the page's connection goes by, and answers how long its picture stood still; in milliseconds. */
async function killed(relays: readonly Relay[], page: Page): Promise<number> {
  const used = await way(page);
  const relay = relays.find(({ url }) => url === used?.relay);
  if (!relay) throw new Error(`the call goes by ${used?.relay}`);
  await forgetMoments(page);
  const began = Date.now();
  await relay.kill();
  // The last pictures that were on their way come at once; what ends the gap comes after half a second at the earliest.
  await until(
    () => momentsOf(page),
    ({ frames }) => longestGap(frames, began) > 300 && frames.some((at) => at > began + 500),
  );
  return longestGap((await momentsOf(page)).frames, began);
}
