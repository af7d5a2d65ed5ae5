import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { keyPairFromPrivate } from '../signal/curve.ts';
import { overwritten } from '../signal/testing/memory.ts';
import { dh, hmac } from '../signal/testing/reference.ts';
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

it('leaves nothing of what its key was made of in memory, on either side', async () => {
  const { recipient, ephemeral, info, enc, plaintext } = rfc;
  const to = keyPairFromPrivate(hex(recipient));
  const pair = keyPairFromPrivate(hex(ephemeral));
  const sealing = await overwritten(() => hpkeSeal(to.publicKey, hex(plaintext), hex(info), undefined, pair));
  const opening = await overwritten(() => hpkeOpen(hex(recipient), sealing.result, hex(info)));
  // RFC 9180, sections 4 and 5.1, once more.
  const kem = concat(utf8('HPKE-v1KEM'), Uint8Array.of(0, 0x20));
  const suite = concat(utf8('HPKE-v1HPKE'), Uint8Array.of(0, 0x20, 0, 1, 0, 2));
  const none: Uint8Array = new Uint8Array(0);
  const extract = (id: Uint8Array, salt: Uint8Array, label: string, ikm = none) =>
    hmac(salt, id, utf8(label), ikm);
  const expand = (id: Uint8Array, prk: Uint8Array, label: string, context: Uint8Array) =>
    hmac(prk, Uint8Array.of(0, 32), id, utf8(label), context, Uint8Array.of(1));
  const secret = dh(pair, to.publicKey);
  const prk = extract(kem, none, 'eae_prk', secret);
  const shared = expand(kem, prk, 'shared_secret', concat(hex(enc), to.publicKey.subarray(1)));
  const [psk, about] = [extract(suite, none, 'psk_id_hash'), extract(suite, none, 'info_hash', hex(info))];
  const scheduled = extract(suite, shared, 'secret');
  const key = expand(suite, scheduled, 'key', concat(Uint8Array.of(0), psk, about));
  for (const { wiped } of [sealing, opening])
    for (const part of [secret, prk, shared, scheduled, key])
      expect(wiped).toContain(Buffer.from(part).toString('hex'));
  expect(opening.wiped).toContain(Buffer.from(to.privateKey).toString('hex'));
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
