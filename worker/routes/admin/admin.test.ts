import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { eq, sql } from 'drizzle-orm';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { outgoing } from '../../../durable-objects/test/room.ts';
import { sha256, toBase64, utf8 } from '../../../protocol/bytes.ts';
import { sealedRecordSize } from '../../../protocol/manifest.ts';
import { adminRoutes } from '../../../protocol/rest/admin.ts';
import { type Route, routes } from '../../../protocol/rest/index.ts';
import { createApp } from '../../app.ts';
import { verifyAccess } from '../../auth/access.ts';
import { openDatabase } from '../../db/client.ts';
import { auditLog, fileDeltas, fileKeys, reports, sessions } from '../../db/schema.ts';
import { sweep } from '../../scheduled.ts';
import { openStore } from '../../storage/store.ts';
import {
  ask,
  type Call,
  newPerson,
  type Person,
  random,
  refusal,
  request,
  requestOf,
} from '../../test/client.ts';
import { newModerator, setRole } from '../../test/moderators.ts';
import { newRoom, openSocket } from '../../test/rooms.ts';

const database = openDatabase(env);

let user: Person;
let moderator: Person;
let admin: Person;
/** Whose session has not given the password again; and whose account was suspended as an admin. */
let asleep: Person;
let suspended: Person;
beforeAll(async () => {
  [user, moderator, admin, asleep, suspended] = await Promise.all([
    newPerson(),
    newModerator('moderator'),
    newModerator('admin'),
    newPerson(),
    newModerator('admin'),
  ]);
  await setRole(asleep, 'admin');
  const body = { status: 'suspended' as const, reason: 'test' };
  await ask(adminRoutes.patchUser, { token: admin.token, params: { id: suspended.id }, body });
});

/** A report of Ana's in a room of hers. */
async function newReport(): Promise<string> {
  const room = await newRoom(user);
  const body = {
    ...{ id: crypto.randomUUID(), chatroomId: room.id, seq: 1 },
    ...{ envelope: random(300), reason: 'spam' as const },
  };
  return (await ask(routes.report, { token: user.token, body })).id;
}

/** A complete file with `first` as its only object, and where it can be read for some minutes. */
async function newFile(by: Person, roomId: string, first: Uint8Array<ArrayBuffer>) {
  const { token } = by;
  const object = { index: 0, size: sealedRecordSize };
  const body = {
    ...{ id: crypto.randomUUID(), chatroomId: roomId, fileName: random(200), encryptedKey: random(80) },
    ...{ keys: [], objects: [object] },
  };
  const { objects } = await ask(routes.startUpload, { token, body });
  const { url, headers } = objects[0]!;
  expect((await fetch(url, { method: 'PUT', headers, body: first })).status).toBe(200);
  const complete = {
    params: { id: body.id },
    token,
    body: { objects: [sealedRecordSize], delta: { n: 0, sealed: random(100) } },
  };
  return { id: body.id, complete };
}

function filled(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sealedRecordSize);
  for (let i = 0; i < bytes.length; i += 65_536)
    crypto.getRandomValues(bytes.subarray(i, Math.min(bytes.length, i + 65_536)));
  return bytes;
}

describe('who may do what', () => {
  /** Every operation with a call that would succeed, and the least role that it takes. */
  const operations: Record<keyof typeof adminRoutes, ['moderator' | 'admin', () => Promise<Call>]> = {
    stepUp: ['moderator', async () => ({ body: { password: random(32) } })],
    listReports: ['moderator', async () => ({})],
    patchReport: [
      'moderator',
      async () => ({ params: { id: await newReport() }, body: { state: 'claimed' } }),
    ],
    getReportedFile: ['moderator', async () => ({ params: { id: await newReport() } })],
    listFiles: ['moderator', async () => ({})],
    takeDownFile: ['moderator', async () => ({ params: { id: crypto.randomUUID() }, body: { reason: 'x' } })],
    listUsers: ['moderator', async () => ({})],
    patchUser: [
      'moderator',
      async () => ({ params: { id: (await newPerson()).id }, body: { status: 'suspended', reason: 'x' } }),
    ],
    listAllRooms: ['moderator', async () => ({})],
    listAudit: ['admin', async () => ({})],
    listBlocked: ['moderator', async () => ({})],
    block: ['admin', async () => ({ body: { hash: random(32), reason: 'x' } })],
    getServiceCounts: ['moderator', async () => ({})],
    unblock: ['admin', async () => ({ params: { hash: random(32) }, body: { reason: 'x' } })],
  };
  /** What is behind the door, for who is let through: the thing is not there, or the password is none. */
  const inside = new Set(['none', 'not-found', 'wrong-password']);

  it.each(Object.entries(operations))('%s: by every role', async (name, [needs, make]) => {
    const route: Route = adminRoutes[name as keyof typeof adminRoutes];
    const answer = async (token: string | undefined): Promise<string> => {
      const response = await request(route as never, { ...(await make()), token } as never);
      if (response.ok) return 'none';
      const { type } = (await response.json()) as { type: string };
      return type.slice('/problems/'.length);
    };
    expect(await answer(undefined)).toBe('unauthenticated');
    expect(await answer(user.token)).toBe('forbidden');
    expect(await answer(suspended.token)).toBe('session-revoked');
    if (name !== 'stepUp') expect(await answer(asleep.token)).toBe('step-up-required');
    expect(await answer(moderator.token)).toSatisfy((it: string) =>
      needs === 'moderator' ? inside.has(it) : it === 'forbidden',
    );
    expect(await answer(admin.token)).toSatisfy((it: string) => inside.has(it));
  });

  it('loses its powers with its role, with its session and after half an hour', async () => {
    const list = (person: Person) => refusal(adminRoutes.listUsers, { token: person.token, query: {} });
    const demoted = await newModerator();
    await setRole(demoted, 'user');
    expect(await list(demoted)).toBe('forbidden');
    const late = await newModerator();
    await database
      .update(sessions)
      .set({ elevatedUntil: sql`now() - interval '1 second'` })
      .where(eq(sessions.userId, late.id));
    expect(await list(late)).toBe('step-up-required');
    const out = await newModerator();
    await ask(routes.logout, { body: { refreshToken: out.refreshToken } });
    expect(await list(out)).toBe('session-revoked');
  });

  it('a moderator acts on people alone, and nobody on themselves', async () => {
    const change = (by: Person, on: Person, body: object) =>
      refusal(adminRoutes.patchUser, {
        token: by.token,
        params: { id: on.id },
        body: { reason: 'x', ...body },
      });
    for (const on of [admin, await newModerator()])
      expect(await change(moderator, on, { status: 'suspended' })).toBe('forbidden');
    expect(await change(moderator, user, { role: 'moderator' })).toBe('forbidden');
    expect(await change(moderator, moderator, { role: 'admin' })).toBe('forbidden');
    expect(await change(admin, admin, { role: 'user' })).toBe('forbidden');
    expect(await change(admin, user, { role: 'moderator', status: 'suspended' })).toBe('invalid-body');
  });
});

it('lists say how much there is of an account and of a room', async () => {
  const [owner, friend] = [await newPerson(), await newPerson()];
  const room = await newRoom(owner);
  await room.join(friend);
  const at = { params: { id: room.id }, token: owner.token };
  for (const text of ['one', 'two']) await ask(routes.sendMessage, { ...at, body: outgoing(text) });
  await ask(routes.completeUpload, (await newFile(owner, room.id, filled())).complete);
  await runInDurableObject(env.ROOMS.getByName(room.id), (object) => object.alarm());
  const { token } = moderator;
  const rooms = await ask(adminRoutes.listAllRooms, { token, query: { id: room.id } });
  expect(rooms.items).toMatchObject([{ ownerId: owner.id, members: 2, messages: 2, files: 1, reports: 0 }]);
  const people = await ask(adminRoutes.listUsers, { token, query: { id: friend.id } });
  expect(people.items).toMatchObject([{ email: friend.email, rooms: 1, devices: 0, reports: 0 }]);
});

describe('Cloudflare Access', () => {
  const issuer = 'https://team.cloudflareaccess.example';
  const audience = 'an-application';

  it('shuts every door while it is half set up, or its keys are out of reach', async () => {
    for (const settings of [{ ACCESS_ISSUER: issuer }, { ACCESS_AUDIENCE: audience }]) {
      const call = requestOf(adminRoutes.listUsers, { token: admin.token });
      const response = await createApp().fetch(call, { ...env, ...settings });
      expect(response.status).toBe(403);
      await response.body?.cancel();
    }
    const settings = { ACCESS_ISSUER: issuer, ACCESS_AUDIENCE: audience };
    const call = requestOf(adminRoutes.listUsers, { token: admin.token });
    const response = await createApp().fetch(call, { ...env, ...settings });
    expect(response.status).toBe(403);
    await response.body?.cancel();
  });

  it('lets in whom the team’s own key names, and nobody by another key, algorithm, team, application or time', async () => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    const stranger = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'RS256' };
    const keys = createLocalJWKSet({ keys: [jwk] });
    const token = (claims: object = {}, key: CryptoKey | Uint8Array = pair.privateKey, alg = 'RS256') =>
      new SignJWT({ email: 'ana@example.org', sub: 's', iss: issuer, aud: audience, ...claims })
        .setProtectedHeader({ alg, kid: 'k' })
        .setIssuedAt()
        .setExpirationTime('1 minute')
        .sign(key);
    const verify = (jwt: string) => verifyAccess(jwt, { issuer, audience }, keys);
    expect(await verify(await token())).toBe('ana@example.org');
    const [, payload] = (await token()).split('.');
    const none = `${toBase64(utf8('{"alg":"none","kid":"k"}'))}.${payload}.`;
    // The public key as a shared secret: what a confused verifier would take.
    const confused = await token({}, utf8(JSON.stringify(jwk)), 'HS256');
    const bad = [
      await token({}, stranger.privateKey),
      await token({ iss: 'https://other.cloudflareaccess.example' }),
      await token({ aud: 'another' }),
      await token({ exp: 1 }).then((jwt) => jwt.replace(/\.[^.]*$/, '.AAAA')),
      none,
      confused,
      'nonsense',
    ];
    for (const jwt of bad) expect(await verify(jwt)).toBeUndefined();
  });
});

describe('reports', () => {
  it('are claimed by one, decided on with a reason, and stay decided', async () => {
    const other = await newModerator();
    const id = await newReport();
    const patch = (by: Person, body: object) => ({ token: by.token, params: { id }, body: body as never });
    const claimed = await ask(adminRoutes.patchReport, patch(moderator, { state: 'claimed' }));
    expect(claimed).toMatchObject({ state: 'claimed', claimedBy: moderator.id, evidence: 'unverifiable' });
    expect(await ask(adminRoutes.patchReport, patch(moderator, { state: 'claimed' }))).toEqual(claimed);
    expect(await refusal(adminRoutes.patchReport, patch(other, { state: 'claimed' }))).toBe('conflict');
    const closing = { state: 'closed', verdict: 'dismissed', note: 'Nothing to see' };
    expect(await refusal(adminRoutes.patchReport, patch(moderator, { state: 'closed' }))).toBe(
      'invalid-body',
    );
    expect(await refusal(adminRoutes.patchReport, patch(other, closing))).toBe('conflict');
    const closed = await ask(adminRoutes.patchReport, patch(moderator, closing));
    expect(closed).toMatchObject({ state: 'closed', verdict: 'dismissed', verdictNote: 'Nothing to see' });
    expect(await refusal(adminRoutes.patchReport, patch(admin, { state: 'open' }))).toBe('conflict');
  });

  it('are listed by state and evidence, page after page, each once', async () => {
    const made = new Set(await Promise.all(Array.from({ length: 5 }, newReport)));
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const query = { limit: 2, state: 'open' as const, ...(cursor && { cursor }) };
      const page = await ask(adminRoutes.listReports, { token: moderator.token, query });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    expect([...made].every((id) => seen.includes(id))).toBe(true);
    const verified = await ask(adminRoutes.listReports, {
      token: moderator.token,
      query: { evidence: 'verified' },
    });
    expect(verified.items.some(({ id }) => made.has(id))).toBe(false);
  });

  it('open no file whose key is not proven to be of it, nor one of another room', async () => {
    const room = await newRoom(user);
    const { id: fileId, complete } = await newFile(user, room.id, filled());
    await ask(routes.completeUpload, complete);
    const id = await newReport();
    const of = { token: moderator.token, params: { id }, query: { count: 1 } };
    const set = (change: Partial<typeof reports.$inferInsert>) =>
      database.update(reports).set(change).where(eq(reports.id, id));
    await set({ fileId, fileKey: random(32), chatroomId: room.id, evidence: 'false' });
    expect(await refusal(adminRoutes.getReportedFile, of)).toBe('not-found');
    await set({ evidence: 'verified', chatroomId: crypto.randomUUID() });
    expect(await refusal(adminRoutes.getReportedFile, of)).toBe('not-found');
    await set({ chatroomId: room.id });
    expect((await ask(adminRoutes.getReportedFile, of)).objects).toHaveLength(1);
  });
});

describe('what reports reveal', () => {
  it('is forgotten 90 days after the decision, and not while there is none', async () => {
    const [old, recent, open] = [await newReport(), await newReport(), await newReport()];
    const note = { note: 'n', fileKey: random(32) };
    const close = (id: string, days: number) =>
      database
        .update(reports)
        .set({ ...note, state: 'closed', closedAt: sql`now() - ${days} * interval '1 day'` })
        .where(eq(reports.id, id));
    await close(old, 91);
    await close(recent, 89);
    await sweep(env);
    const kept = async (id: string) => {
      const [row] = await database.select().from(reports).where(eq(reports.id, id));
      return [row?.envelope, row?.note, row?.fileKey].filter((each) => each !== null).length;
    };
    expect([await kept(old), await kept(recent), await kept(open)]).toEqual([0, 3, 1]);
  });
});

describe('taking a file down', () => {
  it('leaves nothing that anybody can reach, and does not let it back', async () => {
    const room = await newRoom(user);
    const first = filled();
    const { id, complete } = await newFile(user, room.id, first);
    await ask(routes.completeUpload, complete);
    const at = { params: { id }, token: user.token };
    const { objects } = await ask(routes.getFile, { ...at, query: { count: 1 } });
    const read = async () => {
      const response = await fetch(objects[0]!.url);
      await response.body?.cancel();
      return response.status;
    };
    expect(await read()).toBe(200);

    const body = { reason: 'Vile' };
    await ask(adminRoutes.takeDownFile, { token: moderator.token, params: { id }, body });
    expect(await read()).toBe(404);
    expect(await refusal(routes.getFile, { ...at, query: {} })).toBe('not-found');
    expect([...(await openStore(env).sizes(`files/${id}/`)).keys()]).toEqual([]);
    for (const table of [fileKeys, fileDeltas])
      expect(await database.select().from(table).where(eq(table.fileId, id))).toEqual([]);
    expect(await refusal(adminRoutes.takeDownFile, { token: admin.token, params: { id }, body })).toBe(
      'not-found',
    );

    // The same ciphertext under another id.
    const again = await newFile(user, room.id, first);
    expect(await refusal(routes.completeUpload, again.complete)).toBe('forbidden');
    const hash = toBase64(await sha256(first));
    const { items } = await ask(adminRoutes.listBlocked, { token: moderator.token, query: {} });
    expect(items).toContainEqual(expect.objectContaining({ hash, fileId: id }));
    await ask(adminRoutes.unblock, { token: admin.token, params: { hash }, body: { reason: 'A mistake' } });
    await ask(routes.completeUpload, again.complete);
  });
});

describe('suspending', () => {
  it('ends sessions and sockets at once, and reinstating lets sign in again', async () => {
    const [owner, person] = [await newPerson(), await newPerson()];
    const room = await newRoom(owner);
    await room.join(person);
    const socket = await openSocket(room.id, person);
    const change = (status: 'suspended' | 'active') =>
      ask(adminRoutes.patchUser, {
        token: moderator.token,
        params: { id: person.id },
        body: { status, reason: 'Spam' },
      });
    expect(await change('suspended')).toMatchObject({ status: 'suspended', id: person.id });
    await socket.closed;
    const login = { body: { email: person.email, password: person.password, transport: 'body' as const } };
    expect(await refusal(routes.login, login)).toBe('forbidden');
    expect(await refusal(routes.refresh, { body: { refreshToken: person.refreshToken } })).toBe(
      'session-revoked',
    );
    // The access token in its hand is good for minutes yet, and for nothing.
    const { token } = person;
    const params = { id: room.id };
    const answers = await Promise.all([
      refusal(routes.me, { token }),
      refusal(routes.listRooms, { token, query: {} }),
      refusal(routes.listMessages, { token, params, query: {} }),
      refusal(routes.sendMessage, { token, params, body: outgoing('a last word') }),
      refusal(routes.getTicket, { token, params }),
      refusal(routes.getAccountTicket, { token, params: { id: person.id } }),
    ]);
    expect(answers).toEqual(Array(answers.length).fill('session-revoked'));
    await change('active');
    expect(await refusal(routes.me, { token })).toBe('session-revoked');
    const again = await ask(routes.login, login);
    await ask(routes.listMessages, { token: again.accessToken, params, query: {} });
  });

  it('counts at once for who has never opened a socket, too', async () => {
    const person = await newPerson();
    await ask(adminRoutes.patchUser, {
      token: moderator.token,
      params: { id: person.id },
      body: { status: 'suspended', reason: 'Spam' },
    });
    expect(await refusal(routes.me, { token: person.token })).toBe('session-revoked');
  });
});

describe('the audit log', () => {
  it('has every action once, chained, and refuses to be changed', async () => {
    const { last } = await ask(adminRoutes.listAudit, { token: admin.token, query: {} });
    const people = await Promise.all(Array.from({ length: 5 }, newPerson));
    // All at once: each must find its own place.
    await Promise.all(
      people.map(({ id }) =>
        ask(adminRoutes.patchUser, {
          token: moderator.token,
          params: { id },
          body: { status: 'suspended', reason: `because "of" ${id}\n` },
        }),
      ),
    );
    const { items } = await ask(adminRoutes.listAudit, { token: admin.token, query: { limit: 500 } });
    expect(items.map(({ seq }) => seq)).toEqual(items.map((_, i) => i + 1));
    let before = '0'.repeat(64);
    for (const { entry, hash } of items) {
      const digest = await sha256(utf8(`${before}\n${entry}`));
      expect(hash).toBe([...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
      before = hash;
    }
    const since = items.slice(last).map(({ entry }) => JSON.parse(entry) as Record<string, string>);
    for (const { id } of people)
      expect(since.filter(({ target }) => target === id)).toMatchObject([
        { actor: moderator.id, action: 'user.suspend', detail: `because "of" ${id}\n` },
      ]);
    const refused = (task: Promise<unknown>) =>
      task.then(
        () => 'done',
        (error: Error) => String((error.cause as Error)?.message ?? error.message),
      );
    expect(await refused(database.delete(auditLog))).toContain('append-only');
    expect(await refused(database.update(auditLog).set({ entry: '{}' }))).toContain('append-only');
  });
});
