import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../protocol/bytes.ts';
import { Envelope } from '../../protocol/content.ts';
import { EnvelopeError, packEnvelope, unpackEnvelope } from './envelope.ts';
import { pad, TooLongError, unpad } from './padding.ts';

const uuid = (n: number) => `0190d8a0-0000-7000-8000-${String(n).padStart(12, '0')}`;
const envelope = {
  id: uuid(1),
  room: uuid(2),
  sender: uuid(3),
  device: 1,
  roster: 'A'.repeat(43),
  at: 1_700_000_000_000,
  chain: uuid(4),
  list: 3,
  content: { kind: 'text', body: 'hello' },
};
const reason = (task: () => unknown) => {
  try {
    task();
  } catch (error) {
    if (error instanceof EnvelopeError && error.name === 'EnvelopeError') return error.reason;
    throw error;
  }
  return 'accepted';
};

describe('an envelope', () => {
  const { plaintext, commitment } = packEnvelope(envelope);
  const outer = { id: uuid(1), room: uuid(2), sender: uuid(3), device: 1, chain: uuid(4), commitment };

  it('comes out as it went in', () => {
    expect(unpackEnvelope(plaintext, outer, Envelope)).toMatchObject(envelope);
  });

  it('commits to the very bytes that its padding holds, under the key among them', async () => {
    const bytes = unpad(plaintext);
    const { frankingKey } = JSON.parse(fromUtf8(bytes));
    const hmac = createHmac('sha256', fromBase64(frankingKey)).update(bytes);
    expect(commitment).toBe(hmac.digest('base64url'));
    expect(fromBase64(frankingKey)).toHaveLength(32);
  });

  it.each([
    ['id', uuid(9)],
    ['room', uuid(9)],
    ['sender', uuid(9)],
    ['device', 2],
    ['chain', uuid(9)],
  ])('is refused when it arrives with another %s', (field, value) => {
    expect(reason(() => unpackEnvelope(plaintext, { ...outer, [field]: value }, Envelope))).toBe('mismatch');
  });

  it('is refused without its commitment, and with that of the same words said another time', () => {
    expect(reason(() => unpackEnvelope(plaintext, { ...outer, commitment: undefined }, Envelope))).toBe(
      'bad-commitment',
    );
    const other = packEnvelope(envelope).commitment;
    expect(reason(() => unpackEnvelope(plaintext, { ...outer, commitment: other }, Envelope))).toBe(
      'bad-commitment',
    );
  });

  it('of the first version, which named no chain and no device list, still opens', () => {
    // Written by hand: what lies in rooms' histories is of this form.
    const { chain: _, list: __, ...first } = envelope;
    const frankingKey = new Uint8Array(32).fill(7);
    const bytes = utf8(JSON.stringify({ v: 1, ...first, frankingKey: toBase64(frankingKey) }));
    const old = { ...outer, commitment: createHmac('sha256', frankingKey).update(bytes).digest('base64url') };
    expect(unpackEnvelope(pad(bytes), old, Envelope)).toMatchObject({ v: 1, ...first });
    expect(reason(() => unpackEnvelope(pad(bytes), { ...old, room: uuid(9) }, Envelope))).toBe('mismatch');
  });

  it('of the second version is malformed without its chain or its list', () => {
    for (const missing of ['chain', 'list'] as const) {
      const { [missing]: _, ...rest } = envelope;
      const packed = packEnvelope(rest as typeof envelope);
      const its = { ...outer, commitment: packed.commitment };
      expect(reason(() => unpackEnvelope(packed.plaintext, its, Envelope))).toBe('malformed');
    }
  });

  it('of another form is malformed, not a crash', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(256), pad(new Uint8Array(5))])
      expect(reason(() => unpackEnvelope(bytes, outer, Envelope))).toBe('malformed');
  });
});

describe('padding', () => {
  it('is undone exactly, and leaves only bucket sizes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const padded = pad(bytes);
        expect([256, 512, 1024, 2048, 4096]).toContain(padded.length);
        expect(unpad(padded)).toEqual(bytes);
      }),
    );
  });

  it.each([
    [255, 256],
    [256, 512],
    [32_767, 32_768],
    [32_768, 40_960],
    [40_959, 40_960],
  ])('%i bytes take %i', (length, size) => {
    const bytes = new Uint8Array(length).fill(1);
    const padded = pad(bytes);
    expect(padded).toHaveLength(size);
    expect(unpad(padded)).toEqual(bytes);
  });

  it.each([
    ['nothing', []],
    ['zeros alone', [0, 0]],
    ['no end', [1, 2, 0, 0]],
    ['another end', [1, 0x81, 0]],
  ])('of another form is refused: %s', (_, bytes) => {
    expect(() => unpad(Uint8Array.from(bytes))).toThrow('the padding of a message is malformed');
  });

  it('says when something is too long', () => {
    const tooLong = expect.objectContaining({
      name: 'TooLongError',
      message: 'a message holds at most 40959 bytes',
    });
    expect(() => pad(new Uint8Array(40_960))).toThrow(tooLong);
    expect(() => pad(new Uint8Array(40_960))).toThrow(TooLongError);
  });
});
