import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../web/src/engine/index.ts';
import { hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { register, untilText } from './headless.ts';
import { freshSystem, type TestSystem } from './system.ts';

let system: TestSystem;
const profiles: Profile[] = [];
beforeAll(async () => {
  system = await freshSystem();
});
afterAll(async () => {
  await Promise.all(profiles.map((profile) => profile.close()));
  await system?.remove();
});

it.skipIf(!hasBrowser)(
  'what a person chooses holds, also after a reload: typing unseen, larger text, a room that is silent',
  async () => {
    const ben = await register(system.url, 'Ben');
    const room = await ben.createRoom('Film night');
    const profile = await openProfile();
    profiles.push(profile);
    const { page, complaints } = profile;
    page.setDefaultTimeout(60_000);
    await page.goto(await ben.room(room).invite());
    const email = `ana-${crypto.randomUUID()}@example.org`;
    await signUp(page, { name: 'Ana', email, password: 'four words in a row' });
    const composer = page.getByTestId('composer');
    await composer.fill('hello');
    await until(ben.room(room).typing, (who) => who.length === 1);
    await composer.press('Enter');
    await untilText(ben, room, 'hello');

    await page.goto(`${system.url}/settings`);
    await page.getByTestId('typing-switch').uncheck();
    await page.getByTestId('text-size').getByText('Larger').click();
    await page.getByTestId('quiet').check();
    await page.getByTestId('room-levels').getByRole('combobox').selectOption('nothing');
    await page.reload();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe('20px');
    expect(await page.getByTestId('typing-switch').isChecked()).toBe(false);
    expect(await page.getByTestId('quiet').isChecked()).toBe(true);
    expect(await page.getByTestId('room-levels').getByRole('combobox').inputValue()).toBe('nothing');

    await until(ben.room(room).typing, (who) => who.length === 0);
    let typed = 0;
    ben.room(room).typing.subscribe((who) => {
      typed += who.length;
    });
    await page.goto(`${system.url}/r/${room}`);
    await page.getByTestId('composer').fill('nobody saw this coming');
    await page.getByTestId('composer').press('Enter');
    await untilText(ben, room, 'nobody saw this coming');
    expect(typed).toBe(0);
    expect(complaints).toEqual([]);
    await ben.close();
  },
);
