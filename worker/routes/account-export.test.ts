import { env } from 'cloudflare:workers';
import { eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { AccountExport, routes } from '../../protocol/rest/index.ts';
import { openDatabase } from '../db/client.ts';
import { files, messages, users } from '../db/schema.ts';
import { ask, newPerson, refusal, request } from '../test/client.ts';
import { newWholeAccount, rowsWith } from '../test/whole.ts';

const database = openDatabase(env);

/** Where the document has what a table holds of a person: a new table belongs here, and into the export. */
const lists: Record<string, (document: AccountExport) => readonly unknown[]> = {
  users: ({ user }) => [user],
  sessions: (document) => document.sessions,
  passkeys: (document) => document.passkeys,
  device_lists: ({ deviceLists }) => deviceLists,
  devices: (document) => document.devices,
  one_time_prekeys: ({ oneTimePreKeys }) => oneTimePreKeys,
  chain_backups: ({ keyBackups }) => keyBackups,
  chatroom_members: ({ memberships }) => memberships,
  // A room's row has nothing but its owner, who is a member.
  chatrooms: ({ memberships }) => memberships.filter(({ role }) => role === 'owner'),
  files: (document) => document.files,
  file_keys: ({ fileKeys }) => fileKeys,
  messages: (document) => document.messages,
  reports: (document) => document.reports,
};

it('holds a row for every row of one’s own, of every table, and nothing of anybody else', async () => {
  const ana = await newWholeAccount();
  const { friend, token } = ana;
  const response = await request(routes.exportAccount, { token });
  expect(response.headers.get('content-disposition')).toContain('attachment');
  const text = await response.text();
  const document = AccountExport.parse(JSON.parse(text));

  const held = await rowsWith(ana.id);
  expect(Object.keys(held).sort()).toEqual(Object.keys(lists).sort());
  for (const [table, count] of Object.entries(held)) {
    expect(lists[table]?.(document), table).toHaveLength(count);
  }
  // What hangs on these rows without naming the person.
  expect(document.refreshTokens).toHaveLength(3);
  expect(document.fileDeltas).toMatchObject([{ fileId: ana.file, n: 0 }]);
  expect(document.rosterEntries.filter(({ chatroomId }) => chatroomId === ana.shared.id)).toHaveLength(2);
  expect(document.pushSubscriptions).toHaveLength(1);
  expect(document.user).toMatchObject({ id: ana.id, email: ana.email });
  expect(document.user.recoverySecret).not.toBeNull();

  for (const secret of [friend.id, friend.email, ana.password, ana.refreshToken]) {
    expect(text).not.toContain(secret);
  }
  const theirs = await database
    .select({ hash: users.passwordHash, secret: users.wrappedSecret })
    .from(users)
    .where(eq(users.id, friend.id));
  const [own] = await database.select().from(users).where(eq(users.id, ana.id));
  const said = await database.select().from(messages).where(eq(messages.senderId, friend.id));
  const shared = await database.select().from(files).where(eq(files.uploaderId, friend.id));
  expect([theirs.length, said.length, shared.length]).toEqual([1, 2, 1]);
  for (const hidden of [
    theirs[0]?.secret,
    own?.passwordHash,
    own?.recoveryHash,
    ...said.map(({ id }) => id),
    ...shared.map(({ fileName }) => fileName),
  ]) {
    expect(text).not.toContain(hidden);
  }
});

it('brings everything, in order, however much it is, in small pieces', async () => {
  const { id, token } = await newPerson();
  const rooms = [crypto.randomUUID(), crypto.randomUUID()].sort();
  await database.execute(sql`
    insert into messages (chatroom_id, seq, id, sender_id, device, cipher_text, created_at)
    select room, n, gen_random_uuid(), case when n % 2 = 0 then ${id}::uuid else gen_random_uuid() end, 1,
      repeat('A', case when n % 100 = 0 then 40000 else 40 end), now()
    from unnest(${`{${rooms}}`}::uuid[]) room, generate_series(1, 3000) n`);
  const { body } = await request(routes.exportAccount, { token });
  const pieces: Uint8Array[] = [];
  for await (const piece of body!) pieces.push(piece);
  const document = AccountExport.parse(JSON.parse(await new Blob(pieces).text()));
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(200_000);
  expect(document.messages.map(({ chatroomId, seq }) => `${chatroomId} ${seq}`)).toEqual(
    rooms.flatMap((room) => Array.from({ length: 1500 }, (_, i) => `${room} ${2 * i + 2}`)),
  );
});

it('takes a session that lives, and comes a few times an hour', async () => {
  const { token, refreshToken } = await newPerson();
  for (let i = 0; i < 5; i++) await (await request(routes.exportAccount, { token })).text();
  expect(await refusal(routes.exportAccount, { token })).toBe('rate-limited');
  const other = await newPerson();
  await ask(routes.logout, { body: { refreshToken: other.refreshToken } });
  expect(await refusal(routes.exportAccount, { token: other.token })).toBe('session-revoked');
  expect(await refusal(routes.exportAccount, {})).toBe('unauthenticated');
  await ask(routes.logout, { body: { refreshToken } });
});
