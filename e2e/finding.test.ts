// Finding again what was said: one types, it is searched on the device, and a press leads there.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../web/src/engine/index.ts';
import { complaintsOf, hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { register, untilText } from './headless.ts';
import { freshSystem, type TestSystem } from './system.ts';

describe.skipIf(!hasBrowser)('finding', () => {
  let system: TestSystem;
  let carla: Engine;
  let ana: Profile;
  let ben: Profile;
  let [film, books] = ['', ''];

  beforeAll(async () => {
    system = await freshSystem();
    carla = await register(system.url, 'Carla');
    [film, books] = [await carla.createRoom('Friday film'), await carla.createRoom('Book club')];
    [ana, ben] = [await openProfile(), await openProfile({ width: 390, height: 844, touch: true })];
    for (const [name, { page }] of Object.entries({ Ana: ana, Ben: ben })) {
      await page.goto(await carla.room(film).invite());
      await signUp(page, { name, email: `${name}@example.org`, password: `${name} correct horse` });
      await page.getByTestId('composer').waitFor();
    }
    await ana.page.goto(await carla.room(books).invite());
    await ana.page.getByTestId('join').click();
    await ana.page.getByTestId('composer').waitFor();
    await carla.room(film).send('Shall we see Métropolis first?');
    for (let i = 1; i <= 250; i++) await carla.room(film).send(`filler ${i}`);
    await carla.room(film).send('or see https://films.example/list');
    await untilText(carla, film, 'or see https://films.example/list');
    await carla.room(books).send('The book of metropolis is thick');
    await untilText(carla, books, 'The book of metropolis is thick');
  });
  afterAll(async () => {
    await Promise.all([ana?.close(), ben?.close(), carla?.close()]);
    await system?.remove();
  });

  it('Ana finds words in two rooms, by keys alone, and lands where they were said', async () => {
    const { page } = ana;
    await page.getByText('metropolis is thick').first().waitFor();
    await page.keyboard.press('Control+k');
    const box = page.getByTestId('find');
    await box.fill('metropolis');
    await found(page, 'thick').waitFor();
    await found(page, 'Shall we see').waitFor();
    expect(await page.getByTestId('reach').textContent()).toMatch(
      /Looked through 2\d\d messages .* back to today/,
    );
    expect(await found(page, 'Shall we see').locator('mark').textContent()).toBe('Métropolis');
    await box.fill('metropolis in:film from:carla');
    await expect.poll(() => page.getByTestId('found-message').count(), { timeout: 30_000 }).toBe(1);
    await box.press('Enter');
    // Two pages up, in the other room.
    await page.locator('.found').filter({ hasText: 'Shall we see' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/r/${film}`);
    await page.reload();
    await page.getByText('films.example').first().waitFor();
    expect(await page.locator('.found').count()).toBe(0);
  });

  it('Ben, on a phone, finds a link, a person and a room, and nothing that he can’t read', async () => {
    const { page } = ben;
    await page.getByText('films.example').first().waitFor();
    await page.getByRole('link', { name: 'Back to rooms' }).click();
    await page.getByTestId('open-find').click();
    const box = page.getByTestId('find');
    await box.fill('has:link');
    await found(page, 'films.example').waitFor();
    await box.fill('thick');
    await page.getByText('Nothing was found', { exact: true }).last().waitFor();
    await box.fill('car');
    await page.getByTestId('found-person').click();
    expect(await box.inputValue()).toBe('from:"Carla" ');
    await found(page, 'filler 250').waitFor();
    await box.fill('fri');
    await page.getByTestId('found-room').click();
    await page.getByTestId('composer').waitFor();
  });

  it('what is deleted is found no more, what is changed is found as it is now', async () => {
    const { page } = ana;
    const room = carla.room(film);
    await room.send('the code is tangerine');
    const view = await untilText(carla, film, 'the code is tangerine');
    const item = view.timeline.findLast((each) => each.kind === 'text')!;
    await page.getByText('tangerine').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.getByTestId('find').fill('tangerine');
    await found(page, 'tangerine').waitFor();
    await page.keyboard.press('Escape');
    await room.edit(item.id, 'the code is clementine');
    await page.getByText('clementine').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.getByTestId('find').fill('code');
    await found(page, 'clementine').waitFor();
    await page.keyboard.press('Escape');
    if (item.kind === 'text') await room.delete(item);
    await page.getByTestId('deleted').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByTestId('find').fill('clementine');
    await page.getByText('Nothing was found', { exact: true }).last().waitFor();
  });

  it('no page complained', () => {
    expect(complaintsOf([ana, ben])).toEqual([]);
  });
});

const found = (page: Page, words: string) => page.getByTestId('found-message').filter({ hasText: words });
