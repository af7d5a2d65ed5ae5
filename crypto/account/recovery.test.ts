import { describe, expect, it } from 'vitest';
import { toBase64 } from '../../protocol/bytes.ts';
import { drawn, overwritten } from '../signal/testing/memory.ts';
import { createRecoveryCode, deriveRecoveryKeys, RecoveryCodeError } from './index.ts';

const email = 'ana@example.org';

describe('a recovery code', () => {
  it('is 28 characters that nobody takes for others, in groups of four, and never the same', () => {
    const codes = new Set(Array.from({ length: 200 }, createRecoveryCode));
    expect(codes.size).toBe(200);
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
  });

  it('gives the same keys however it is typed, and others for another account', () => {
    // One with the two characters that are typed in more than one way.
    let code = createRecoveryCode();
    while (!(code.includes('0') && code.includes('1'))) code = createRecoveryCode();
    const keys = deriveRecoveryKeys(code, email);
    expect([keys.authKey, keys.wrapKey].map(({ length }) => length)).toEqual([32, 32]);
    const sloppy = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    expect(deriveRecoveryKeys(`  ${sloppy}\n`, ' Ana@Example.org')).toEqual(keys);
    expect(deriveRecoveryKeys(code.replaceAll('1', 'I').replaceAll('-', '–'), email)).toEqual(keys);
    expect(deriveRecoveryKeys(code, 'ben@example.org').authKey).not.toEqual(keys.authKey);
    expect(keys.authKey).not.toEqual(keys.wrapKey);
    expect(deriveRecoveryKeys(createRecoveryCode(), email).wrapKey).not.toEqual(keys.wrapKey);
  });

  it('is what it was when it was written down', () => {
    const { authKey, wrapKey } = deriveRecoveryKeys('0000-0000-0000-0000-0000-0000-00VM', email);
    expect([toBase64(authKey), toBase64(wrapKey)]).toMatchInlineSnapshot(`
      [
        "c0F8wtcZLOBnyc1hITNurhkGVP-1qs7iLmB_zLwTm2E",
        "kHUcmWBIGCO2Y1Gcqe9vWptn1p4apcCfZHOGpU5XUyE",
      ]
    `);
  });

  it('with one wrong character, a swapped pair, or a piece missing is refused', () => {
    const code = createRecoveryCode();
    const bad: string[] = [
      '',
      code.slice(0, -1),
      `${code}0`,
      `0${code}`,
      code.replace(/.$/, 'U'),
      `${code.slice(0, -1)}*`,
    ];
    let undetected = 0;
    for (let i = 0; i < code.length; i++) {
      if (code[i] === '-') continue;
      const other = code[i] === '7' ? '8' : '7';
      const wrong = code.slice(0, i) + other + code.slice(i + 1);
      try {
        deriveRecoveryKeys(wrong, email);
        undetected++;
      } catch (error) {
        expect(error).toBeInstanceOf(RecoveryCodeError);
      }
    }
    // Twelve bits let one of 4 096 through.
    expect(undetected).toBeLessThanOrEqual(1);
    for (const typed of bad) {
      expect(() => deriveRecoveryKeys(typed, email), typed).toThrow(RecoveryCodeError);
      expect(() => deriveRecoveryKeys(typed, email), typed).toThrow(
        expect.objectContaining({ name: 'RecoveryCodeError' }),
      );
    }
  });

  it('with a character that is in none is refused, whatever it would come out as', () => {
    // A place in the alphabet of -1 has all bits set, as the last letter's have.
    let code = createRecoveryCode();
    while (!code.startsWith('Z')) code = createRecoveryCode();
    expect(deriveRecoveryKeys(code, email).authKey).toHaveLength(32);
    expect(() => deriveRecoveryKeys(`*${code.slice(1)}`, email)).toThrow(RecoveryCodeError);
  });

  it('leaves its random bytes nowhere but on paper', async () => {
    const made = await drawn(() => overwritten(createRecoveryCode));
    const { result: code, wiped } = made.result;
    const [secret] = made.random;
    expect(secret).toHaveLength(2 * 16);
    expect(wiped).toContain(secret);
    const read = await overwritten(() => deriveRecoveryKeys(code, email));
    expect(read.wiped).toContain(secret);
  });
});
