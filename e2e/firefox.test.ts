// Firefox beside Chromium: the main job, a film each way, a file saved, and a call.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElementHandle } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintsOf, hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { moves, others } from './callers.ts';
import { type Fox, hasFirefox, openFirefox, press } from './firefox.ts';
import { freshSystem, type TestSystem } from './system.ts';
import { cardOf, fixture, play } from './watching.ts';

describe.skipIf(!hasBrowser || !hasFirefox)('Firefox and Chromium', () => {
  let system: TestSystem;
  let ana: Fox;
  let ben: Profile;

  beforeAll(async () => {
    system = await freshSystem();
    ana = await openFirefox();
    ben = await openProfile({ devices: true });
  });
  afterAll(async () => {
    await Promise.all([ana?.close(), ben?.close()]);
    await system?.remove();
  });

  it('Ana makes a room in Firefox, and Ben comes in from Chromium', async () => {
    await ana.page.goto(system.url);
    await ana.fill('name', 'Ana');
    await ana.fill('email', 'ana@example.org');
    await ana.fill('password', 'correct horse battery ana');
    await ana.click('submit');
    await ana.click('create-room');
    await ana.fill('room-name', 'Friday film club');
    await ana.page.keyboard.press('Enter');
    await ana.find('composer');
    await ana.click('invite');
    const link = await (await ana.find<HTMLInputElement>('invite-link')).evaluate(({ value }) => value);
    await ana.page.keyboard.press('Escape');
    await ben.page.goto(link);
    await signUp(ben.page, { name: 'Ben', email: 'ben@example.org', password: 'correct horse battery ben' });
    await ben.page.getByTestId('composer').waitFor();
  });

  it('they talk, and a reload in Firefox loses nothing', async () => {
    await ana.fill('composer', 'Hello from **Firefox**');
    await ana.page.keyboard.press('Enter');
    await ben.page.getByTestId('message').getByText('Hello from Firefox').waitFor();
    await ben.page.getByTestId('composer').fill('Hello from Chromium');
    await ben.page.getByTestId('send').click();
    await ana.find('message', 'Hello from Chromium');
    await ana.page.reload();
    await ana.find('message', 'Hello from Firefox');
    await ana.find('message', 'Hello from Chromium');
  });

  it('a film that Ben sends plays in Firefox, and jumps', async () => {
    await ben.page.getByTestId('file-input').first().setInputFiles(fixture('camera.mp4'));
    const card = await ana.find('file-card', 'camera.mp4');
    await press((await card.waitForSelector('[data-testid="play"]'))!);
    const seen = await (await card.waitForSelector('video'))!.evaluate(async (element) => {
      const video = element as HTMLVideoElement;
      video.muted = true;
      const picture = () =>
        new Promise<number>((frame) =>
          video.requestVideoFrameCallback((_, { mediaTime }) => frame(mediaTime)),
        );
      await picture();
      const jumped = new Promise((done) => video.addEventListener('seeked', done, { once: true }));
      video.currentTime = 40;
      await jumped;
      return { time: await picture(), size: [video.videoWidth, video.videoHeight], length: video.duration };
    });
    expect(seen.size).toEqual([320, 180]);
    expect(seen.time).toBeGreaterThan(39);
    expect(seen.length).toBeCloseTo(60, 0);
  });

  it('a film that Ana sends from Firefox, remuxed on the way, plays in Chromium', async () => {
    const input = await ana.page.waitForSelector('[data-testid="file-input"]');
    await (input as ElementHandle<HTMLInputElement>).uploadFile(fixture('film.mkv'));
    const video = await play(cardOf(ben.page, 'film'));
    expect(await video.evaluate((element: HTMLVideoElement) => element.videoWidth)).toBeGreaterThan(0);
  });

  it('what Ana saves in Firefox is what Ben sent, byte for byte', async () => {
    const bytes = randomBytes(2_600_000);
    const diary = join(tmpdir(), `diary-${crypto.randomUUID()}.bin`);
    writeFileSync(diary, bytes);
    await ben.page.getByTestId('file-input').first().setInputFiles(diary);
    const card = await ana.find('file-card', 'diary');
    const save = (await card.waitForSelector('[data-testid="save"]'))!;
    const [saved] = await Promise.all([ana.saved(), press(save)]);
    expect(readFileSync(saved).equals(bytes)).toBe(true);
  });

  it('they call each other, encrypted both ways', async () => {
    await ana.click('video-call');
    await ana.find('call-stage');
    await ben.page.getByRole('button', { name: 'Join with video' }).click();
    await others(ben.page, 1);
    await moves(ben.page);
    await ana.page.waitForSelector('[data-testid="call-tile"][data-secure="true"][data-state="connected"]');
    await ana.page.waitForFunction(() => {
      const video = document.querySelector<HTMLVideoElement>('[data-secure] video:not(.hidden)');
      return video !== null && video.videoWidth > 0 && video.currentTime > 1;
    });
    await ana.click('call-leave');
    await ben.page.getByTestId('call-leave').click();
  });

  it('neither complained on the way', () => {
    expect(ana.complaints).toEqual([]);
    expect(complaintsOf([ben])).toEqual([]);
  });
});
