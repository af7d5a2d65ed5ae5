import { describe, expect, test } from 'vitest';
import { concat } from '../../protocol/bytes.ts';
import { sign } from './curve.ts';
import {
  acceptDistribution,
  createSenderKey,
  decryptGroup,
  distribution,
  encryptGroup,
  serializeSenderKey,
} from './sender-key.ts';
import { serializeSession } from './stored.ts';
import { acquaintances } from './testing/device.ts';
import { encodeSenderKeyMessage } from './wire.ts';

// Hashing and AES of long messages are the platform's, of short ones JavaScript's: nobody notices.

const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });
const lengths = [0, 1, 975, 1007, 1008, 1023, 1024, 1025, 40_960];
const text = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);
const altered = (bytes: Uint8Array, at: number) => bytes.with(at, bytes[at]! ^ 1);

describe.each(lengths)('a message of %i bytes', (length) => {
  test('between two devices is read as it was written, and refused when altered', async () => {
    const [ana, ben] = await acquaintances();
    for (let i = 0; i < 2; i++) {
      const bytes = await ana.send(text(length));
      const before = serializeSession(ben.record!);
      for (const at of [Math.floor(bytes.length / 2), bytes.length - 9, bytes.length - 1])
        await expect(ben.receive(altered(bytes, at))).rejects.toEqual(refused('bad-mac'));
      expect(serializeSession(ben.record!)).toEqual(before);
      expect(await ben.receive(bytes)).toEqual(text(length));
    }
  });

  test('in a room is read as it was written', async () => {
    const own = createSenderKey('d1d1d1d1-7000-11eb-b32a-33b8a8a487a6');
    const { bytes } = encryptGroup(own, text(length));
    const followed = acceptDistribution(distribution(own));
    expect((await decryptGroup(followed, bytes)).plaintext).toEqual(text(length));
  });
});

test.each([16, 1008, 1024, 40_960])(
  'a signed room message whose %i bytes are no padded ciphertext changes nothing',
  async (length) => {
    const own = createSenderKey('d1d1d1d1-7000-11eb-b32a-33b8a8a487a6');
    const followed = acceptDistribution(distribution(own));
    const before = serializeSenderKey(followed);
    const { distributionId, chainId, signingPrivateKey } = own;
    // One byte is missing, so that it cannot be padded rightly by chance.
    const ciphertext = text(length - 1);
    const message = encodeSenderKeyMessage({ distributionId, chainId, iteration: 0, ciphertext });
    const bytes = concat(message, sign(signingPrivateKey!, message));
    await expect(decryptGroup(followed, bytes)).rejects.toEqual(refused('malformed'));
    expect(serializeSenderKey(followed)).toEqual(before);
  },
);
