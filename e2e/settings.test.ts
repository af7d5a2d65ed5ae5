import { expect, it } from 'vitest';
import { until } from '../web/src/engine/index.ts';
import { hasBrowser, openProfile } from './browser.ts';
import { openEngine, register, untilText } from './headless.ts';
import { closeLater, startSystem, system } from './started.ts';

startSystem();
const newPage = async () => closeLater(await openProfile()).page;

it.skipIf(!hasBrowser)(
  'a forgotten password: a code made in settings opens everything in another browser; making keys can be given up',
  async () => {
    const ana = await register(system.url, 'Ana');
    const room = await ana.createRoom('Diary');
    await ana.room(room).send('do not lose this');
    await untilText(ana, room, 'do not lose this');

    const page = await newPage();
    // As in the moment after a first visit: nothing is kept here yet.
    await page.route('**/sw.js', (route) => route.abort());
    await page.goto(system.url);
    await page.getByTestId('switch-mode').click();
    await page.getByTestId('email').fill(ana.account.email);
    await page.getByTestId('password').fill(ana.account.password);
    // Then the network goes: what was written stays, and it says why.
    await page.route('**/assets/**', (route) => route.abort());
    await page.getByTestId('submit').click();
    await page.getByRole('alert').getByText('Check your connection').waitFor();
    expect(await page.getByTestId('email').inputValue()).toBe(ana.account.email);
    await page.unroute('**/assets/**');
    // The worker that makes keys comes late: long enough to think again.
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/kdf.worker*', (route) => held.then(() => route.continue()).catch(() => {}));
    await page.getByTestId('submit').click();
    await page.getByRole('progressbar').waitFor();
    await page.getByTestId('cancel').click();
    await page.getByRole('progressbar').waitFor({ state: 'detached' });
    release();
    // Nor is anybody who has rooms asked to make their first one while they are looked for.
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/chatrooms*', (route) => asked.then(() => route.continue()).catch(() => {}));
    await page.getByTestId('submit').click();
    await page.getByText('Looking for your rooms').waitFor();
    expect(await page.getByText('Make your first room').count()).toBe(0);
    answer();
    await page.getByText('Diary').first().waitFor();

    await page.route('**/auth/**', (route) => route.abort());
    await page.goto(`${system.url}/settings`);
    await page.getByRole('button', { name: 'Try again' }).first().waitFor();
    await page.unroute('**/auth/**');
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.getByTestId('make-code').click();
    await page.getByTestId('code-password').fill('not my password');
    await page.getByTestId('submit').click();
    await page.getByText('This is not your password.').waitFor();
    await page.getByTestId('code-password').fill(ana.account.password);
    await page.getByTestId('submit').click();
    const code = await page.getByTestId('recovery-code').innerText();
    expect(code).toMatch(/^([0-9A-Z]{4}-){6}[0-9A-Z]{4}$/);
    await page.getByTestId('kept').click();
    await page.getByText('You have a code.').waitFor();

    const other = await newPage();
    await other.goto(system.url);
    await other.getByTestId('switch-mode').click();
    await other.getByTestId('forgot').click();
    await other.getByTestId('email').fill(ana.account.email);
    await other.getByTestId('code').fill(code.slice(0, -3));
    await other.getByTestId('password').fill('a new long password');
    await other.getByTestId('submit').click();
    await other.getByText('This is not a whole recovery code').waitFor();
    await other.getByTestId('code').fill(code.toLowerCase());
    await other.getByTestId('submit').click();
    await other.getByText('Diary').first().click();
    await other.getByText('do not lose this').first().waitFor();
    await page.getByTestId('email').waitFor();
    await ana.close();
  },
);

it.skipIf(!hasBrowser)('devices: another one is named and signed out; the password is changed', async () => {
  const ana = await register(system.url, 'Ana');
  const page = await newPage();
  await page.goto(system.url);
  await page.getByTestId('switch-mode').click();
  await page.getByTestId('email').fill(ana.account.email);
  await page.getByTestId('password').fill(ana.account.password);
  await page.getByTestId('submit').click();
  await page.getByText(ana.account.email).waitFor();
  await page.getByText(ana.account.email).click();
  await page.getByText('Settings').click();
  const list = page.getByTestId('devices');
  await list.getByText('Chrome on Linux').waitFor();
  await list.getByText('This device').waitFor();
  await list.getByRole('listitem').filter({ hasText: 'Unnamed device' }).getByLabel('Rename').click();
  await page.getByTestId('device-name').fill('Kitchen radio');
  await page.getByTestId('save-name').click();
  await list.getByText('Kitchen radio').waitFor();
  const sessions = page.getByTestId('sessions');
  await sessions.getByText('Kitchen radio').waitFor();
  await page.getByTestId('revoke').click();
  await page.getByTestId('confirm').click();
  await list.getByText('Kitchen radio').waitFor({ state: 'detached' });
  await sessions.getByText('Kitchen radio').waitFor({ state: 'detached' });
  expect(await sessions.getByRole('listitem').count()).toBe(1);

  await page.getByTestId('change-password').click();
  await page.getByTestId('current-password').fill(ana.account.password);
  await page.getByTestId('new-password').fill('short');
  await page.getByTestId('submit').click();
  await page.getByText('Use at least 8 characters').last().waitFor();
  await page.getByTestId('new-password').fill('a better password');
  // Once the service is asked, nobody is let go before the answer.
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route('**/auth/password', (route) => held.then(() => route.continue()).catch(() => {}));
  const asking = page.waitForRequest('**/auth/password');
  await page.getByTestId('submit').click();
  await asking;
  await page.getByRole('dialog').getByText('Almost there').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click({ force: true });
  await page.getByTestId('cancel').click({ force: true });
  await page.evaluate(() => history.back());
  expect(await page.getByRole('dialog').getByText('Almost there').count()).toBe(1);
  answer();
  await page.getByText('Your password is changed.').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const again = await openEngine({ url: system.url });
  await again.login({ email: ana.account.email, password: 'a better password' });
  await page.reload();
  await sessions.getByText('Unnamed device').waitFor();
  await page.getByTestId('end-session').click();
  await page.getByTestId('confirm').click();
  await sessions.getByText('Unnamed device').waitFor({ state: 'detached' });
  await until(again.session, ({ kind }) => kind === 'signed-out');
  await Promise.all([again.close(), ana.close()]);
});

it.skipIf(!hasBrowser)(
  'what is pressed to make an account stays where it is as the password is judged; a reload takes nothing but the password; the app is installed from the menu',
  async () => {
    const page = await newPage();
    // Chromium's own offer to install the app comes when it likes.
    await page.addInitScript(() =>
      addEventListener('beforeinstallprompt', (event) => event.isTrusted && event.stopImmediatePropagation()),
    );
    await page.goto(system.url);
    const top = async () => (await page.getByTestId('submit').boundingBox())?.y;
    await page.getByTestId('submit').waitFor();
    const before = await top();
    for (const [password, judged] of [
      ['password', 'Guessed at once'],
      ['four words that nobody expects', 'nobody will guess it'],
    ] as const) {
      await page.getByTestId('password').fill(password);
      await page.getByTestId('strength').getByText(judged).waitFor();
      expect(await top()).toBe(before);
    }
    await page.getByTestId('name').fill('Ben');
    await page.getByTestId('email').fill('ben@example.org');
    await page.reload();
    await page.getByTestId('submit').waitFor();
    const field = (name: string) => page.getByTestId(name).inputValue();
    expect([await field('name'), await field('email'), await field('password')]).toEqual([
      'Ben',
      'ben@example.org',
      '',
    ]);
    await page.getByTestId('password').fill('four words that nobody expects');
    await page.getByTestId('submit').click();
    await page.getByTestId('create-room').waitFor();
    // Whoever sits down at this tab next begins with nothing.
    expect(await page.evaluate(() => Object.values(sessionStorage).join())).not.toMatch(/Ben|ben@|nobody/);

    const menu = page.getByRole('button', { name: /Your account/ });
    await menu.click();
    const install = page.getByRole('menuitem', { name: 'Install the app' });
    expect(await install.count()).toBe(0);
    const asked = page.evaluate(
      () =>
        new Promise<void>((done) => {
          dispatchEvent(Object.assign(new Event('beforeinstallprompt'), { prompt: async () => done() }));
        }),
    );
    await install.click();
    await asked;
    await menu.click();
    await page.getByRole('menuitem', { name: 'Settings' }).waitFor();
    expect(await install.count()).toBe(0);
  },
);
