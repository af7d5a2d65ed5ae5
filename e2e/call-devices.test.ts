// What one shows and says in a call, and what becomes of it when devices and networks come and go.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rememberTracks } from './broken-browser.ts';
import { hasBrowser } from './browser.ts';
import { type Caller, type Callers, meet, moves, openCallers, others, sounds } from './callers.ts';
import { freshSystem, type TestSystem } from './system.ts';
import { openUdpLine } from './udp-line.ts';

/** The device behind the page's newest track of that kind is pulled out: the track has ended, and the browser says that devices changed. */
const unplug = (page: Page, kind: 'audio' | 'video') =>
  page.evaluate((what) => {
    const { tracks } = globalThis as unknown as { tracks: MediaStreamTrack[] };
    const track = tracks.findLast((each) => each.kind === what)!;
    track.stop();
    track.dispatchEvent(new Event('ended'));
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  }, kind);

describe.skipIf(!hasBrowser)('in a call', () => {
  const line = openUdpLine();
  let system: TestSystem;
  let callers: Callers;
  let ana: Caller;
  let ben: Caller;

  beforeAll(async () => {
    system = await freshSystem();
    callers = await openCallers(system.url, ['Ana', 'Ben'], async (page) => {
      await line.install(page);
      await rememberTracks(page);
    });
    [ana, ben] = callers.all as [Caller, Caller];
    await meet(ana.page, ben.page);
    for (const { page } of [ana, ben]) await others(page, 1);
  });
  afterAll(async () => {
    await callers?.close();
    line.close();
    await system?.remove();
  });

  it('a screen is shared beside the camera, seen whole by the other, on all of their screen if they like, and taken back', async () => {
    await ana.page.getByTestId('call-screen').click();
    const screen = ben.page.getByRole('listitem').filter({ hasText: 'Ana’s screen' });
    await screen.waitFor();
    await screen
      .locator('video:not(.hidden)')
      .evaluate(
        (video) =>
          new Promise<void>((seen) => (video as HTMLVideoElement).requestVideoFrameCallback(() => seen())),
      );
    await moves(ben.page);
    const isFull = (wanted: boolean) =>
      ben.page.waitForFunction((is) => (document.fullscreenElement !== null) === is, wanted);
    await screen.getByRole('button', { name: 'Full screen', exact: true }).click();
    await isFull(true);
    await screen.getByRole('button', { name: 'Leave full screen' }).click();
    await isFull(false);
    await ana.page.getByRole('button', { name: 'Stop sharing' }).click();
    await screen.waitFor({ state: 'detached' });
    await moves(ben.page);
  });

  it('somebody’s picture stays above other windows, for as long as one wants', async () => {
    await ana.page.getByRole('button', { name: 'Picture in picture' }).click();
    const leave = ana.page.getByRole('button', { name: 'Leave picture in picture' });
    await leave.waitFor();
    expect(await ana.page.evaluate(() => document.pictureInPictureElement?.ariaLabel)).toBe('Ben');
    await leave.click();
    await ana.page.getByRole('button', { name: 'Picture in picture', exact: true }).waitFor();
  });

  it('a microphone that is pulled out is followed by the next one, and the other goes on hearing', async () => {
    await sounds(ben.page);
    await unplug(ana.page, 'audio');
    await ana.page.getByRole('button', { name: 'Mute microphone' }).waitFor();
    await expect
      .poll(
        () =>
          ana.page.evaluate(() => {
            const { tracks } = globalThis as unknown as { tracks: MediaStreamTrack[] };
            return tracks.filter(({ kind, readyState }) => kind === 'audio' && readyState === 'live').length;
          }),
        { timeout: 30_000 },
      )
      .toBe(1);
    await sounds(ben.page);
  });

  it('a camera that is pulled out is off, and on again when somebody wants it', async () => {
    await unplug(ana.page, 'video');
    await ana.page.getByRole('button', { name: 'Turn camera on' }).click();
    await ana.page.getByRole('button', { name: 'Turn camera off' }).waitFor();
    await moves(ben.page);
  });

  it('the others are heard by the output that one chooses, and elsewhere once it is pulled out', async () => {
    const heardBy = () =>
      ana.page.evaluate(async () => {
        const { sinkId } = document.querySelector('audio')!;
        const devices = await navigator.mediaDevices.enumerateDevices();
        return devices.find(({ kind, deviceId }) => kind === 'audiooutput' && deviceId === sinkId)?.label;
      });
    await ana.page.getByRole('button', { name: 'Camera, microphone and speaker' }).click();
    await ana.page.getByRole('menuitemradio', { name: 'Fake Audio Output 2' }).click();
    await expect.poll(heardBy, { timeout: 30_000 }).toBe('Fake Audio Output 2');
    await ana.page.evaluate(() => {
      const { mediaDevices } = navigator;
      const all = mediaDevices.enumerateDevices.bind(mediaDevices);
      mediaDevices.enumerateDevices = async () =>
        (await all()).filter(({ label }) => label !== 'Fake Audio Output 2');
      mediaDevices.dispatchEvent(new Event('devicechange'));
    });
    await ana.page.waitForFunction(() => document.querySelector('audio')!.sinkId === '');
  });

  it('a network that is away for ten seconds is said, and media come back with it', async () => {
    const began = Date.now();
    line.cut();
    await Promise.all([ana, ben].map(({ wire }) => wire.cut()));
    await ben.context.setOffline(true);
    for (const { page } of [ana, ben])
      await page.getByTestId('call-stage').getByText('Reconnecting…').waitFor();
    await vi.waitUntil(() => Date.now() - began > 10_000, { timeout: 60_000 });
    line.mend();
    for (const { wire } of [ana, ben]) wire.mend();
    await ben.context.setOffline(false);
    for (const { page } of [ana, ben]) {
      await others(page, 1);
      await moves(page);
      await sounds(page);
    }
  });
});
