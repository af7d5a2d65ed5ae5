// How a room looks to everybody (name, picture), how it is placed in one's own list, and the terms of an invitation.
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintsOf, hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { freshSystem, type TestSystem } from './system.ts';

const picture = fileURLToPath(new URL('../web/public/icons/icon-192.png', import.meta.url));

describe.skipIf(!hasBrowser)('arranging rooms', () => {
  let system: TestSystem;
  let ana: Profile;
  let ben: Profile;

  beforeAll(async () => {
    system = await freshSystem();
    [ana, ben] = [await openProfile(), await openProfile({ width: 390, height: 844, touch: true })];
    await ana.page.goto(system.url);
    await signUp(ana.page, { name: 'Ana', email: 'ana@example.org', password: 'Ana correct horse' });
    for (const name of ['Family', 'Film']) {
      await ana.page.getByTestId('create-room').click();
      await ana.page.getByTestId('room-name').fill(name);
      await ana.page.getByTestId('submit').click();
      await ana.page.getByRole('heading', { name, level: 1 }).waitFor();
    }
  });
  afterAll(async () => {
    await Promise.all([ana?.close(), ben?.close()]);
    await system?.remove();
  });

  it('a name and a picture are there for who comes later, and the timer with them', async () => {
    const { page } = ana;
    await page.getByTestId('details').click();
    await page.getByTestId('identity').click();
    await page.getByTestId('picture-input').setInputFiles(picture);
    await page.getByRole('dialog').locator('img').waitFor();
    await page.getByTestId('room-name').fill('Friday film');
    await page.getByTestId('submit').click();
    await page.getByText('You named this room Friday film.').waitFor();
    await page.getByText('You changed the room’s picture.').waitFor();
    await page.getByTestId('timer').click();
    await page.getByRole('menuitem', { name: '1 day' }).click();
    await page.getByText('You made new messages disappear after 1 day.').waitFor();
    await page.getByTestId('invite').click();
    await page.getByTestId('invite-link').waitFor();
    const link = await page.getByTestId('invite-link').inputValue();
    // The browser's way back closes what is open; the room stays.
    const room = page.url();
    await page.evaluate(() => history.back());
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(page.url()).toBe(room);
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-testid')), {
        timeout: 60_000,
      })
      .toBe('invite');

    await ben.page.goto(link);
    await signUp(ben.page, { name: 'Ben', email: 'ben@example.org', password: 'Ben correct horse' });
    await ben.page.getByRole('heading', { name: 'Friday film', level: 1 }).waitFor();
    await ben.page.locator('header img').waitFor();
    await ben.page.getByPlaceholder('Disappears after 1 day').waitFor();
    expect(await ben.page.getByTestId('identity').count()).toBe(0);
  });

  it('a change reaches who is there, in the list too', async () => {
    const { page } = ana;
    await page.getByTestId('identity').click();
    await page.getByTestId('room-name').fill('Saturday film');
    await page.getByTestId('submit').click();
    await ben.page.getByRole('heading', { name: 'Saturday film', level: 1 }).waitFor();
    await page.getByTestId('identity').click();
    await page.getByRole('button', { name: 'Remove it' }).click();
    await expect.poll(() => ben.page.locator('header img').count(), { timeout: 30_000 }).toBe(0);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  });

  it('Ana keeps one room at the top, mutes it, and puts the other away', async () => {
    const { page } = ana;
    await choose(page, 'Family', 'Keep at the top');
    await expect.poll(() => names(page), { timeout: 30_000 }).toEqual(['Family', 'Saturday film']);
    await choose(page, 'Saturday film', 'Mute');
    await page.getByRole('link', { name: 'Family' }).click();
    await ben.page.getByTestId('composer').fill('Hello?');
    await ben.page.getByTestId('send').click();
    await page.getByTestId('room').getByText('Hello?').waitFor();
    // What is muted is not in the title.
    expect(await page.title()).not.toContain('(1)');
    await choose(page, 'Saturday film', 'Unmute');
    await expect.poll(() => page.title(), { timeout: 30_000 }).toContain('(1)');
    await choose(page, 'Family', 'Archive');
    // Shown once it is kept: a reload right after the press would be no test of that.
    await page.getByText('Archived').waitFor();
    await page.reload();
    await page.getByText('Archived').waitFor();
    expect(await page.getByTestId('room').filter({ visible: true }).count()).toBe(1);
    await page.getByText('Archived').click();
    await choose(page, 'Family', 'Move out of the archive');
    await page.getByText('Archived').waitFor({ state: 'detached' });
  });

  it('a link is made for one person within an hour, and says so', async () => {
    const { page } = ana;
    await page.getByRole('link', { name: /Saturday film/ }).click();
    await page.getByTestId('invite').click();
    await page.getByText('Other options').click();
    await page.getByLabel('Lets people in for').selectOption('1 hour');
    await page.locator('select').nth(1).selectOption('1 person');
    await page.getByTestId('make-link').click();
    await page.getByTestId('open-link').getByText('1 use left').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  });

  it('files are gathered in one place, from where they lead back', async () => {
    const { page } = ana;
    const file = { name: 'tickets.txt', mimeType: 'text/plain', buffer: Buffer.from('row 7') };
    await ben.page.getByTestId('file-input').setInputFiles(file);
    await page.getByTestId('file-card').filter({ hasText: 'tickets.txt' }).waitFor();
    await page.getByTestId('details').click();
    await page.getByTestId('gallery-open').click();
    const gallery = page.getByTestId('gallery');
    await gallery.getByText('tickets.txt').waitFor();
    await gallery.getByRole('button', { name: 'Show in the conversation' }).click();
    await page.locator('.found').filter({ hasText: 'tickets.txt' }).waitFor();
  });

  it('who wants to look sees what the server has, and the same keys as the others', async () => {
    const { page } = ana;
    await page.getByTestId('inspect').click();
    const last = page.getByTestId('raw').filter({ hasText: '"box"' });
    await last.waitFor();
    const raw = (await page.getByTestId('raw').allTextContents()).join('\n');
    expect(raw).toContain('"commitment"');
    expect(raw).not.toMatch(/Saturday|film|Ben|Ana|tickets/);
    await page.getByRole('tab', { name: 'Keys and members' }).click();
    await page.getByTestId('roster-entry').first().waitFor();
    const seen = await page.getByTestId('identity-key').allTextContents();
    await ben.page.getByTestId('details').click();
    await ben.page.getByTestId('inspect').click();
    await ben.page.getByRole('tab', { name: 'Keys and members' }).click();
    await ben.page.getByTestId('roster-entry').first().waitFor();
    expect(await ben.page.getByTestId('identity-key').allTextContents()).toEqual(seen);
    expect(seen[0]).toMatch(/^([0-9a-f]{4} )+[0-9a-f]{2,4}$/);
  });

  it('no page complained', () => {
    expect(complaintsOf([ana, ben])).toEqual([]);
  });
});

const names = (page: Page) => page.getByTestId('room').locator('.font-semibold.truncate').allTextContents();

async function choose(page: Page, room: string, action: string): Promise<void> {
  await page.getByTestId('room').filter({ hasText: room }).hover();
  await page.getByRole('button', { name: `Actions for ${room}` }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}
