// Something vile is said, reported, seen by a moderator with proof, and taken down.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileItem } from '../web/src/engine/types.ts';
import { judge } from './axe.ts';
import { hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { idOf, register, untilText, untilView } from './headless.ts';
import { freshSystem, type TestSystem } from './system.ts';

const runner = fileURLToPath(new URL('../local/run.mjs', import.meta.url));
const moderationPage = fileURLToPath(new URL('../ops/moderation.md', import.meta.url));
const vile = 'I know where you live';

describe.skipIf(!hasBrowser)('moderation', () => {
  let system: TestSystem;
  let ana: Awaited<ReturnType<typeof register>>;
  let moderator: Awaited<ReturnType<typeof register>>;
  let room: string;
  let ben: Profile;
  let desk: Profile;

  beforeAll(async () => {
    system = await freshSystem();
    [ana, moderator] = [await register(system.url, 'Ana'), await register(system.url, 'Mod')];
    room = await ana.createRoom('A room');
    const link = await ana.room(room).invite();
    ben = await openProfile();
    await ben.page.goto(link);
    await signUp(ben.page, { name: 'Ben', email: 'ben@example.org', password: 'correct horse battery' });
    await ben.page.getByTestId('composer').waitFor({ timeout: 90_000 });
    await ana.room(room).send(vile);
    await ana.room(room).sendFile(new File(['a vile text'], 'vile.txt', { type: 'text/plain' }));
    await untilView(ana, room, ({ timeline }) =>
      timeline.some((item) => item.kind === 'file' && item.state === 'sent'),
    );
  }, 300_000);
  afterAll(async () => {
    await Promise.all([ben?.close(), desk?.close(), ana?.close(), moderator?.close()]);
    await system?.remove();
  });

  /** Judges what is shown by axe-core, and takes its picture where SHOTS says. */
  async function look(page: Page, what: string): Promise<void> {
    await judge(page, what);
    const { SHOTS } = process.env;
    const width = page.viewportSize()?.width;
    for (const colorScheme of ['light', 'dark'] as const) {
      if (!SHOTS) break;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: `${SHOTS}/${what}-${width}-${colorScheme}.png` });
    }
  }

  /** Presses Tab until the focus is on what is named so. */
  async function tabTo(page: Page, name: string): Promise<void> {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.textContent?.trim())) === name) return;
    }
    throw new Error(`the Tab key does not lead to ${name}`);
  }

  /** Opens the menu of what holds `words`, reports, sends: three clicks. */
  async function report(page: Page, words: string): Promise<void> {
    const message = page.getByTestId('message').filter({ hasText: words }).last();
    await message.waitFor({ timeout: 60_000 });
    await message.hover();
    await message.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Report…' }).click();
    await page.getByTestId('report-revealed').getByText(words).waitFor();
    await look(page, 'report dialog');
    await page.setViewportSize({ width: 390, height: 844 });
    await look(page, 'report dialog on a phone');
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByTestId('report-send').click();
    await page.getByTestId('report-done').click({ timeout: 60_000 });
  }

  it('a member reports a message and a file, seeing first what is revealed', async () => {
    await report(ben.page, vile);
    await report(ben.page, 'vile.txt');
  });

  it('the first admin comes by a command, and by nothing else', async () => {
    desk = await openProfile({ width: 1440, height: 900 });
    await desk.page.goto(`${system.url}/admin`);
    await desk.page.getByTestId('submit').waitFor();
    await look(desk.page, 'sign-in');
    await signIn(desk.page);
    await desk.page.getByText('neither a moderator nor an admin').waitFor({ timeout: 60_000 });
    const grant = () =>
      spawnSync(process.execPath, [runner, 'admin', moderator.account.email], {
        env: { ...process.env, DATA_DIR: system.dataDir, DATABASE_URL: '' },
        encoding: 'utf8',
      });
    expect(grant()).toMatchObject({ status: 1, stderr: expect.stringContaining('Stop npm start first') });
    await system.stop();
    expect(grant()).toMatchObject({ status: 0, stdout: expect.stringContaining('is admin now') });
    await system.restart();
  });

  async function signIn(page: Page): Promise<void> {
    await page.goto(`${system.url}/admin`);
    await page.getByTestId('email').fill(moderator.account.email);
    await page.getByTestId('password').fill(moderator.account.password);
    await page.getByTestId('submit').click();
  }

  it('a moderator sees exactly what was reported, proven, and decides by keys alone', async () => {
    const { page } = desk;
    await signIn(page);
    await page.getByTestId('row').nth(1).waitFor({ timeout: 60_000 });
    expect(await page.getByTestId('row').count()).toBe(2);
    await page.keyboard.press('j');
    await page.getByTestId('revealed').waitFor();
    expect(await page.getByTestId('revealed').textContent()).toBe(vile);
    const detail = page.getByTestId('report');
    await look(page, 'report');
    await page.setViewportSize({ width: 390, height: 844 });
    await look(page, 'report');
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(await detail.getByTestId('evidence').textContent()).toBe('Verified');
    expect(await detail.textContent()).toContain(idOf(ana));
    await detail.getByTestId('claim').press('Enter');
    await detail.getByTestId('uphold').press('Enter');
    await page.getByTestId('confirm').press('Enter');
    await page.getByText('Say why').waitFor();
    await look(page, 'asking why');
    await page.getByTestId('reason').fill('A threat');
    await page.getByTestId('confirm').press('Enter');
    await detail.getByText('Upheld').waitFor({ timeout: 60_000 });
  });

  it('a reported file opens in a frame that can reach nothing, and is gone once it is taken down', async () => {
    const { page } = desk;
    await page.keyboard.press('Escape');
    await page.getByTestId('row').filter({ hasText: 'Open' }).first().click();
    await page.getByTestId('open-file').click();
    await page.locator('[data-testid=viewer][data-state=shown]').waitFor({ timeout: 60_000 });
    expect(await page.getByTestId('file-name').textContent()).toBe('vile.txt');
    const frame = page.frames().find((each) => each.url().endsWith('/viewer'))!;
    expect(await frame.locator('pre').textContent()).toBe('a vile text');
    expect(await frame.evaluate(() => self.origin)).toBe('null');
    const reach = frame.evaluate(() =>
      fetch('/healthz').then(
        () => 'reached',
        () => 'refused',
      ),
    );
    expect(await reach).toBe('refused');
    await page.getByTestId('take-down').click();
    await page.getByTestId('reason').fill('Vile');
    await page.getByTestId('confirm').click();
    await page.getByTestId('confirm').waitFor({ state: 'detached', timeout: 60_000 });
    const file = ana
      .room(room)
      .view.get()
      .timeline.find((item): item is FileItem => item.kind === 'file')!;
    await expect(
      ana
        .room(room)
        .openFile(file)
        .then((it) => it.blob()),
    ).rejects.toThrow();
  });

  it('the audit log has it all, and its chain holds', async () => {
    const { page } = desk;
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByText('The chain holds').waitFor({ timeout: 60_000 });
    const log = await page.getByRole('main').textContent();
    for (const action of ['user.role.admin', 'step-up', 'report.claimed', 'report.upheld', 'file.take-down'])
      expect(log).toContain(action);

    // What an operator keeps, checked by what the documentation gives them for it.
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export as JSON' }).click();
    const exported = await (await downloading).path();
    const pages = readFileSync(moderationPage, 'utf8');
    const script = /^node - audit-log\.json <<'EOF_SCRIPT'\n([\s\S]*?)^EOF_SCRIPT$/m.exec(pages)?.[1] ?? '';
    const check = (file: string) =>
      spawnSync(process.execPath, ['-', file], { input: script, encoding: 'utf8' });
    expect(check(exported)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+ entries hold/) });
    const altered = join(system.dataDir, 'altered.json');
    writeFileSync(altered, readFileSync(exported, 'utf8').replace('A threat', 'A thread'));
    expect(check(altered)).toMatchObject({ status: 1, stderr: expect.stringContaining('broken at entry') });
  });

  it('an admin blocks a hash, and unblocks it', async () => {
    const { page } = desk;
    await page.getByRole('link', { name: 'Blocked', exact: true }).click();
    // What was taken down.
    await page.getByTestId('row').first().waitFor({ timeout: 60_000 });
    await page.getByTestId('hash').fill('no hash');
    await page.getByTestId('block').click();
    await page.getByText('That is no SHA-256').waitFor();
    await look(page, 'a hash that is none');
    const hash = `${'Ab3-_'.repeat(8)}xyA`;
    await page.getByTestId('hash').fill(hash);
    await page.getByTestId('block').click();
    await page.getByTestId('reason').fill('Known elsewhere');
    await page.getByTestId('confirm').click();
    const row = page.getByTestId('row').filter({ hasText: hash });
    await row.click({ timeout: 60_000 });
    await look(page, 'a blocked hash');
    await page.getByTestId('unblock').click();
    await page.getByTestId('reason').fill('By mistake');
    await page.getByTestId('confirm').click();
    await row.waitFor({ state: 'detached', timeout: 60_000 });
  });

  it('a guest who was suspended is told so, and comes back by loading the page once let in again', async () => {
    const guest = await openProfile({ width: 390, height: 844, touch: true });
    const { page } = guest;
    page.setDefaultTimeout(60_000);
    await page.goto(await ana.room(room).invite());
    await page.getByTestId('name').fill('Gita');
    await page.getByTestId('submit').click();
    await page.getByTestId('composer').fill('said as a guest');
    await page.getByTestId('send').click();
    await untilText(ana, room, 'said as a guest');
    const { page: admins } = desk;
    const decide = async (deed: 'suspend' | 'reinstate', next: 'suspend' | 'reinstate') => {
      await admins.getByTestId(deed).click();
      await admins.getByTestId('reason').fill('To try it');
      await admins.getByTestId('confirm').click();
      await admins.getByTestId(next).waitFor({ timeout: 60_000 });
    };
    await admins.getByRole('link', { name: 'Users' }).click();
    await admins.getByTestId('row').filter({ hasText: 'Guest' }).click({ timeout: 60_000 });
    await decide('suspend', 'reinstate');
    await page.getByTestId('suspended').waitFor();
    await look(page, 'a suspended guest');
    await page.reload();
    await page.getByTestId('suspended').waitFor();
    await decide('reinstate', 'suspend');
    await page.reload();
    await page.getByRole('link', { name: 'A room' }).click();
    await page.getByTestId('composer').fill('back again');
    await page.getByTestId('send').click();
    await untilText(ana, room, 'back again');
    await page.getByTestId('message').getByText('said as a guest').waitFor();
    await guest.close();
  });

  it('every screen is reached by keys, read by all, and fits at any width; nothing complained', async () => {
    const { page } = desk;
    for (const name of ['Reports', 'Files', 'Blocked', 'Users', 'Rooms', 'Audit log', 'Health']) {
      await tabTo(page, name);
      await page.keyboard.press('Enter');
      await page.locator('nav [aria-current=page]', { hasText: name }).waitFor();
      if (['Files', 'Users', 'Rooms'].includes(name)) {
        await page.getByTestId('row').first().waitFor({ timeout: 60_000 });
        await page.keyboard.press('j');
        await page.getByTestId('picked').waitFor();
        await look(page, `${name}, one of them`);
        await page.keyboard.press('Escape');
        await page.getByTestId('picked').waitFor({ state: 'detached' });
      }
      // Two readings make the first lines.
      if (name === 'Health') await page.getByTestId('chart').nth(8).waitFor({ timeout: 60_000 });
      await look(page, name);
      await page.setViewportSize({ width: 390, height: 844 });
      await expect
        .poll(() => page.evaluate(() => document.documentElement.scrollWidth), { timeout: 15_000 })
        .toBeLessThanOrEqual(390);
      await look(page, name);
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    await page.getByRole('img', { name: /^Requests a second\. answered: Now [0-9.]+, between/ }).waitFor();
    await page.getByRole('row', { name: /^Moderation [0-9.]+ 0 [0-9.]+ m?s/ }).waitFor();
    await page.route('**/admin/health', (route) => route.abort());
    await page.getByText('could not be read since').waitFor({ timeout: 60_000 });
    await look(page, 'Health, stale');
    // The refused sign-in before the command, what the frame tried to reach, and what was aborted.
    const unexpected =
      /status of 403|Content Security Policy directive: "default-src 'none'"|Failed to fetch|violates|ERR_FAILED/;
    expect(desk.complaints.filter((each) => !unexpected.test(each))).toEqual([]);
    expect(ben.complaints.filter((each) => !/WebSocket|Failed to load|ERR_/.test(each))).toEqual([]);
  });
});
