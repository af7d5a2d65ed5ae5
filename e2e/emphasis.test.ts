import { readFileSync } from 'node:fs';
import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../web/src/engine/index.ts';
import type { FileItem, RoomView } from '../web/src/engine/types.ts';
import { complaintsOf, hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { act, message, say } from './conversation.ts';
import { register, untilText, untilView } from './headless.ts';
import { freshSystem, type TestSystem } from './system.ts';

const isPut = (request: Request) => request.method() === 'PUT' && request.url().includes('X-Amz-Signature');

/** Names of the copies that lie unsealed in the browser. */
const copies = (page: Page) =>
  page.evaluate(async () => {
    const names: string[] = [];
    for await (const name of (await navigator.storage.getDirectory()).keys())
      if (name.startsWith('save-forward-')) names.push(name);
    return names;
  });

describe.skipIf(!hasBrowser)('emphasis', () => {
  let system: TestSystem;
  let carla: Engine;
  let ana: Profile;
  let ben: Profile;
  let room = '';

  beforeAll(async () => {
    system = await freshSystem();
    carla = await register(system.url, 'Carla');
    room = await carla.createRoom('Friday film');
    const link = await carla.room(room).invite();
    [ana, ben] = [
      await openProfile({ devices: true }),
      await openProfile({ width: 390, height: 844, touch: true }),
    ];
    for (const [name, { page }] of Object.entries({ Ana: ana, Ben: ben })) {
      await page.goto(link);
      await signUp(page, { name, email: `${name}@example.org`, password: `${name} correct horse` });
      await page.getByTestId('composer').waitFor();
    }
  });
  afterAll(async () => {
    await Promise.all([ana?.close(), ben?.close(), carla?.close()]);
    await system?.remove();
  });

  it('Ana names Ben by the first letters, and his list of rooms says so', async () => {
    await ben.page.getByRole('link', { name: 'Back to rooms' }).click();
    await ben.page.getByTestId('room').waitFor();
    const composer = ana.page.getByTestId('composer');
    await composer.pressSequentially('Popcorn, @b');
    await ana.page.getByTestId('mentions').getByRole('option', { name: 'Ben' }).waitFor();
    await composer.press('Enter');
    expect(await composer.inputValue()).toBe('Popcorn, @Ben ');
    await composer.pressSequentially('and @ca');
    await ana.page.getByRole('option', { name: 'Carla' }).click();
    await ana.page.getByTestId('send').click();
    await message(ana.page, 'Popcorn').getByTestId('mention').nth(1).waitFor();
    expect(await message(ana.page, 'Popcorn').getByTestId('mention').allTextContents()).toEqual([
      '@Ben',
      '@Carla',
    ]);
    await ben.page.getByTestId('mentioned').waitFor();
    await ben.page.getByTestId('room').click();
    await message(ben.page, 'Popcorn').getByTestId('mention').first().waitFor();
    await expect.poll(() => ben.page.title(), { timeout: 30_000 }).not.toContain('(1)');
    await ben.page.getByRole('link', { name: 'Back to rooms' }).click();
    await expect.poll(() => ben.page.getByTestId('mentioned').count(), { timeout: 30_000 }).toBe(0);
    await ben.page.getByTestId('room').click();
  });

  it('a pinned message stands above the room for both, leads back, and is taken away again', async () => {
    await act(message(ana.page, 'Popcorn'), 'Pin');
    const bar = ben.page.getByTestId('pinned');
    await bar.getByText('Popcorn').waitFor();
    await ben.page.getByText('Ana pinned a message.').waitFor();
    await bar.getByRole('button', { name: /^Pinned: / }).click();
    await ben.page.locator('.found').filter({ hasText: 'Popcorn' }).waitFor();
    // Who reads it later finds it there too.
    await ben.page.reload();
    await bar.getByText('Popcorn').waitFor();
    await ana.page.getByTestId('pinned').getByRole('button', { name: 'Unpin' }).click();
    await bar.waitFor({ state: 'detached' });
  });

  it('any emoji can be given, and put into words', async () => {
    await message(ana.page, 'Popcorn').hover();
    await message(ana.page, 'Popcorn').getByRole('button', { name: 'Actions' }).click();
    await ana.page.getByRole('menuitem', { name: 'More emoji' }).click();
    await ana.page.getByTestId('emoji-search').fill('popcorn');
    await ana.page.getByRole('button', { name: 'popcorn', exact: true }).click();
    await message(ben.page, 'Popcorn').getByTestId('reaction').getByText('🍿').waitFor();
    await ana.page.getByTestId('composer').fill('Party!');
    await ana.page.getByTestId('emoji').click();
    await ana.page.getByTestId('emoji-search').fill('tada');
    await ana.page.getByRole('button', { name: 'party popper', exact: true }).click();
    await ana.page.getByTestId('composer').press('Enter');
    await message(ben.page, 'Party!🎉').waitFor();
  });

  it('what is forwarded says so, and not who said it', async () => {
    const other = await carla.createRoom('Book club');
    const link = await carla.room(other).invite();
    await ana.page.goto(link);
    await ana.page.getByTestId('join').click();
    await ana.page.getByRole('link', { name: /Friday film/ }).click();
    await act(message(ana.page, 'Party!'), 'Forward');
    await ana.page.getByTestId('forward-to').filter({ hasText: 'Book club' }).click();
    await message(ana.page, 'Party!').getByTestId('forwarded').waitFor();
    expect(new URL(ana.page.url()).pathname).toBe(`/r/${other}`);
    const view = await untilText(carla, other, 'Party!🎉');
    expect(view.timeline.at(-1)).toMatchObject({ forwarded: true, authorName: 'Ana' });
    await ana.page.getByRole('link', { name: /Friday film/ }).click();
  });

  it('a file is forwarded byte for byte, together with words', async () => {
    const { page } = ana;
    const recipe = Buffer.from('Butter, salt, and patience.');
    await page
      .getByTestId('file-input')
      .first()
      .setInputFiles({ name: 'recipe.txt', mimeType: 'text/plain', buffer: recipe });
    const sent = message(page, 'recipe.txt');
    await sent.getByTestId('save').waitFor();
    await act(sent, 'Select');
    await message(page, 'Party!').click();
    await page.getByTestId('forward-selected').click();
    await page.getByRole('heading', { name: 'Forward 2 messages' }).waitFor();
    await page.getByTestId('forward-to').filter({ hasText: 'Book club' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(room));
    const other = new URL(page.url()).pathname.slice('/r/'.length);
    const { timeline } = await untilView(carla, other, (view) =>
      view.timeline.some((item) => item.kind === 'file' && item.commitment !== ''),
    );
    const item = timeline.find((each) => each.kind === 'file')!;
    expect(item).toMatchObject({ forwarded: true, authorName: 'Ana' });
    await message(page, 'recipe.txt').getByTestId('forwarded').waitFor();
    const file = await carla.room(other).openFile(item);
    expect(file.head).toMatchObject({ name: 'recipe.txt', type: 'text/plain' });
    expect(await (await file.blob()).text()).toBe(recipe.toString());
    file.close();
    await expect.poll(() => copies(page), { timeout: 60_000 }).toEqual([]);
    await page.getByRole('link', { name: /Friday film/ }).click();
    // Where it was forwarded from it can be had as before.
    const downloading = page.waitForEvent('download');
    await message(page, 'recipe.txt').getByTestId('save').click();
    expect(readFileSync(await (await downloading).path()).equals(recipe)).toBe(true);
  });

  it('a large file goes on being forwarded by itself after a reload, and no copy of it stays', async () => {
    const { page } = ana;
    await carla.room(room).sendFile(new File([new Uint8Array(5 * 2 ** 20)], 'long.bin'));
    const came = message(page, 'long.bin');
    await came.getByTestId('save').waitFor();
    await came.getByTestId('still-uploading').waitFor({ state: 'detached' });
    const sends = page.waitForRequest(isPut);
    // Nothing of it arrives before the reload.
    await page.route(
      (url) => url.searchParams.has('X-Amz-Signature'),
      async (route) => {
        if (!isPut(route.request())) await route.continue();
      },
    );
    await act(came, 'Forward');
    await page.getByTestId('forward-to').filter({ hasText: 'Book club' }).click();
    await sends;
    await message(page, 'long.bin').getByTestId('forwarded').waitFor();
    expect(await copies(page)).toHaveLength(1);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.reload();
    await message(page, 'long.bin').getByTestId('save').waitFor();
    await expect.poll(() => copies(page), { timeout: 90_000 }).toEqual([]);
    const other = new URL(page.url()).pathname.slice('/r/'.length);
    const long = ({ timeline }: RoomView) =>
      timeline.find((item): item is FileItem => item.kind === 'file' && item.name === 'long.bin');
    const view = await untilView(carla, other, (now) => long(now) !== undefined);
    const file = await carla.room(other).openFile(long(view)!);
    expect(await file.blob()).toHaveProperty('size', 5 * 2 ** 20);
    file.close();
    await page.getByRole('link', { name: /Friday film/ }).click();
  });

  it('what Ana says aloud is heard by Ben, and what she thinks better of is not', async () => {
    const { page } = ana;
    await page.getByTestId('record').click();
    await page.getByTestId('drop-recording').click();
    await page.getByTestId('record').click();
    await page.getByRole('timer').getByText('0:02').waitFor();
    await page.getByTestId('send-recording').click();
    const card = ben.page.getByTestId('file-card').filter({ hasText: /Voice message/ });
    await card.waitFor();
    expect(await card.count()).toBe(1);
    // It reads as what it is, and how long: the name is for who saves it.
    expect(await card.getByTestId('file-name').textContent()).toBe('Voice message');
    await card.getByText(/^0:0\d$/).waitFor();
    // While it comes, a line about that may appear below, and the button moves: a press just then would end beside it.
    await card.getByTestId('still-uploading').waitFor({ state: 'detached' });
    await card.getByRole('button', { name: /^Play/ }).first().click();
    // How far it is; less than nothing where there is no player.
    const heard = () =>
      ben.page.evaluate(() =>
        Math.max(
          -1,
          ...[...document.querySelectorAll<HTMLMediaElement>('audio, video')].map((each) => each.currentTime),
        ),
      );
    await expect.poll(heard, { timeout: 60_000 }).toBeGreaterThan(0.5);
  });

  it('what is said with a timer is gone from every device when its time is over', async () => {
    await carla.room(room).setTimer(20);
    await ben.page.getByText('made new messages disappear after 20 seconds').waitFor();
    await say(ben.page, 'the door code is 1234');
    await message(ana.page, '1234').getByTestId('disappears').last().waitFor();
    for (const { page } of [ana, ben])
      await expect.poll(() => page.getByText('1234').count(), { timeout: 60_000 }).toBe(0);
    await untilView(
      carla,
      room,
      ({ timeline }) => !timeline.some((item) => item.kind === 'text' && item.text.includes('1234')),
    );
    await ana.page.reload();
    await message(ana.page, 'Popcorn').waitFor();
    expect(await ana.page.getByText('1234').count()).toBe(0);
    // Ana takes the timer away by the menu.
    await ana.page.getByTestId('details').click();
    await ana.page.getByTestId('timer').click();
    await ana.page.getByRole('menuitem', { name: 'Off: messages stay' }).click();
    await ben.page.getByText('Ana switched disappearing messages off.').waitFor();
  });

  it('no page complained', () => {
    expect(complaintsOf([ana, ben])).toEqual([]);
  });
});
