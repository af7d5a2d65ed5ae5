// Watching a film together, as people do: real browsers, a real film, and somebody in the way.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../web/src/engine/index.ts';
import { complaintsOf, hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { register, untilView } from './headless.ts';
import { type Line, openLine } from './line.ts';
import { freshSystem, type TestSystem } from './system.ts';
import { cardOf, fixture } from './watching.ts';

/** Seconds that films may be apart when two pages are asked one after the other on a busy machine. */
const close = 0.2;

describe.skipIf(!hasBrowser)('watching together', () => {
  let system: TestSystem;
  /** Ana's. */
  let line: Line;
  let ana: Engine;
  let room: string;
  const people: Profile[] = [];
  const pages = () => people.map(({ page }) => page) as [Page, Page];

  beforeAll(async () => {
    system = await freshSystem();
    line = await openLine(system.port);
    ana = await register(line.url, 'Ana');
    room = await ana.createRoom('Friday film');
    const link = await ana.room(room).invite();
    for (const name of ['Ben', 'Carla']) {
      const profile = await openProfile();
      people.push(profile);
      profile.page.setDefaultTimeout(90_000);
      await profile.page.goto(link.replace(line.url, system.url));
      const email = `${name.toLowerCase()}-${crypto.randomUUID()}@example.org`;
      await signUp(profile.page, { name, email, password: `correct horse battery ${name}` });
      await profile.page.getByTestId('composer').waitFor();
    }
    await untilView(ana, room, ({ members }) => members.length === 3);
    const bytes = new Uint8Array(readFileSync(fixture('camera.mp4')));
    await ana.room(room).sendFile(new File([bytes], 'holiday.mp4', { type: 'video/mp4' }));
  }, 600_000);
  afterAll(async () => {
    await Promise.all(people.map((profile) => profile.close()));
    await ana?.close();
    await line?.close();
    await system?.remove();
  });

  it('begins on a film’s card, shows itself in the conversation, and takes in who comes', async () => {
    const [ben, carla] = pages();
    await cardOf(ben, 'holiday.mp4').getByTestId('watch-together').click();
    await plays(ben);
    await carla.getByTestId('watch-invitation').getByText('Ben is watching a film').waitFor();
    await carla.getByTestId('watch-join').click();
    await plays(carla);
    await inStep(ben, carla);
    await ben.getByTestId('watch-state').getByText('Watching: Carla').waitFor();
  });

  it('nobody saw an error on the way', () => {
    expect(complaintsOf(people)).toEqual([]);
  });
});

type Film = HTMLVideoElement;

/** The film plays on this page. */
const plays = (page: Page) =>
  page.waitForFunction(async () => {
    const video = document.querySelector<Film>('[data-testid="watch-room"] video');
    if (!video || video.paused || video.seeking || video.readyState < 3) return false;
    const before = video.currentTime;
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    return video.currentTime > before;
  });

/** Where the film would be at the beginning of time, if it had played all the while: the same for films in step. */
const phaseOf = (page: Page): Promise<number> =>
  page
    .locator('[data-testid="watch-room"] video')
    .evaluate((video: Film) => video.currentTime - (performance.timeOrigin + performance.now()) / 1000);

/** The films of two pages are, or come to be, in step. */
async function inStep(one: Page, other: Page): Promise<void> {
  const end = Date.now() + 60_000;
  for (;;) {
    const [first, second] = await Promise.all([phaseOf(one), phaseOf(other)]);
    if (Math.abs(first - second) < close) return;
    if (Date.now() > end) throw new Error(`they are ${first - second} s apart`);
    await one.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}
