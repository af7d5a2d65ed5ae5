import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { neonConfig } from '@neondatabase/serverless';
import { beforeAll, describe, expect, it } from 'vitest';
import { MessageLog } from '../../durable-objects/log.ts';
import {
  newInvite,
  newRoom as newTestRoom,
  outgoing,
  random,
  value,
} from '../../durable-objects/test/room.ts';
import { busyMember, busyRoom } from '../../local/testing/big-room.ts';
import { sealedRecordSize } from '../../protocol/manifest.ts';
import { routes } from '../../protocol/rest/index.ts';
import { inviteLookSigned } from '../../protocol/roster.ts';
import { sessionsOf } from '../auth/sessions.ts';
import { writeCursor } from '../cursor.ts';
import { sweep } from '../scheduled.ts';
import { Authenticator, additionOf } from '../test/authenticator.ts';
import { ask, called, deviceList, newGuest, newPerson, registration, request } from '../test/client.ts';
import { newRoom } from '../test/rooms.ts';
import { newWholeAccount, type WholeAccount } from '../test/whole.ts';
import { openDatabase } from './client.ts';
import { deletedAccounts, forgetAccount } from './erasure.ts';
import { listsOf } from './export.ts';
import { findDiscarded, forgetFiles } from './files.ts';
import { archivedMessages, roomsOf } from './rooms.ts';
import { dropSessions, unknownFiles, writeMark } from './sweep.ts';

interface Statement {
  readonly query: string;
  readonly params: readonly unknown[];
}
interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

const big = JSON.parse((env as unknown as { BIG_DATABASE: string }).BIG_DATABASE) as {
  endpoint: string;
  messages: number;
};
const database = openDatabase(env);
const reach = neonConfig.fetchFunction;

/** Every statement that went to Postgres while `task` ran, once each. */
async function statementsOf(task: () => Promise<unknown>): Promise<Statement[]> {
  const seen = new Map<string, Statement>();
  neonConfig.fetchFunction = (...[input, init]: Parameters<typeof fetch>) => {
    const body = JSON.parse(String(init?.body)) as Statement | { queries: Statement[] };
    for (const each of 'queries' in body ? body.queries : [body]) seen.set(each.query, each);
    return fetch(input, init);
  };
  try {
    await task();
  } finally {
    neonConfig.fetchFunction = reach;
  }
  return [...seen.values()];
}

/** Asks the big database; rows are lists of what PostgreSQL writes. */
async function askBig(query: string, params: readonly unknown[] = []): Promise<string[][]> {
  const response = await fetch(big.endpoint, {
    method: 'POST',
    headers: { 'neon-connection-string': env.DATABASE_URL },
    body: JSON.stringify({ query, params }),
  });
  const answer = (await response.json()) as { rows: string[][]; message?: string };
  if (!response.ok) throw new Error(`${answer.message}: ${query}`);
  return answer.rows;
}

async function planOf({ query, params }: Statement, options = 'format json'): Promise<Plan> {
  const [row] = await askBig(`explain (${options}) ${query}`, params);
  return (JSON.parse(row?.[0] ?? '') as [{ Plan: Plan }])[0].Plan;
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** Routes that ask nothing of Postgres, or by the outbox alone, whose statements the tour has written by the room's own hand. */
const byOutbox = [
  ...[routes.createRoom, routes.getRoom, routes.patchRoom, routes.deleteRoom, routes.joinRoom],
  ...[routes.leaveRoom, routes.listMembers, routes.removeMember, routes.openSocket],
  ...[routes.openAccountSocket, routes.getPushKey, routes.unsubscribePush],
  ...[routes.getIce, routes.sendOffer, routes.sendAnswer, routes.sendCandidate, routes.joinSfu],
  routes.reportError,
];

/** Calls every route that asks Postgres, and what else does: the outbox, the sweep, later pages. */
async function tour(): Promise<void> {
  const ana = await newWholeAccount();
  await readEverything(ana);
  await changeKeys(ana);
  await changeFiles(ana);
  await changePasswords();
  await askToComeIn();
  await usePasskeys();
  await writeByOutbox();
  await laterPages(ana);
  const { token, password, friend } = ana;
  await (await request(routes.exportAccount, { token })).text();
  await ask(routes.deleteAccount, { token, body: { password } });
  await ask(routes.logout, { body: { refreshToken: friend.refreshToken } });
  await sweep(env);
}

async function readEverything({ token, shared, friend, friendsFile, id }: WholeAccount): Promise<void> {
  const at = { params: { id: shared.id }, token };
  await ask(routes.me, { token });
  await ask(routes.listRooms, { token, query: {} });
  await ask(routes.listDevices, { token });
  await ask(routes.getBackup, { token, query: { room: shared.id } });
  const cursor = await writeCursor(env, ['backups', id, shared.id], random(32));
  await ask(routes.getBackup, { token, query: { room: shared.id, cursor } });
  await ask(routes.getFile, { params: { id: friendsFile }, token, query: {} });
  await ask(routes.getTicket, at);
  await ask(routes.getAccountTicket, { params: { id }, token });
  const query = { room: shared.id, devices: '1' };
  await ask(routes.getBundles, { params: { id: friend.id }, token, query });
  // The newest are read from the object, unless it has let them go.
  await runInDurableObject(env.ROOMS.getByName(shared.id), (_, { storage }) =>
    new MessageLog(storage.sql).trim(3, 1_000, 1),
  );
  for (const query of [{ limit: 2 }, { after: 0 }, { before: 4 }])
    await ask(routes.listMessages, { ...at, query });
}

async function changeKeys({ token, id }: WholeAccount): Promise<void> {
  await ask(routes.nameDevice, { params: { device: 1 }, token, body: { sealedName: random(40) } });
  const dropped = { deviceList: deviceList(id, 2, [], 1) };
  await ask(routes.dropDevice, { params: { device: 1 }, token, body: dropped });
}

async function changeFiles({ token, shared, friend, file }: WholeAccount): Promise<void> {
  const objects = [{ index: 0, size: sealedRecordSize }];
  const body = {
    id: crypto.randomUUID(),
    chatroomId: shared.id,
    fileName: random(200),
    encryptedKey: random(80),
    keys: [{ userId: friend.id, encryptedKey: random(80) }],
    objects,
  };
  await ask(routes.startUpload, { token, body });
  await ask(routes.moreChunks, { params: { id: body.id }, token, body: { objects } });
  const delta = { n: 0, sealed: random(100) };
  await ask(routes.reportProgress, { params: { id: body.id }, token, body: delta });
  await ask(routes.deleteFile, { params: { id: body.id }, token });
  await ask(routes.getFile, { params: { id: file }, token, query: { deltas: 0 } });
}

async function askToComeIn(): Promise<void> {
  const [ana, carla] = [await newPerson(), await newPerson()];
  const { token } = ana;
  const room = await newRoom(ana);
  const { key, sign } = await newInvite();
  const params = { id: room.id };
  const link = { key, nonce: random(16), expires: Date.now() + 60_000, label: random(60) };
  await ask(routes.openAsking, { params, token, body: link });
  const proof = await sign(inviteLookSigned(room.id, carla.id));
  const own = { params: { id: room.id, userId: carla.id } };
  await ask(routes.askToJoin, { params, token: carla.token, body: { key, proof, box: random(60) } });
  await ask(routes.listRequests, { params, token });
  await ask(routes.answerRequest, { ...own, token, body: { answer: null } });
  await ask(routes.getRequest, { ...own, token: carla.token, query: { key, proof } });
  await ask(routes.closeAsking, { params, token });
}

async function changePasswords(): Promise<void> {
  const { email, password, token, refreshToken } = await newPerson();
  const elsewhere = await newPerson();
  const [session] = (await ask(routes.listSessions, { token: elsewhere.token, query: {} })).items;
  await ask(routes.revokeSession, { token: elsewhere.token, params: { id: session!.id } });
  const [recoveryKey, newPassword, wrappedSecret] = [random(32), random(32), random(60)];
  // The same token once more is another statement than the first time.
  for (let i = 0; i < 2; i++) await ask(routes.refresh, { body: { refreshToken } });
  await ask(routes.putProfile, { token, body: { sealedProfile: random(40) } });
  await ask(routes.deleteRecovery, { token });
  await ask(routes.putRecovery, { token, body: { password, recoveryKey, wrappedSecret } });
  await ask(routes.changePassword, { token, body: { password, newPassword, wrappedSecret } });
  const guest = await newGuest();
  const kept = { password: guest.password, email: registration().email, newPassword, wrappedSecret };
  await ask(routes.keepAccount, { token: guest.token, body: kept });
  await ask(routes.readRecovery, { body: { email, recoveryKey } });
  await ask(routes.resetPassword, {
    body: { email, recoveryKey, newPassword: password, wrappedSecret, transport: 'body' },
  });
}

async function usePasskeys(): Promise<void> {
  const { token, password } = await newPerson();
  const passkey = await Authenticator.make();
  const { credentialId } = passkey;
  await ask(routes.addPasskey, { token, body: await additionOf(passkey, password) });
  await ask(routes.listPasskeys, { token });
  const body = { credentialId, assertion: await passkey.assert(), transport: 'body' as const };
  await ask(routes.signInByPasskey, { body });
  await ask(routes.dropPasskey, { token, params: { id: credentialId } });
}

async function writeByOutbox(): Promise<void> {
  const room = await newTestRoom();
  const { stub, owner } = room;
  const member = await room.join(await room.invite());
  value(await stub.rename(owner, random(40)));
  value(await stub.send(owner, outgoing('box')));
  await room.remove(owner, member);
  await runInDurableObject(stub, (object) => object.alarm());
  value(await stub.destroy(owner));
  await runInDurableObject(stub, (object) => object.alarm());
}

async function laterPages(ana: WholeAccount): Promise<void> {
  const cursor = { joinedAt: new Date(), roomId: ana.shared.id };
  await roomsOf(database, ana.id, cursor, 10);
  for (const list of Object.values(listsOf(database, ana.id, 1))) for await (const _ of list);
  await sessionsOf(database, ana.id, [new Date().toISOString(), ana.file], 10);
  const after = { deletedAt: new Date(), id: ana.file };
  await findDiscarded(database, after, 10);
  await forgetFiles(database, [crypto.randomUUID()]);
  await unknownFiles(database, [ana.file]);
  await dropSessions(database, [{ userId: ana.id, sessionId: crypto.randomUUID() }]);
  for (const mark of ['here', undefined]) await writeMark(database, 'tour', mark);
  await deletedAccounts(database, ana.id, 10);
  await forgetAccount(database, ana.id);
  await newRoom(ana);
}

describe(`with ${big.messages.toLocaleString('en')} messages`, () => {
  let statements: Statement[];
  beforeAll(async () => {
    statements = await statementsOf(tour);
    // In tables that are small still, reading all of one may be the best plan: there it is chosen only where nothing else goes.
    await askBig(big.messages < 1_000_000 ? 'set enable_seqscan = off' : 'select 1');
  }, 300_000);

  it('is looked at with the statements of every route', () => {
    const asked = new Set([...called, ...byOutbox]);
    const missing = Object.entries(routes).filter(([, route]) => !asked.has(route));
    expect(
      missing.map(([name]) => name),
      'Let the tour call them, so that what they ask Postgres is looked at.',
    ).toEqual([]);
    expect(statements.length).toBeGreaterThan(80);
  });

  it('no statement goes through a whole table or a whole index', async () => {
    // Of `blocked_hashes` one row is read, to know whether there is any.
    const small = new Set(['sweep_marks', 'blocked_hashes']);
    const partial = new Set(
      (
        await askBig(
          `select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid where indpred is not null`,
        )
      ).map(([name]) => name),
    );
    const faults: string[] = [];
    for (const statement of statements) {
      for (const node of nodesOf(await planOf(statement))) {
        const { 'Relation Name': table = '', 'Index Name': index = '' } = node;
        const sequential = node['Node Type'] === 'Seq Scan' && !small.has(table);
        const whole = index !== '' && node['Index Cond'] === undefined && !partial.has(index);
        if (sequential || whole) faults.push(`${table || index}: ${statement.query.replace(/\s+/g, ' ')}`);
      }
    }
    expect(faults).toEqual([]);
  });

  it.each([
    ['the newest', { before: 900_000, limit: 50 }],
    ['a page before', { before: big.messages / 2, limit: 50 }],
    ['a page after', { after: big.messages / 2, before: 2 * big.messages, limit: 50 }],
  ])("%s of a room's log touches few rows, though most of it is to others' devices", async (_, page) => {
    const [statement] = await statementsOf(() => archivedMessages(database, busyRoom, busyMember, page));
    const plan = await planOf(statement!, 'analyze, format json');
    expect(plan['Actual Rows']).toBe(50);
    const touched = nodesOf(plan)
      .filter((node) => node['Relation Name'] !== undefined)
      .map((node) => node['Actual Loops']! * (node['Actual Rows']! + (node['Rows Removed by Filter'] ?? 0)));
    expect(touched.reduce((sum, rows) => sum + rows, 0)).toBeLessThan(150);
  });

  it('has an index for each reference, or removing what is referred to would go through the table', async () => {
    const rows = await askBig(`
      select c.conrelid::regclass || ' (' || c.conname || ')' from pg_constraint c
      where c.contype = 'f' and not exists (
        select from pg_index i where i.indrelid = c.conrelid and i.indpred is null
          and (i.indkey::smallint[])[0:cardinality(c.conkey) - 1] @> c.conkey)`);
    expect(rows).toEqual([]);
  });
});
