import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, equalBytes, fromBase64, toBase64, utf8 } from './bytes.ts';

describe('base64url', () => {
  it('agrees with Node for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url');
        expect(toBase64(bytes)).toBe(text);
        expect(fromBase64(text)).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  it.each(['A', 'AB=', 'A+B/', 'AB CD', 'AC', 'é'])(
    'refuses %j, so that no two texts mean the same bytes',
    (text) => {
      expect(() => fromBase64(text)).toThrow(RangeError);
    },
  );
});

describe('equalBytes', () => {
  it('tells any two different arrays apart', () => {
    expect(equalBytes(utf8('same'), utf8('same'))).toBe(true);
    expect(equalBytes(utf8('same'), utf8('sane'))).toBe(false);
    expect(equalBytes(utf8('same'), utf8('same '))).toBe(false);
  });
});

it('concat joins in order', () => {
  expect(concat(utf8('a'), new Uint8Array(0), utf8('bc'))).toEqual(utf8('abc'));
});
