import { beforeAll, expect, it } from 'vitest';
import { type Engine, until } from '../web/src/engine/index.ts';
import { hasBrowser, openProfile } from './browser.ts';
import { openEngine, register, untilText, untilView } from './headless.ts';
import { type Line, openLine } from './line.ts';
import { closeLater, startSystem, system } from './started.ts';

startSystem({ web: hasBrowser });
let line: Line;
beforeAll(async () => {
  line = closeLater(await openLine(system.port));
});

/** Five letters a second, of who types with two fingers. */
const likeAPerson = { delay: 200 };

const newBrowser = async (): Promise<Engine> => closeLater(await openEngine({ url: line.url }));

it('a changed password opens everything on another browser; the old one opens nothing; elsewhere one is signed out', async () => {
  const ana = closeLater(await register(line.url, 'Ana'));
  const room = await ana.createRoom('Diary');
  await ana.room(room).send('before the change');
  await untilText(ana, room, 'before the change');
  const elsewhere = await newBrowser();
  await elsewhere.login(ana.account);

  const next = 'another long horse';
  await expect(ana.changePassword({ current: 'not this one', next })).rejects.toMatchObject({
    reason: 'wrong-password',
  });
  await ana.changePassword({ current: ana.account.password, next });
  await ana.room(room).send('after the change');
  await untilText(ana, room, 'after the change');
  await until(elsewhere.session, ({ kind }) => kind === 'signed-out');

  const laptop = await newBrowser();
  await expect(laptop.login(ana.account)).rejects.toMatchObject({ reason: 'wrong-credentials' });
  await laptop.login({ ...ana.account, password: next });
  await untilText(laptop, room, 'before the change');
  await untilText(laptop, room, 'after the change');
});

it('a recovery code opens everything from nothing, once, and the service never saw it', async () => {
  const ana = closeLater(await register(line.url, 'Ana'));
  const room = await ana.createRoom('Diary');
  await ana.room(room).send('do not lose this');
  await untilText(ana, room, 'do not lose this');
  expect(await ana.hasRecoveryCode()).toBe(false);
  const code = await ana.makeRecoveryCode(ana.account.password);
  expect(await ana.hasRecoveryCode()).toBe(true);

  const { email } = ana.account;
  const password = 'a password that I will not forget';
  const laptop = await newBrowser();
  await expect(laptop.recover({ email, code: code.slice(1), password })).rejects.toMatchObject({
    reason: 'bad-code',
  });
  await laptop.recover({ email, code: ` ${code.toLowerCase()} `, password });
  await untilText(laptop, room, 'do not lose this');
  expect(await laptop.hasRecoveryCode()).toBe(false);

  const phone = await newBrowser();
  await expect(phone.recover({ email, code, password })).rejects.toMatchObject({
    reason: 'wrong-credentials',
  });
  await phone.login({ email, password });
  await untilText(phone, room, 'do not lose this');

  const seen = line.received().toString('latin1');
  for (const secret of [code, code.replaceAll('-', ''), password, ana.account.password])
    expect(seen.includes(secret), secret).toBe(false);
  // The line did record what was sent.
  expect(seen).toContain('recoveryKey');
});

it('a code that was dropped opens nothing', async () => {
  const ana = closeLater(await register(line.url, 'Ana'));
  const code = await ana.makeRecoveryCode(ana.account.password);
  await ana.dropRecoveryCode();
  const laptop = await newBrowser();
  await expect(
    laptop.recover({ email: ana.account.email, code, password: 'whatever it may be' }),
  ).rejects.toMatchObject({ reason: 'wrong-credentials' });
});

it.skipIf(!hasBrowser)(
  'a guest is in by a name alone and stays in that browser; kept by email and password, the account opens everything elsewhere',
  async () => {
    const ana = closeLater(await register(line.url, 'Ana'));
    const room = await ana.createRoom('Book club');
    const { page, complaints } = closeLater(await openProfile({ width: 390, height: 844, touch: true }));
    const link = await ana.room(room).invite();
    const came = Date.now();
    await page.goto(link);
    await page.getByTestId('name').pressSequentially('Ben', likeAPerson);
    expect(await page.getByTestId('email').count()).toBe(0);
    // A phone may load the page anew before it is sent.
    await page.reload();
    await page.getByTestId('submit').waitFor();
    expect(await page.getByTestId('name').inputValue()).toBe('Ben');
    await page.getByTestId('submit').click();
    await page.getByTestId('composer').pressSequentially('said as a guest', likeAPerson);
    await page.getByTestId('send').click();
    await untilText(ana, room, 'said as a guest');
    expect(Date.now() - came).toBeLessThan(30_000);
    await untilView(ana, room, ({ members }) => members.some(({ name }) => name === 'Ben'));
    await page.reload();
    await page.getByTestId('message').getByText('said as a guest').waitFor();

    // The list reminds; signing out warns, and has the other way.
    await page.goto(line.url);
    await page.getByTestId('guest-reminder').waitFor();
    const menu = page.getByRole('button', { name: /Your account/ });
    expect(await menu.innerText()).toContain('Guest');
    await menu.click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    const question = page.getByRole('dialog');
    await question.getByText('gone for good').waitFor();
    await question.getByRole('button', { name: 'Keep account' }).click();
    await page.getByTestId('keep').waitFor();
    for (const useless of ['change-password', 'export-archive', 'restore'])
      expect(await page.getByTestId(useless).count(), useless).toBe(0);
    expect(await page.locator('body').innerText()).not.toContain('guest.invalid');

    const [email, password] = [`ben-${crypto.randomUUID()}@example.org`, 'four words in a row'];
    await page.getByTestId('email').fill(ana.account.email);
    await page.getByTestId('password').fill(password);
    await page.getByTestId('keep-account').click();
    await page.getByText('This email has an account already.').waitFor();
    await page.getByTestId('email').fill(email);
    // What may have happened can't be given up.
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/auth/keep', (route) => asked.then(() => route.continue()).catch(() => {}));
    const asking = page.waitForRequest('**/auth/keep');
    await page.getByTestId('keep-account').click();
    await asking;
    await page.getByTestId('keep').getByText('Almost there').waitFor();
    expect(await page.getByTestId('cancel').isDisabled()).toBe(true);
    answer();
    await page.getByTestId('kept').getByText(email).waitFor();
    await page.getByTestId('change-password').waitFor();
    await page.getByTestId('export-archive').waitFor();

    const laptop = await newBrowser();
    await laptop.login({ email, password });
    await untilText(laptop, room, 'said as a guest');
    await ana.room(room).send('said since');
    await untilText(laptop, room, 'said since');
    expect(laptop.session.get()).toMatchObject({ me: { guest: false, email, name: 'Ben' } });
    // Chromium says of a refusal that is meant, too.
    expect(complaints.filter((each) => !each.includes('Failed to load resource'))).toEqual([]);
  },
);

it.skipIf(!hasBrowser)(
  'a guest who signs out for good, or deletes the account, is nobody here any more',
  async () => {
    const { page } = closeLater(await openProfile());
    // A room's own address lets nobody new in, and says what does.
    await page.goto(`${line.url}/r/${crypto.randomUUID()}`);
    await page.getByTestId('to-room').getByText('needs an invitation').waitFor();
    expect(await page.getByTestId('submit').innerText()).toBe('Sign in');
    await page.goto(line.url);
    for (const [name, leave] of [
      [
        'Carla',
        async () => {
          await page.getByRole('button', { name: /Your account/ }).click();
          await page.getByRole('menuitem', { name: 'Sign out' }).click();
          await page.getByTestId('confirm').click();
        },
      ],
      [
        'Dan',
        async () => {
          await page.goto(`${line.url}/settings`);
          await page.getByTestId('delete-account').click();
          await page.getByTestId('confirm').click();
          await page.getByTestId('receipt-done').click();
        },
      ],
    ] as const) {
      await page.getByTestId('as-guest').click();
      await page.getByTestId('name').fill(name);
      await page.getByTestId('submit').click();
      await page.getByTestId('create-room').waitFor();
      await leave();
      // There is no account to sign in to: it begins as for somebody new.
      await page.getByTestId('as-guest').waitFor();
    }
  },
);
