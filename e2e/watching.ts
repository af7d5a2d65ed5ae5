// Two people in a room, each in a Chromium of their own, and what one of them sees of the other's files.
import type { Locator, Page } from 'playwright-core';
import { openProfile, type Profile } from './browser.ts';

export const fixture = (name: string): string => new URL(`./fixtures/${name}`, import.meta.url).pathname;

export interface Pair {
  readonly ana: Profile;
  readonly ben: Profile;
  close(): Promise<void>;
}

/** Ana makes a room at `urls.ana`, and Ben comes in by her link, at `urls.ben`. */
export async function pairOnScreen(urls: { readonly ana: string; readonly ben: string }): Promise<Pair> {
  const [ana, ben] = await Promise.all([openProfile(), openProfile()]);
  await ana.page.goto(urls.ana);
  await signUp(ana.page, 'Ana');
  await ana.page.getByTestId('create-room').first().click();
  await ana.page.getByTestId('room-name').fill('Friday film club');
  await ana.page.getByTestId('room-name').press('Enter');
  await ana.page.getByTestId('composer').waitFor();
  await ana.page.getByTestId('invite').first().click();
  const link = new URL(await ana.page.getByTestId('invite-link').inputValue());
  await ana.page.keyboard.press('Escape');
  await ben.page.goto(urls.ben + link.pathname + link.hash);
  await signUp(ben.page, 'Ben');
  await ben.page.getByTestId('composer').waitFor();
  return {
    ana,
    ben,
    close: async () => {
      await Promise.all([ana.close(), ben.close()]);
    },
  };
}

async function signUp(page: Page, name: string): Promise<void> {
  await page.getByTestId('name').fill(name);
  await page.getByTestId('email').fill(`${name.toLowerCase()}-${crypto.randomUUID()}@example.org`);
  await page.getByTestId('password').fill(`${crypto.randomUUID()} horse`);
  await page.getByTestId('submit').click();
}

/** Sends files: paths, or what a test has made up. */
export const send = (page: Page, ...files: (string | { name: string; mimeType: string; buffer: Buffer })[]) =>
  page
    .getByTestId('file-input')
    .first()
    .setInputFiles(files as string[]);

export const cardOf = (page: Page, name: string): Locator =>
  page.getByTestId('file-card').filter({ hasText: name }).last();

/** Presses play on a card, and resolves with its player's element once the first picture or sound is there. */
export async function play(card: Locator): Promise<Locator> {
  await card.getByTestId('play').click();
  const video = card.locator('video');
  await video.evaluate((element: HTMLVideoElement) => {
    element.muted = true;
    return new Promise<void>((ready) => {
      if (element.readyState >= element.HAVE_CURRENT_DATA) ready();
      else element.addEventListener('loadeddata', () => ready(), { once: true });
    });
  });
  return video;
}

/** What an element has come to when it ends; it plays at twice its speed. */
export const playToEnd = (video: Locator) =>
  video.evaluate(async (element: HTMLVideoElement) => {
    element.playbackRate = 2;
    await element.play();
    if (!element.ended) await new Promise((end) => element.addEventListener('ended', end, { once: true }));
    return {
      time: element.currentTime,
      duration: element.duration,
      size: [element.videoWidth, element.videoHeight],
      frames: element.getVideoPlaybackQuality().totalVideoFrames,
    };
  });
