import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromUtf8, utf8 } from '../../protocol/bytes.ts';
import { advance, type Chain } from './chain.ts';
import { generateKeyPair, sign } from './curve.ts';
import {
  acceptDistribution,
  createSenderKey,
  decryptGroup,
  distribution,
  encryptGroup,
  openGroup,
  parseSenderKey,
  readDistribution,
  readSenderKeyMessage,
  type SenderKeyState,
  serializeSenderKey,
  spentSenderKey,
  verifyGroup,
} from './sender-key.ts';
import { decodeSenderKeyMessage } from './wire.ts';

const id = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });

/** `count` messages, each holding its number, and the chain after them. */
function write(state: SenderKeyState, count: number): { state: SenderKeyState; messages: Uint8Array[] } {
  const messages: Uint8Array[] = [];
  let own = state;
  for (let i = 0; i < count; i++) {
    const { state: next, bytes } = encryptGroup(own, utf8(String(i)));
    own = next;
    messages.push(bytes);
  }
  return { state: own, messages };
}

/** The message with number `index` of a chain that has written none yet; it holds its number. */
function messageAt(own: SenderKeyState, index: number): Uint8Array {
  let { chain }: { chain: Chain } = own;
  while (chain.index < index) ({ chain } = advance(chain));
  return encryptGroup({ ...own, chain: { ...chain, skipped: [] } }, utf8(String(index))).bytes;
}

async function refuses(state: SenderKeyState, bytes: Uint8Array, reason: string) {
  const before = serializeSenderKey(state);
  await expect(decryptGroup(state, bytes)).rejects.toEqual(refused(reason));
  expect(serializeSenderKey(state)).toEqual(before);
}

describe('a sender chain', { timeout: 30_000 }, () => {
  test('is read by whoever got its distribution, from there on', async () => {
    const own = createSenderKey(id);
    const ben = acceptDistribution(distribution(own));
    const { state, messages } = write(own, 2);
    const carla = acceptDistribution(distribution(state));
    const { bytes } = encryptGroup(state, utf8('third'));
    expect(fromUtf8((await decryptGroup(ben, messages[0]!)).plaintext)).toBe('0');
    expect(fromUtf8((await decryptGroup(ben, bytes)).plaintext)).toBe('third');
    expect(fromUtf8((await decryptGroup(carla, bytes)).plaintext)).toBe('third');
    await refuses(carla, messages[1]!, 'duplicate-message');
  });

  test('names itself in what it sends', () => {
    const own = createSenderKey(id.toUpperCase());
    const { state, messages } = write(own, 3);
    expect(readSenderKeyMessage(messages[2]!)).toEqual({
      distributionId: id,
      chainId: own.chainId,
      iteration: 2,
    });
    expect(readDistribution(distribution(state))).toEqual({
      distributionId: id,
      chainId: own.chainId,
      iteration: 3,
    });
    expect(own.distributionId).toBe(id);
    const ids = Array.from({ length: 40 }, () => createSenderKey(id).chainId);
    expect(Math.max(...ids)).toBeLessThan(2 ** 31);
    expect(Math.max(...ids)).toBeGreaterThanOrEqual(2 ** 30);
  });

  test('lets nobody but its maker write', async () => {
    const own = createSenderKey(id);
    const ben = acceptDistribution(distribution(own));
    expect(() => encryptGroup(ben, utf8('I am Ana'))).toThrow(refused('not-own-chain'));
    // Ben has the chain key, so all that stops him from writing as Ana is the signature.
    const forged = encryptGroup(
      { ...ben, signingPrivateKey: generateKeyPair().privateKey },
      utf8('I am Ana'),
    ).bytes;
    await refuses(ben, forged, 'bad-signature');
  });

  test('is not taken for another', async () => {
    const own = createSenderKey(id);
    const other = createSenderKey('00000000-0000-4000-8000-000000000000');
    const again = createSenderKey(id);
    const { bytes } = encryptGroup(own, utf8('hello'));
    await refuses(acceptDistribution(distribution(other)), bytes, 'wrong-chain');
    await refuses(acceptDistribution(distribution(again)), bytes, 'wrong-chain');
    const { distributionId } = other;
    await refuses({ ...acceptDistribution(distribution(own)), distributionId }, bytes, 'wrong-chain');
  });

  test('refuses any altered bit', async () => {
    const own = createSenderKey(id);
    const ben = acceptDistribution(distribution(own));
    const { bytes } = encryptGroup(own, utf8('hello'));
    const before = serializeSenderKey(ben);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const altered = Uint8Array.from(bytes);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      await expect(decryptGroup(ben, altered), `bit ${bit}`).rejects.toMatchObject({ name: 'SignalError' });
    }
    expect(serializeSenderKey(ben)).toEqual(before);
    expect(fromUtf8((await decryptGroup(ben, bytes)).plaintext)).toBe('hello');
  });

  test('refuses a ciphertext that its maker signed but nobody can decrypt', async () => {
    const own = createSenderKey(id);
    const { signed } = decodeSenderKeyMessage(encryptGroup(own, utf8('hello')).bytes);
    const damaged = signed.with(signed.length - 1, signed.at(-1)! ^ 1);
    const bytes = concat(damaged, sign(own.signingPrivateKey!, damaged));
    await refuses(acceptDistribution(distribution(own)), bytes, 'malformed');
  });

  test('may skip 2 000 messages, which are still read later; not 2 001', async () => {
    const own = createSenderKey(id);
    const ben = acceptDistribution(distribution(own));
    await refuses(ben, messageAt(own, 2001), 'too-far-ahead');
    const ahead = await decryptGroup(ben, messageAt(own, 2000));
    expect(fromUtf8(ahead.plaintext)).toBe('2000');
    const first = await decryptGroup(ahead.state, messageAt(own, 0));
    expect(fromUtf8(first.plaintext)).toBe('0');
    await refuses(first.state, messageAt(own, 0), 'duplicate-message');
    const last = await decryptGroup(first.state, messageAt(own, 1999));
    expect(fromUtf8(last.plaintext)).toBe('1999');
  });

  test('keeps the newest 2 000 missing keys, and gives up older ones', async () => {
    const own = createSenderKey(id);
    let ben = acceptDistribution(distribution(own));
    for (const index of [1500, 2501]) ({ state: ben } = await decryptGroup(ben, messageAt(own, index)));
    expect(ben.chain.skipped).toHaveLength(2000);
    await refuses(ben, messageAt(own, 499), 'duplicate-message');
    expect(fromUtf8((await decryptGroup(ben, messageAt(own, 500))).plaintext)).toBe('500');
  });

  test('ends before its numbers repeat', () => {
    const own = createSenderKey(id);
    const last = encryptGroup({ ...own, chain: { ...own.chain, index: 0xffff_fffe } }, utf8('the last'));
    expect(readSenderKeyMessage(last.bytes).iteration).toBe(0xffff_fffe);
    const spent = parseSenderKey(serializeSenderKey(last.state));
    expect(() => encryptGroup(spent, utf8('one too many'))).toThrow(refused('chain-spent'));
  });

  test('that is spent keeps its place and none of its keys: nothing opens, and nobody writes', async () => {
    const own = createSenderKey(id);
    const { state, messages } = write(own, 3);
    const read = await decryptGroup(acceptDistribution(distribution(own)), messages[1]!);
    for (const chain of [state, read.state]) {
      const spent = spentSenderKey(chain);
      const bytes = serializeSenderKey(spent);
      expect(spent).toStrictEqual({
        ...{ distributionId: id, chainId: own.chainId, signingKey: own.signingKey },
        chain: { key: new Uint8Array(32), index: 0xffff_ffff, skipped: [] },
      });
      expect(parseSenderKey(bytes)).toStrictEqual(spent);
      for (const message of messages) await refuses(spent, message, 'duplicate-message');
      await refuses(spent, messageAt(own, 10), 'duplicate-message');
      expect(() => encryptGroup(spent, utf8('once more'))).toThrow(refused('not-own-chain'));
    }
  });

  test('wants a UUID', () => {
    for (const bad of ['', 'room', `${id}0`, `0${id}`, id.replace('3', 'g')])
      expect(() => createSenderKey(bad)).toThrow(RangeError);
  });
});

test('whatever arrives, in whatever order, is read exactly once', { timeout: 30_000 }, async () => {
  const own = createSenderKey(id);
  const start = distribution(own);
  const letters = write(own, 24).messages;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(23), { maxLength: 60 }), async (deliveries) => {
      let ben = acceptDistribution(start);
      const read = new Set<number>();
      for (const index of deliveries) {
        if (read.has(index)) {
          await refuses(ben, letters[index]!, 'duplicate-message');
          continue;
        }
        const opened = await decryptGroup(ben, letters[index]!);
        expect(fromUtf8(opened.plaintext)).toBe(String(index));
        ben = parseSenderKey(serializeSenderKey(opened.state));
        read.add(index);
      }
    }),
    { numRuns: 40 },
  );
});

test('what was verified for one chain is not opened by another of the same name', async () => {
  const [own, other] = [createSenderKey(id), createSenderKey(id)];
  const impostor = { ...acceptDistribution(distribution(other)), chainId: own.chainId };
  const { bytes } = encryptGroup(own, utf8('hello'));
  const verified = await verifyGroup(own, decodeSenderKeyMessage(bytes));
  await expect(openGroup(impostor, verified)).rejects.toEqual(refused('wrong-chain'));
  const { plaintext } = await openGroup(acceptDistribution(distribution(own)), verified);
  expect(fromUtf8(plaintext)).toBe('hello');
});
