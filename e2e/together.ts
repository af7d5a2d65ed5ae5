// What one sees of a film that is watched together.
import type { Page } from 'playwright-core';

type Film = HTMLVideoElement;

/** Seconds that films may be apart when two pages are asked one after the other on a busy machine. */
const close = 0.2;

const film = (page: Page) => page.getByTestId('watch-room').locator('video');

/** Presses the button that plays and pauses; while it plays, a pointer must be there for it to be. */
export async function toggle(page: Page): Promise<void> {
  await film(page).hover();
  await page.getByTestId('watch-room').getByTestId('player-toggle').click();
}

/** Goes to `seconds` by the player's line. */
export const seek = (page: Page, seconds: number) =>
  page.getByTestId('watch-room').getByTestId('seek').fill(String(seconds));

/** The film plays on this page with everybody's: it gets further. */
export const plays = (page: Page) =>
  page.waitForFunction(
    (start) => {
      const video = document.querySelector<Film>('[data-testid="watch-room"] video');
      const phase = document.querySelector<HTMLElement>('[data-testid="watch-room"]')?.dataset.phase;
      if (phase !== 'playing' || !video || video.paused || video.seeking || video.readyState < 3)
        return false;
      // A jump, or another film: it is looked at anew.
      if (start.from === undefined || Math.abs(video.currentTime - start.from) > 2)
        start.from = video.currentTime;
      return video.currentTime > start.from;
    },
    {} as { from?: number },
  );

/** The film is as fast as between `least` and `most`. */
export const speed = (page: Page, least: number, most: number) =>
  page.waitForFunction(
    ([low, high]) => {
      const video = document.querySelector<Film>('[data-testid="watch-room"] video');
      return video && video.playbackRate > low! && video.playbackRate < high!;
    },
    [least, most],
  );

/** The film stands on this page, by everybody's will. */
export const stands = (page: Page) =>
  page.waitForFunction(() => {
    const video = document.querySelector<Film>('[data-testid="watch-room"] video');
    const phase = document.querySelector<HTMLElement>('[data-testid="watch-room"]')?.dataset.phase;
    return phase === 'paused' && video?.paused && !video.seeking;
  });

/** The film stands or plays at `seconds`, or has been there within the last few. */
export const isAt = (page: Page, seconds: number) =>
  page.waitForFunction((place) => {
    const video = document.querySelector<Film>('[data-testid="watch-room"] video');
    return video && !video.seeking && video.currentTime > place - 0.1 && video.currentTime < place + 20;
  }, seconds);

/** The film has come to its end, and stays there for some pictures' time. */
export const ends = (page: Page) =>
  page.waitForFunction(
    (looks) => {
      const video = document.querySelector<Film>('[data-testid="watch-room"] video');
      looks.over = video && !video.seeking && video.ended ? looks.over + 1 : 0;
      return looks.over > 60;
    },
    { over: 0 },
  );

/** Seconds. */
export const placeOf = (page: Page): Promise<number> =>
  film(page).evaluate((video: Film) => video.currentTime);

/** What the bar under the film says. */
export const says = (page: Page, hasText: string | RegExp) =>
  page.getByTestId('watch-state').filter({ hasText }).waitFor();

/** Lets so many pictures go by. */
export const pictures = (page: Page, count: number) =>
  film(page).evaluate(async (video: Film, wanted) => {
    for (let i = 0; i < wanted; i++) await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  }, count);

/** Where the film would be at the beginning of time, if it had played all the while: the same for films in step. */
const phaseOf = (page: Page): Promise<number> =>
  film(page).evaluate(
    (video: Film) => video.currentTime - (performance.timeOrigin + performance.now()) / 1000,
  );

/** The film of `one` is, or comes to be, so many seconds ahead of that of `other`. */
export async function inStep(one: Page, other: Page, ahead = 0): Promise<void> {
  const end = Date.now() + 60_000;
  for (;;) {
    const [first, second] = await Promise.all([phaseOf(one), phaseOf(other)]);
    if (Math.abs(first - second - ahead) < close) return;
    if (Date.now() > end) throw new Error(`they are ${first - second} s apart`);
    await one.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}
