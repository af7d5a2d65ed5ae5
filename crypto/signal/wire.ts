import { bytesToHex } from '@noble/hashes/utils.js';
import { concat } from '../../protocol/bytes.ts';
import { checkPublicKey, signatureLength } from './curve.ts';
import { SignalError } from './errors.ts';
import {
  decodeFields,
  encodeFields,
  type Fields,
  optionalBytes,
  optionalNumber,
  requiredBytes,
  requiredNumber,
} from './protobuf.ts';

/** 3 after an X3DH handshake, 4 after a PQXDH one. */
export type SessionVersion = 3 | 4;

/** Length of the truncated HMAC at the end of a SignalMessage. */
export const macLength = 8;

// The high half of the first byte is the message's version, the low half the newest one that its sender speaks.
const versionBytes: Readonly<Record<SessionVersion, number>> = { 3: 0x34, 4: 0x44 };
const senderKeyVersionByte = 0x33;

/** A message of the Double Ratchet. */
export interface SignalMessage {
  readonly version: SessionVersion;
  /** The sender's ratchet key, 33 bytes. */
  readonly ratchetKey: Uint8Array;
  /** The message's number in its chain. */
  readonly counter: number;
  /**
   * How many messages the sender's chain before had, as the specification has it. libsignal writes one less, so nothing
   * is concluded from it: the chains before are kept instead, for what is still missing of them.
   */
  readonly previousCounter: number;
  readonly ciphertext: Uint8Array;
}

/** A SignalMessage with the handshake that its receiver needs to make the session. */
export interface PreKeySignalMessage {
  readonly version: SessionVersion;
  readonly registrationId: number;
  /** Id of the receiver's one-time prekey, where one was left. */
  readonly preKeyId?: number;
  readonly signedPreKeyId: number;
  /** Present in version 4 alone. */
  readonly kyber?: { readonly preKeyId: number; readonly ciphertext: Uint8Array };
  /** The sender's handshake key, 33 bytes. */
  readonly baseKey: Uint8Array;
  /** The sender's identity key, 33 bytes. */
  readonly identityKey: Uint8Array;
  /** A whole encoded SignalMessage. */
  readonly message: Uint8Array;
}

/** A room message, encrypted with a sender chain. */
export interface SenderKeyMessage {
  readonly distributionId: string;
  readonly chainId: number;
  readonly iteration: number;
  readonly ciphertext: Uint8Array;
}

/** What lets a receiver follow a sender chain. */
export interface SenderKeyDistributionMessage {
  readonly distributionId: string;
  readonly chainId: number;
  readonly iteration: number;
  /** 32 bytes. */
  readonly chainKey: Uint8Array;
  /** 33 bytes. */
  readonly signingKey: Uint8Array;
}

function sessionVersion(bytes: Uint8Array): SessionVersion {
  if (bytes.length === 0) throw new SignalError('malformed', 'the message is empty');
  if (bytes[0] === versionBytes[3]) return 3;
  if (bytes[0] === versionBytes[4]) return 4;
  throw new SignalError('unsupported-version', 'the message has a version that is not spoken here');
}

function publicKeyField(fields: Fields, number: number): Uint8Array {
  const key = requiredBytes(fields, number);
  checkPublicKey(key);
  return key;
}

/** The version byte and protobuf of a message: what its MAC covers, and what precedes the MAC. */
export const encodeSignalMessage = (message: SignalMessage): Uint8Array =>
  concat(
    Uint8Array.of(versionBytes[message.version]),
    encodeFields(
      [1, message.ratchetKey],
      [2, message.counter],
      [3, message.previousCounter],
      [4, message.ciphertext],
    ),
  );

/**
 * Reads a SignalMessage; `signed` is what its `mac` covers.
 *
 * @throws SignalError `malformed`, `unsupported-version`, `low-order-key`
 */
export function decodeSignalMessage(
  bytes: Uint8Array,
): SignalMessage & { signed: Uint8Array; mac: Uint8Array } {
  const version = sessionVersion(bytes);
  const end = bytes.length - macLength;
  const fields = decodeFields(bytes.subarray(1, end));
  return {
    version,
    ratchetKey: publicKeyField(fields, 1),
    counter: requiredNumber(fields, 2),
    previousCounter: requiredNumber(fields, 3),
    ciphertext: requiredBytes(fields, 4),
    signed: bytes.subarray(0, end),
    mac: bytes.subarray(end),
  };
}

/** Encodes a PreKeySignalMessage. */
export const encodePreKeySignalMessage = (message: PreKeySignalMessage): Uint8Array =>
  concat(
    Uint8Array.of(versionBytes[message.version]),
    encodeFields(
      [1, message.preKeyId],
      [2, message.baseKey],
      [3, message.identityKey],
      [4, message.message],
      [5, message.registrationId],
      [6, message.signedPreKeyId],
      [7, message.kyber?.preKeyId],
      [8, message.kyber?.ciphertext],
    ),
  );

/**
 * Reads a PreKeySignalMessage.
 *
 * @throws SignalError `malformed`, `unsupported-version`, `low-order-key`
 */
export function decodePreKeySignalMessage(bytes: Uint8Array): PreKeySignalMessage {
  const version = sessionVersion(bytes);
  const fields = decodeFields(bytes.subarray(1));
  const preKeyId = optionalNumber(fields, 1);
  const kyberPreKeyId = optionalNumber(fields, 7);
  const kyberCiphertext = optionalBytes(fields, 8);
  const wantsKyber = version === 4;
  if ((kyberPreKeyId !== undefined) !== wantsKyber || (kyberCiphertext !== undefined) !== wantsKyber)
    throw new SignalError('malformed', 'the Kyber fields do not fit the version of the handshake');
  return {
    version,
    registrationId: requiredNumber(fields, 5),
    ...(preKeyId !== undefined && { preKeyId }),
    signedPreKeyId: requiredNumber(fields, 6),
    ...(kyberCiphertext && { kyber: { preKeyId: kyberPreKeyId!, ciphertext: kyberCiphertext } }),
    baseKey: publicKeyField(fields, 2),
    identityKey: publicKeyField(fields, 3),
    message: requiredBytes(fields, 4),
  };
}

/**
 * Whether bytes that came over a pairwise session are a PreKeySignalMessage, rather than a SignalMessage. Both begin
 * with the same version byte; what follows in a SignalMessage is field 1 as bytes, which in the other is a number.
 */
export const isPreKeySignalMessage = (bytes: Uint8Array): boolean => bytes[1] !== 0x0a;

/** The bytes of a UUID. Throws RangeError when `uuid` is none. */
export function uuidToBytes(uuid: string): Uint8Array {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(uuid)) throw new RangeError('not a UUID');
  return Uint8Array.from(uuid.replaceAll('-', '').match(/../g)!, (pair) => Number.parseInt(pair, 16));
}

/** The UUID of 16 bytes, in lower case. */
export function uuidFromBytes(bytes: Uint8Array): string {
  const hex = bytesToHex(bytes);
  const part = (from: number, to: number) => hex.slice(from, to);
  return [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join('-');
}

function checkSenderKeyVersion(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new SignalError('malformed', 'the message is empty');
  if (bytes[0] !== senderKeyVersionByte)
    throw new SignalError('unsupported-version', 'the room message has a version that is not spoken here');
}

const chainFields = (fields: Fields) => ({
  distributionId: uuidFromBytes(requiredBytes(fields, 1, 16)),
  chainId: requiredNumber(fields, 2),
  iteration: requiredNumber(fields, 3),
});

/** The version byte and protobuf of a room message: what its signature covers, and what precedes the signature. */
export const encodeSenderKeyMessage = (message: SenderKeyMessage): Uint8Array =>
  concat(
    Uint8Array.of(senderKeyVersionByte),
    encodeFields(
      [1, uuidToBytes(message.distributionId)],
      [2, message.chainId],
      [3, message.iteration],
      [4, message.ciphertext],
    ),
  );

/** A SenderKeyMessage as it came. Nothing is verified yet; `signed` is what its `signature` covers. */
export interface ReadGroupMessage extends SenderKeyMessage {
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Reads a SenderKeyMessage.
 *
 * @throws SignalError `malformed`, `unsupported-version`
 */
export function decodeSenderKeyMessage(bytes: Uint8Array): ReadGroupMessage {
  checkSenderKeyVersion(bytes);
  const end = bytes.length - signatureLength;
  if (end < 1) throw new SignalError('malformed', 'the message is too short for its signature');
  const fields = decodeFields(bytes.subarray(1, end));
  return {
    ...chainFields(fields),
    ciphertext: requiredBytes(fields, 4),
    signed: bytes.subarray(0, end),
    signature: bytes.subarray(end),
  };
}

/** Encodes a SenderKeyDistributionMessage. */
export const encodeSenderKeyDistributionMessage = (message: SenderKeyDistributionMessage): Uint8Array =>
  concat(
    Uint8Array.of(senderKeyVersionByte),
    encodeFields(
      [1, uuidToBytes(message.distributionId)],
      [2, message.chainId],
      [3, message.iteration],
      [4, message.chainKey],
      [5, message.signingKey],
    ),
  );

/**
 * Reads a SenderKeyDistributionMessage.
 *
 * @throws SignalError `malformed`, `unsupported-version`, `low-order-key`
 */
export function decodeSenderKeyDistributionMessage(bytes: Uint8Array): SenderKeyDistributionMessage {
  checkSenderKeyVersion(bytes);
  const fields = decodeFields(bytes.subarray(1));
  return {
    ...chainFields(fields),
    chainKey: requiredBytes(fields, 4, 32),
    signingKey: publicKeyField(fields, 5),
  };
}
