// Something vile is said, reported, seen by a moderator with proof, and taken down.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileItem } from '../web/src/engine/types.ts';
import { hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { idOf, register, untilView } from './headless.ts';
import { freshSystem, type TestSystem } from './system.ts';

const runner = fileURLToPath(new URL('../local/run.mjs', import.meta.url));
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

  /** Opens the menu of what holds `words`, reports, sends: three clicks. */
  async function report(page: Page, words: string): Promise<void> {
    const message = page.getByTestId('message').filter({ hasText: words }).last();
    await message.waitFor({ timeout: 60_000 });
    await message.hover();
    await message.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Report…' }).click();
    await page.getByTestId('report-revealed').getByText(words).waitFor();
    await page.getByTestId('report-send').click();
    await page.getByTestId('report-done').click({ timeout: 60_000 });
  }

  it('a member reports a message and a file, seeing first what is revealed', async () => {
    await report(ben.page, vile);
    await report(ben.page, 'vile.txt');
  });

  it('the first admin comes by a command, and by nothing else', async () => {
    desk = await openProfile({ width: 1440, height: 900 });
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
    expect(await detail.getByTestId('evidence').textContent()).toBe('Verified');
    expect(await detail.textContent()).toContain(idOf(ana));
    await detail.getByTestId('claim').press('Enter');
    await detail.getByTestId('uphold').press('Enter');
    await page.getByTestId('confirm').press('Enter');
    await page.getByText('Say why').waitFor();
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
  });

  it('every screen can be read at any width, and nothing complained', async () => {
    const { page } = desk;
    for (const name of ['Reports', 'Files', 'Users', 'Rooms', 'Audit log', 'Health']) {
      await page.getByRole('link', { name, exact: true }).click();
      await page.setViewportSize({ width: 390, height: 844 });
      await expect
        .poll(() => page.evaluate(() => document.documentElement.scrollWidth), { timeout: 15_000 })
        .toBeLessThanOrEqual(390);
      const shots = process.env.SHOTS;
      if (shots) {
        for (const scheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme: scheme });
          await page.screenshot({ path: `${shots}/${name}-390-${scheme}.png` });
          await page.setViewportSize({ width: 1440, height: 900 });
          await page.screenshot({ path: `${shots}/${name}-1440-${scheme}.png` });
          await page.setViewportSize({ width: 390, height: 844 });
        }
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    // The refused sign-in before the command, and what the frame tried to reach.
    const unexpected =
      /status of 403|Content Security Policy directive: "default-src 'none'"|Failed to fetch|violates/;
    expect(desk.complaints.filter((each) => !unexpected.test(each))).toEqual([]);
    expect(ben.complaints.filter((each) => !/WebSocket|Failed to load|ERR_/.test(each))).toEqual([]);
  });
});
