import { env } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { routes } from '../../protocol/rest/index.ts';
import { openDatabase } from '../db/client.ts';
import { users } from '../db/schema.ts';
import {
  ask,
  newGuest,
  newPerson,
  type Person,
  random,
  refusal,
  registration,
  request,
  sayingOf,
} from '../test/client.ts';
import { newRoom, openSocket } from '../test/rooms.ts';

const database = openDatabase(env);

const login = ({ email }: Person, password: string) =>
  request(routes.login, { body: { email, password, transport: 'body' } });
/** Another session of somebody. */
const another = ({ email, password }: Person) =>
  ask(routes.login, { body: { email, password, transport: 'body' } });

async function withRecovery(): Promise<{ ana: Person; recoveryKey: string; wrappedSecret: string }> {
  const ana = await newPerson();
  const [recoveryKey, wrappedSecret] = [random(32), random(60)];
  const { token, password } = ana;
  await ask(routes.putRecovery, { token, body: { password, recoveryKey, wrappedSecret } });
  return { ana, recoveryKey, wrappedSecret };
}

describe('keeping the account of a guest', () => {
  const kept = () => ({ email: registration().email, newPassword: random(32), wrappedSecret: random(60) });

  it('lets in by the email and the password from then on, with the secret under it', async () => {
    const guest = await newGuest();
    const body = { password: guest.password, ...kept() };
    await ask(routes.keepAccount, { token: guest.token, body });
    const found = await login({ ...guest, email: body.email }, body.newPassword);
    const signedIn = routes.login.reply.parse(await found.json());
    expect(signedIn.user.id).toBe(guest.id);
    expect(signedIn.wrappedSecret).toBe(body.wrappedSecret);
    expect((await login(guest, guest.password)).status).toBe(401);
    // Who lost the answer asks again.
    await ask(routes.keepAccount, { token: guest.token, body });
  });

  it('wants what only the guest has: a token that was stolen takes no account away', async () => {
    const guest = await newGuest();
    const body = { password: random(32), ...kept() };
    expect(await refusal(routes.keepAccount, { token: guest.token, body })).toBe('wrong-password');
    expect((await login({ ...guest, email: body.email }, body.newPassword)).status).toBe(401);
  });

  it('takes nobody else’s email, also when two ask for one at the same time', async () => {
    const ana = await newPerson();
    const guests = [await newGuest(), await newGuest()];
    const take = (guest: Person, email: string) =>
      request(routes.keepAccount, {
        token: guest.token,
        body: { password: guest.password, ...kept(), email },
      });
    expect((await take(guests[0]!, ana.email)).status).toBe(409);
    const { email } = registration();
    const answers = await Promise.all(guests.map((guest) => take(guest, email)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
  });

  it('asked twice at the same time says yes twice', async () => {
    const guest = await newGuest();
    const body = { password: guest.password, ...kept() };
    const ask = () => request(routes.keepAccount, { token: guest.token, body });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
  });

  it('takes no address of a guest for an email', async () => {
    const guest = await newGuest();
    const body = { password: guest.password, ...kept(), email: `somebody@guest.invalid` };
    expect(await refusal(routes.keepAccount, { token: guest.token, body })).toBe('invalid-body');
  });

  it('changes no account that has an email', async () => {
    const ana = await newPerson();
    const body = { password: ana.password, ...kept() };
    expect(await refusal(routes.keepAccount, { token: ana.token, body })).toBe('conflict');
    expect((await login(ana, ana.password)).status).toBe(200);
  });
});

describe('changing the password', () => {
  it('lets in by the new one with the secret under it, and not by the old one', async () => {
    const ana = await newPerson();
    const body = { password: ana.password, newPassword: random(32), wrappedSecret: random(60) };
    await ask(routes.changePassword, { token: ana.token, body });
    expect((await login(ana, ana.password)).status).toBe(401);
    const signedIn = routes.login.reply.parse(await (await login(ana, body.newPassword)).json());
    expect(signedIn.wrappedSecret).toBe(body.wrappedSecret);
    const [row] = await database.select().from(users).where(eq(users.id, ana.id));
    expect(JSON.stringify(row)).not.toContain(body.newPassword);
  });

  it('ends every other session and closes its sockets; this one goes on', async () => {
    const ana = await newPerson();
    const other = await another(ana);
    const room = await newRoom(ana);
    const mine = await openSocket(room.id, ana);
    const theirs = await openSocket(room.id, { id: ana.id, token: other.accessToken });
    const body = { password: ana.password, newPassword: random(32), wrappedSecret: random(60) };
    await ask(routes.changePassword, { token: ana.token, body });
    expect((await theirs.closed).code).toBe(4401);
    expect(await refusal(routes.refresh, { body: { refreshToken: other.refreshToken! } })).toBe(
      'session-revoked',
    );
    await ask(routes.refresh, { body: { refreshToken: ana.refreshToken } });
    mine.say('still here');
    await mine.hears('still here');
  });

  it('wants the old one, and changes nothing without', async () => {
    const ana = await newPerson();
    const other = await another(ana);
    const body = { password: random(32), newPassword: random(32), wrappedSecret: random(60) };
    expect(await refusal(routes.changePassword, { token: ana.token, body })).toBe('wrong-password');
    expect((await login(ana, ana.password)).status).toBe(200);
    await ask(routes.refresh, { body: { refreshToken: other.refreshToken! } });
    expect(await refusal(routes.changePassword, { body })).toBe('unauthenticated');
  });

  it('answers the same again to who lost the answer', async () => {
    const ana = await newPerson();
    const body = { password: ana.password, newPassword: random(32), wrappedSecret: random(60) };
    await ask(routes.changePassword, { token: ana.token, body });
    await ask(routes.changePassword, { token: ana.token, body });
    const signedIn = routes.login.reply.parse(await (await login(ana, body.newPassword)).json());
    expect(signedIn.wrappedSecret).toBe(body.wrappedSecret);
  });

  it('of many at the same time one wins, with its own secret', async () => {
    const ana = await newPerson();
    const bodies = Array.from({ length: 6 }, () => ({
      password: ana.password,
      newPassword: random(32),
      wrappedSecret: random(60),
    }));
    const answers = await Promise.all(
      bodies.map((body) => request(routes.changePassword, { token: ana.token, body })),
    );
    const won = answers.flatMap(({ status }, i) => (status === 204 ? [i] : []));
    expect(won).toHaveLength(1);
    const { newPassword, wrappedSecret } = bodies[won[0]!]!;
    const signedIn = routes.login.reply.parse(await (await login(ana, newPassword)).json());
    expect(signedIn.wrappedSecret).toBe(wrappedSecret);
  });

  it('is limited like signing in: a stolen session guesses no password', async () => {
    const ana = await newPerson();
    const guess = () => ({ password: random(32), newPassword: random(32), wrappedSecret: random(60) });
    const found = new Set<string>();
    for (let i = 0; i < 12; i++)
      found.add(await refusal(routes.changePassword, { token: ana.token, body: guess() }));
    expect(found).toEqual(new Set(['wrong-password', 'rate-limited']));
  });
});

describe('a recovery code', () => {
  it('gives back the secret, sets a new password once, and is spent', async () => {
    const { ana, recoveryKey, wrappedSecret } = await withRecovery();
    expect((await ask(routes.me, { token: ana.token })).recovery).toBe(true);
    const { email } = ana;
    const found = await ask(routes.readRecovery, { body: { email, recoveryKey } });
    expect(found).toEqual({ wrappedSecret });

    const body = {
      email,
      recoveryKey,
      newPassword: random(32),
      wrappedSecret: random(60),
      transport: 'body' as const,
    };
    const signedIn = await ask(routes.resetPassword, { body });
    expect(signedIn).toMatchObject({ user: { id: ana.id }, wrappedSecret: body.wrappedSecret });
    expect((await ask(routes.me, { token: signedIn.accessToken })).recovery).toBe(false);
    expect((await login(ana, body.newPassword)).status).toBe(200);
    expect((await login(ana, ana.password)).status).toBe(401);
    expect(await refusal(routes.resetPassword, { body })).toBe('wrong-credentials');
    expect(await refusal(routes.readRecovery, { body: { email, recoveryKey } })).toBe('wrong-credentials');
    expect(await refusal(routes.refresh, { body: { refreshToken: ana.refreshToken } })).toBe(
      'session-revoked',
    );
  });

  it('is spent once by two who come at the same time', async () => {
    const { ana, recoveryKey } = await withRecovery();
    const reset = () =>
      request(routes.resetPassword, {
        body: {
          email: ana.email,
          recoveryKey,
          newPassword: random(32),
          wrappedSecret: random(60),
          transport: 'body',
        },
      });
    const answers = await Promise.all(Array.from({ length: 4 }, reset));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('answers alike for no such account, no code, and a wrong code', async () => {
    const { ana } = await withRecovery();
    const without = await newPerson();
    const answers = [];
    for (const email of [ana.email, without.email, `${crypto.randomUUID()}@example.org`]) {
      const response = await request(routes.readRecovery, { body: { email, recoveryKey: random(32) } });
      answers.push([response.status, await sayingOf(response)]);
    }
    expect(answers[0]![0]).toBe(401);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('is set by who knows the password, replaced by the next one, and voided', async () => {
    const { ana, recoveryKey } = await withRecovery();
    const { email, token, password } = ana;
    const next = { password, recoveryKey: random(32), wrappedSecret: random(60) };
    const stolen = { ...next, password: random(32) };
    expect(await refusal(routes.putRecovery, { token, body: stolen })).toBe('wrong-password');
    await ask(routes.putRecovery, { token, body: next });
    expect(await refusal(routes.readRecovery, { body: { email, recoveryKey } })).toBe('wrong-credentials');
    await ask(routes.readRecovery, { body: { email, recoveryKey: next.recoveryKey } });
    await ask(routes.deleteRecovery, { token });
    expect(await refusal(routes.readRecovery, { body: { email, recoveryKey: next.recoveryKey } })).toBe(
      'wrong-credentials',
    );
  });
});
