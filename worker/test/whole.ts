// An account with something of every kind, for tests of what is done with an account as a whole.
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { outgoing } from '../../durable-objects/test/room.ts';
import { sealedRecordSize } from '../../protocol/manifest.ts';
import { routes } from '../../protocol/rest/index.ts';
import { openDatabase } from '../db/client.ts';
import { Authenticator, additionOf } from './authenticator.ts';
import { ask, deviceList, newPerson, type Person, random } from './client.ts';
import { newRoom, type PeoplesRoom } from './rooms.ts';

export interface WholeAccount extends Person {
  /** A room with `friend` in it, and one with nobody else. */
  readonly shared: PeoplesRoom;
  readonly alone: PeoplesRoom;
  readonly friend: Person;
  /** A complete file of one's own in the shared room, and one of the friend's. */
  readonly file: string;
  readonly friendsFile: string;
}

/** Registers somebody with a row in every table that has a person's id, and a friend with as much. */
export async function newWholeAccount(): Promise<WholeAccount> {
  const [person, friend] = await Promise.all([newPerson(), newPerson()]);
  const [shared, alone] = [await newRoom(person), await newRoom(person)];
  await shared.join(friend);
  for (const each of [person, friend]) await furnish(each, shared.id);
  const file = await completeFile(person, shared.id, friend);
  const friendsFile = await completeFile(friend, shared.id, person);
  // What was said goes to Postgres.
  await runInDurableObject(env.ROOMS.getByName(shared.id), (object) => object.alarm());
  return { ...person, shared, alone, friend, file, friendsFile };
}

async function furnish(person: Person, room: string): Promise<void> {
  const { token, id, password, refreshToken } = person;
  const signed = (keyId: number, size: number) => ({
    id: keyId,
    publicKey: random(size),
    signature: random(64),
  });
  await ask(routes.login, { body: { email: person.email, password, transport: 'body' } });
  await ask(routes.refresh, { body: { refreshToken } });
  const body = {
    deviceId: 1,
    registrationId: 101,
    signedPreKey: signed(1, 33),
    deviceList: deviceList(id, 1, [1]),
    sealedName: random(40),
  };
  await ask(routes.putDevice, { token, body });
  const oneTimePreKeys = [1, 2, 3].map((keyId) => ({ id: keyId, publicKey: random(33) }));
  const kyberPreKeys = [signed(1, 1569)];
  await ask(routes.addPreKeys, { token, body: { deviceId: 1, oneTimePreKeys, kyberPreKeys } });
  const entries = [{ id: random(32), chatroomId: room, sealed: random(200) }];
  await ask(routes.putBackup, { token, body: { entries } });
  const recovery = { password, recoveryKey: random(32), wrappedSecret: random(60) };
  await ask(routes.putRecovery, { token, body: recovery });
  const passkey = await additionOf(await Authenticator.make(), password);
  await ask(routes.addPasskey, { token, body: passkey });
  for (const rest of [{}, { recipient: `${crypto.randomUUID()}:1` }])
    await ask(routes.sendMessage, { params: { id: room }, token, body: outgoing('box', rest) });
  const reported = { id: crypto.randomUUID(), chatroomId: room, seq: 1, envelope: random(300) };
  await ask(routes.report, { token, body: { ...reported, reason: 'spam', note: 'a note' } });
  await ask(routes.subscribePush, {
    token,
    body: { endpoint: `http://127.0.0.1:1/${random(16)}` },
  });
}

async function completeFile(by: Person, chatroomId: string, other: Person): Promise<string> {
  const { token } = by;
  const body = {
    id: crypto.randomUUID(),
    chatroomId,
    fileName: random(200),
    encryptedKey: random(80),
    keys: [{ userId: other.id, encryptedKey: random(80) }],
    objects: [{ index: 0, size: sealedRecordSize }],
  };
  const { objects } = await ask(routes.startUpload, { token, body });
  const { url, headers } = objects[0]!;
  await fetch(url, { method: 'PUT', headers, body: new Uint8Array(sealedRecordSize) });
  const delta = { n: 0, sealed: random(100) };
  const complete = { objects: [sealedRecordSize], delta };
  await ask(routes.completeUpload, { params: { id: body.id }, token, body: complete });
  return body.id;
}

/** The tables in which `text` stands anywhere, and in how many rows. */
export async function rowsWith(text: string): Promise<Record<string, number>> {
  const database = openDatabase(env);
  const { rows } = await database.execute(sql`
    select table_name as name from information_schema.tables where table_schema = 'public'`);
  const found: Record<string, number> = {};
  for (const { name } of rows as { name: string }[]) {
    const table = sql.identifier(name);
    const { rows: counts } = await database.execute(sql`
      select count(*)::int as count from ${table} t where t::text like ${`%${text}%`}`);
    const { count } = counts[0] as { count: number };
    if (count > 0) found[name] = count;
  }
  return found;
}
