// A film that is watched while it comes, and everything that can get in its way.
import { readFileSync } from 'node:fs';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alterAnswers, hasBrowser } from './browser.ts';
import { type Line, openLine } from './line.ts';
import { freshSystem, type TestSystem } from './system.ts';
import { benWatches, cardOf, fixture, play, type Watching } from './watching.ts';

const film = new Uint8Array(readFileSync(fixture('camera.mp4')));
const length = 60;

const seek = (video: Locator, seconds: number) =>
  video.evaluate((element: HTMLVideoElement, to) => {
    element.currentTime = to;
  }, seconds);
/** Resolves when the player is in this state. */
const state = (card: Locator, wanted: string) => card.locator(`[data-state="${wanted}"]`).waitFor();
const ended = (video: Locator, rate = 4) =>
  video.evaluate(async (element: HTMLVideoElement, speed) => {
    element.playbackRate = speed;
    await element.play();
    if (!element.ended) await new Promise((end) => element.addEventListener('ended', end, { once: true }));
    return element.currentTime;
  }, rate);

describe.skipIf(!hasBrowser)('watching', () => {
  let system: TestSystem;
  let line: Line;
  let room: Watching;
  beforeAll(async () => {
    system = await freshSystem();
    line = await openLine(system.port);
    room = await benWatches({ ana: line.url, ben: system.url });
  }, 600_000);
  afterEach(() => line.throttleUp(undefined));
  afterAll(async () => {
    await room?.close();
    await line?.close();
    await system?.remove();
  });
  const card = (name: string) => cardOf(room.ben.page, name);
  /** Another one of Ben's, where time can be made to pass. */
  const secondWindow = async () => {
    const page = await room.ben.context.newPage();
    page.setDefaultTimeout(60_000);
    await page.clock.install();
    await page.goto(room.ben.page.url());
    await page.getByTestId('composer').waitFor();
    return page;
  };

  it('goes on at once in what has arrived, waits where nothing has, says for whom, and goes on by itself', async () => {
    line.throttleUp(film.length / 40);
    await room.send('live.mp4', film);
    const video = await play(card('live.mp4'));
    await state(card('live.mp4'), 'playing');
    await seek(video, 50);
    await state(card('live.mp4'), 'waiting-for-uploader');
    await card('live.mp4')
      .getByTestId('player-waiting')
      .filter({ hasText: /^Ana is still uploading; 0:\d\d has arrived$/ })
      .waitFor();
    await seek(video, 1);
    await state(card('live.mp4'), 'playing');
    await card('live.mp4').getByTestId('still-uploading').getByRole('progressbar').waitFor();
    const height = async () => (await card('live.mp4').boundingBox())?.height;
    const whileItComes = await height();
    await seek(video, 50);
    await state(card('live.mp4'), 'waiting-for-uploader');
    line.throttleUp(undefined);
    await state(card('live.mp4'), 'playing');
    expect(await video.evaluate((element: HTMLVideoElement) => element.currentTime)).toBeGreaterThanOrEqual(
      50,
    );
    expect(await ended(video)).toBeCloseTo(length, 0);
    // As the last of it came, nothing moved: somebody may be about to press something.
    await card('live.mp4').getByTestId('all-there').waitFor();
    expect(await height()).toBe(whileItComes);
  });

  it('says that it stopped once nothing more comes, and goes on by itself', async () => {
    const page = await secondWindow();
    const there = cardOf(page, 'left.mp4');
    line.throttleUp(film.length / 30);
    await room.send('left.mp4', film);
    await there.getByTestId('play').waitFor();
    await there.getByText('Ana is still uploading. You can start now.').first().waitFor();
    line.throttleUp(1);
    await page.clock.fastForward('03:00');
    await there.getByText('It stopped before all of it came.').filter({ hasText: 'can be played' }).waitFor();
    line.throttleUp(film.length / 30);
    await there.getByText('Ana is still uploading').first().waitFor();
    line.throttleUp(undefined);
    await there.getByTestId('still-uploading').waitFor({ state: 'detached' });
    await page.close();
  });

  it('at the edge: plays what has come, then waits without an error, to the end', async () => {
    line.throttleUp(film.length / 20);
    await room.send('edge.mp4', film);
    const video = await play(card('edge.mp4'));
    // Faster than it comes.
    const playing = ended(video, 8);
    await state(card('edge.mp4'), 'waiting-for-uploader');
    expect(await playing).toBeCloseTo(length, 0);
  });

  it('in a browser whose buffer is small: what was seen goes, and nothing stops', async () => {
    await room.ben.page.evaluate(() => {
      const append = SourceBuffer.prototype.appendBuffer;
      Object.assign(globalThis, { refused: 0 });
      SourceBuffer.prototype.appendBuffer = function (segment) {
        const { buffered } = this;
        if (buffered.length > 0 && buffered.end(buffered.length - 1) - buffered.start(0) > 12) {
          (globalThis as unknown as { refused: number }).refused++;
          throw new DOMException('full', 'QuotaExceededError');
        }
        append.call(this, segment);
      };
      Object.assign(globalThis, {
        restore: () => {
          SourceBuffer.prototype.appendBuffer = append;
        },
      });
    });
    await room.send('small buffer.mp4', film);
    const video = await play(card('small buffer.mp4'));
    expect(await ended(video)).toBeCloseTo(length, 0);
    const refused = await room.ben.page.evaluate(() => {
      (globalThis as unknown as { restore: () => void }).restore();
      return (globalThis as unknown as { refused: number }).refused;
    });
    expect(refused).toBeGreaterThan(0);
  });

  it('where there is ManagedMediaSource only, as on iPhones', async () => {
    await room.ben.page.evaluate(() => {
      const { MediaSource } = globalThis;
      Object.assign(globalThis, { ManagedMediaSource: MediaSource, MediaSource: undefined });
    });
    await room.send('managed.mp4', film);
    const video = await play(card('managed.mp4'));
    await seek(video, 40);
    await state(card('managed.mp4'), 'playing');
    expect(await video.evaluate((element: HTMLVideoElement) => element.disableRemotePlayback)).toBe(true);
    await room.ben.page.evaluate(() =>
      Object.assign(globalThis, {
        MediaSource: (globalThis as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource,
        ManagedMediaSource: undefined,
      }),
    );
  });

  it('a network that goes away in the middle and comes back', async () => {
    await room.send('cut.mp4', film);
    const video = await play(card('cut.mp4'));
    await state(card('cut.mp4'), 'playing');
    // What has not arrived yet would not be asked for.
    await card('cut.mp4').getByTestId('still-uploading').waitFor({ state: 'detached' });
    await room.ben.context.setOffline(true);
    await seek(video, 55);
    await room.ben.page.waitForEvent('requestfailed');
    await room.ben.context.setOffline(false);
    await state(card('cut.mp4'), 'playing');
    expect(await ended(video)).toBeCloseTo(length, 0);
  });

  it('keys, fingers and menus', async () => {
    const player = card('managed.mp4').getByTestId('player');
    const video = card('managed.mp4').locator('video');
    const now = () => video.evaluate((element: HTMLVideoElement) => Math.round(element.currentTime));
    await video.evaluate((element: HTMLVideoElement) => element.pause());
    const pressed = async (key: string) => {
      await player.press(key);
      return now();
    };
    expect(await pressed('5')).toBe(30);
    expect(await pressed('l')).toBe(40);
    expect(await pressed('j')).toBe(30);
    expect(await pressed('ArrowLeft')).toBe(25);
    await player.press('>');
    expect(await video.evaluate((element: HTMLVideoElement) => element.playbackRate)).toBe(1.25);
    const twice = (place: number) =>
      video.evaluate((element: HTMLVideoElement, at) => {
        const { left, top, width } = element.getBoundingClientRect();
        const tap = { bubbles: true, pointerType: 'touch', clientX: left + width * at, clientY: top + 20 };
        element.dispatchEvent(new PointerEvent('click', tap));
        element.dispatchEvent(new PointerEvent('click', tap));
      }, place);
    await twice(0.9);
    expect(await now()).toBe(35);
    await twice(0.1);
    expect(await now()).toBe(25);
    const slider = player.getByRole('slider', { name: 'Position' });
    expect(await slider.getAttribute('aria-valuetext')).toBe('0:25 of 1:00');
    await slider.hover();
    await player.getByTestId('thumbnail').waitFor();
    const drawn = await player.getByTestId('thumbnail').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(data).size;
    });
    expect(drawn).toBeGreaterThan(50);
  });

  it('the whole screen, a small window, and the keys of headsets and lock screens', async () => {
    const { page } = room.ben;
    const player = card('managed.mp4').getByTestId('player');
    const video = card('managed.mp4').locator('video');
    await player.getByRole('button', { name: 'Full screen', exact: true }).click();
    await player.getByRole('button', { name: 'Leave full screen' }).waitFor();
    expect(await player.evaluate((element) => document.fullscreenElement?.contains(element) ?? false)).toBe(
      true,
    );
    await player.press('f');
    await page.waitForFunction(() => document.fullscreenElement === null);

    await video.evaluate((element: HTMLVideoElement) => {
      const entered = new Promise((opened) =>
        element.addEventListener('enterpictureinpicture', () => opened('opened'), { once: true }),
      );
      Object.assign(globalThis, { entered });
    });
    const openMenu = () => player.getByRole('button', { name: 'Speed and sound' }).click();
    await openMenu();
    await page.getByRole('menuitem', { name: 'Picture in picture' }).click();
    expect(await page.evaluate(() => (globalThis as unknown as { entered: Promise<string> }).entered)).toBe(
      'opened',
    );
    await openMenu();
    await page.getByRole('menuitem', { name: 'Leave picture in picture' }).click();
    await page.waitForFunction(() => document.pictureInPictureElement === null);

    await page.evaluate(() => {
      const actions = new Map<string, MediaSessionActionHandler>();
      Object.assign(globalThis, { actions });
      const { mediaSession } = navigator;
      const set = mediaSession.setActionHandler.bind(mediaSession);
      mediaSession.setActionHandler = (action, handler) => {
        if (handler) actions.set(action, handler);
        set(action, handler);
      };
    });
    await video.evaluate((element: HTMLVideoElement) => element.play());
    await page.waitForFunction(() => navigator.mediaSession.playbackState === 'playing');
    expect(await page.evaluate(() => navigator.mediaSession.metadata?.title)).toBe('managed.mp4');
    expect(await page.evaluate(() => navigator.mediaSession.metadata?.artist)).toBe('Ana');
    const press = (action: MediaSessionAction, more = {}) =>
      page.evaluate(
        ([name, details]) => {
          const { actions } = globalThis as unknown as {
            actions: Map<string, MediaSessionActionHandler>;
          };
          actions.get(name)!({ action: name, ...details });
        },
        [action, more] as const,
      );
    await press('seekto', { seekTime: 20 });
    expect(await video.evaluate((element: HTMLVideoElement) => Math.floor(element.currentTime))).toBe(20);
    await press('pause');
    await page.waitForFunction(() => navigator.mediaSession.playbackState === 'paused');
    expect(await video.evaluate((element: HTMLVideoElement) => element.paused)).toBe(true);
  });

  it('goes on where it was, as loud as it was, after a reload', async () => {
    const first = card('managed.mp4').locator('video');
    await first.evaluate((element: HTMLVideoElement) => {
      element.muted = false;
      element.volume = 0.35;
      element.currentTime = 33;
      return new Promise((sought) => element.addEventListener('seeked', sought, { once: true }));
    });
    await first.evaluate((element: HTMLVideoElement) => element.play());
    await first.evaluate(
      (element: HTMLVideoElement) =>
        new Promise<void>((moved) =>
          element.addEventListener('timeupdate', () => element.currentTime > 34 && moved()),
        ),
    );
    await card('managed.mp4').getByTestId('player').press('k');
    await room.ben.page.reload();
    await card('managed.mp4').getByTestId('play').click();
    const again = card('managed.mp4').locator('video');
    await state(card('managed.mp4'), 'playing');
    const { time, volume } = await again.evaluate((element: HTMLVideoElement) => ({
      time: element.currentTime,
      volume: element.volume,
    }));
    expect(time).toBeGreaterThan(33);
    expect(volume).toBe(0.35);
  });

  it('what somebody altered in storage is neither shown nor saved, and it is said', async () => {
    const { page, context } = room.ben;
    await alterAnswers(context, /\/files\/[^/]+\/\d+\?/, async (answer) => {
      const body = Buffer.from(await answer.body());
      body[body.length >> 1]! ^= 1;
      return { body };
    });
    const said = 'This file was altered on its way and cannot be trusted.';
    await room.send('altered.mp4', film);
    await card('altered.mp4').getByTestId('play').click();
    await card('altered.mp4').getByTestId('player').getByText(said).waitFor();
    await room.send('altered.bin', new Uint8Array(300_000));
    await card('altered.bin').getByTestId('save').click();
    await card('altered.bin').getByRole('alert').filter({ hasText: said }).waitFor();
    // An answer that is on its way just then, to nobody any more, is no failure.
    await context.unrouteAll({ behavior: 'ignoreErrors' });
    const downloading = page.waitForEvent('download');
    await card('altered.bin').getByTestId('save').click();
    expect(readFileSync(await (await downloading).path())).toHaveLength(300_000);
  });
});
