import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { eq, sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { outgoing } from '../../durable-objects/test/room.ts';
import { toBase64, utf8 } from '../../protocol/bytes.ts';
import { fileKeyCommitment } from '../../protocol/file-key.ts';
import { routes } from '../../protocol/rest/index.ts';
import { openDatabase } from '../db/client.ts';
import { messages, reports } from '../db/schema.ts';
import { ask, newPerson, type Person, random, refusal } from '../test/client.ts';
import { newRoom, type PeoplesRoom } from '../test/rooms.ts';

/** A plaintext as a client packs it (`crypto/room/envelope.ts`), which the Worker's tests can't import, and its commitment. */
async function said(by: Person, room: string, content: Record<string, unknown> & { kind: string }) {
  const frankingKey = crypto.getRandomValues(new Uint8Array(32));
  const id = crypto.randomUUID();
  const envelope = {
    ...{ v: 2, id, room, sender: by.id, device: 1, chain: crypto.randomUUID(), list: 0 },
    ...{ roster: random(32), at: Date.now(), content, frankingKey: toBase64(frankingKey) },
  };
  const bytes = utf8(JSON.stringify(envelope));
  const key = await crypto.subtle.importKey('raw', frankingKey, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  const commitment = toBase64(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes)));
  return { id, envelope, bytes, commitment };
}

type Said = Awaited<ReturnType<typeof said>>;

/** Sends it, and answers its place. */
async function send(by: Person, room: string, { id, commitment }: Pick<Said, 'id' | 'commitment'>) {
  const body = outgoing('ciphertext', { id, commitment });
  return (await ask(routes.sendMessage, { params: { id: room }, token: by.token, body })).seq;
}

const archive = (room: string) => runInDurableObject(env.ROOMS.getByName(room), (object) => object.alarm());

let [ana, ben, eve]: Person[] = [];
let room: PeoplesRoom;
let other: PeoplesRoom;
beforeAll(async () => {
  [ana, ben, eve] = await Promise.all([newPerson(), newPerson(), newPerson()]);
  [room, other] = [await newRoom(ana!), await newRoom(ana!)];
  for (const each of [room, other]) await each.join(ben!);
});

interface Claim {
  readonly seq: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly fileKey?: string;
  readonly in?: string;
}

const bodyOf = ({ seq, bytes, fileKey, in: chatroomId = room.id }: Claim) => ({
  ...{ id: crypto.randomUUID(), chatroomId, seq, envelope: toBase64(bytes), reason: 'harassment' as const },
  ...(fileKey !== undefined && { fileKey }),
});

/** What becomes of Ben's report. */
async function reported(claim: Claim, by = ben!) {
  const { id } = await ask(routes.report, { token: by.token, body: bodyOf(claim) });
  const [row] = await openDatabase(env).select().from(reports).where(eq(reports.id, id));
  return row!;
}

const text = (body: string) => ({ kind: 'text', body });

describe('POST /report', () => {
  it('verifies what was sent, in the room and from the archive', async () => {
    const message = await said(ana!, room.id, text('vile'));
    const seq = await send(ana!, room.id, message);
    const row = await reported({ seq, bytes: message.bytes });
    expect(row).toMatchObject({ evidence: 'verified', finding: null, senderId: ana!.id, state: 'open' });
    expect(row.sentAt?.getTime()).toBeGreaterThan(Date.now() - 60_000);

    await archive(room.id);
    // As it is once the object holds the newest messages alone.
    await runInDurableObject(env.ROOMS.getByName(room.id), (_, { storage }) => {
      storage.sql.exec('delete from message where seq = ?', seq);
    });
    await openDatabase(env).delete(reports).where(eq(reports.id, row.id));
    expect(await reported({ seq, bytes: message.bytes })).toMatchObject({ evidence: 'verified' });
  });

  it('tells false evidence apart: invented, altered, of another place, in the name of somebody else', async () => {
    const message = await said(ana!, room.id, text('harmless'));
    const seq = await send(ana!, room.id, message);
    const lies: Record<string, Said> = {
      altered: await said(ana!, room.id, text('vile')),
      'other-sender': await said(eve!, room.id, text('harmless')),
      'other-room': await said(ana!, other.id, text('harmless')),
    };
    // What they say of themselves is put right, and is what the commitment does not fit then.
    lies.altered!.bytes = utf8(JSON.stringify({ ...lies.altered!.envelope, id: message.id }));
    for (const [finding, lie] of Object.entries(lies)) {
      const row = await reported({ seq, bytes: lie.bytes });
      expect(row).toMatchObject({ evidence: 'false', finding, senderId: ana!.id });
      await openDatabase(env).delete(reports).where(eq(reports.id, row.id));
    }
    const malformed = await reported({ seq, bytes: utf8('nonsense') });
    expect(malformed).toMatchObject({ evidence: 'false', finding: 'malformed' });
    await openDatabase(env).delete(reports).where(eq(reports.id, malformed.id));
    const spaced = utf8(` ${JSON.stringify(message.envelope)}`);
    expect(await reported({ seq, bytes: spaced })).toMatchObject({ evidence: 'false', finding: 'altered' });
  });

  it('tells a message replayed at another place from one that was sent there', async () => {
    const [first, second] = [await said(ana!, room.id, text('1')), await said(ana!, room.id, text('2'))];
    await send(ana!, room.id, first);
    const seq = await send(ana!, room.id, second);
    const row = await reported({ seq, bytes: first.bytes });
    expect(row).toMatchObject({ evidence: 'false', finding: 'other-message' });
  });

  it('does not believe a sender who commits to words of somebody else', async () => {
    const forged = await said(ana!, room.id, text('as if Ana had said it'));
    const seq = await send(ben!, room.id, forged);
    const row = await reported({ seq, bytes: forged.bytes }, ana!);
    expect(row).toMatchObject({ evidence: 'false', finding: 'other-sender', senderId: ben!.id });
  });

  it('does not take the word of a database that somebody has written to', async () => {
    const truth = await said(ana!, room.id, text('harmless'));
    const seq = await send(ana!, room.id, truth);
    await archive(room.id);
    const invented = await said(ana!, room.id, text('vile'));
    await runInDurableObject(env.ROOMS.getByName(room.id), (_, { storage }) => {
      storage.sql.exec('delete from message where seq = ?', seq);
    });
    await openDatabase(env)
      .update(messages)
      .set({ id: invented.id, commitment: invented.commitment })
      .where(sql`chatroom_id = ${room.id} and seq = ${seq}`);
    const row = await reported({ seq, bytes: invented.bytes });
    expect(row).toMatchObject({ evidence: 'unverifiable', finding: null, senderId: null });
  });

  it('verifies nothing where there is no such message, or it carries no commitment', async () => {
    const message = await said(ana!, room.id, text('never sent'));
    expect(await reported({ seq: 1_000_000, bytes: message.bytes })).toMatchObject({
      evidence: 'unverifiable',
    });
    const body = outgoing('ciphertext', { id: message.id });
    const { seq } = await ask(routes.sendMessage, { params: { id: room.id }, token: ana!.token, body });
    expect(await reported({ seq, bytes: message.bytes })).toMatchObject({ evidence: 'unverifiable' });
  });

  it('checks the key of a file', async () => {
    const fileId = crypto.randomUUID();
    const dek = crypto.getRandomValues(new Uint8Array(32));
    const commitment = toBase64(await fileKeyCommitment(dek, fileId));
    const content = { kind: 'file', fileId, commitment, manifestHash: random(32) };
    for (const [fileKey, expected] of [
      [toBase64(dek), { evidence: 'verified', fileId, finding: null }],
      [random(32), { evidence: 'false', finding: 'wrong-file-key' }],
    ] as const) {
      const message = await said(ana!, room.id, content);
      const seq = await send(ana!, room.id, message);
      expect(await reported({ seq, bytes: message.bytes, fileKey })).toMatchObject(expected);
    }
  });

  it('is for members, and for who has the proof', async () => {
    const message = await said(ana!, room.id, text('vile'));
    const seq = await send(ana!, room.id, message);
    const invented = await said(ana!, room.id, text('more vile'));
    const args = { token: eve!.token, body: bodyOf({ seq, bytes: invented.bytes }) };
    expect(await refusal(routes.report, args)).toBe('not-a-member');
    expect(await reported({ seq, bytes: message.bytes }, eve!)).toMatchObject({ evidence: 'verified' });
  });

  it('counts the same message once for each reporter, and the same request once', async () => {
    const message = await said(ana!, room.id, text('vile'));
    const seq = await send(ana!, room.id, message);
    const body = bodyOf({ seq, bytes: message.bytes });
    const first = await ask(routes.report, { token: ben!.token, body });
    expect(first.id).toBe(body.id);
    expect(await ask(routes.report, { token: ben!.token, body })).toEqual(first);
    const again = { ...body, id: crypto.randomUUID() };
    expect(await ask(routes.report, { token: ben!.token, body: again })).toEqual(first);
    const ofAnother = { token: ana!.token, body };
    expect(await refusal(routes.report, ofAnother)).toBe('conflict');
  });
});
