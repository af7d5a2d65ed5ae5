import { describe, expect, test } from 'vitest';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { generateKeyPair } from './curve.ts';
import { encodeFields } from './protobuf.ts';
import { matchesScanned, safetyNumber } from './safety-number.ts';

const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });
const ana = { id: utf8('ana'), identityKey: generateKeyPair().publicKey };
const ben = { id: utf8('ben'), identityKey: generateKeyPair().publicKey };
const mallory = { id: utf8('ben'), identityKey: generateKeyPair().publicKey };

describe('safety number', () => {
  const here = safetyNumber(ana, ben);
  const there = safetyNumber(ben, ana);

  test('is the same 60 digits on both sides, and each matches the other’s code', () => {
    expect(here.displayable).toMatch(/^\d{60}$/);
    expect(there.displayable).toBe(here.displayable);
    expect(matchesScanned(here, there.scannable)).toBe(true);
    expect(matchesScanned(there, here.scannable)).toBe(true);
  });

  test('differs when somebody sits in between', () => {
    const fooled = safetyNumber(ana, mallory);
    expect(fooled.displayable).not.toBe(there.displayable);
    expect(matchesScanned(fooled, there.scannable)).toBe(false);
    expect(matchesScanned(there, fooled.scannable)).toBe(false);
  });

  test('does not match its own code: a mirror proves nothing', () => {
    expect(matchesScanned(here, here.scannable)).toBe(false);
  });

  test('does not match what is no such code', () => {
    expect(() => matchesScanned(here, utf8('https://example.org'))).toThrow(refused('malformed'));
    expect(() => matchesScanned(here, new Uint8Array(0))).toThrow(refused('malformed'));
    expect(() => matchesScanned(here, concat(there.scannable, Uint8Array.of(0)))).toThrow(
      refused('malformed'),
    );
    const side = (length: number) => encodeFields([1, new Uint8Array(length)]);
    for (const length of [31, 33])
      expect(() => matchesScanned(here, encodeFields([1, 2], [2, side(32)], [3, side(length)]))).toThrow(
        refused('malformed'),
      );
    expect(() => matchesScanned(here, there.scannable.with(1, 1))).toThrow(refused('unsupported-version'));
  });

  test('wants real keys', () => {
    expect(() => safetyNumber({ ...ana, identityKey: new Uint8Array(33) }, ben)).toThrow(
      refused('malformed'),
    );
  });
});
