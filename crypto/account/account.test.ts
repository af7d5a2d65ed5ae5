import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../protocol/bytes.ts';
import { agree, sign, verify } from '../signal/curve.ts';
import {
  accountKeys,
  createAccountSecret,
  deriveAccountKeys,
  deriveGuestKey,
  deriveMasterKey,
  openWith,
  SealError,
  sealWith,
  unwrapSecret,
  wrapSecret,
} from './index.ts';

const key = new Uint8Array(32).fill(7);
const usual = deriveMasterKey('password', 'ana@example.org');

describe('password to keys', { timeout: 30_000 }, () => {
  test('stays what it was: accounts made today open tomorrow', async () => {
    const master = await deriveMasterKey('correct horse battery staple', 'ana@example.org');
    const { authKey, wrapKey } = deriveAccountKeys(master);
    expect({
      master: bytesToHex(master),
      authKey: bytesToHex(authKey),
      wrapKey: bytesToHex(wrapKey),
    }).toEqual({
      master: '694a7c4e2c962a727b82b3b8c46c19216b1d62c6581b9257bf72928873ee4cd8',
      authKey: 'b7ef4e1e5100f18d9b7cd657e388853c7a3766729724d0d5aec5d2a6944140f3',
      wrapKey: 'f1bc8ea0ad1c53f0e90f1b6808f30030beb0c78e38c50164151f51b5fa40c442',
    });
  });

  test('does not care how the email and the letters of the password are spelt', async () => {
    const composed = await deriveMasterKey('caf\u00e9', 'ana@example.org');
    expect(await deriveMasterKey('cafe\u0301', '  Ana@Example.ORG ')).toEqual(composed);
  });

  test.each([
    ['another password', 'Password', 'ana@example.org'],
    ['a space after it', 'password ', 'ana@example.org'],
    ['another email', 'password', 'ben@example.org'],
  ])('%s gives another key', async (_, password, email) => {
    expect(await deriveMasterKey(password, email)).not.toEqual(await usual);
  });
});

describe('account secret', () => {
  test('its keys stay what they were', () => {
    const secret = Uint8Array.from({ length: 32 }, (_, i) => i);
    const { identity, vaultKey, backupKey } = accountKeys(secret);
    expect({
      identityPublic: bytesToHex(identity.publicKey),
      identityPrivate: bytesToHex(identity.privateKey),
      vaultKey: bytesToHex(vaultKey),
      backupKey: bytesToHex(backupKey),
      guest: bytesToHex(deriveGuestKey(secret)),
    }).toEqual({
      identityPublic: '05260c3d310a3108762dc94825653a57a9524a49c682f5b21f554cf58a07a86e45',
      identityPrivate: '080f9db8e77f689ed8a5403fdb4d5715c206d182fd978bc3d80eeb2dd8905b4e',
      vaultKey: '8861ebb39cec8c3b8a938dd6555a5ba3376b9e338666e20fdc22fe6e3a987d24',
      backupKey: 'b01217a7139028723c349c5d930fa014a5a9a6c515d8ddcc26e1bf79144c7084',
      guest: '582c8565c2904b94c6bbca91970aee02c06a6b11c949d6f6e5799a022a91c5c0',
    });
  });

  test('of another length is a mistake of the caller', () => {
    for (const length of [31, 33])
      expect(() => accountKeys(new Uint8Array(length))).toThrow('an account secret has 32 bytes');
  });

  test('is new each time, and its identity agrees and signs', async () => {
    const ana = accountKeys(createAccountSecret()).identity;
    const ben = accountKeys(createAccountSecret()).identity;
    expect(await agree(ana.privateKey, ben.publicKey)).toEqual(await agree(ben.privateKey, ana.publicKey));
    expect(await verify(ana.publicKey, key, sign(ana.privateKey, key))).toBe(true);
    expect(await verify(ben.publicKey, key, sign(ana.privateKey, key))).toBe(false);
  });

  test('survives wrapping, under the right key and for the right purpose only', async () => {
    const secret = createAccountSecret();
    const wrapped = await wrapSecret(secret, key);
    expect(await unwrapSecret(wrapped, key)).toEqual(secret);
    await expect(unwrapSecret(wrapped, new Uint8Array(32).fill(8))).rejects.toThrow(SealError);
    await expect(unwrapSecret(wrapped, key, 'recovery-code')).rejects.toThrow(SealError);
  });

  test('a blob wrapped today opens tomorrow', async () => {
    expect(
      bytesToHex(
        await unwrapSecret(
          hexToBytes(
            'd4699b9c9c16de2ebf290b026cbf643d6845cb1bae32beba4ea26f65d61e6304e1d4187cff60669de19e263f8f0486b9c2301db7088596a0daf68af6',
          ),
          key,
        ),
      ),
    ).toBe('09'.repeat(32));
  });

  test('a blob that holds something else than a secret is refused', async () => {
    const label = 'Stream Chat account secret v1 password';
    await expect(unwrapSecret(await sealWith(key, utf8('short'), label), key)).rejects.toThrow(SealError);
  });
});

describe('sealing', () => {
  test('two seals of the same bytes differ, and both open', async () => {
    const [one, two] = await Promise.all([
      sealWith(key, utf8('hello'), 'a'),
      sealWith(key, utf8('hello'), 'a'),
    ]);
    expect(one).not.toEqual(two);
    expect(await openWith(key, one, 'a')).toEqual(utf8('hello'));
    expect(await openWith(key, two, 'a')).toEqual(utf8('hello'));
  });

  test('nothing at all can be sealed', async () => {
    expect(await openWith(key, await sealWith(key, new Uint8Array(0), ''), '')).toEqual(new Uint8Array(0));
  });

  test('any changed byte, any truncation and another label are refused', async () => {
    const sealed = await sealWith(key, utf8('hello'), 'room name');
    for (let at = 0; at < sealed.length; at++) {
      const altered = Uint8Array.from(sealed);
      altered[at]! ^= 0x80;
      await expect(openWith(key, altered, 'room name'), `byte ${at}`).rejects.toThrow(SealError);
      await expect(openWith(key, sealed.subarray(0, at), 'room name'), `length ${at}`).rejects.toThrow(
        SealError,
      );
    }
    await expect(openWith(key, sealed, 'room  name')).rejects.toThrow(SealError);
    await expect(openWith(key, sealed, 'room  name')).rejects.toMatchObject({
      name: 'SealError',
      message: 'these bytes were not sealed with this key for this purpose',
    });
  });

  test('a key of another length is a mistake of the caller', async () => {
    await expect(sealWith(key.subarray(1), utf8('hello'), 'a')).rejects.toThrow(RangeError);
  });
});
