import { expect, it } from 'vitest';
import { deriveAccountKeys, deriveMasterKey } from '../crypto/account/index.ts';
import { toBase64 } from '../protocol/bytes.ts';
import { until } from '../web/src/engine/index.ts';
import { hasBrowser, openProfile } from './browser.ts';
import { openEngine, register, texts, untilText, untilView } from './headless.ts';
import { call } from './rest.ts';
import { startSystem, system } from './started.ts';

startSystem();

it('an account that is deleted hands its rooms over, signed, and leaves its words to those who read them', async () => {
  const [ana, ben, carla] = await Promise.all(
    ['Ana', 'Ben', 'Carla'].map((name) => register(system.url, name)),
  );
  if (!ana || !ben || !carla) throw new Error('nobody came');
  const film = await ana.createRoom('Friday film');
  const diary = await ana.createRoom('Diary');
  const link = await ana.room(film).invite({ uses: 2 });
  await ben.join(link);
  await carla.join(link);
  await untilView(ana, film, ({ members }) => members.length === 3);
  await ana.room(film).setRole(idOf(carla), 'admin');
  await ana.room(film).send('eight o’clock');
  await Promise.all([ben, carla].map((each) => untilText(each, film, 'eight o’clock')));
  const laptop = await openEngine({ url: system.url });
  await laptop.login(ana.account);

  await expect(ana.deleteAccount('not my password')).rejects.toMatchObject({ reason: 'wrong-password' });
  expect(ana.rooms.get().map(({ id }) => id)).toEqual(expect.arrayContaining([film, diary]));

  const receipt = await ana.deleteAccount(ana.account.password);
  // It had left every room by itself.
  expect(receipt.removed).toMatchObject({ memberships: 0, devices: 2, sessions: 2 });
  expect(ana.session.get().kind).toBe('signed-out');
  await until(laptop.session, ({ kind }) => kind === 'signed-out');

  const after = await untilView(carla, film, ({ members }) => members.length === 2);
  expect(after.role).toBe('owner');
  expect(after.warnings).toEqual([]);
  expect(texts(after)).toContain('eight o’clock');
  await carla.room(film).send('without her then');
  await untilText(ben, film, 'without her then');

  await expect(laptop.login(ana.account)).rejects.toMatchObject({ reason: 'wrong-credentials' });
  await laptop.register(ana.account);
  expect(laptop.rooms.get()).toEqual([]);
  await Promise.all([ana, ben, carla, laptop].map((each) => each.close()));
});

it('an account that is deleted without leaving, by a client that does not sign, holds nobody up', async () => {
  const [ana, ben, carla, dan] = await Promise.all(
    ['Ana', 'Ben', 'Carla', 'Dan'].map((name) => register(system.url, name)),
  );
  if (!ana || !ben || !carla || !dan) throw new Error('nobody came');
  const film = await ana.createRoom('Friday film');
  const link = await ana.room(film).invite({ uses: 3 });
  await ben.join(link);
  await carla.join(link);
  await Promise.all(
    [ana, ben, carla].map((each) => untilView(each, film, ({ members }) => members.length === 3)),
  );
  await ben.room(film).send('before');
  await Promise.all([ana, carla].map((each) => untilText(each, film, 'before')));

  const gone = idOf(ben);
  const { email, password } = ben.account;
  const authKey = toBase64(deriveAccountKeys(await deriveMasterKey(password, email)).authKey);
  const body = { email, password: authKey, transport: 'body' };
  const { accessToken } = (await call(system.url, 'POST', '/auth/login', body)).body;
  const token = String(accessToken);
  const deleted = await call(system.url, 'DELETE', '/auth/me', { password: authKey }, token);
  expect(deleted.body).toMatchObject({ removed: { memberships: 1 } });
  await until(ben.session, ({ kind }) => kind === 'signed-out');

  // Both write: one of them with a chain that nobody has yet.
  await ana.room(film).send('after');
  await carla.room(film).send('and after');
  await Promise.all(
    [ana, carla].flatMap((each) => ['after', 'and after'].map((text) => untilText(each, film, text))),
  );
  await dan.join(link);
  await untilView(ana, film, ({ members }) => members.length === 4);
  await ana.room(film).send('welcome');
  await untilText(dan, film, 'welcome');
  await ana.room(film).remove(gone);
  await Promise.all(
    [ana, carla, dan].map((each) => untilView(each, film, ({ members }) => members.length === 3)),
  );
  await carla.room(film).send('the end');
  const last = await untilText(dan, film, 'the end');
  expect(last.warnings).toEqual([]);
  await Promise.all([ana, ben, carla, dan].map((each) => each.close()));
});

it.skipIf(!hasBrowser)('the settings ask for email and password before they delete', async () => {
  const ana = await register(system.url, 'Ana');
  await ana.close();
  const { email, password } = ana.account;
  const profile = await openProfile();
  const { page } = profile;
  await page.goto(system.url);
  await page.getByTestId('switch-mode').click();
  await page.getByTestId('email').fill(email);
  await page.getByTestId('password').fill(password);
  await page.getByTestId('submit').click();
  await page.getByText(email).waitFor();
  await page.goto(`${system.url}/settings`);
  await page.getByTestId('delete-account').click();
  await page.getByTestId('type-email').fill('somebody@example.org');
  await page.getByTestId('deletion-password').fill('not my password');
  await page.getByTestId('submit').click();
  await page.getByText('This is not the email of this account.').waitFor();
  await page.getByTestId('type-email').fill(email);
  await page.getByTestId('submit').click();
  await page.getByText('This is not your password.').waitFor();
  await page.getByTestId('deletion-password').fill(password);
  await page.getByTestId('submit').click();
  const receipt = page.getByTestId('receipt');
  await receipt.getByText('Your account is deleted').waitFor();
  expect(await receipt.getByRole('definition').count()).toBe(7);
  await page.getByTestId('receipt-done').click();
  await page.getByTestId('switch-mode').waitFor();
  await profile.close();
  const engine = await openEngine({ url: system.url });
  await expect(engine.login({ email, password })).rejects.toMatchObject({ reason: 'wrong-credentials' });
  await engine.close();
});

function idOf(engine: Awaited<ReturnType<typeof register>>): string {
  const state = engine.session.get();
  if (state.kind !== 'signed-in') throw new Error('not signed in');
  return state.me.id;
}
