import { describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../protocol/bytes.ts';
import { skippedLifetime } from './chain.ts';
import {
  acceptDistribution,
  createSenderKey,
  decryptGroup,
  distribution,
  encryptGroup,
} from './sender-key.ts';
import { decrypt } from './session.ts';
import { parseSession, serializeSession } from './stored.ts';
import { acquaintances, type Device } from './testing/device.ts';

const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });
const skippedAt = 1_800_000_000;
const atLast = skippedAt + skippedLifetime;

/** Reads `bytes` at a time, and gives the text. */
async function readAt(device: Device, bytes: Uint8Array, now?: number): Promise<string> {
  const { record, plaintext } = await decrypt(device.record, device.local, device.lookup, bytes, { now });
  device.record = parseSession(serializeSession(record));
  return fromUtf8(plaintext);
}

const seeds = ({ record }: Device): number =>
  record!.current.receiving.reduce((sum, { skipped }) => sum + skipped.length, 0);

describe('the key of a message that stays away', () => {
  test('opens it for 30 days, and not a second longer', async () => {
    const [ana, ben] = await acquaintances();
    const [lost, other] = [await ana.send(utf8('lost')), await ana.send(utf8('other'))];
    await readAt(ben, await ana.send(utf8('read')), skippedAt);
    const { record } = ben;
    expect(await readAt(ben, lost, atLast)).toBe('lost');
    ben.record = record;
    await expect(readAt(ben, lost, atLast + 1)).rejects.toEqual(refused('duplicate-message'));
    expect(ben.record).toBe(record);
    expect(await readAt(ben, other, atLast)).toBe('other');
  });

  test('does not live longer for what is read in the meantime', async () => {
    const [ana, ben] = await acquaintances();
    const lost = await ana.send(utf8('lost'));
    await readAt(ben, await ana.send(utf8('read')), skippedAt);
    await readAt(ben, await ana.send(utf8('read on')), atLast - 1);
    await expect(readAt(ben, lost, atLast + 1)).rejects.toEqual(refused('duplicate-message'));
    expect(await readAt(ben, lost, atLast)).toBe('lost');
  });

  test('is deleted when anything else is read after that, in the same chain or in another', async () => {
    const [ana, ben] = await acquaintances();
    await ana.send(utf8('lost'));
    await readAt(ben, await ana.send(utf8('read')), skippedAt);
    await ana.receive(await ben.send(utf8('turn')));
    const late = await ana.send(utf8('late'));
    const { record } = ben;
    await readAt(ben, late, atLast);
    expect(seeds(ben)).toBe(1);
    ben.record = record;
    await readAt(ben, late, atLast + 1);
    expect(seeds(ben)).toBe(0);
  });

  test('counts from the first reading with a clock when it was skipped without one', async () => {
    const [ana, ben] = await acquaintances();
    const lost = await ana.send(utf8('lost'));
    await readAt(ben, await ana.send(utf8('read')));
    await readAt(ben, await ana.send(utf8('read')), skippedAt);
    await expect(readAt(ben, lost, atLast + 1)).rejects.toEqual(refused('duplicate-message'));
    expect(await readAt(ben, lost, atLast)).toBe('lost');
  });

  test('in a sender chain, the same', async () => {
    let own = createSenderKey('3f2504e0-4f89-41d3-9a0c-0305e82c3301');
    const followed = acceptDistribution(distribution(own));
    const messages: Uint8Array[] = [];
    for (const text of ['lost', 'read', 'next']) {
      const { state, bytes } = encryptGroup(own, utf8(text));
      own = state;
      messages.push(bytes);
    }
    const [lost, read, next] = messages;
    const { state } = await decryptGroup(followed, read!, skippedAt);
    expect(fromUtf8((await decryptGroup(state, lost!, atLast)).plaintext)).toBe('lost');
    await expect(decryptGroup(state, lost!, atLast + 1)).rejects.toEqual(refused('duplicate-message'));
    const unknown = (await decryptGroup(followed, read!)).state;
    const known = (await decryptGroup(unknown, next!, skippedAt)).state;
    expect(fromUtf8((await decryptGroup(known, lost!, atLast)).plaintext)).toBe('lost');
    expect((await decryptGroup(state, next!, atLast)).state.chain.skipped).toHaveLength(1);
    expect((await decryptGroup(state, next!, atLast + 1)).state.chain.skipped).toHaveLength(0);
  });
});
