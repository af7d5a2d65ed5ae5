import { x25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { hpkeOpen, hpkeSeal } from './hpke.ts';
import { createFileKey } from './keys.ts';
import { unwrapKey, wrapKey, wrappedKeySize } from './wrap.ts';

const person = () => {
  const { secretKey, publicKey } = x25519.keygen();
  return { privateKey: secretKey, identityKey: concat(Uint8Array.of(5), publicKey) };
};

describe('a wrapped file key', () => {
  const context = { roomId: 'room', fileId: 'file', recipientId: 'ben' };
  const dek = createFileKey();
  const ben = person();

  it('opens for its recipient', async () => {
    const wrapped = await wrapKey(dek, ben.identityKey, context);
    expect(wrapped.length).toBe(wrappedKeySize);
    expect(await unwrapKey(wrapped, ben.privateKey, context)).toEqual(dek);
  });

  it.each([
    ['room', { ...context, roomId: 'other' }],
    ['file', { ...context, fileId: 'other' }],
    ['recipient', { ...context, recipientId: 'carla' }],
  ])('does not open as that of another %s', async (_, other) => {
    const wrapped = await wrapKey(dek, ben.identityKey, context);
    await expect(unwrapKey(wrapped, ben.privateKey, other)).rejects.toMatchObject({
      reason: 'unwrap-failed',
    });
  });

  it('does not open for anybody else, altered, cut, or with a key of low order', async () => {
    const wrapped = await wrapKey(dek, ben.identityKey, context);
    const reason = { reason: 'unwrap-failed' };
    await expect(unwrapKey(wrapped, person().privateKey, context)).rejects.toMatchObject(reason);
    for (const at of [0, 31, 32, 79]) {
      const altered = concat(wrapped);
      altered[at]! ^= 1;
      await expect(unwrapKey(altered, ben.privateKey, context)).rejects.toMatchObject(reason);
    }
    await expect(unwrapKey(wrapped.subarray(1), ben.privateKey, context)).rejects.toMatchObject(reason);
    const lowOrder = concat(new Uint8Array(32), wrapped.subarray(32));
    await expect(unwrapKey(lowOrder, ben.privateKey, context)).rejects.toMatchObject(reason);
  });

  it('is HPKE under a label of its own: room, file and person are bound', async () => {
    const info = utf8('Stream Chat file key v1\nroom\nfile\nben');
    const wrapped = await wrapKey(dek, ben.identityKey, context);
    expect(await hpkeOpen(ben.privateKey, wrapped, info)).toEqual(dek);
    const short = await hpkeSeal(ben.identityKey, dek.subarray(1), info);
    await expect(unwrapKey(short, ben.privateKey, context)).rejects.toMatchObject({
      reason: 'unwrap-failed',
    });
  });

  it('is not made for what is no identity key', async () => {
    await expect(wrapKey(dek, ben.identityKey.subarray(1), context)).rejects.toThrow(RangeError);
    await expect(wrapKey(dek, concat(ben.identityKey, new Uint8Array(1)), context)).rejects.toThrow(
      RangeError,
    );
    await expect(
      wrapKey(dek, concat(Uint8Array.of(6), ben.identityKey.subarray(1)), context),
    ).rejects.toThrow(RangeError);
    await expect(wrapKey(dek, concat(Uint8Array.of(5), new Uint8Array(32)), context)).rejects.toMatchObject({
      reason: 'low-order-key',
    });
    await expect(wrapKey(dek.subarray(1), ben.identityKey, context)).rejects.toThrow(RangeError);
  });
});
