import { concat, equalBytes, utf8 } from '../../protocol/bytes.ts';
import { advance, type Chain, maxSkipped, seedAt, unexpired } from './chain.ts';
import { agree, freshKeyPair, type KeyPair } from './curve.ts';
import { SignalError } from './errors.ts';
import { backFor, decryptCbc, hkdfSha256, wipe } from './primitives.ts';
import { maxReceivingChains, type RatchetChain, type SendingChain, type SessionState } from './state.ts';
import { type decodeSignalMessage, encodeSignalMessage, macLength } from './wire.ts';
import type { HandshakeKeys, InitiatorHandshake } from './x3dh.ts';

type ReceivedMessage = ReturnType<typeof decodeSignalMessage>;

const ratchetInfo = utf8('WhisperRatchet');
const messageInfo = utf8('WhisperMessageKeys');

/** A step of the root chain (Double Ratchet, section 2.3): the next root key, and a new chain. */
async function rootStep(rootKey: Uint8Array, ours: KeyPair, theirs: Uint8Array) {
  const secret = await agree(ours.privateKey, theirs);
  const keys = hkdfSha256(secret, rootKey, ratchetInfo, 64);
  wipe(secret);
  return { rootKey: keys.slice(0, 32), chain: { key: keys.slice(32), index: 0 } satisfies Chain };
}

async function newSendingChain(rootKey: Uint8Array, theirs: Uint8Array) {
  const ratchet = await freshKeyPair();
  const step = await rootStep(rootKey, ratchet, theirs);
  return { rootKey: step.rootKey, sending: { ...step.chain, ratchet } satisfies SendingChain };
}

/** The initiator's session after the handshake; the receiver's signed prekey stands as its first ratchet key. */
export async function initiatorSession(
  handshake: InitiatorHandshake,
  identities: Pick<SessionState, 'localIdentity' | 'remoteIdentity'>,
  signedPreKey: Uint8Array,
): Promise<SessionState> {
  const { version, baseKey, rootKey, chainKey } = handshake;
  const next = await newSendingChain(rootKey, signedPreKey);
  wipe(rootKey);
  return {
    version,
    ...identities,
    baseKey,
    ...next,
    previousCounter: 0,
    receiving: [{ ratchetKey: signedPreKey, key: chainKey, index: 0, skipped: [] }],
  };
}

/** The receiver's session after the handshake. */
export const responderSession = (
  { rootKey, chainKey }: HandshakeKeys,
  signedPreKey: KeyPair,
  known: Pick<SessionState, 'version' | 'localIdentity' | 'remoteIdentity' | 'baseKey'>,
): SessionState => ({
  ...known,
  rootKey,
  sending: { ratchet: signedPreKey, key: chainKey, index: 0 },
  previousCounter: 0,
  receiving: [],
});

/** AES key 32, MAC key 32, IV 16. */
function messageKeys(seed: Uint8Array) {
  const keys = hkdfSha256(seed, undefined, messageInfo, 80);
  return { keys, cipherKey: keys.subarray(0, 32), macKey: keys.subarray(32, 64), iv: keys.subarray(64) };
}

async function mac(macKey: Uint8Array, sender: Uint8Array, receiver: Uint8Array, message: Uint8Array) {
  const { hmacSha256 } = await backFor(message.length);
  return (await hmacSha256(macKey, concat(sender, receiver, message))).subarray(0, macLength);
}

/** Encrypts the session's next message: an encoded SignalMessage. Throws SignalError `chain-spent`. */
export async function ratchetEncrypt(
  session: SessionState,
  plaintext: Uint8Array,
): Promise<{ session: SessionState; bytes: Uint8Array }> {
  const { version, sending, previousCounter, localIdentity, remoteIdentity } = session;
  const { seed, chain } = advance(sending);
  const { keys, cipherKey, macKey, iv } = messageKeys(seed);
  const { encryptCbc } = await backFor(plaintext.length);
  const message = encodeSignalMessage({
    version,
    ratchetKey: sending.ratchet.publicKey,
    counter: sending.index,
    previousCounter,
    ciphertext: await encryptCbc(cipherKey, iv, plaintext),
  });
  const bytes = concat(message, await mac(macKey, localIdentity, remoteIdentity, message));
  wipe(seed, keys);
  return { session: { ...session, sending: { ...sending, ...chain } }, bytes };
}

/** The chain that the message is of, where the session follows it already. Ratchet keys are no secrets. */
const chainOf = ({ receiving }: SessionState, { ratchetKey }: ReceivedMessage): RatchetChain | undefined =>
  receiving.find(
    (chain) => chain.ratchetKey[1] === ratchetKey[1] && equalBytes(chain.ratchetKey, ratchetKey),
  );

/** Whether the message is of a chain that this session follows already. */
export const followsChain = (session: SessionState, message: ReceivedMessage): boolean =>
  chainOf(session, message) !== undefined;

/**
 * Decrypts a message and gives the session after it. The one passed in stays as it was, whatever happens.
 *
 * @param now seconds since 1970, by which keys of missing messages expire; 0 when not known
 * @throws SignalError `bad-mac`, `duplicate-message`, `too-far-ahead`, `malformed`, `low-order-key`
 */
export async function ratchetDecrypt(
  session: SessionState,
  message: ReceivedMessage,
  now: number,
): Promise<{ session: SessionState; plaintext: Uint8Array }> {
  if (message.version !== session.version)
    throw new SignalError('bad-mac', 'the message has another version than the session');
  // Whatever the other side sent us, it has our handshake.
  const { pending: _, ...answered } = session;

  const known = chainOf(session, message);
  if (known) {
    const { seed, chain } = seedAt(known, message.counter, now);
    const plaintext = await open(session, message, seed);
    const next: RatchetChain = { ...chain, ratchetKey: known.ratchetKey };
    const receiving = session.receiving.map((each) => (each === known ? next : each));
    return { session: { ...answered, receiving: withinLimits(receiving, now) }, plaintext };
  }

  const step = await rootStep(session.rootKey, session.sending.ratchet, message.ratchetKey);
  const { seed, chain } = seedAt({ ...step.chain, skipped: [] }, message.counter, now);
  const plaintext = await open(session, message, seed);
  // Only now is the new ratchet key known to be the other side's.
  const next = await newSendingChain(step.rootKey, message.ratchetKey);
  wipe(step.rootKey);
  const receiving = [...session.receiving, { ...chain, ratchetKey: message.ratchetKey }];
  return {
    session: {
      ...answered,
      ...next,
      previousCounter: session.sending.index,
      receiving: withinLimits(receiving, now),
    },
    plaintext,
  };
}

async function open(session: SessionState, message: ReceivedMessage, seed: Uint8Array): Promise<Uint8Array> {
  const { keys, cipherKey, macKey, iv } = messageKeys(seed);
  try {
    const expected = await mac(macKey, session.remoteIdentity, session.localIdentity, message.signed);
    if (!equalBytes(expected, message.mac))
      throw new SignalError('bad-mac', 'the message was altered, or belongs to another session');
    return await decryptCbc(cipherKey, iv, message.ciphertext);
  } finally {
    wipe(keys);
  }
}

/** Gives up the oldest chains, seeds that are too old, and the oldest of all chains together beyond what is kept. */
function withinLimits(receiving: readonly RatchetChain[], now: number): readonly RatchetChain[] {
  let room = maxSkipped;
  return receiving
    .slice(-maxReceivingChains)
    .reverse()
    .map((chain) => {
      const kept = room > 0 ? unexpired(chain.skipped, now).slice(-room) : [];
      room -= kept.length;
      return { ...chain, skipped: kept };
    })
    .reverse();
}
