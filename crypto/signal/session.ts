import { equalBytes } from '../../protocol/bytes.ts';
import type { KeyPair } from './curve.ts';
import { SignalError } from './errors.ts';
import {
  followsChain,
  initiatorSession,
  ratchetDecrypt,
  ratchetEncrypt,
  responderSession,
} from './ratchet.ts';
import { maxArchived, type SessionRecord, type SessionState } from './state.ts';
import {
  decodePreKeySignalMessage,
  decodeSignalMessage,
  encodePreKeySignalMessage,
  isPreKeySignalMessage,
  type PreKeySignalMessage,
  type SessionVersion,
} from './wire.ts';
import { initiate, type LocalIdentity, type PreKeyBundle, respond } from './x3dh.ts';

/** Where `decrypt` finds this device's own prekeys; each answers undefined for an id that is not (or no longer) there. */
export interface PreKeyLookup {
  signed(id: number): Promise<KeyPair | undefined>;
  oneTime(id: number): Promise<KeyPair | undefined>;
  /** One-time and last-resort keys alike. */
  kyber(id: number): Promise<{ readonly secretKey: Uint8Array } | undefined>;
}

/** What `encrypt` gives: store `record`, then send `bytes`. */
export interface Encrypted {
  readonly record: SessionRecord;
  readonly bytes: Uint8Array;
}

/** What `decrypt` gives: check `senderIdentity`, then store `record` and delete what was consumed, in one transaction. */
export interface Decrypted {
  readonly record: SessionRecord;
  readonly plaintext: Uint8Array;
  /** The identity key that the session authenticates, 33 bytes. */
  readonly senderIdentity: Uint8Array;
  /** Prekeys that served the handshake of a new session. A one-time key must not serve again. */
  readonly consumed?: { readonly oneTimePreKeyId?: number; readonly kyberPreKeyId?: number };
}

const withCurrent = (current: SessionState, record: SessionRecord | undefined): SessionRecord => {
  const others = record ? [record.current, ...record.archived] : [];
  return { current, archived: others.slice(0, maxArchived) };
};

const promoted = (record: SessionRecord, before: SessionState, after: SessionState): SessionRecord => {
  if (before === record.current) return { ...record, current: after };
  const archived = record.archived.filter((session) => session !== before);
  return withCurrent(after, { current: record.current, archived });
};

function checkIdentity(record: SessionRecord | undefined, identityKey: Uint8Array): void {
  if (record && !equalBytes(record.current.remoteIdentity, identityKey))
    throw new SignalError('untrusted-identity', 'the identity key is another one than before');
}

/**
 * Starts a session with the device that published `bundle`: PQXDH, or X3DH where the bundle holds no Kyber key. With
 * `record`, the sessions in it are kept behind the new one.
 *
 * @param minVersion the least that the peer's signed device list promises: nothing in the bundle itself shows that its Kyber key
 *   was taken away
 * @throws SignalError `downgrade` for a bundle that offers less than `minVersion`, `bad-signature` when a prekey is not signed by the bundle's identity key, `untrusted-identity` when
 *   `record` belongs to another identity, `malformed` or `low-order-key` for a bad key
 */
export async function startSession(
  local: LocalIdentity,
  bundle: PreKeyBundle,
  { record, minVersion = 3 }: { record?: SessionRecord | undefined; minVersion?: SessionVersion } = {},
): Promise<SessionRecord> {
  if (minVersion > 3 && !bundle.kyberPreKey)
    throw new SignalError('downgrade', 'the bundle lacks the post-quantum key that the device list promises');
  checkIdentity(record, bundle.identityKey);
  const handshake = await initiate(local.identity, bundle);
  const identities = { localIdentity: local.identity.publicKey, remoteIdentity: bundle.identityKey };
  const session = await initiatorSession(handshake, identities, bundle.signedPreKey.publicKey);
  const pending = {
    registrationId: local.registrationId,
    signedPreKeyId: bundle.signedPreKey.id,
    ...(bundle.oneTimePreKey && { preKeyId: bundle.oneTimePreKey.id }),
    ...(handshake.kyber && { kyber: handshake.kyber }),
  };
  return withCurrent({ ...session, pending }, record);
}

/**
 * Encrypts `plaintext` for the record's device with its current session.
 *
 * @throws SignalError `chain-spent` after 2^32 - 1 messages without an answer
 */
export async function encrypt(record: SessionRecord, plaintext: Uint8Array): Promise<Encrypted> {
  const { session, bytes: message } = await ratchetEncrypt(record.current, plaintext);
  const after = { ...record, current: session };
  if (!session.pending) return { record: after, bytes: message };
  const { version, baseKey, localIdentity, pending } = session;
  const bytes = encodePreKeySignalMessage({
    version,
    baseKey,
    identityKey: localIdentity,
    message,
    ...pending,
  });
  return { record: after, bytes };
}

/**
 * Decrypts what the record's device sent, whichever of its sessions it used; the one that it used becomes current. A
 * handshake that is not known yet makes a session. When both sides began at once, each goes on with what the other last
 * used, and they meet after a message or two.
 *
 * Nothing passed in is changed, and on an error there is nothing to store. Calls for one record must follow each other.
 *
 * A handshake that used no one-time prekey can be replayed once its session is no longer in the record; give each message
 * an id of its own and look at it.
 *
 * @param record undefined when there is no session with this device yet
 * @param minVersion the least that our own signed device list demands of others
 * @param now seconds since 1970; with it, the keys of messages that have been missing for 30 days are given up
 * @throws SignalError, for everything that can be wrong with `bytes`: `malformed`, `unsupported-version`, `downgrade`,
 *   `low-order-key`, `bad-mac`, `duplicate-message`, `too-far-ahead`, `no-session`, `unknown-prekey`; `untrusted-identity` when a handshake
 *   names another identity than the record's (once the person has accepted it, pass undefined as `record`)
 */
export async function decrypt(
  record: SessionRecord | undefined,
  local: LocalIdentity,
  lookup: PreKeyLookup,
  bytes: Uint8Array,
  { now = 0, minVersion = 3 }: { now?: number | undefined; minVersion?: SessionVersion } = {},
): Promise<Decrypted> {
  if (!isPreKeySignalMessage(bytes))
    return decryptMessage(record, notBelow(minVersion, decodeSignalMessage(bytes)), now);
  const handshake = notBelow(minVersion, decodePreKeySignalMessage(bytes));
  checkIdentity(record, handshake.identityKey);
  const known = sessions(record).find(
    ({ version, baseKey }) => version === handshake.version && equalBytes(baseKey, handshake.baseKey),
  );
  if (known) {
    const { session, plaintext } = await ratchetDecrypt(known, decodeSignalMessage(handshake.message), now);
    return { record: promoted(record!, known, session), plaintext, senderIdentity: session.remoteIdentity };
  }
  const message = decodeSignalMessage(handshake.message);
  const { session, plaintext } = await ratchetDecrypt(await answer(local, lookup, handshake), message, now);
  const consumed = {
    ...(handshake.preKeyId !== undefined && { oneTimePreKeyId: handshake.preKeyId }),
    ...(handshake.kyber && { kyberPreKeyId: handshake.kyber.preKeyId }),
  };
  return {
    record: withCurrent(session, record),
    plaintext,
    senderIdentity: session.remoteIdentity,
    consumed,
  };
}

const sessions = (record: SessionRecord | undefined): readonly SessionState[] =>
  record ? [record.current, ...record.archived] : [];

function notBelow<M extends { readonly version: SessionVersion }>(minVersion: SessionVersion, message: M): M {
  if (message.version < minVersion)
    throw new SignalError('downgrade', 'the message is of an older handshake than is accepted here');
  return message;
}

async function decryptMessage(
  record: SessionRecord | undefined,
  message: ReturnType<typeof decodeSignalMessage>,
  now: number,
): Promise<Decrypted> {
  if (!record) throw new SignalError('no-session', 'there is no session with this device');
  // A session that follows the message's chain already is the only one that can read it.
  const following = sessions(record).find((session) => followsChain(session, message));
  let failure: unknown;
  for (const candidate of following ? [following] : sessions(record)) {
    try {
      const { session, plaintext } = await ratchetDecrypt(candidate, message, now);
      return {
        record: promoted(record, candidate, session),
        plaintext,
        senderIdentity: session.remoteIdentity,
      };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** The session that somebody else's handshake makes. */
async function answer(
  local: LocalIdentity,
  lookup: PreKeyLookup,
  handshake: PreKeySignalMessage,
): Promise<SessionState> {
  const { version, baseKey, identityKey, preKeyId, signedPreKeyId, kyber } = handshake;
  const [signedPreKey, oneTimePreKey, kyberPreKey] = await Promise.all([
    lookup.signed(signedPreKeyId),
    preKeyId === undefined ? undefined : lookup.oneTime(preKeyId),
    kyber && lookup.kyber(kyber.preKeyId),
  ]);
  if (!signedPreKey) throw new SignalError('unknown-prekey', `there is no signed prekey ${signedPreKeyId}`);
  if (preKeyId !== undefined && !oneTimePreKey)
    throw new SignalError('unknown-prekey', `there is no one-time prekey ${preKeyId}`);
  if (kyber && !kyberPreKey)
    throw new SignalError('unknown-prekey', `there is no Kyber prekey ${kyber.preKeyId}`);
  const keys = await respond({
    identity: local.identity,
    signedPreKey,
    ...(oneTimePreKey && { oneTimePreKey }),
    ...(kyberPreKey && { kyber: { secretKey: kyberPreKey.secretKey, ciphertext: kyber!.ciphertext } }),
    remoteIdentity: identityKey,
    baseKey,
  });
  return responderSession(keys, signedPreKey, {
    version,
    localIdentity: local.identity.publicKey,
    remoteIdentity: identityKey,
    baseKey,
  });
}
