// Answers, changes and reactions as two people make them, one with a mouse and keys, one on a phone.
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../web/src/engine/index.ts';
import { complaintsOf, hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { act, message, say } from './conversation.ts';
import { register } from './headless.ts';
import { freshSystem, type TestSystem } from './system.ts';

describe.skipIf(!hasBrowser)('talking', () => {
  let system: TestSystem;
  let carla: Engine;
  let ana: Profile;
  let ben: Profile;

  beforeAll(async () => {
    system = await freshSystem();
    carla = await register(system.url, 'Carla');
    const link = await carla.room(await carla.createRoom('Talk')).invite();
    [ana, ben] = [await openProfile(), await openProfile({ width: 390, height: 844, touch: true })];
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

  it('Ben answers by a long press, and the answer leads back', async () => {
    await say(ana.page, 'Shall we watch **something** _old_?');
    await ana.page.getByTestId('room').getByText('You: Shall we watch something old?').waitFor();
    await longPress(message(ben.page, 'something'));
    await ben.page.getByRole('menuitem', { name: 'Reply' }).click();
    await say(ben.page, 'Metropolis!');
    const answer = message(ana.page, 'Metropolis!');
    await answer.waitFor();
    expect(await answer.getByTestId('quote').textContent()).toContain('Shall we watch');
    expect(await ana.page.getByTestId('message').locator('strong').first().textContent()).toBe('something');
    for (let i = 1; i <= 30; i++) await say(ana.page, `and ${i}`);
    await message(ben.page, 'and 30').waitFor();
    await ben.page.getByTestId('composer').blur();
    await ben.page.locator('[role=log]').hover();
    await ben.page.locator('[role=log]').evaluate((log) => log.scrollTo({ top: 0 }));
    await message(ben.page, 'Metropolis!').getByTestId('quote').click();
    await ben.page.locator('.found').filter({ hasText: 'something' }).waitFor();
    await ben.page.getByRole('button', { name: 'Jump to the latest message' }).click();
    await message(ben.page, 'and 30').waitFor();
  });

  it('Ana sees who has read her last words, also after a reload; a press names them', async () => {
    const read = message(ana.page, 'and 30').locator('..').getByTestId('read-by');
    await expect.poll(() => read.getAttribute('aria-label'), { timeout: 60_000 }).toBe('Read by Ben');
    await ana.page.reload();
    await read.click();
    await read.getByText('Read by Ben').waitFor();
  });

  it('Ana changes her last words with the arrow key, and gives up a change', async () => {
    await say(ana.page, 'At ate');
    await message(ben.page, 'At ate').waitFor();
    const composer = ana.page.getByTestId('composer');
    await composer.press('ArrowUp');
    expect(await composer.inputValue()).toBe('At ate');
    await composer.fill('At eight');
    await composer.press('Enter');
    await message(ben.page, 'At eight').getByText('edited').last().waitFor();
    expect(await message(ben.page, 'At ate').count()).toBe(0);
    await composer.fill('a draft');
    await act(message(ana.page, 'At eight'), 'Edit');
    expect(await composer.inputValue()).toBe('At eight');
    await composer.press('Escape');
    expect(await composer.inputValue()).toBe('a draft');
  });

  it('a reaction is given, counted and taken back', async () => {
    await longPress(message(ben.page, 'At eight'));
    await ben.page.getByRole('menuitem', { name: 'React with 👍' }).click();
    const chip = message(ana.page, 'At eight').getByTestId('reaction');
    await chip.click();
    const bens = message(ben.page, 'At eight').getByTestId('reaction');
    await bens.getByText('2').waitFor();
    // Who gave it says the menu, where there is no mouse to hover.
    await longPress(message(ben.page, 'At eight'));
    await ben.page.getByRole('menu').getByText('👍 You, Ana').waitFor();
    await ben.page.keyboard.press('Escape');
    await bens.click();
    await chip.getByText('1').waitFor();
    expect(await chip.getAttribute('aria-pressed')).toBe('true');
    expect(await chip.textContent()).toBe('👍1 by You');
  });

  it('deleted words are gone on both sides, and from the list of rooms', async () => {
    await ana.page.getByTestId('composer').fill('');
    await say(ana.page, 'My PIN is 4711');
    await message(ben.page, '4711').waitFor();
    await act(message(ana.page, '4711'), 'Delete');
    await ana.page.getByTestId('confirm').click();
    await ben.page.getByTestId('deleted').waitFor();
    for (const { page } of [ana, ben])
      await expect.poll(() => page.getByText('4711').count(), { timeout: 60_000 }).toBe(0);
    // Nor does a reload bring it back: the store has let it go.
    await ben.page.reload();
    await ben.page.getByTestId('deleted').waitFor();
    expect(await ben.page.getByText('4711').count()).toBe(0);
  });

  it('what was begun is there after another screen, and after a reload', async () => {
    const { page } = ben;
    await longPress(message(page, 'At eight'));
    await page.getByRole('menuitem', { name: 'Reply' }).click();
    await page.getByTestId('intent').getByText('Replying to Ana').waitFor();
    await page.getByRole('link', { name: 'Back to rooms' }).click();
    await page.getByTestId('room').click();
    await page.getByTestId('intent').getByText('Replying to Ana').waitFor();
    await page.getByRole('button', { name: 'Don’t reply' }).click();
    await page.getByTestId('composer').fill('To be continued');
    await page.getByRole('link', { name: 'Back to rooms' }).click();
    await page.getByTestId('room').getByText('Draft: To be continued').waitFor();
    await page.reload();
    await page.getByTestId('room').getByText('Draft: To be continued').click();
    expect(await page.getByTestId('composer').inputValue()).toBe('To be continued');
    await page.getByTestId('send').click();
    await message(ana.page, 'To be continued').waitFor();
    await page.getByRole('link', { name: 'Back to rooms' }).click();
    await page.getByTestId('room').getByText('You: To be continued').click();
    expect(await page.getByTestId('composer').inputValue()).toBe('');

    await longPress(message(page, 'To be continued'));
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByTestId('composer').fill('To be continued soon');
    await page.getByRole('link', { name: 'Back to rooms' }).click();
    await page.getByTestId('room').getByText('Draft: To be continued soon').waitFor();
    await page.reload();
    await page.getByTestId('room').click();
    await page.getByTestId('intent').getByText('Editing').waitFor();
    expect(await page.getByTestId('composer').inputValue()).toBe('To be continued soon');
    await page.getByTestId('send').click();
    await message(ana.page, 'To be continued soon').getByText('edited').last().waitFor();
    expect(await page.getByTestId('composer').inputValue()).toBe('');
  });

  it('Ana selects several by mouse and keys, copies, forwards and deletes them', async () => {
    const { page } = ana;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    for (const words of ['first of three', 'second of three', 'third of three']) await say(page, words);
    await act(message(page, 'first of three'), 'Select');
    const bar = page.getByTestId('selection');
    await bar.getByText('1 selected').waitFor();
    // The box has the focus: the arrow leads to the next, the space bar takes it in.
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.hasAttribute('data-select')), {
        timeout: 30_000,
      })
      .toBe(true);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press(' ');
    await bar.getByText('2 selected').waitFor();
    await expect.poll(() => page.locator('[data-select]:checked').count(), { timeout: 30_000 }).toBe(2);
    await page.getByTestId('copy-selected').click();
    const told = page.getByTestId('typing').getByText('Copied');
    await told.waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      'Ana: first of three\nAna: second of three',
    );
    await message(page, 'third of three').click({ modifiers: ['Shift'] });
    await bar.getByText('3 selected').waitFor();
    await page.keyboard.press('Escape');
    await bar.waitFor({ state: 'detached' });
    await told.waitFor({ state: 'detached' });
    await act(message(page, 'third of three'), 'Copy text');
    await told.waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('third of three');
    // A browser that lets nothing be copied.
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
      document.execCommand = () => false;
    });
    await act(message(page, 'third of three'), 'Copy text');
    await page.getByRole('alert').getByText('Mark the words, and copy them by hand').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();

    await act(message(page, 'second of three'), 'Select');
    await message(page, 'third of three').click();
    await page.getByTestId('forward-selected').click();
    await page.getByTestId('forward-to').first().click();
    await expect
      .poll(() => page.getByTestId('message').filter({ hasText: 'third of three' }).count(), {
        timeout: 60_000,
      })
      .toBe(2);

    await act(message(page, 'third of three'), 'Select');
    await message(page, 'second of three').click();
    await page.getByTestId('delete-selected').click();
    await page.getByRole('heading', { name: 'Delete 2 messages?' }).waitFor();
    await page.getByTestId('confirm').click();
    await expect.poll(() => ben.page.getByText('third of three').count(), { timeout: 60_000 }).toBe(1);
  });

  it('Ben selects by a long press, and takes in more by a tap', async () => {
    const { page } = ben;
    await longPress(message(page, 'first of three'));
    await page.getByRole('menuitem', { name: 'Select' }).click();
    await page.getByTestId('selection').getByText('1 selected').waitFor();
    // What others said is not theirs to delete.
    expect(await page.getByTestId('delete-selected').isDisabled()).toBe(true);
    await message(page, 'To be continued').tap();
    await page.getByTestId('selection').getByText('2 selected').waitFor();
    await message(page, 'first of three').tap();
    await message(page, 'To be continued').tap();
    await page.getByTestId('composer').waitFor();
  });

  it('no page complained', () => {
    expect(complaintsOf([ana, ben])).toEqual([]);
  });
});

/** A finger that stays until there is a menu. */
async function longPress(target: Locator): Promise<void> {
  await target.scrollIntoViewIfNeeded();
  const box = (await target.locator('p, [dir=auto]').first().boundingBox())!;
  const at = { x: box.x + Math.min(40, box.width / 2), y: box.y + box.height / 2 };
  const session = await target.page().context().newCDPSession(target.page());
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
  await target.page().getByRole('menu').waitFor();
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await session.detach();
}
