// A room of 100 000 messages, read upwards: whether frames come in time, and whether what is read stays where it is.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { openProfile, signUp } from '../../e2e/browser.ts';
import { register } from '../../e2e/headless.ts';
import type { TestSystem } from '../../e2e/system.ts';
import { root } from '../../local/worker-process.ts';
import { compare, p95, type Row } from '../harness.ts';
import { buildPage } from '../page.ts';

const count = 100_000;
/** A message near the beginning, which is gone to by a search. */
const early = 2_000;
/** A finger's: pixels a second. */
const speed = 6_000;

/** Opens the room, flings up from its end, then from near its beginning, with all of it loaded. */
export async function longRoom(system: TestSystem, say: (line: string) => void): Promise<Row[]> {
  const carla = await register(system.url, 'Carla');
  const { page, close } = await openProfile();
  try {
    const id = await carla.createRoom('Chronicle');
    await page.goto(system.url);
    await signUp(page, { name: 'Ana', email: 'ana-long@example.org', password: 'Ana correct horse' });
    await page.getByTestId('create-room').waitFor();
    await page.goto(await carla.room(id).invite());
    await page.getByTestId('join').click();
    await page.getByTestId('composer').waitFor();
    await fill(page, id, carla.session.get());
    const opened = performance.now();
    await page.goto(`${system.url}/r/${id}`);
    await page.getByText(`Number ${count}:`).last().waitFor();
    say(`opened in ${(performance.now() - opened).toFixed(0)} ms, with the page`);
    const browser = await page.context().newCDPSession(page);
    const end = await fling(page, browser);
    const moved = await growing(page);
    say(
      `from the end: ${told(end)}; a page put above moved what was in view by ${moved.toFixed(1)} px at the most`,
    );
    await page.keyboard.press('Control+k');
    await page.getByTestId('find').fill(`"Number ${early}"`);
    await page
      .getByTestId('found-message')
      .filter({ hasText: `Number ${early}:` })
      .first()
      .waitFor({ timeout: 120_000 });
    const jumped = performance.now();
    await page
      .getByTestId('found-message')
      .filter({ hasText: `Number ${early}:` })
      .first()
      .click();
    await page.getByTestId('message').getByText(`Number ${early}:`).waitFor({ timeout: 120_000 });
    say(`all loaded by a jump in ${(performance.now() - jumped).toFixed(0)} ms`);
    const deep = await fling(page, browser);
    say(`near the beginning: ${told(deep)}`);
    return [
      ...rowsFor('from the end', end),
      ...rowsFor('with all loaded', deep),
      compare('what is read moves as older messages come above it, at most, px; anchor: one', moved, 1, {
        atMost: 1,
      }),
    ];
  } finally {
    await close();
    await carla.close();
  }
}

interface Flung {
  /** Milliseconds of each frame. */
  readonly frames: readonly number[];
  /** Frames in whose middle there was no message. */
  readonly empty: number;
  /** Pixels. */
  readonly way: number;
}

const late = ({ frames }: Flung): number => frames.filter((ms) => ms > 25).length / frames.length;
const told = (flung: Flung): string =>
  `${flung.way} px, ${flung.frames.length} frames, ${(late(flung) * 100).toFixed(1)} % late, p95 ${p95(flung.frames).toFixed(1)} ms, worst ${Math.max(...flung.frames).toFixed(0)} ms, ${flung.empty} empty`;

const rowsFor = (where: string, flung: Flung): Row[] => [
  compare(
    `${count} messages, ${where}: p95 of a frame, ms; anchor: 60 Hz and a little`,
    p95(flung.frames),
    17.5,
    { atMost: 1 },
  ),
  compare(`${count} messages, ${where}: frames that come late, %; anchor: one in 20`, late(flung) * 100, 5, {
    atMost: 1,
  }),
];

async function fill(page: Page, room: string, session: { kind: string; me?: { id: string } }): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-bench-'));
  try {
    await buildPage(root, join(root, 'bench/app/long-room-page.ts'), directory);
    // The policy of the page lets no script of ours in: the debugger asks nobody.
    await page.evaluate(`(() => {${readFileSync(join(directory, 'page.js'), 'utf8')}})()`);
    await page.evaluate(
      `globalThis.fillRoom(${JSON.stringify(room)}, ${count}, ${JSON.stringify(session.me!.id)})`,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A finger that flings upwards six times. */
async function fling(page: Page, browser: CDPSession): Promise<Flung> {
  const box = (await page.getByRole('log').boundingBox())!;
  const middle = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
  await page.evaluate(watchFrames, middle);
  for (let i = 0; i < 6; i++)
    await browser.send('Input.synthesizeScrollGesture', {
      ...middle,
      yDistance: 9_000,
      speed,
      gestureSourceType: 'mouse',
    });
  return page.evaluate(() => (globalThis as unknown as { watched(): Flung }).watched());
}

/** In the page: looks at every frame until `watched` is called. */
function watchFrames({ x, y }: { x: number; y: number }): void {
  const log = document.querySelector<HTMLElement>('[role=log]')!;
  const frames: number[] = [];
  let [before, empty, way, top] = [performance.now(), 0, 0, log.scrollTop];
  let on = true;
  const look = (now: number) => {
    if (!on) return;
    frames.push(now - before);
    before = now;
    way += Math.max(0, top - log.scrollTop);
    top = log.scrollTop;
    const row = [y - 40, y, y + 40].some((at) => {
      const hit = document.elementFromPoint(x, at);
      return hit !== null && hit !== log && hit.parentElement !== log;
    });
    if (!row) empty++;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  Object.assign(globalThis, {
    watched: () => {
      on = false;
      return { frames: frames.slice(1), empty, way: Math.round(way) };
    },
  });
}

/** Stands still near the top five times, while older messages come: how far what is in view is moved by that at the most, in pixels. */
async function growing(page: Page): Promise<number> {
  let most = 0;
  for (let i = 0; i < 5; i++) most = Math.max(most, await page.evaluate(stand));
  return most;
}

/** In the page: goes near the top, and watches a message from the next frame on for as long as it takes that another page is above. */
async function stand(): Promise<number> {
  const log = document.querySelector<HTMLElement>('[role=log]')!;
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  const length = log.scrollHeight;
  log.scrollTop = 700;
  await frame();
  await frame();
  const seen = [...log.querySelectorAll<HTMLElement>('[data-testid=message]')].find(
    (each) => each.getBoundingClientRect().top > log.getBoundingClientRect().top,
  )!;
  const at = seen.getBoundingClientRect().top;
  let most = 0;
  const until = performance.now() + 20_000;
  for (let still = 0; still < 30; ) {
    await frame();
    most = Math.max(most, Math.abs(seen.getBoundingClientRect().top - at));
    if (log.scrollHeight > length + 1000) still++;
    if (performance.now() > until) throw new Error('No older messages came.');
  }
  return seen.isConnected ? most : Number.POSITIVE_INFINITY;
}
