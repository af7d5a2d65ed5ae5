// Watching a film together, as people do: real browsers, a real film, and somebody in the way.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../web/src/engine/index.ts';
import { complaintsOf, hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { openWire, others, type Wire } from './callers.ts';
import { register, untilView } from './headless.ts';
import { type Line, openLine } from './line.ts';
import { freshSystem, type TestSystem } from './system.ts';
import {
  ends,
  inStep,
  isAt,
  pictures,
  placeOf,
  plays,
  says,
  seek,
  speed,
  stands,
  toggle,
} from './together.ts';
import { cardOf, fixture } from './watching.ts';

const settings = 'Settings for watching together';

/** Remembers the data channels of the page's calls, so that they can be ended. */
const rememberChannels = (page: Page) =>
  page.addInitScript(() => {
    const channels: RTCDataChannel[] = [];
    Object.assign(globalThis, { channels });
    const create = RTCPeerConnection.prototype.createDataChannel;
    RTCPeerConnection.prototype.createDataChannel = function (...options) {
      const channel = create.apply(this, options);
      channels.push(channel);
      return channel;
    };
  });

/** Ends the page's process, as a browser does that has no memory left. */
async function crash(page: Page): Promise<void> {
  const ended = page.waitForEvent('crash');
  const session = await page.context().newCDPSession(page);
  // Nobody is left to answer.
  session.send('Page.crash').catch(() => {});
  await ended;
}

describe.skipIf(!hasBrowser)('watching together', () => {
  let system: TestSystem;
  /** Ana's and Ben's. */
  let line: Line;
  let ana: Engine;
  let room: string;
  const people: Profile[] = [];
  const wires: Wire[] = [];
  const pages = () => people.map(({ page }) => page) as [Page, Page, Page];

  const send = (name: string, fixtureName: string) =>
    ana
      .room(room)
      .sendFile(new File([new Uint8Array(readFileSync(fixture(fixtureName)))], name, { type: 'video/mp4' }));

  beforeAll(async () => {
    system = await freshSystem();
    line = await openLine(system.port);
    ana = await register(line.url, 'Ana');
    room = await ana.createRoom('Friday film');
    const link = await ana.room(room).invite();
    for (const name of ['Ben', 'Carla', 'Dan']) {
      const profile = await openProfile({ devices: true });
      people.push(profile);
      profile.page.setDefaultTimeout(90_000);
      await rememberChannels(profile.page);
      wires.push(await openWire(profile.page));
      await profile.page.goto(name === 'Ben' ? link : link.replace(line.url, system.url));
      const email = `${name.toLowerCase()}-${crypto.randomUUID()}@example.org`;
      await signUp(profile.page, { name, email, password: `correct horse battery ${name}` });
      await profile.page.getByTestId('composer').waitFor();
    }
    await untilView(ana, room, ({ members }) => members.length === 4);
    await send('holiday.mp4', 'fifty.mp4');
    await send('encore.mp4', 'camera.mp4');
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
    await says(ben, 'Watching: Carla');
  });

  it('is stopped, moved, made faster and gone on with by either, for both', async () => {
    const [ben, carla] = pages();
    await toggle(carla);
    await stands(ben);
    await stands(carla);
    // Less than a picture's length.
    expect(Math.abs((await placeOf(ben)) - (await placeOf(carla)))).toBeLessThan(0.02);
    await seek(ben, 60);
    await isAt(carla, 60);
    await ben.getByTestId('watch-room').getByTestId('player').press('>');
    await toggle(ben);
    for (const page of [ben, carla]) {
      await plays(page);
      await speed(page, 1.12, 1.41);
    }
    await inStep(ben, carla);
    await carla.getByTestId('watch-room').getByTestId('player').press('<');
    // For that all stop, and begin at one moment.
    for (const page of [ben, carla]) {
      await speed(page, 0.88, 1.1);
      await plays(page);
    }
    await inStep(ben, carla);
  });

  it('goes over to another film by somebody who comes with it', async () => {
    const [ben, carla, dan] = pages();
    await cardOf(dan, 'encore.mp4').getByTestId('watch-together').click();
    for (const page of [ben, carla, dan]) {
      await page.getByTestId('watch-room').getByRole('region', { name: 'Player: encore.mp4' }).waitFor();
      await plays(page);
    }
    await dan.getByTestId('watch-leave').click();
    await cardOf(ben, 'holiday.mp4').getByTestId('watch-together').click();
    for (const page of [ben, carla]) {
      await page.getByTestId('watch-room').getByRole('region', { name: 'Player: holiday.mp4' }).waitFor();
      await plays(page);
    }
  });

  it('takes in who comes late, where the others are, and stops for nobody', async () => {
    const [ben, , dan] = pages();
    const video = ben.getByTestId('watch-room').locator('video');
    const stopped = video.evaluate(
      (element) =>
        new Promise<boolean>((resolve) => {
          element.addEventListener('pause', () => resolve(true), { once: true });
          element.addEventListener('late-one-is-here', () => resolve(false), { once: true });
        }),
    );
    // Nor sees anything of the film before it is where the others are.
    await dan.evaluate(() => {
      const begun: (string | undefined)[] = [];
      Object.assign(globalThis, { begun });
      const phase = () => document.querySelector<HTMLElement>('[data-testid="watch-room"]')?.dataset.phase;
      document.addEventListener('play', () => begun.push(phase()), { capture: true });
    });
    await dan.getByTestId('watch-join').click();
    await plays(dan);
    await inStep(ben, dan);
    expect(await dan.evaluate('globalThis.begun')).toEqual(['playing']);
    await video.evaluate((element) => element.dispatchEvent(new Event('late-one-is-here')));
    expect(await stopped).toBe(false);
  });

  it('waits for a friend whose film does not come, and leaves them behind by choice', async () => {
    const [ben, carla, dan] = pages();
    // Nothing of the film gets as far as Dan's player; the room's socket goes on.
    await dan.evaluate(() => {
      const append = SourceBuffer.prototype.appendBuffer;
      const held: (() => void)[] = [];
      SourceBuffer.prototype.appendBuffer = function (segment) {
        held.push(() => append.call(this, segment));
      };
      Object.assign(globalThis, {
        release() {
          SourceBuffer.prototype.appendBuffer = append;
          for (const each of held) each();
        },
      });
    });
    await seek(ben, 200);
    for (const page of [ben, carla]) {
      await says(page, 'Waiting for Dan');
      expect(
        await page
          .getByTestId('watch-room')
          .locator('video')
          .evaluate((video: HTMLVideoElement) => video.paused),
      ).toBe(true);
    }
    await carla.getByRole('button', { name: 'Go on without Dan' }).click();
    await plays(ben);
    await plays(carla);
    await dan.evaluate('globalThis.release()');
    await plays(dan);
    await inStep(ben, dan);
  });

  it('is controlled by the host alone when the host says so', async () => {
    const [ben, carla] = pages();
    await seek(ben, 10);
    await ben.getByRole('button', { name: settings }).click();
    await ben.getByRole('menuitemradio', { name: 'Only you' }).click();
    await ben.keyboard.press('Escape');
    await toggle(carla);
    await says(carla, 'Ben decides what plays here');
    await plays(carla);
    await toggle(ben);
    await stands(carla);
    await toggle(ben);
    await plays(carla);
  });

  it('may be moved against the others, or left to itself', async () => {
    const [ben, carla] = pages();
    await carla.getByRole('button', { name: settings }).click();
    for (let i = 0; i < 10; i++) await carla.getByRole('menuitem', { name: 'Ahead by 50 ms' }).click();
    await carla.getByTestId('watch-offset').getByText('500 ms ahead').waitFor();
    await inStep(carla, ben, 0.5);
    await carla.getByRole('menuitemradio', { name: 'Off: only play, pause and jumps' }).click();
    for (let i = 0; i < 10; i++) await carla.getByRole('menuitem', { name: 'Later by 50 ms' }).click();
    await carla.getByTestId('watch-offset').getByText('Exactly as the others').waitFor();
    await pictures(carla, 30);
    await inStep(carla, ben, 0.5);
    await carla.getByRole('menuitemradio', { name: 'On: corrected all the time' }).click();
    await carla.keyboard.press('Escape');
    await inStep(carla, ben);
  });

  it('shows reactions over everybody’s film', async () => {
    const [ben, carla] = pages();
    await carla.getByRole('button', { name: 'React' }).click();
    await carla.getByRole('menuitem', { name: 'React with 🎉' }).click();
    await ben.getByTestId('reaction-over').getByText('Carla').waitFor();
  });

  it('goes on while its uploader, who watches too, still sends the film', async () => {
    const [ben, carla, dan] = pages();
    line.throttleUp(readFileSync(fixture('camera.mp4')).length / 30);
    await ben.getByTestId('file-input').setInputFiles(fixture('camera.mp4'));
    await cardOf(ben, 'camera.mp4').getByTestId('watch-together').click();
    for (const page of [ben, carla, dan]) {
      await page.getByTestId('watch-room').getByRole('region', { name: 'Player: camera.mp4' }).waitFor();
      await plays(page);
    }
    await inStep(ben, carla);
    await seek(ben, 57);
    for (const page of [ben, carla, dan]) await says(page, 'Ben is still uploading');
    line.throttleUp(undefined);
    for (const page of [ben, carla, dan]) await isAt(page, 57);
    await seek(ben, 5);
    for (const page of [ben, carla, dan]) await plays(page);
    await inStep(ben, dan);
  });

  it('is at its end for whoever comes then, and begins again for all', async () => {
    const [ben, carla, dan] = pages();
    await dan.getByTestId('watch-leave').click();
    await seek(ben, 59);
    for (const page of [ben, carla]) await ends(page);
    await dan.getByTestId('watch-join').click();
    await ends(dan);
    await toggle(ben);
    for (const page of [ben, carla, dan]) await plays(page);
    await inStep(ben, dan);
    expect(await placeOf(dan)).toBeLessThan(50);
  });

  it('goes by the data channel of a call, and by the room’s socket when that ends', async () => {
    const [ben, carla, dan] = pages();
    await dan.getByTestId('watch-leave').click();
    await ben.getByTestId('call').click();
    await carla.getByTestId('call-join').click();
    for (const page of [ben, carla]) await others(page, 1);
    await carla.waitForFunction(() => document.querySelectorAll('[data-testid="watcher"]').length === 1);
    const [bens, carlas] = wires as [Wire, Wire];
    for (const wire of [bens, carlas]) wire.toServer = (frame) => (frame.t === 'ephemeral' ? [] : [frame]);
    await seek(ben, 5);
    await toggle(ben);
    await stands(carla);
    await toggle(ben);
    await plays(carla);
    await inStep(ben, carla);
    for (const wire of [bens, carlas]) wire.toServer = (frame) => [frame];
    for (const page of [ben, carla])
      await page.evaluate(() => {
        for (const channel of (globalThis as unknown as { channels: RTCDataChannel[] }).channels)
          channel.close();
      });
    await toggle(ben);
    await stands(carla);
    await toggle(ben);
    await plays(carla);
  });

  it('is quieter while somebody talks in the call', async () => {
    const [ben, carla] = pages();
    const volume = (page: Page, wanted: number) =>
      page.waitForFunction((loud) => {
        const video = document.querySelector<HTMLVideoElement>('[data-testid="watch-room"] video')!;
        return Math.abs(video.volume - loud) < 0.01;
      }, wanted);
    // Chromium's microphone beeps all the time.
    await volume(ben, 0.3);
    await carla.getByRole('button', { name: 'Mute microphone' }).click();
    await volume(ben, 1);
    for (const page of [ben, carla]) await page.getByTestId('call-leave').click();
  });

  it('goes on under another leader when the one who leads dies without a word', async () => {
    const [ben, carla, dan] = pages();
    for (const page of [ben, carla]) await page.getByTestId('watch-leave').click();
    await cardOf(ben, 'holiday.mp4').getByTestId('watch-together').click();
    await plays(ben);
    for (const page of [carla, dan]) {
      await page.getByTestId('watch-join').click();
      await plays(page);
    }
    await says(carla, 'Watching: Ben and Dan');
    await says(dan, 'Watching: Ben and Carla');
    await crash(ben);
    await says(carla, 'Watching: Dan');
    await plays(carla);
    await plays(dan);
    await inStep(carla, dan);
    // It takes a leader for both to stop at one place, and to begin at one moment.
    await toggle(carla);
    await stands(dan);
    await toggle(dan);
    await plays(carla);
    await inStep(carla, dan);
  });

  it('goes on for who is left when a page is closed', async () => {
    const [, carla, dan] = pages();
    await carla.close();
    await plays(dan);
    await toggle(dan);
    await stands(dan);
    await toggle(dan);
    await plays(dan);
  });

  it('nobody saw an error on the way', () => {
    expect(complaintsOf(people)).toEqual([]);
  });
});
