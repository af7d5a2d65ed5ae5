// Every screen, judged by axe-core in both colours on a desktop and a phone; without a mouse; at 200 % zoom.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../web/src/engine/index.ts';
import { faultsOf, judge } from './axe.ts';
import { hasBrowser, openProfile, type Profile } from './browser.ts';
import { register, untilText } from './headless.ts';
import { freshSystem, type TestSystem } from './system.ts';

describe.skipIf(!hasBrowser)('for everyone', () => {
  let system: TestSystem;
  let carla: Engine;
  let [film, invitation] = ['', ''];
  let ana: Profile;
  let ben: Profile;

  beforeAll(async () => {
    system = await freshSystem();
    carla = await register(system.url, 'Carla');
    film = await carla.createRoom('Friday film');
    invitation = await carla.room(film).invite();
    [ana, ben] = [await openProfile(), await openProfile({ width: 390, height: 844, touch: true })];
  });
  afterAll(async () => {
    await Promise.all([ana?.close(), ben?.close(), carla?.close()]);
    await system?.remove();
  });

  it('the way in, by a keyboard alone, to the first message', async () => {
    const { page } = ana;
    await page.goto(system.url);
    await page.getByTestId('submit').waitFor();
    await judge(page, 'the first screen');
    await page.getByTestId('submit').click();
    await judge(page, 'what is missing');
    await page.getByTestId('switch-mode').click();
    await judge(page, 'signing in');
    await page.goto(invitation);
    await page.getByTestId('name').waitFor();
    await judge(page, 'an invitation');
    await page.goto(system.url);
    await tabTo(page, 'name');
    await page.keyboard.type('Ana');
    await page.keyboard.press('Tab');
    await page.keyboard.type('ana@example.org');
    await tabTo(page, 'password');
    await page.keyboard.type('Ana correct horse');
    await page.keyboard.press('Enter');
    await page.getByTestId('create-room').waitFor();
    await judge(page, 'no rooms');
    await tabTo(page, 'create-room');
    await page.keyboard.press('Enter');
    await page.getByTestId('room-name').waitFor();
    await judge(page, 'a new room');
    await focusOn(page, 'room-name');
    await page.keyboard.press('Escape');
    await focusOn(page, 'create-room');
    await page.keyboard.press('Enter');
    await focusOn(page, 'room-name');
    await page.keyboard.type('Family');
    await page.keyboard.press('Enter');
    await page.getByTestId('composer').waitFor();
    await tabTo(page, 'composer');
    await page.keyboard.type('Hello');
    await page.keyboard.press('Enter');
    await page.getByTestId('message').getByText('Hello').waitFor();
    await judge(page, 'an empty room');
  });

  it('a room with all that can be in it', async () => {
    const { page } = ana;
    await page.goto(invitation);
    await page.getByTestId('join').waitFor();
    await judge(page, 'joining');
    await page.getByTestId('join').click();
    await page.getByTestId('composer').waitFor();
    const room = carla.room(film);
    await room.send(
      '**Metropolis** at _eight_, @Ana? `code` and https://films.example\n> quoted\n```\nblock\n```',
    );
    await room.send('🎬');
    const view = await untilText(carla, film, '🎬');
    const text = view.timeline.find((item) => item.kind === 'text')!;
    await room.react(text.id, '👍', true);
    await room.send('an answer', text.id);
    await room.pin(text, true);
    await room.sendFile(new File([new Uint8Array(5000)], 'notes.bin'));
    await page.getByText('notes.bin').first().waitFor();
    await page.getByTestId('pinned').waitFor();
    await judge(page, 'a room');
    const message = page.getByTestId('message').filter({ hasText: 'an answer' }).last();
    await message.getByRole('button', { name: 'Actions' }).press('Enter');
    // Where the button stands in what scrolls, a key once led the page into a circle.
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.role), { timeout: 30_000 })
      .toBe('menuitem');
    await judge(page, 'the actions of a message');
    await page.getByRole('menuitem', { name: 'Forward' }).click();
    await page.getByTestId('forward-to').first().waitFor();
    await judge(page, 'forwarding');
    await page.keyboard.press('Escape');
    await page.getByTestId('emoji').click();
    await page.getByRole('button', { name: 'grinning face', exact: true }).waitFor();
    await judge(page, 'emoji');
    await page.keyboard.press('Escape');
    await focusOn(page, 'emoji');
    await page.keyboard.press('Enter');
    await focusOn(page, 'emoji-search');
    await page.keyboard.type('grinning face');
    await page.keyboard.press('Enter');
    await focusOn(page, 'composer');
    expect(await page.getByTestId('composer').inputValue()).toBe('😀');
    await page.getByTestId('composer').fill('@');
    await page.getByTestId('mentions').waitFor();
    await judge(page, 'naming people');
    await page.getByTestId('composer').fill('');
    await page.getByTestId('details').click();
    await judge(page, 'members');
    await page.getByTestId('inspect').click();
    await page.getByRole('tab', { name: 'Keys and members' }).click();
    await page.getByTestId('roster-entry').first().waitFor();
    await judge(page, 'what the server sees');
    await page.keyboard.press('Escape');
    await page.getByTestId('gallery-open').click();
    await page.getByTestId('gallery').waitFor();
    await judge(page, 'what was sent');
    await page.keyboard.press('Escape');
  });

  it('what the owner of a room has: inviting, its name and picture', async () => {
    const { page } = ana;
    await page.getByTestId('room').filter({ hasText: 'Family' }).click();
    await page.getByTestId('message').getByText('Hello').waitFor();
    await page.getByTestId('invite').click();
    await page.getByTestId('invite-link').or(page.getByTestId('make-link')).first().waitFor();
    await judge(page, 'inviting');
    await page.keyboard.press('Escape');
    if (!(await page.getByTestId('identity').isVisible())) await page.getByTestId('details').click();
    await page.getByTestId('identity').click();
    await page.getByTestId('room-name').waitFor();
    await judge(page, 'name and picture');
    await page.keyboard.press('Escape');
  });

  it('finding, settings, and what leads there', async () => {
    const { page } = ana;
    await page.keyboard.press('Control+k');
    await page.getByTestId('find').fill('eight');
    await page.getByTestId('found-message').waitFor();
    await judge(page, 'finding');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /Your account/ }).click();
    await judge(page, 'the menu of the account');
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await judge(page, 'settings');
  });

  it('on a phone', async () => {
    const { page } = ben;
    await page.goto(invitation);
    await page.getByTestId('name').fill('Ben');
    await page.getByTestId('submit').click();
    await page.getByTestId('composer').waitFor();
    await carla.room(film).send('Hello Ben');
    await page.getByTestId('message').getByText('Hello Ben').waitFor();
    await judge(page, 'a room on a phone');
    await page.getByTestId('details').click();
    await judge(page, 'members on a phone');
    await page.getByRole('button', { name: 'Actions for Carla' }).click();
    await page.getByRole('menuitem', { name: 'Safety number' }).click();
    await page.getByTestId('digits').waitFor();
    await judge(page, 'a safety number on a phone');
    // A finger needs that much.
    for (const name of ['Scan code', 'Copy digits', 'Mark as verified'])
      expect((await page.getByRole('button', { name }).boundingBox())!.height).toBeGreaterThanOrEqual(44);
    await page.keyboard.press('Escape');
    await page.getByTestId('digits').waitFor({ state: 'detached' });
    await wayBack(page);
    await page.getByTestId('inspect').waitFor({ state: 'detached' });
    await page.getByTestId('composer').waitFor();
    await page.getByRole('link', { name: 'Back to rooms' }).click();
    await page.getByTestId('room').waitFor();
    await judge(page, 'rooms on a phone');
    await page.getByTestId('open-find').click();
    await page.getByTestId('find').waitFor();
    await judge(page, 'finding on a phone');
    await page.keyboard.press('Escape');
    await page.getByTestId('guest-reminder').click();
    await page.getByTestId('keep-account').click();
    await judge(page, 'keeping an account on a phone');
  });

  it('nothing is cut off at 200 % zoom of a small window, or by 320 pixels', async () => {
    const { page } = ana;
    for (const [width, height] of [
      [640, 400],
      [320, 560],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const path of ['/', `/r/${film}`, '/settings']) {
        await page.goto(system.url + path);
        await page.locator('main').first().waitFor();
        await page.locator('h1').first().waitFor();
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(over, `${path} at ${width} pixels`).toBeLessThanOrEqual(0);
      }
    }
    await page.goto(`${system.url}/r/${film}`);
    await page.getByTestId('composer').fill('still reachable');
    await page.getByTestId('send').click();
    await page.getByTestId('message').getByText('still reachable').waitFor();
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('more contrast where it is asked for; in forced colours it is seen what is chosen', async () => {
    const { page } = ana;
    await page.goto(`${system.url}/settings`);
    await page.getByTestId('language').waitFor();
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, contrast: 'more' });
      expect.soft(await faultsOf(page, ['color-contrast-enhanced']), `settings, ${colorScheme}`).toEqual([]);
    }
    await page.emulateMedia({ contrast: 'no-preference', forcedColors: 'active' });
    const outlines = await page
      .getByTestId('theme')
      .locator('label')
      .evaluateAll((labels) => labels.map((label) => getComputedStyle(label).outlineStyle));
    expect(outlines.filter((style) => style === 'solid')).toHaveLength(1);
    await page.emulateMedia({ forcedColors: 'none' });
  });

  it('another language is chosen in settings, and stays', async () => {
    const { page } = ana;
    const lang = () => page.evaluate(() => document.documentElement.lang);
    await page.goto(`${system.url}/settings`);
    expect(await lang()).toMatch(/^en/);
    await page
      .getByTestId('language')
      .getByLabel('Automatic')
      .and(page.locator(':checked'))
      .waitFor({ state: 'attached' });
    await page.getByTestId('language').getByText('Deutsch').click();
    await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
    await page.goto(`${system.url}/r/${film}`);
    await page.getByPlaceholder('Nachricht schreiben').waitFor();
    await page.reload();
    await page.getByPlaceholder('Nachricht schreiben').waitFor();
    expect(await lang()).toMatch(/^de/);
    // Also what the engine says: in its worker, which keeps the line that the list shows, and of what fails.
    await carla.room(film).sendFile(new File([new Uint8Array(500)], 'plan.bin'));
    await page.getByTestId('room').filter({ hasText: 'Hat eine Datei gesendet' }).waitFor();
    await page.goto(`${system.url}/invite#nothing`);
    await page.getByText('Das ist kein ganzer Einladungslink.').waitFor();
    await page.goto(`${system.url}/settings`);
    await page.getByTestId('language').getByText('Automatisch').click();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
  });

  it('is mirrored where words run from right to left', async () => {
    const { page } = ana;
    await page.evaluate(() => localStorage.setItem('stream-chat.direction', 'rtl'));
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      for (const path of ['/', `/r/${film}`, '/settings']) {
        await page.goto(system.url + path);
        await page.locator('h1').first().waitFor();
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(over, `${path} at ${width} pixels`).toBeLessThanOrEqual(0);
        // The heading of each is nearer to where reading begins.
        const box = (await page.locator('h1').first().boundingBox())!;
        if (path !== '/settings') expect(box.x + box.width, path).toBeGreaterThan(width / 2);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${system.url}/r/${film}`);
    const [mine, theirs] = [await edge(page, 'still reachable'), await edge(page, 'an answer')];
    // What is one's own stands at the end of a line, which is on the left here.
    expect(mine).toBeLessThan(theirs);
    await page.evaluate(() => localStorage.removeItem('stream-chat.direction'));
    await page.reload();
  });

  it('moves little for who asks for that', async () => {
    const { page } = ana;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    // What began before keeps the length that it had then.
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map((each) => each.finished)));
    await page.keyboard.press('Control+k');
    await page.getByTestId('find').waitFor();
    const longest = await page.evaluate(() =>
      Math.max(
        0,
        ...document.getAnimations().map((each) => Number(each.effect?.getComputedTiming().duration ?? 0)),
      ),
    );
    expect(longest).toBeLessThanOrEqual(1);
  });
});

/** Where a message begins, from the left. */
async function edge(page: Page, text: string): Promise<number> {
  const message = page.getByTestId('message').getByText(text).last();
  await message.waitFor();
  return (await message.boundingBox())!.x;
}

/** What Android's way back is to a page: a request to close what is open. Here it comes of a key that the page doesn't hear. */
async function wayBack(page: Page): Promise<void> {
  await page.evaluate(() =>
    window.addEventListener('keydown', (event) => event.stopImmediatePropagation(), {
      capture: true,
      once: true,
    }),
  );
  await page.keyboard.press('Escape');
}

/** Waits until the focus is where it should be. */
const focusOn = (page: Page, testid: string): Promise<void> =>
  page.locator(`[data-testid=${testid}]:focus`).first().waitFor();

/** Presses Tab until the focus is where it should be. */
async function tabTo(page: Page, testid: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    const here = await page.evaluate(() => document.activeElement?.getAttribute('data-testid'));
    if (here === testid) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not lead to ${testid}`);
}
