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
    const composer = page.getByRole('textbox').last();
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
    await page.getByRole('textbox').last().fill('nobody saw this coming');
    await page.getByRole('textbox').last().press('Enter');
    await untilText(ben, room, 'nobody saw this coming');
    expect(typed).toBe(0);
    expect(complaints).toEqual([]);
    await ben.close();
  },
);

it.skipIf(!hasBrowser)('a wake-up becomes a notice that tells nothing', async () => {
  const profile = await openProfile();
  profiles.push(profile);
  const { page, context } = profile;
  page.setDefaultTimeout(60_000);
  await context.grantPermissions(['notifications'], { origin: system.url });
  const devtools = await context.newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first) resolve(first.registrationId);
    });
  });
  await devtools.send('ServiceWorker.enable');
  await page.goto(system.url);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await devtools.send('ServiceWorker.deliverPushMessage', {
    origin: system.url,
    registrationId: await registered,
    data: '',
  });
  const notices = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      return (await registration.getNotifications()).map(({ title, body }) => ({ title, body }));
    });
  await expect
    .poll(notices, { timeout: 60_000 })
    .toEqual([{ title: 'Stream Chat', body: 'There is something new. Open it to read.' }]);
});
