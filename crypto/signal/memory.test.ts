import { createHash } from 'node:crypto';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { Writer } from './binary.ts';
import { generateKeyPair, sign } from './curve.ts';
import { decapsulate, encapsulate, generateKemKeyPair } from './kem.ts';
import { nobleMlKem, webCryptoMlKem } from './ml-kem.ts';
import { webCryptoPlatform } from './platform.ts';
import {
  acceptDistribution,
  createSenderKey,
  decryptGroup,
  distribution,
  encryptGroup,
} from './sender-key.ts';
import { startSession } from './session.ts';
import { acquaintances, Device } from './testing/device.ts';
import { drawn, overwritten } from './testing/memory.ts';
import { dh, hkdf, hmac } from './testing/reference.ts';
import { decodeSignalMessage } from './wire.ts';

// What must not lie in memory after it served: who takes the device later would read with it what was said before.

const hex = bytesToHex;
const none = new Uint8Array(32);
const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)];
const messageKeys = (seed: Uint8Array) => hex(hkdf(seed, none, 'WhisperMessageKeys', 80));
const groupKeys = (seed: Uint8Array) => hex(hkdf(seed, none, 'WhisperGroup', 48));

describe('a pairwise message', () => {
  test('leaves neither its seed nor its keys with its writer', async () => {
    const [ana] = await acquaintances();
    const seed = hmac(ana.record!.current.sending.key, one);
    const { wiped } = await overwritten(() => ana.send(utf8('hello')));
    expect(wiped).toContain(hex(seed));
    expect(wiped).toContain(messageKeys(seed));
  });

  test('leaves not its keys with its reader, whether it is opened or not', async () => {
    const [ana, ben] = await acquaintances();
    await ben.receive(await ana.send(utf8('chain')));
    const bytes = await ana.send(utf8('hello'));
    const keys = messageKeys(hmac(ben.record!.current.receiving.at(-1)!.key, one));
    const altered = bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1);
    const refused = await overwritten(() => expect(ben.receive(altered)).rejects.toThrow());
    expect(refused.wiped).toContain(keys);
    expect((await overwritten(() => ben.receive(bytes))).wiped).toContain(keys);
  });

  test('leaves not the chain keys that it passed over', async () => {
    const [ana, ben] = await acquaintances();
    await ben.receive(await ana.send(utf8('chain')));
    const { key } = ben.record!.current.receiving.at(-1)!;
    for (let i = 0; i < 2; i++) await ana.send(utf8('lost'));
    const bytes = await ana.send(utf8('hello'));
    const { wiped } = await overwritten(() => ben.receive(bytes));
    expect(wiped).toContain(hex(hmac(key, two)));
    expect(wiped).toContain(hex(hmac(hmac(key, two), two)));
    // What the state before holds stays: it is stored still.
    expect(wiped).not.toContain(hex(key));
  });

  test('leaves neither agreements nor the root key between two steps', async () => {
    const [ana, ben] = await acquaintances();
    await ben.receive(await ana.send(utf8('turn')));
    const { rootKey, sending } = ana.record!.current;
    const bytes = await ben.send(utf8('answer'));
    const { ratchetKey } = decodeSignalMessage(bytes);
    const { wiped } = await overwritten(() => ana.receive(bytes));
    const received = dh(sending.ratchet, ratchetKey);
    expect(wiped).toContain(hex(received));
    expect(wiped).toContain(hex(dh(ana.record!.current.sending.ratchet, ratchetKey)));
    expect(wiped).toContain(hex(hkdf(received, rootKey, 'WhisperRatchet', 64).slice(0, 32)));
    expect(wiped).not.toContain(hex(rootKey));
  });
});

describe('a handshake', () => {
  test('leaves nothing of what its keys were made of, on either side', async () => {
    const [ana, ben] = [new Device(), new Device({ kyber: false })];
    const { bundle } = ben;
    const begun = await overwritten(() => startSession(ana.local, bundle, { minVersion: 3 }));
    const { wiped } = begun;
    ana.record = begun.result;
    const { signedPreKey, oneTimePreKey } = bundle;
    const base = ana.record.current.baseKey;
    // The ephemeral key is nowhere but among what was overwritten: the one whose public half travels.
    const isEphemeral = (each: string) =>
      each.length === 64 && hex(dh({ privateKey: hexToBytes(each) }, nine)) === hex(base.slice(1));
    const found = [...wiped].find(isEphemeral);
    expect(found).toBeDefined();
    const ephemeral = { privateKey: hexToBytes(found!) };
    const secrets = [
      dh(ana.local.identity, signedPreKey.publicKey),
      dh(ephemeral, bundle.identityKey),
      dh(ephemeral, signedPreKey.publicKey),
      dh(ephemeral, oneTimePreKey!.publicKey),
    ];
    const input = concat(new Uint8Array(32).fill(0xff), ...secrets);
    const rootKey = hkdf(input, none, 'WhisperText', 64).slice(0, 32);
    for (const secret of [...secrets, input, rootKey]) expect(wiped).toContain(hex(secret));

    const bytes = await ana.send(utf8('hello'));
    const answered = await overwritten(() => ben.receive(bytes));
    for (const secret of [...secrets, input]) expect(answered.wiped).toContain(hex(secret));
  });
});

/** X25519's base point. */
const nine = concat(Uint8Array.of(5, 9), new Uint8Array(31));

describe('a room message', () => {
  test('leaves neither its seed nor its keys, on either side', async () => {
    const own = createSenderKey('3f2504e0-4f89-41d3-9a0c-0305e82c3301');
    const seed = hmac(own.chain.key, one);
    const { result, wiped } = await overwritten(() => encryptGroup(own, utf8('hello')));
    expect(wiped).toContain(hex(seed));
    expect(wiped).toContain(groupKeys(seed));
    const ben = acceptDistribution(distribution(own));
    const read = await overwritten(() => decryptGroup(ben, result.bytes));
    expect(read.wiped).toContain(groupKeys(seed));
  });
});

test('a signature leaves neither its random bytes nor its nonce', async () => {
  const { privateKey } = generateKeyPair();
  const message = utf8('hello');
  const { result, random } = await drawn(() => overwritten(() => sign(privateKey, message)));
  // noble draws a little for itself too.
  const drawnHex = random.find(({ length }) => length === 2 * 64);
  expect(result.wiped).toContain(drawnHex);
  const prefix = new Uint8Array(32).fill(0xff).with(0, 0xfe);
  const nonce = await crypto.subtle.digest(
    'SHA-512',
    concat(prefix, privateKey, message, hexToBytes(drawnHex!)),
  );
  expect(result.wiped).toContain(hex(new Uint8Array(nonce)));
});

describe('Kyber', () => {
  test('a fresh key pair keeps its seed alone, and once', async () => {
    const { result, random } = await drawn(() => overwritten(() => generateKemKeyPair()));
    const { wiped } = result;
    expect(wiped).toContain(random[0]);
    expect([...wiped].some((each) => each.length === 2 * 3168)).toBe(true);
    expect(hex(result.result.secretKey)).toBe(`08${random[0]}`);
  });

  test('neither side keeps what the secret was made of', async () => {
    const { publicKey, secretKey } = generateKemKeyPair();
    const made = await overwritten(() => encapsulate(publicKey));
    const { ciphertext } = made.result;
    const opened = await overwritten(() => decapsulate(secretKey, ciphertext));
    const raw = ciphertext.slice(1);
    const secret = await nobleMlKem.decapsulate(secretKey.slice(1), raw);
    const input = concat(secret, Uint8Array.from(createHash('sha3-256').update(raw).digest()));
    for (const { wiped } of [made, opened])
      for (const part of [secret, input]) expect(wiped).toContain(hex(part));
  });

  test.each([
    ['WebCrypto', webCryptoMlKem(crypto.subtle), 64],
    ['JavaScript', nobleMlKem, 3168],
  ])('opening leaves no copy of the secret key, by %s', async (_, kem, size) => {
    const { publicKey, secretKey } = generateKemKeyPair();
    const { ciphertext } = await nobleMlKem.encapsulate(publicKey.slice(1));
    const seed = secretKey.slice(1);
    const { wiped } = await overwritten(() => kem.decapsulate(seed, ciphertext));
    expect([...wiped].some((each) => each.length === 2 * size)).toBe(true);
    expect(hex(seed)).toBe(hex(secretKey.slice(1)));
  });
});

test('importing a private key leaves no copy of it', async () => {
  const { privateKey } = generateKeyPair();
  const { publicKey } = generateKeyPair();
  const { wiped } = await overwritten(() =>
    webCryptoPlatform(crypto.subtle).diffieHellman(privateKey, publicKey.slice(1)),
  );
  expect([...wiped].some((each) => each.endsWith(hex(privateKey)) && each !== hex(privateKey))).toBe(true);
});

test('a stored state that grows leaves nothing in the buffer that was too small', async () => {
  const { wiped } = await overwritten(() => {
    const writer = new Writer().fixed(new Uint8Array(1000).fill(7));
    return writer.fixed(new Uint8Array(100)).finish();
  });
  expect(wiped).toContain(`${'07'.repeat(1000)}${'00'.repeat(24)}`);
});
