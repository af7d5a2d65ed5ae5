import { describe, expect, it } from 'vitest';
import vectors from '../vectors/sframe-rfc9605.json' with { type: 'json' };
import { decodeHeader, deriveFrameKey, encodeHeader, openFrame, sealFrame } from './sframe.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

describe("RFC 9605's headers", () => {
  it.each(vectors.header)('kid $kid, counter $ctr', ({ kid, ctr, encoded }) => {
    expect(encodeHeader(BigInt(kid), BigInt(ctr))).toEqual(hex(encoded));
    expect(decodeHeader(hex(`${encoded}ff`))).toEqual({
      kid: BigInt(kid),
      ctr: BigInt(ctr),
      size: encoded.length / 2,
    });
  });

  it('are refused when they are cut', () => {
    const { encoded } = vectors.header.at(-1)!;
    for (let size = 0; size < encoded.length / 2; size++)
      expect(() => decodeHeader(hex(encoded).subarray(0, size))).toThrow(
        expect.objectContaining({ name: 'CallError', reason: 'malformed' }),
      );
  });
});

describe("RFC 9605's frame of AES_256_GCM_SHA512_128", () => {
  const { frame } = vectors;
  const metadata = hex(frame.metadata);

  it('is sealed byte for byte, and opens', async () => {
    const key = await deriveFrameKey(hex(frame.base_key), BigInt(frame.kid));
    expect(key.salt).toEqual(hex(frame.sframe_salt));
    const sealed = await sealFrame(key, BigInt(frame.ctr), hex(frame.pt), metadata);
    expect(sealed).toEqual(hex(frame.ct));
    expect(await openFrame(key, decodeHeader(sealed), sealed, metadata)).toEqual(hex(frame.pt));
  });

  it('does not open with a byte changed, cut, other metadata, or by the key of another id', async () => {
    const key = await deriveFrameKey(hex(frame.base_key), BigInt(frame.kid));
    const sealed = hex(frame.ct);
    const { size } = decodeHeader(sealed);
    const tampered = expect.objectContaining({ name: 'CallError', reason: 'tampered' });
    for (let at = size; at < sealed.length; at++) {
      const changed = sealed.with(at, sealed[at]! ^ 1);
      await expect(openFrame(key, decodeHeader(changed), changed, metadata)).rejects.toEqual(tampered);
    }
    for (const cut of [sealed.subarray(0, sealed.length - 1), sealed.subarray(0, size)])
      await expect(openFrame(key, decodeHeader(cut), cut, metadata)).rejects.toEqual(tampered);
    await expect(openFrame(key, decodeHeader(sealed), sealed, metadata.subarray(1))).rejects.toEqual(
      tampered,
    );
    const other = await deriveFrameKey(hex(frame.base_key), 292n);
    await expect(openFrame(other, decodeHeader(sealed), sealed, metadata)).rejects.toEqual(tampered);
  });
});
