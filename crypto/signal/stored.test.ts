import { describe, expect, test } from 'vitest';
import { concat, utf8 } from '../../protocol/bytes.ts';
import {
  acceptDistribution,
  createSenderKey,
  decryptGroup,
  distribution,
  encryptGroup,
  parseSenderKey,
  serializeSenderKey,
} from './sender-key.ts';
import { parseSession, serializeSession } from './stored.ts';
import { acquaintances, Device } from './testing/device.ts';

const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });

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
    expect(parseSession(serializeSession(record))).toEqual(record);
    const plain = new Device({ kyber: false, oneTime: false });
    const ana = new Device();
    await ana.start(plain);
    expect(parseSession(serializeSession(ana.record!))).toEqual(ana.record);
  });

  test('cut short, lengthened, or of another kind or format are refused', async () => {
    const bytes = serializeSession(await fullRecord());
    for (let length = 0; length < bytes.length; length++)
      expect(() => parseSession(bytes.subarray(0, length)), `length ${length}`).toThrow(refused('malformed'));
    expect(() => parseSession(concat(bytes, Uint8Array.of(0)))).toThrow(refused('malformed'));
    expect(() => parseSession(bytes.with(0, 0x4b))).toThrow(refused('malformed'));
    expect(() => parseSession(bytes.with(1, 2))).toThrow(refused('unsupported-version'));
    expect(() => parseSession(bytes.with(2, 5))).toThrow(refused('malformed'));
  });
});

describe('stored sender chains', () => {
  test('are read as they were, our own and others', async () => {
    const { own, followed } = await fullChain();
    expect(followed.chain.skipped).toHaveLength(1);
    expect(parseSenderKey(serializeSenderKey(own))).toEqual(own);
    expect(parseSenderKey(serializeSenderKey(followed))).toEqual(followed);
  });

  test('cut short, lengthened, or of another kind or format are refused', async () => {
    const bytes = serializeSenderKey((await fullChain()).followed);
    for (let length = 0; length < bytes.length; length++)
      expect(() => parseSenderKey(bytes.subarray(0, length)), `length ${length}`).toThrow(
        refused('malformed'),
      );
    expect(() => parseSenderKey(concat(bytes, Uint8Array.of(0)))).toThrow(refused('malformed'));
    expect(() => parseSenderKey(bytes.with(bytes.length - 1, 2))).toThrow(refused('malformed'));
    expect(() => parseSenderKey(bytes.with(0, 0x53))).toThrow(refused('malformed'));
    expect(() => parseSenderKey(bytes.with(1, 2))).toThrow(refused('unsupported-version'));
  });
});
