import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { normaliseEmail } from '../../protocol/spelling.ts';
import { hkdfSha256 } from '../signal/primitives.ts';
import type { PasswordKeys } from './password.ts';

const saltLabel = 'Stream Chat recovery salt v1';
const authLabel = 'Stream Chat recovery auth key v1';
const wrapLabel = 'Stream Chat recovery wrap key v1';

/** Crockford's base 32: no I, L, O or U, which people take for others. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const secretLength = 16;
/** 128 bits and 12 of a checksum make 28 characters, written in groups of four. */
const codeLength = 28;
const checksumBits = 12n;

/** A fresh recovery code, `XXXX-XXXX-…` (7 groups): 128 random bits, with a checksum that finds nearly every slip of the pen. */
export function createRecoveryCode(): string {
  const secret = crypto.getRandomValues(new Uint8Array(secretLength));
  let value = (toBigInt(secret) << checksumBits) | checksum(secret);
  let code = '';
  for (let i = 0; i < codeLength; i++) {
    code = alphabet[Number(value & 31n)] + code;
    value >>= 5n;
  }
  secret.fill(0);
  return code.match(/.{4}/g)!.join('-');
}

/** This is no recovery code: it was mistyped, or is not all of it. */
export class RecoveryCodeError extends Error {
  constructor() {
    super('This is not a whole recovery code.');
    this.name = 'RecoveryCodeError';
  }
}

/**
 * The two keys of a recovery code, as people write it: case, spaces and dashes don't count, O is 0, I and L are 1. Its 128 random
 * bits need no Argon2: nobody guesses them at any speed.
 *
 * @throws RecoveryCodeError for what is no whole code
 */
export function deriveRecoveryKeys(typed: string, email: string): PasswordKeys {
  const secret = readRecoveryCode(typed);
  const salt = sha256(concat(utf8(saltLabel), utf8(normaliseEmail(email))));
  const derive = (label: string) => hkdfSha256(secret, salt, utf8(label), 32);
  const keys = { authKey: derive(authLabel), wrapKey: derive(wrapLabel) };
  secret.fill(0);
  return keys;
}

function readRecoveryCode(typed: string): Uint8Array {
  const code = typed
    .toUpperCase()
    .replace(/[\s\u2010-\u2015-]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  if (code.length !== codeLength) throw new RecoveryCodeError();
  let value = 0n;
  for (const character of code) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) throw new RecoveryCodeError();
    value = (value << 5n) | BigInt(digit);
  }
  const secret = new Uint8Array(secretLength);
  let rest = value >> checksumBits;
  for (let i = secretLength - 1; i >= 0; i--) {
    secret[i] = Number(rest & 255n);
    rest >>= 8n;
  }
  if ((value & ((1n << checksumBits) - 1n)) !== checksum(secret)) throw new RecoveryCodeError();
  return secret;
}

const toBigInt = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

function checksum(secret: Uint8Array): bigint {
  const hash = sha256(secret);
  return (BigInt(hash[0]!) << 4n) | BigInt(hash[1]! >> 4);
}
