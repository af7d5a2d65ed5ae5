import { env } from 'cloudflare:workers';
import { and, eq, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import { describe, expect, it } from 'vitest';
import { routes } from '../../protocol/rest/index.ts';
import { maxBackups } from '../db/backups.ts';
import { openDatabase } from '../db/client.ts';
import { chainBackups } from '../db/schema.ts';
import { ask, newPerson, type Person, random, refusal } from '../test/client.ts';
import { newRoom } from '../test/rooms.ts';

const database = openDatabase(env);
const entries = (chatroomId: string, count: number) =>
  Array.from({ length: count }, () => ({ id: random(32), chatroomId, sealed: random(200) }));
const put = ({ token }: Person, body: { entries: ReturnType<typeof entries> }) => ({ token, body });
const get = ({ token }: Person, room: string, rest: { cursor?: string; limit?: number } = {}) =>
  ask(routes.getBackup, { token, query: { room, ...rest } });
const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
const asKept = (kept: ReturnType<typeof entries>) =>
  kept.map(({ id, sealed }) => ({ id, sealed })).sort(byId);

describe('backups of sender chains', () => {
  it("come back page by page, a room's alone, to their own account alone", async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const [room, other] = [await newRoom(ana), await newRoom(ana)];
    await room.join(ben);
    const kept = entries(room.id, 5);
    await ask(routes.putBackup, put(ana, { entries: [...kept, ...entries(other.id, 1)] }));
    const first = await get(ana, room.id, { limit: 3 });
    expect(first.items).toHaveLength(3);
    const second = await get(ana, room.id, { limit: 3, cursor: first.next ?? '' });
    expect(second.next).toBeNull();
    expect([...first.items, ...second.items].sort(byId)).toEqual(asKept(kept));
    expect((await get(ben, room.id)).items).toEqual([]);
  });

  it('keep what came first under an id, and take the same again', async () => {
    const ana = await newPerson();
    const { id } = await newRoom(ana);
    const kept = entries(id, 2);
    const body = { entries: kept };
    await ask(routes.putBackup, put(ana, body));
    await ask(routes.putBackup, put(ana, body));
    const changed = kept.map((entry) => ({ ...entry, sealed: random(200) }));
    await ask(routes.putBackup, put(ana, { entries: [...changed, changed[0]!] }));
    expect((await get(ana, id)).items.sort(byId)).toEqual(asKept(kept));
  });

  it('are taken for rooms that one is in; those of a room that one has left stay', async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const room = await newRoom(ana);
    const nowhere = put(ben, { entries: entries(uuidv7(), 1) });
    expect(await refusal(routes.putBackup, nowhere)).toBe('not-a-member');
    const mixed = put(ben, { entries: entries(room.id, 1) });
    expect(await refusal(routes.putBackup, mixed)).toBe('not-a-member');
    await room.join(ben);
    const kept = entries(room.id, 1);
    await ask(routes.putBackup, put(ben, { entries: kept }));
    await room.remove(ben);
    expect(await refusal(routes.putBackup, put(ben, { entries: entries(room.id, 1) }))).toBe('not-a-member');
    expect((await get(ben, room.id)).items).toEqual(asKept(kept));
  });

  it('are bounded in number', async () => {
    const ana = await newPerson();
    const { id } = await newRoom(ana);
    await database.execute(sql`
      insert into chain_backups (user_id, chatroom_id, id, sealed)
      select ${ana.id}::uuid, ${id}::uuid, 'x' || n, '' from generate_series(1, ${maxBackups - 1}) n`);
    expect(await refusal(routes.putBackup, put(ana, { entries: entries(id, 2) }))).toBe('backup-full');
    await ask(routes.putBackup, put(ana, { entries: entries(id, 1) }));
    expect(await refusal(routes.putBackup, put(ana, { entries: entries(id, 1) }))).toBe('backup-full');
    const own = and(eq(chainBackups.userId, ana.id), eq(chainBackups.chatroomId, id));
    expect(await database.$count(chainBackups, own)).toBe(maxBackups);
  });

  it('are refused where they do not fit their form', async () => {
    const ana = await newPerson();
    const { id } = await newRoom(ana);
    const [entry] = entries(id, 1);
    const refused = (list: object[]) =>
      refusal(routes.putBackup, put(ana, { entries: list as ReturnType<typeof entries> }));
    expect(await refused([])).toBe('invalid-body');
    expect(await refused(entries(id, 101))).toBe('invalid-body');
    expect(await refused([{ ...entry, sealed: random(1025) }])).toBe('invalid-body');
    expect(await refused([{ ...entry, id: random(31) }])).toBe('invalid-body');
  });

  it('are closed to a session that has ended, before its access token runs out', async () => {
    const ana = await newPerson();
    const { id } = await newRoom(ana);
    await ask(routes.logout, { body: { refreshToken: ana.refreshToken } });
    const query = { room: id };
    expect(await refusal(routes.getBackup, { token: ana.token, query })).toBe('session-revoked');
    expect(await refusal(routes.putBackup, put(ana, { entries: entries(id, 1) }))).toBe('session-revoked');
  });
});
