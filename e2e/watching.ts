// What somebody in Chromium sees of the files that somebody else sends.
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { openProfile, type Profile, signUp } from './browser.ts';
import { register, untilView } from './headless.ts';

export const fixture = (name: string): string => new URL(`./fixtures/${name}`, import.meta.url).pathname;

export interface Watching {
  readonly ben: Profile;
  /** Ana sends a file of the fixtures, or one with these bytes; resolves when all of it is there. */
  send(name: string, bytes?: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Ana writes. */
  say(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Ana makes a room at `urls.ana`, without a screen; Ben comes in by her link at `urls.ben`, in Chromium. */
export async function benWatches(urls: { readonly ana: string; readonly ben: string }): Promise<Watching> {
  const ana = await register(urls.ana, 'Ana');
  const room = await ana.createRoom('Friday film club');
  const link = new URL(await ana.room(room).invite());
  const ben = await openProfile();
  // Argon2id, with all else that starts.
  ben.page.setDefaultTimeout(120_000);
  await ben.page.goto(urls.ben + link.pathname + link.hash);
  await signUp(ben.page, {
    name: 'Ben',
    email: `ben-${crypto.randomUUID()}@example.org`,
    password: `${crypto.randomUUID()} horse`,
  });
  await ben.page.getByTestId('composer').waitFor();
  await untilView(ana, room, ({ members }) => members.length === 2);
  return {
    ben,
    async send(name, bytes = new Uint8Array(readFileSync(fixture(name)))) {
      await ana.room(room).sendFile(new File([bytes], name, { type: typeOf(name) }));
    },
    say: (text) => ana.room(room).send(text),
    async close() {
      await ben.close();
      await ana.close();
    },
  };
}

/** As systems tell it of a picked file, by its ending. */
const typeOf = (name: string): string =>
  ({ mp4: 'video/mp4', mov: 'video/quicktime', mkv: 'video/x-matroska', webm: 'video/webm' })[
    endingOf(name)
  ] ??
  { mp3: 'audio/mpeg', m4a: 'audio/mp4', flac: 'audio/flac', ogg: 'audio/ogg', opus: 'audio/ogg' }[
    endingOf(name)
  ] ??
  { jpg: 'image/jpeg', png: 'image/png', gif: 'image/gif', webp: 'image/webp', heic: 'image/heic' }[
    endingOf(name)
  ] ??
  { wav: 'audio/wav', pdf: 'application/pdf', html: 'text/html', svg: 'image/svg+xml', txt: 'text/plain' }[
    endingOf(name)
  ] ??
  '';
const endingOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

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

/** What an element has come to when it ends, and where it began; it plays at twice its speed. */
export const playToEnd = (video: Locator) =>
  video.evaluate(async (element: HTMLVideoElement) => {
    element.playbackRate = 2;
    await element.play();
    if (!element.ended) await new Promise((end) => element.addEventListener('ended', end, { once: true }));
    return {
      from: element.played.start(0),
      time: element.currentTime,
      duration: element.duration,
      size: [element.videoWidth, element.videoHeight],
      frames: element.getVideoPlaybackQuality().totalVideoFrames,
    };
  });
