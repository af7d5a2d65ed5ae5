import { hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { concat, fromUtf8, utf8 } from '../../protocol/bytes.ts';
import first from '../vectors/stored-format-1.json' with { type: 'json' };
import {
  acceptDistribution,
  createSenderKey,
  decryptGroup,
  distribution,
  encryptGroup,
  parseSenderKey,
  serializeSenderKey,
} from './sender-key.ts';
import { decrypt } from './session.ts';
import { parseSession, serializeSession } from './stored.ts';
import { acquaintances, Device } from './testing/device.ts';

const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });

const cutShort = expect.objectContaining({ reason: 'malformed', message: 'the stored state is cut short' });

/** A record with everything that one can hold: archived sessions, skipped messages, a handshake that waits. */
async function fullRecord() {
  const [ana, ben] = await acquaintances();
  await ana.send(utf8('lost'));
  await ben.receive(await ana.send(utf8('read')));
  await ben.start(ana);
  return ben.record!;
}

async function fullChain() {
  const own = createSenderKey('3f2504e0-4f89-41d3-9a0c-0305e82c3301');
  const { state } = encryptGroup(own, utf8('lost'));
  const { bytes } = encryptGroup(state, utf8('read'));
  return { own, followed: (await decryptGroup(acceptDistribution(distribution(own)), bytes)).state };
}

describe('stored sessions', () => {
  test('are read as they were', async () => {
    const record = await fullRecord();
    expect(record.current.pending?.kyber).toBeDefined();
    expect(record.archived[0]!.receiving.flatMap(({ skipped }) => skipped)).toHaveLength(1);
    expect(parseSession(serializeSession(record))).toStrictEqual(record);
    // What was read does not change with the bytes that it was read from.
    const bytes = serializeSession(record);
    const parsed = parseSession(bytes);
    bytes.fill(0);
    expect(parsed).toStrictEqual(record);
    const plain = new Device({ kyber: false, oneTime: false });
    const ana = new Device();
    await ana.start(plain);
    expect(parseSession(serializeSession(ana.record!))).toStrictEqual(ana.record);
  });

  test('cut short, lengthened, or of another kind or format are refused', async () => {
    const bytes = serializeSession(await fullRecord());
    for (let length = 0; length < bytes.length; length++)
      expect(() => parseSession(bytes.subarray(0, length)), `length ${length}`).toThrow(cutShort);
    expect(() => parseSession(concat(bytes, Uint8Array.of(0)))).toThrow(refused('malformed'));
    expect(() => parseSession(bytes.with(0, 0x4b))).toThrow(refused('malformed'));
    for (const format of [0, 3])
      expect(() => parseSession(bytes.with(1, format))).toThrow(refused('unsupported-version'));
    expect(() => parseSession(bytes.with(2, 5))).toThrow(refused('malformed'));
  });
});

describe('stored sender chains', () => {
  test('are read as they were, our own and others', async () => {
    const { own, followed } = await fullChain();
    expect(followed.chain.skipped).toHaveLength(1);
    expect(parseSenderKey(serializeSenderKey(own))).toStrictEqual(own);
    expect(parseSenderKey(serializeSenderKey(followed))).toStrictEqual(followed);
  });

  test('cut short, lengthened, or of another kind or format are refused', async () => {
    const bytes = serializeSenderKey((await fullChain()).followed);
    for (let length = 0; length < bytes.length; length++)
      expect(() => parseSenderKey(bytes.subarray(0, length)), `length ${length}`).toThrow(cutShort);
    expect(() => parseSenderKey(concat(bytes, Uint8Array.of(0)))).toThrow(refused('malformed'));
    expect(() => parseSenderKey(bytes.with(bytes.length - 1, 2))).toThrow(refused('malformed'));
    expect(() => parseSenderKey(bytes.with(0, 0x53))).toThrow(refused('malformed'));
    for (const format of [0, 3])
      expect(() => parseSenderKey(bytes.with(1, format))).toThrow(refused('unsupported-version'));
  });
});

describe('states that were stored in format 1', () => {
  const now = 1_800_000_000;

  test('of a session go on: what was missing is still read, once, then what comes next', async () => {
    const ben = new Device();
    ben.record = parseSession(hexToBytes(first.session.stored));
    expect(ben.record.archived).toHaveLength(1);
    expect(ben.record.current.pending?.kyber).toBeDefined();
    for (const { plaintext, bytes } of first.session.messages) {
      expect(fromUtf8(await ben.receive(hexToBytes(bytes)))).toBe(plaintext);
      ben.record = parseSession(serializeSession(ben.record));
      await expect(ben.receive(hexToBytes(bytes))).rejects.toEqual(refused('duplicate-message'));
    }
  });

  test('of a session whose present chain lacks a message, too', async () => {
    const [ana, ben] = await acquaintances();
    await ana.send(utf8('lost'));
    await ben.receive(await ana.send(utf8('read')));
    const bytes = Buffer.from(serializeSession(ben.record!));
    const { seed } = ben.record!.current.receiving.at(-1)!.skipped[0]!;
    // The number and, from format 2 on, the time stand before a seed.
    const at = bytes.indexOf(seed) - 4;
    const older = Uint8Array.from(concat(bytes.subarray(0, at), bytes.subarray(at + 4))).with(1, 1);
    expect(parseSession(older)).toStrictEqual(ben.record);
  });

  test('of a sender chain go on', async () => {
    let state = parseSenderKey(hexToBytes(first.senderKey.stored));
    for (const { plaintext, bytes } of first.senderKey.messages) {
      const opened = await decryptGroup(state, hexToBytes(bytes));
      expect(fromUtf8(opened.plaintext)).toBe(plaintext);
      state = parseSenderKey(serializeSenderKey(opened.state));
      await expect(decryptGroup(state, hexToBytes(bytes))).rejects.toEqual(refused('duplicate-message'));
    }
    expect(parseSenderKey(hexToBytes(first.ownSenderKey.stored)).signingPrivateKey).toHaveLength(32);
  });

  test('keep what was missing for 30 days from the first time that is known', async () => {
    const [lost, next] = first.session.messages.map(({ bytes }) => hexToBytes(bytes));
    const { local, lookup } = new Device();
    const { record } = await decrypt(parseSession(hexToBytes(first.session.stored)), local, lookup, next!, {
      now,
    });
    const days = (count: number) => now + count * 24 * 60 * 60;
    expect(fromUtf8((await decrypt(record, local, lookup, lost!, { now: days(30) })).plaintext)).toBe(
      'lost and found',
    );
    await expect(decrypt(record, local, lookup, lost!, { now: days(30) + 1 })).rejects.toEqual(
      refused('duplicate-message'),
    );
  });
});
