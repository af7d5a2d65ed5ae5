import { createExecutionContext, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { eq, sql } from 'drizzle-orm';
import {
  base64url,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { routes } from '../../protocol/rest/index.ts';
import { createApp } from '../app.ts';
import { makeAccessToken, verifyAccessToken } from '../auth/access-token.ts';
import { openDatabase } from '../db/client.ts';
import { users } from '../db/schema.ts';
import {
  ask,
  newPerson,
  origin,
  type Person,
  problemIn,
  random,
  refusal,
  registration,
  request,
  sayingOf,
} from '../test/client.ts';
import { newRoom, openSocket } from '../test/rooms.ts';

const database = openDatabase(env);

/** Moves everything that has happened to this person's tokens into the past. */
const age = (person: Person, seconds: number) =>
  database.execute(sql`
    update refresh_tokens t
    set used_at = t.used_at - ${seconds} * interval '1 second', expires_at = t.expires_at - ${seconds} * interval '1 second'
    from sessions s where s.id = t.family and s.user_id = ${person.id}`);

const exchange = async (refreshToken: string): Promise<string> => {
  const { refreshToken: next } = await ask(routes.refresh, { body: { refreshToken } });
  expect(next).toBeDefined();
  return next ?? '';
};

describe('registering', () => {
  it('signs in, and nothing that it answers or keeps is the password', async () => {
    const body = { ...registration(), sealedProfile: random(40) };
    const response = await request(routes.register, { body });
    const text = await response.text();
    expect(response.status).toBe(201);
    expect(text).not.toContain(body.password);
    const reply = routes.register.reply.parse(JSON.parse(text));
    expect(reply.user).toMatchObject({ email: body.email, publicKey: body.publicKey, role: 'user' });
    expect(reply).toMatchObject({ wrappedSecret: body.wrappedSecret, sealedProfile: body.sealedProfile });
    const [row] = await database.select().from(users).where(eq(users.email, body.email));
    expect(JSON.stringify(row)).not.toContain(body.password);
    const me = await ask(routes.me, { token: reply.accessToken });
    expect(me).toEqual({
      user: reply.user,
      wrappedSecret: body.wrappedSecret,
      sealedProfile: body.sealedProfile,
      recovery: false,
    });
  });

  it('keeps another name when its person asks for it', async () => {
    const { accessToken: token } = await ask(routes.register, {
      body: { ...registration(), sealedProfile: random(40) },
    });
    const sealedProfile = random(60);
    await ask(routes.putProfile, { token, body: { sealedProfile } });
    expect(await ask(routes.me, { token })).toMatchObject({ sealedProfile });
  });

  it('answers like a login when repeated with the same password, and refuses another', async () => {
    const body = registration();
    const first = await ask(routes.register, { body });
    const again = await ask(routes.register, { body: { ...body, wrappedSecret: random(60) } });
    expect(again.user).toEqual(first.user);
    expect(again.wrappedSecret).toBe(body.wrappedSecret);
    expect(await refusal(routes.register, { body: { ...body, password: random(32) } })).toBe('email-taken');
  });

  it('makes exactly one account of registrations at the same time', async () => {
    const bodies = Array.from({ length: 8 }, () => ({
      ...registration(),
      email: `${random(6)}@x.org`.toLowerCase(),
    }));
    const email = bodies[0]!.email;
    const answers = await Promise.all(
      bodies.map((body) => request(routes.register, { body: { ...body, email } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
    expect(await database.$count(users, eq(users.email, email))).toBe(1);
  });

  it('refuses unknown fields, capitals in the email, short keys and what is no JSON', async () => {
    const body = registration();
    const fails = async (changed: object) =>
      (await problemIn(await request(routes.register, { body: { ...body, ...changed } as typeof body })))
        .errors;
    expect(await fails({ admin: true })).toEqual([{ pointer: '/admin', detail: 'Unknown field' }]);
    expect((await fails({ email: 'Ana@example.org' }))?.[0]?.pointer).toBe('/email');
    expect((await fails({ email: 'ana@exa\uFB01.org' }))?.[0]?.pointer).toBe('/email');
    expect((await fails({ email: 'a\0na@example.org' }))?.[0]?.pointer).toBe('/email');
    expect((await fails({ email: 'a\uD800na@example.org' }))?.[0]?.pointer).toBe('/email');
    expect((await fails({ password: random(31) }))?.[0]?.pointer).toBe('/password');
    const headers = { 'content-type': 'text/plain' };
    expect(await refusal(routes.register, { body, headers })).toBe('unsupported-media-type');
  });
});

describe('signing in', () => {
  it('wants the right password, and says the same for an unknown email', async () => {
    const person = await newPerson();
    const { email, password } = person;
    const reply = await ask(routes.login, { body: { email, password, transport: 'body' } });
    expect(reply.user.id).toBe(person.id);
    const wrong = await request(routes.login, { body: { email, password: random(32) } });
    const unknown = await request(routes.login, { body: { email: `x${email}`, password } });
    expect(wrong.status).toBe(401);
    expect(await sayingOf(unknown)).toBe(await sayingOf(wrong));
  });

  it('is limited by address and by email, and says when to come back', async () => {
    const { email } = await newPerson();
    const guess = (headers = {}, of = email) =>
      request(routes.login, { body: { email: of, password: random(32) }, headers });
    const guesses = await Promise.all(Array.from({ length: 12 }, () => guess()));
    // Registering was the first of the ten attempts.
    expect(guesses.map(({ status }) => status).sort()).toEqual([
      ...Array(9).fill(401),
      ...Array(3).fill(429),
    ]);
    const document = await problemIn(guesses.find(({ status }) => status === 429)!);
    expect(document.retryAfter).toBeGreaterThan(0);
    expect(document.retryAfter).toBeLessThanOrEqual(60);

    const headers = { 'cf-connecting-ip': '2001:db8:1:2::7' };
    for (let i = 0; i < 30; i++)
      expect((await guess(headers, `${random(6).toLowerCase()}@x.org`)).status).toBe(401);
    const neighbour = await guess({ 'cf-connecting-ip': '2001:0db8:1:2:ffff::1' }, 'nobody@x.org');
    expect(neighbour.status).toBe(429);
    expect(Number(neighbour.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await guess({ 'cf-connecting-ip': '2001:db8:1:3::7' }, 'nobody@x.org')).status).toBe(401);
  });

  it('is limited by the hour for one email, account or not, and exactly', async () => {
    const wrong = { email: `${crypto.randomUUID()}@example.org`, password: random(32) };
    const guess = () => request(routes.login, { body: wrong });
    const minute = env.LIMITS.getByName(`email:${wrong.email}`);
    const pass = () =>
      runInDurableObject(minute, (_, { storage }) => storage.sql.exec('delete from uses').toArray());
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      statuses.push(...(await Promise.all(Array.from({ length: 10 }, guess))).map(({ status }) => status));
      await pass();
    }
    expect(new Set(statuses)).toEqual(new Set([401]));
    const refused = await guess();
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3000);
    expect((await problemIn(refused)).type).toBe('/problems/rate-limited');
  });

  it('derives one key of whatever password is given, so that no time tells who has an account', async () => {
    const { email, password, token } = await newPerson();
    const recovery = { password, recoveryKey: random(32), wrappedSecret: random(60) };
    await ask(routes.putRecovery, { token, body: recovery });
    const unknown = `${crypto.randomUUID()}@example.org`;
    const derive = vi.spyOn(crypto.subtle, 'deriveBits');
    const workOf = async (path: string, body: object): Promise<unknown[]> => {
      derive.mockClear();
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      const response = await createApp().request(path, init, env, createExecutionContext());
      expect((await problemIn(response)).type).toBe('/problems/wrong-credentials');
      return derive.mock.calls.map(([algorithm]) => (algorithm as { iterations: number }).iterations);
    };
    for (const of of [email, unknown]) {
      expect(await workOf('/auth/login', { email: of, password: random(32) })).toEqual([100_000]);
      const reset = { email: of, recoveryKey: random(32) };
      expect(await workOf('/auth/recover', reset)).toEqual([100_000]);
    }
    derive.mockRestore();
  });

  it('refuses a suspended account, its sessions too', async () => {
    const person = await newPerson();
    await database.update(users).set({ status: 'suspended' }).where(eq(users.id, person.id));
    expect(await refusal(routes.login, { body: { email: person.email, password: person.password } })).toBe(
      'forbidden',
    );
    expect(await refusal(routes.refresh, { body: { refreshToken: person.refreshToken } })).toBe(
      'session-revoked',
    );
    expect(await refusal(routes.me, { token: person.token })).toBe('unauthenticated');
  });
});

describe('refreshing', () => {
  it('gives another token each time, good for the same account', async () => {
    const person = await newPerson();
    const reply = await ask(routes.refresh, { body: { refreshToken: person.refreshToken } });
    expect(reply.refreshToken).not.toBe(person.refreshToken);
    expect((await ask(routes.me, { token: reply.accessToken })).user.id).toBe(person.id);
  });

  it('ends the whole session when a token comes back long after it was spent', async () => {
    const person = await newPerson();
    const other = await ask(routes.login, {
      body: { email: person.email, password: person.password, transport: 'body' },
    });
    const second = await exchange(person.refreshToken);
    await age(person, 31);
    expect(await refusal(routes.refresh, { body: { refreshToken: person.refreshToken } })).toBe(
      'session-revoked',
    );
    expect(await refusal(routes.refresh, { body: { refreshToken: second } })).toBe('session-revoked');
    // Another sign-in of the same account goes on.
    await exchange(other.refreshToken ?? '');
  });

  it('lets two tabs spend one token within the grace time, and both go on', async () => {
    const { refreshToken } = await newPerson();
    const [left, right] = await Promise.all([exchange(refreshToken), exchange(refreshToken)]);
    expect(left).not.toBe(right);
    await exchange(left);
    await exchange(right);
  });

  it('lets one line go on: a twin of the token that went on ends the session when it comes later', async () => {
    const person = await newPerson();
    const [stolen, owners] = [await exchange(person.refreshToken), await exchange(person.refreshToken)];
    const next = await exchange(owners);
    await age(person, 31);
    expect(await refusal(routes.refresh, { body: { refreshToken: stolen } })).toBe('session-revoked');
    expect(await refusal(routes.refresh, { body: { refreshToken: next } })).toBe('session-revoked');
  });

  it('never leaves two lines that both go on, however twins are exchanged', async () => {
    const person = await newPerson();
    const twins = await Promise.all(Array.from({ length: 4 }, () => exchange(person.refreshToken)));
    const next = await Promise.all(twins.map(exchange));
    await age(person, 31);
    // One of them goes on; who comes with another one of the same age is no tab that was late.
    const [first, other] = next;
    const third = await exchange(first!);
    await age(person, 31);
    expect(await refusal(routes.refresh, { body: { refreshToken: other! } })).toBe('session-revoked');
    expect(await refusal(routes.refresh, { body: { refreshToken: third } })).toBe('session-revoked');
  });

  it('refuses a token that has expired, was never given, or whose session was ended', async () => {
    const person = await newPerson();
    await age(person, 61 * 24 * 3600);
    expect(await refusal(routes.refresh, { body: { refreshToken: person.refreshToken } })).toBe(
      'session-revoked',
    );
    expect(await refusal(routes.refresh, { body: { refreshToken: random(32) } })).toBe('session-revoked');
    const { refreshToken } = await newPerson();
    const next = await exchange(refreshToken);
    expect((await request(routes.logout, { body: { refreshToken: next } })).status).toBe(204);
    expect(await refusal(routes.refresh, { body: { refreshToken: next } })).toBe('session-revoked');
    expect(await refusal(routes.refresh, { body: { refreshToken } })).toBe('session-revoked');
  });

  it('keeps no token that could be used', async () => {
    const { id, refreshToken } = await newPerson();
    const next = await exchange(refreshToken);
    const { rows } = await database.execute(sql`
      select t.* from refresh_tokens t join sessions s on s.id = t.family where s.user_id = ${id}`);
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain(refreshToken);
    expect(JSON.stringify(rows)).not.toContain(next);
  });
});

describe('the refresh cookie', () => {
  const own = { origin };
  const signIn = async () => {
    const { transport: _, ...body } = registration();
    const response = await request(routes.register, { body });
    const cookie = response.headers.get('set-cookie') ?? '';
    return {
      cookie,
      pair: cookie.split(';', 1)[0]!,
      reply: routes.register.reply.parse(await response.json()),
    };
  };

  it('is for this host alone, out of reach of scripts, and the body has no token', async () => {
    const { cookie, reply } = await signIn();
    expect(cookie).toMatch(/^__Host-refresh=[\w-]{43};/);
    for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict', 'Max-Age=5184000']) {
      expect(cookie.split('; ')).toContain(attribute);
    }
    expect(reply.refreshToken).toBeUndefined();
  });

  it('is rotated for our own pages and refused to everybody else', async () => {
    const { pair } = await signIn();
    const refresh = (headers: Record<string, string>) =>
      request(routes.refresh, { body: {}, headers: { cookie: pair, ...headers } });
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin, 'sec-fetch-site': 'cross-site' },
    ]) {
      expect((await refresh(headers)).status, JSON.stringify(headers)).toBe(403);
    }
    const response = await refresh(own);
    expect(response.status).toBe(200);
    expect(routes.refresh.reply.parse(await response.json()).refreshToken).toBeUndefined();
    expect(response.headers.get('set-cookie')).toMatch(/^__Host-refresh=[\w-]{43};/);
    expect((await refresh({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  it('is taken back at the end of the session', async () => {
    const { pair } = await signIn();
    const headers = { cookie: pair, ...own };
    expect((await request(routes.logout, { body: {}, headers: { cookie: pair } })).status).toBe(403);
    const out = await request(routes.logout, { body: {}, headers });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^__Host-refresh=;.*Max-Age=0/);
    const refused = await request(routes.refresh, { body: {}, headers });
    expect(refused.headers.get('set-cookie')).toMatch(/Max-Age=0/);
    expect((await problemIn(refused)).type).toBe('/problems/session-revoked');
  });
});

describe('the end of a session', () => {
  it('closes its sockets in every room, and no others of the same account', async () => {
    const person = await newPerson();
    const { email, password } = person;
    const other = await ask(routes.login, { body: { email, password, transport: 'body' } });
    const room = await newRoom(person);
    const ending = await openSocket(room.id, person);
    const staying = await openSocket(room.id, { ...person, token: other.accessToken });
    await ask(routes.logout, { body: { refreshToken: person.refreshToken } });
    expect((await ending.closed).code).toBeGreaterThanOrEqual(4000);
    expect(ending.received.at(-1)).toEqual({ t: 'gone', reason: 'signed-out' });
    staying.say('still here');
    await staying.frame('ack');
    expect(staying.received.map(({ t }) => t)).not.toContain('gone');
    staying.close();
  });
});

describe('the access token', () => {
  const jwk = JSON.parse(env.JWT_PRIVATE_JWK) as { kid: string; x: string };
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid: jwk.kid };
  const now = () => Math.floor(Date.now() / 1000);
  const claims = (id: string): JWTPayload => ({
    sub: id,
    sid: crypto.randomUUID(),
    iss: 'stream-chat',
    aud: 'stream-chat-api',
    iat: now(),
    exp: now() + 600,
  });
  const sign = async (payload: object, changed = {}) =>
    new SignJWT(payload as JWTPayload)
      .setProtectedHeader({ ...header, ...changed })
      .sign(await importJWK(jwk, 'EdDSA'));
  const status = async (token: string) => (await request(routes.me, { token })).status;
  const part = (value: object) => base64url.encode(JSON.stringify(value));

  it('is taken when it is one of ours, so that the refusals below have their reasons', async () => {
    const { id } = await newPerson();
    expect(await status(await sign(claims(id)))).toBe(200);
  });

  it.each([
    ['expired', { exp: now() - 1 }],
    ['without expiry', { exp: undefined }],
    ['of another issuer', { iss: 'somebody' }],
    ['for another audience', { aud: 'somebody' }],
    ['without a session', { sid: undefined }],
    ['not valid yet', { nbf: now() + 100 }],
  ])('is refused when %s', async (_, changed) => {
    const { id } = await newPerson();
    expect(await status(await sign({ ...claims(id), ...changed }))).toBe(401);
  });

  it('is refused with another type, key, or algorithm', async () => {
    const { id, token } = await newPerson();
    expect(await status(await sign(claims(id), { typ: 'JWT' }))).toBe(401);
    expect(await status(await sign(claims(id), { kid: 'other' }))).toBe(401);
    expect(await status(`${part({ ...header, alg: 'none' })}.${part(claims(id))}.`)).toBe(401);
    // The public key taken for an HMAC secret.
    for (const secret of [jwk.x, base64url.decode(jwk.x)]) {
      const key = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
      const forged = await new SignJWT(claims(id)).setProtectedHeader({ ...header, alg: 'HS256' }).sign(key);
      expect(await status(forged)).toBe(401);
    }
    // A key that the token brings along itself.
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    for (const brought of [{ jwk: await exportJWK(publicKey) }, { jku: 'https://evil.example/keys' }]) {
      const forged = new SignJWT(claims(id)).setProtectedHeader({ ...header, ...brought });
      expect(await status(await forged.sign(privateKey))).toBe(401);
    }
    const [head, , signature] = token.split('.');
    expect(await status(`${head}.${part(claims(id))}.${signature}`)).toBe(401);
    expect((await request(routes.me, {})).status).toBe(401);
  });

  it('is good over a rotation of keys: two at once, the first signs, and what is left out opens nothing', async () => {
    const make = async () => {
      const { privateKey } = await generateKeyPair('EdDSA', { extractable: true });
      return { ...(await exportJWK(privateKey)), kid: crypto.randomUUID() };
    };
    const [old, next] = [await make(), await make()];
    const caller = { userId: crypto.randomUUID(), sessionId: crypto.randomUUID() };
    const [before, during, after] = [[old], [next, old], [next]].map((keys) => JSON.stringify(keys)) as [
      string,
      string,
      string,
    ];
    const early = await makeAccessToken(before, caller);
    const late = await makeAccessToken(during, caller);
    expect(decodeProtectedHeader(late).kid).toBe(next.kid);
    for (const token of [early, late]) expect(await verifyAccessToken(during, token)).toEqual(caller);
    expect(await verifyAccessToken(after, late)).toEqual(caller);
    expect(await verifyAccessToken(after, early)).toBeUndefined();
    expect(await verifyAccessToken(before, late)).toBeUndefined();
    // A key in the other's name.
    const mixed = JSON.stringify([
      { ...next, kid: old.kid },
      { ...old, kid: next.kid },
    ]);
    for (const token of [early, late]) expect(await verifyAccessToken(mixed, token)).toBeUndefined();

    // The whole Worker, with pages that were begun before.
    const ana = await newPerson();
    for (let i = 0; i < 2; i++) await newRoom(ana);
    const { next: cursor } = await ask(routes.listRooms, { token: ana.token, query: { limit: 1 } });
    const rotated = { ...env, JWT_PRIVATE_JWK: JSON.stringify([next, jwk]) };
    const init = { headers: { authorization: `Bearer ${ana.token}` } };
    const page = await createApp().request(
      `/chatrooms?cursor=${cursor}`,
      init,
      rotated,
      createExecutionContext(),
    );
    expect(page.status).toBe(200);
    const gone = { ...env, JWT_PRIVATE_JWK: JSON.stringify(next) };
    const refused = await createApp().request('/auth/me', init, gone, createExecutionContext());
    expect((await problemIn(refused)).type).toBe('/problems/unauthenticated');
  });
});
