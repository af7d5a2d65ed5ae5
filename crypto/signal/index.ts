import { mlKem } from './ml-kem.ts';
import { platform } from './platform.ts';

/** The Signal protocol: pairwise sessions, sender chains, safety numbers. Everything else in this folder is internal. */
export { generateKeyPair, type KeyPair, keyPairFromPrivate, sign, verify } from './curve.ts';
export { SignalError, type SignalErrorReason } from './errors.ts';
export {
  generateKyberPreKey,
  generateOneTimePreKeys,
  generateSignedPreKey,
  type KyberPreKey,
  type OneTimePreKey,
  type SignedPreKey,
} from './prekeys.ts';
export { matchesScanned, type Party, type SafetyNumber, safetyNumber } from './safety-number.ts';
export {
  acceptDistribution,
  createSenderKey,
  decryptGroup,
  distribution,
  encryptGroup,
  openGroup,
  parseSenderKey,
  readDistribution,
  readSenderKeyMessage,
  type SenderKeyState,
  serializeSenderKey,
  spentSenderKey,
  type VerifiedGroupMessage,
  verifyGroup,
} from './sender-key.ts';
export {
  type Decrypted,
  decrypt,
  type Encrypted,
  encrypt,
  type PreKeyLookup,
  startSession,
} from './session.ts';
export type { SessionRecord } from './state.ts';
export { parseSession, serializeSession } from './stored.ts';
export { decodeSenderKeyMessage, type ReadGroupMessage, type SessionVersion } from './wire.ts';
export type { LocalIdentity, PreKeyBundle } from './x3dh.ts';

/** Finds out what the platform can, which the first operation does otherwise: some 30 ms. */
export const ready = async (): Promise<void> => void (await Promise.all([platform(), mlKem()]));
