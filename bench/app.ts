// How quick the app is: what a first visit loads and how Lighthouse judges it, going from room to room, searching and scrolling.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { hasBrowser, openProfile, signUp } from '../e2e/browser.ts';
import { register, untilText } from '../e2e/headless.ts';
import { freshSystem, type TestSystem } from '../e2e/system.ts';
import { Refusal } from '../local/refusal.ts';
import { root } from '../local/worker-process.ts';
import { loading } from './app/loading.ts';
import { longRoom } from './app/long-room.ts';
import { type Benchmark, compare, median, type Row } from './harness.ts';
import { buildPage } from './page.ts';

const [rooms, each] = [20, 5_000];
/** Messages in the room that is scrolled. */
const long = 2_000;
const atMost = { atMost: 1 } as const;

/** Rooms that are gone to by a press, and a long one that is scrolled through. */
async function moving(system: TestSystem, say: (line: string) => void): Promise<Row[]> {
  const carla = await register(system.url, 'Carla');
  const { page, close } = await openProfile();
  try {
    await page.goto(system.url);
    await signUp(page, { name: 'Ana', email: 'ana@example.org', password: 'Ana correct horse' });
    await page.getByTestId('create-room').waitFor();
    const names = ['Friday film', 'Family'];
    const ids: string[] = [];
    for (const name of names) {
      const id = await carla.createRoom(name);
      ids.push(id);
      await page.goto(await carla.room(id).invite());
      await page.getByTestId('join').click();
      await page.getByTestId('composer').waitFor();
      const count = name === names[0] ? long : 50;
      for (let i = 1; i <= count; i++) {
        const sent = carla.room(id).send(`${name}, ${i}: a line that somebody says in passing`);
        if (i % 100 === 0) await sent;
      }
      await untilText(carla, id, `${name}, ${count}: a line that somebody says in passing`);
      await page.getByText(`${name}, ${count}:`).last().waitFor({ timeout: 180_000 });
    }
    const switches: number[] = [];
    for (let i = 0; i < 12; i++) {
      const name = names[i % 2]!;
      switches.push(await page.evaluate(goTo, [name, `${name}, ${i % 2 === 0 ? long : 50}:`] as const));
    }
    say(`room switches: ${switches.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    await page.goto(`${system.url}/r/${ids[0]}`);
    await page.getByText(`${names[0]}, ${long}:`).last().waitFor();
    const frames = await scroll(page);
    const p95 = frames.toSorted((a, b) => a - b)[Math.floor(frames.length * 0.95)]!;
    say(`scrolling: ${frames.length} frames, p95 ${p95.toFixed(1)} ms`);
    return [
      compare('going to another room, median, ms; anchor: the limit', median(switches.slice(2)), 50, atMost),
      compare('scrolling, frames a second; anchor: 60 Hz, less a tenth', 1000 / median(frames), 54, {
        atLeast: 1,
      }),
      compare(`scrolling, p95 of a frame, ms; anchor: two of 60 Hz`, p95, 34),
    ];
  } finally {
    await close();
    await carla.close();
  }
}

/** Presses a room in the list; milliseconds until its last message is painted. */
function goTo([room, last]: readonly [string, string]): Promise<number> {
  const entry = [...document.querySelectorAll<HTMLElement>('[data-testid=room]')].find((one) =>
    one.textContent?.includes(room),
  )!;
  return new Promise((done) => {
    const began = performance.now();
    (entry.matches('a') ? entry : entry.querySelector('a')!).click();
    const look = () => {
      const there = [...document.querySelectorAll('[data-testid=message]')].some((one) =>
        one.textContent?.includes(last),
      );
      if (there) done(performance.now() - began);
      else requestAnimationFrame(look);
    };
    look();
  });
}

/** Scrolls upwards by the wheel for some seconds; milliseconds of each frame. */
async function scroll(page: Page): Promise<number[]> {
  const box = (await page.getByTestId('message').last().boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, 400);
  const frames = page.evaluate(
    () =>
      new Promise<number[]>((done) => {
        const times: number[] = [];
        let before = performance.now();
        const end = before + 4000;
        const frame = (now: number) => {
          times.push(now - before);
          before = now;
          if (now < end) requestAnimationFrame(frame);
          else done(times.slice(1));
        };
        requestAnimationFrame(frame);
      }),
  );
  for (let i = 0; i < 120; i++) await page.mouse.wheel(0, -250);
  return frames;
}

/** A search through all that is in the store, and the memory that a page needs for it. */
async function searching(say: (line: string) => void): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-bench-'));
  await buildPage(root, join(root, 'bench/app/search-page.ts'), directory);
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript ? readFileSync(join(directory, 'page.js')) : '<script type="module" src="/page.js"></script>',
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { page, close } = await openProfile();
  try {
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('globalThis.fill !== undefined');
    await page.evaluate(`globalThis.fill(${rooms}, ${each})`);
    const { first, times, searched } = await page.evaluate<{
      first: number;
      times: number[];
      searched: number;
    }>('globalThis.find()');
    if (searched !== rooms * each) throw new Error(`${searched} messages were searched, not ${rooms * each}`);
    const browser = await page.context().newCDPSession(page);
    await browser.send('HeapProfiler.collectGarbage');
    const { usedSize } = await browser.send('Runtime.getHeapUsage');
    say(`the first search, which reads the store: ${first.toFixed(0)} ms`);
    const p95 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)]!;
    return [
      compare(`search in ${rooms * each} messages, median, ms; anchor: the limit`, median(times), 60, atMost),
      compare(`search in ${rooms * each} messages, p95, ms; anchor: the limit`, p95, 60, atMost),
      compare(
        `heap with ${rooms} rooms of ${each} messages searched, MB; anchor: the limit`,
        usedSize / 1e6,
        200,
        atMost,
      ),
    ];
  } finally {
    await close();
    await new Promise<void>((closed) => server.close(() => closed()));
    rmSync(directory, { recursive: true, force: true });
  }
}

export const benchmark: Benchmark = {
  name: 'app',
  async run(say) {
    if (!hasBrowser) throw new Refusal('This benchmark needs Chromium. Put its path into CHROMIUM.');
    const system = await freshSystem();
    try {
      return [
        ...(await loading(system.url, say)),
        ...(await moving(system, say)),
        ...(await longRoom(system, say)),
        ...(await searching(say)),
      ];
    } finally {
      await system.remove();
    }
  },
};
