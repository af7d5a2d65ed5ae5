import { beforeAll, expect, it } from 'vitest';
import { type Engine, until } from '../web/src/engine/index.ts';
import { openEngine, register, untilText } from './headless.ts';
import { type Line, openLine } from './line.ts';
import { closeLater, startSystem, system } from './started.ts';

startSystem({ web: false });
let line: Line;
beforeAll(async () => {
  line = closeLater(await openLine(system.port));
});

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
