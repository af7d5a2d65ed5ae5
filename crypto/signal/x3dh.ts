import { concat, utf8 } from '../../protocol/bytes.ts';
import { agree, freshKeyPair, type KeyPair, verify } from './curve.ts';
import { SignalError } from './errors.ts';
import { decapsulate, encapsulate } from './kem.ts';
import { hkdfSha256, wipe } from './primitives.ts';
import type { SessionVersion } from './wire.ts';

/** What a device publishes so that others can start a session with it. */
export interface PreKeyBundle {
  readonly registrationId: number;
  readonly deviceId: number;
  /** 33 bytes; the caller has it from somewhere that it trusts, not from the server alone. */
  readonly identityKey: Uint8Array;
  readonly signedPreKey: {
    readonly id: number;
    readonly publicKey: Uint8Array;
    readonly signature: Uint8Array;
  };
  readonly oneTimePreKey?: { readonly id: number; readonly publicKey: Uint8Array };
  /** Its absence is covered by no signature: the caller checks it against what the device list demands. */
  readonly kyberPreKey?: {
    readonly id: number;
    readonly publicKey: Uint8Array;
    readonly signature: Uint8Array;
  };
}

/** The device's own long-term keys. */
export interface LocalIdentity {
  readonly identity: KeyPair;
  readonly registrationId: number;
}

/** What a handshake leaves both sides with: 32 bytes each. */
export interface HandshakeKeys {
  readonly rootKey: Uint8Array;
  readonly chainKey: Uint8Array;
}

const labels: Readonly<Record<SessionVersion, Uint8Array>> = {
  3: utf8('WhisperText'),
  4: utf8('WhisperText_X25519_SHA-256_CRYSTALS-KYBER-1024'),
};

// X3DH section 2.2: never the beginning of an encoded key, so that the input is not taken for one of XEdDSA's.
const discontinuity = new Uint8Array(32).fill(0xff);

/** PQXDH derives a third block for the sparse post-quantum ratchet; HKDF gives the first two without it. */
function deriveKeys(version: SessionVersion, secrets: readonly Uint8Array[]): HandshakeKeys {
  const input = concat(discontinuity, ...secrets);
  const keys = hkdfSha256(input, undefined, labels[version], 64);
  wipe(input, ...secrets);
  return { rootKey: keys.slice(0, 32), chainKey: keys.slice(32) };
}

async function checkSigned(
  identityKey: Uint8Array,
  key: { publicKey: Uint8Array; signature: Uint8Array },
  what: string,
) {
  if (!(await verify(identityKey, key.publicKey, key.signature)))
    throw new SignalError('bad-signature', `the ${what} is not signed by the identity key`);
}

/** The initiator's side of a handshake. */
export interface InitiatorHandshake extends HandshakeKeys {
  readonly version: SessionVersion;
  /** The ephemeral key, 33 bytes. */
  readonly baseKey: Uint8Array;
  readonly kyber?: { readonly preKeyId: number; readonly ciphertext: Uint8Array };
}

/**
 * The initiator's half of PQXDH, or of X3DH where the bundle holds no Kyber key.
 *
 * @throws SignalError `bad-signature`, `malformed`, `low-order-key`
 */
export async function initiate(local: KeyPair, bundle: PreKeyBundle): Promise<InitiatorHandshake> {
  const { identityKey, signedPreKey, oneTimePreKey, kyberPreKey } = bundle;
  await Promise.all([
    checkSigned(identityKey, signedPreKey, 'signed prekey'),
    kyberPreKey && checkSigned(identityKey, kyberPreKey, 'Kyber prekey'),
  ]);
  const base = await freshKeyPair();
  const [kyber, ...secrets] = await Promise.all([
    kyberPreKey && encapsulate(kyberPreKey.publicKey),
    agree(local.privateKey, signedPreKey.publicKey),
    agree(base.privateKey, identityKey),
    agree(base.privateKey, signedPreKey.publicKey),
    ...(oneTimePreKey ? [agree(base.privateKey, oneTimePreKey.publicKey)] : []),
  ]);
  wipe(base.privateKey);
  if (!kyber) return { version: 3, baseKey: base.publicKey, ...deriveKeys(3, secrets) };
  const { ciphertext, sharedSecret } = kyber;
  return {
    version: 4,
    baseKey: base.publicKey,
    kyber: { preKeyId: kyberPreKey!.id, ciphertext },
    ...deriveKeys(4, [...secrets, sharedSecret]),
  };
}

/** The keys and values that the receiver of a handshake needs. */
export interface ResponderInput {
  readonly identity: KeyPair;
  readonly signedPreKey: KeyPair;
  readonly oneTimePreKey?: KeyPair;
  /** The secret half of the Kyber prekey and the ciphertext that came. */
  readonly kyber?: { readonly secretKey: Uint8Array; readonly ciphertext: Uint8Array };
  /** The initiator's keys, 33 bytes each. */
  readonly remoteIdentity: Uint8Array;
  readonly baseKey: Uint8Array;
}

/**
 * The receiver's half of PQXDH, or of X3DH where there is no Kyber ciphertext.
 *
 * @throws SignalError `malformed`, `low-order-key`
 */
export async function respond(input: ResponderInput): Promise<HandshakeKeys> {
  const { identity, signedPreKey, oneTimePreKey, kyber, remoteIdentity, baseKey } = input;
  const [kyberSecret, ...secrets] = await Promise.all([
    kyber && decapsulate(kyber.secretKey, kyber.ciphertext),
    agree(signedPreKey.privateKey, remoteIdentity),
    agree(identity.privateKey, baseKey),
    agree(signedPreKey.privateKey, baseKey),
    ...(oneTimePreKey ? [agree(oneTimePreKey.privateKey, baseKey)] : []),
  ]);
  return kyberSecret ? deriveKeys(4, [...secrets, kyberSecret]) : deriveKeys(3, secrets);
}
