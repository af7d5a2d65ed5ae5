import { describe, expect, it } from 'vitest';
import { concat } from '../../protocol/bytes.ts';
import { keyPairFromPrivate } from '../signal/curve.ts';
import rfc from '../vectors/hpke-rfc9180.json' with { type: 'json' };
import recorded from '../vectors/hpke-x25519-sha256-aes256gcm.json' with { type: 'json' };
import { hpkeOpen, hpkeSeal } from './hpke.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

describe("RFC 9180's own vector", () => {
  const { recipient, ephemeral, info, aad, enc, ciphertext, plaintext } = rfc;

  it('is sealed as there, byte for byte', async () => {
    const to = keyPairFromPrivate(hex(recipient)).publicKey;
    const pair = keyPairFromPrivate(hex(ephemeral));
    expect(await hpkeSeal(to, hex(plaintext), hex(info), hex(aad), pair)).toEqual(
      concat(hex(enc), hex(ciphertext)),
    );
  });

  it('opens', async () => {
    const sealed = concat(hex(enc), hex(ciphertext));
    expect(await hpkeOpen(hex(recipient), sealed, hex(info), hex(aad))).toEqual(hex(plaintext));
  });
});

describe('vectors from another implementation', () => {
  it.each(recorded)('opens $plaintext', async ({ privateKey, info, aad, enc, ciphertext, plaintext }) => {
    const sealed = concat(hex(enc), hex(ciphertext));
    expect(await hpkeOpen(hex(privateKey), sealed, hex(info), hex(aad))).toEqual(hex(plaintext));
    const { publicKey } = keyPairFromPrivate(hex(privateKey));
    const ours = await hpkeSeal(publicKey, hex(plaintext), hex(info), hex(aad));
    expect(await hpkeOpen(hex(privateKey), ours, hex(info), hex(aad))).toEqual(hex(plaintext));
  });
});

describe('what was sealed', () => {
  const { recipient, info, aad, enc, ciphertext, plaintext } = rfc;
  const key = hex(recipient);
  const sealed = concat(hex(enc), hex(ciphertext));
  const refused = { name: 'FileError', reason: 'unwrap-failed' };

  it('does not open with any byte changed, cut, for another purpose, or by another', async () => {
    for (let at = 0; at < sealed.length; at++)
      await expect(
        hpkeOpen(key, sealed.with(at, sealed[at]! ^ 1), hex(info), hex(aad)),
      ).rejects.toMatchObject(refused);
    for (const length of [0, 31, 32, sealed.length - 1])
      await expect(hpkeOpen(key, sealed.subarray(0, length), hex(info), hex(aad))).rejects.toMatchObject(
        refused,
      );
    await expect(hpkeOpen(key, sealed, hex(aad), hex(aad))).rejects.toMatchObject(refused);
    await expect(hpkeOpen(key, sealed, hex(info))).rejects.toMatchObject(refused);
    await expect(hpkeOpen(key.with(5, 1), sealed, hex(info), hex(aad))).rejects.toMatchObject(refused);
  });

  it('is never twice the same', async () => {
    const to = keyPairFromPrivate(key).publicKey;
    expect(await hpkeSeal(to, hex(plaintext), hex(info))).not.toEqual(
      await hpkeSeal(to, hex(plaintext), hex(info)),
    );
  });

  // p - 1, 0, 1 and one of order 8: with these everybody derives the same key.
  it.each([
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  ])('does not open with the encapsulated key %s, of small order', async (u) => {
    await expect(hpkeOpen(key, concat(hex(u), hex(ciphertext)), hex(info), hex(aad))).rejects.toMatchObject({
      ...refused,
      cause: { reason: 'low-order-key' },
    });
  });
});
