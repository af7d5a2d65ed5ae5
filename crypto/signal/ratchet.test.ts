import { describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../protocol/bytes.ts';
import { generateKeyPair } from './curve.ts';
import { initiatorSession, ratchetDecrypt, ratchetEncrypt, responderSession } from './ratchet.ts';
import { acquaintances, Device } from './testing/device.ts';
import { dh, hkdf } from './testing/reference.ts';
import { decodePreKeySignalMessage, decodeSignalMessage } from './wire.ts';

/** A root step as section 2.3 of the Double Ratchet has it, with Signal's label. */
function rootStep(rootKey: Uint8Array, secret: Uint8Array) {
  const keys = hkdf(secret, rootKey, 'WhisperRatchet', 64);
  return { rootKey: keys.slice(0, 32), chainKey: keys.slice(32) };
}

describe('a turn of the ratchet', () => {
  test('is two root steps: one with the key that they had from us, one with a fresh one', async () => {
    const [ana, ben] = await acquaintances();
    const before = ana.record!.current;
    await ben.receive(await ana.send(utf8('turn')));
    const { sending: ours } = ana.record!.current;
    const bytes = await ben.send(utf8('answer'));
    await ana.receive(bytes);
    const { ratchetKey } = decodeSignalMessage(bytes);
    const after = ana.record!.current;

    const received = rootStep(before.rootKey, dh(ours.ratchet, ratchetKey));
    // Ben's first message of the chain was read: one step on.
    expect(after.receiving.at(-1)).toMatchObject({ ratchetKey, index: 1, skipped: [] });
    expect(after.sending.ratchet.privateKey).not.toEqual(ours.ratchet.privateKey);
    const sent = rootStep(received.rootKey, dh(after.sending.ratchet, ratchetKey));
    expect(after.rootKey).toEqual(sent.rootKey);
    expect(after.sending).toMatchObject({ key: sent.chainKey, index: 0 });
  });

  test('counts the messages of the chain before, from none', async () => {
    const [ana, ben] = [new Device(), new Device()];
    await ana.start(ben);
    const first = await ana.send(utf8('1'));
    const previous = (message: Uint8Array) => decodeSignalMessage(message).previousCounter;
    expect(previous(decodePreKeySignalMessage(first).message)).toBe(0);
    await ben.receive(first);
    await ben.receive(await ana.send(utf8('2')));
    const answer = await ben.send(utf8('3'));
    expect(previous(answer)).toBe(0);
    await ana.receive(answer);
    const next = await ana.send(utf8('4'));
    expect(previous(next)).toBe(2);
    await ben.receive(next);
    expect(previous(await ben.send(utf8('5')))).toBe(1);
  });
});

test('40 chains of the other side are followed, in which something may be missing, not 41', async () => {
  const [ana, ben] = await acquaintances();
  const lost: Uint8Array[] = [];
  for (let turn = 0; turn < 41; turn++) {
    lost.push(await ana.send(utf8(`lost ${turn}`)));
    await ben.receive(await ana.send(utf8('read')));
    await ana.receive(await ben.send(utf8('turn')));
  }
  expect(ben.record!.current.receiving).toHaveLength(40);
  await expect(ben.receive(lost[0]!)).rejects.toMatchObject({ reason: 'bad-mac' });
  for (const turn of [1, 40]) expect(fromUtf8(await ben.receive(lost[turn]!))).toBe(`lost ${turn}`);
});

test('both sides have the first chain of the handshake: the one whom it was sent to may write first', async () => {
  const [ana, ben, signedPreKey, base] = Array.from({ length: 4 }, generateKeyPair);
  const keys = () => ({ rootKey: new Uint8Array(32).fill(1), chainKey: new Uint8Array(32).fill(2) });
  const initiator = await initiatorSession(
    { ...keys(), version: 3, baseKey: base!.publicKey },
    { localIdentity: ana!.publicKey, remoteIdentity: ben!.publicKey },
    signedPreKey!.publicKey,
  );
  const responder = responderSession(keys(), signedPreKey!, {
    version: 3,
    localIdentity: ben!.publicKey,
    remoteIdentity: ana!.publicKey,
    baseKey: base!.publicKey,
  });
  const sent = await ratchetEncrypt(responder, utf8('first'));
  const message = decodeSignalMessage(sent.bytes);
  expect(message).toMatchObject({ counter: 0, previousCounter: 0, ratchetKey: signedPreKey!.publicKey });
  const read = await ratchetDecrypt(initiator, message, 0);
  expect(fromUtf8(read.plaintext)).toBe('first');
  const answer = await ratchetEncrypt(read.session, utf8('second'));
  const opened = await ratchetDecrypt(sent.session, decodeSignalMessage(answer.bytes), 0);
  expect(fromUtf8(opened.plaintext)).toBe('second');
});
