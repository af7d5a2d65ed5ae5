import type { Chain, ReceivingChain } from './chain.ts';
import type { KeyPair } from './curve.ts';
import type { SessionVersion } from './wire.ts';

/** How many replaced sessions with a device are kept for messages that were on their way. */
export const maxArchived = 40;

/**
 * How many of the other side's chains a session follows. Messages come through the logs of many rooms, which reach us
 * independently of one another, so an old chain may still be waited for after many turns.
 */
export const maxReceivingChains = 40;

/** The chain that we encrypt with, and the ratchet key that it came from. */
export interface SendingChain extends Chain {
  readonly ratchet: KeyPair;
}

/** A chain of the other side, known by its ratchet key (33 bytes). */
export interface RatchetChain extends ReceivingChain {
  readonly ratchetKey: Uint8Array;
}

/** The handshake that goes with each message of ours until the other side has answered. */
export interface PendingHandshake {
  readonly registrationId: number;
  readonly preKeyId?: number;
  readonly signedPreKeyId: number;
  readonly kyber?: { readonly preKeyId: number; readonly ciphertext: Uint8Array };
}

/** One Double Ratchet session. Never changed in place. */
export interface SessionState {
  readonly version: SessionVersion;
  /** Our identity key, 33 bytes. */
  readonly localIdentity: Uint8Array;
  /** The other side's identity key, 33 bytes. */
  readonly remoteIdentity: Uint8Array;
  /** The initiator's handshake key, 33 bytes: by it a repeated handshake is known again. */
  readonly baseKey: Uint8Array;
  /** 32 bytes. */
  readonly rootKey: Uint8Array;
  readonly sending: SendingChain;
  /** How many messages our sending chain before had. */
  readonly previousCounter: number;
  /** Oldest first. */
  readonly receiving: readonly RatchetChain[];
  readonly pending?: PendingHandshake;
}

/** All sessions with one device: the one that we write with, and those replaced, the newest first. Never changed in place. */
export interface SessionRecord {
  readonly current: SessionState;
  readonly archived: readonly SessionState[];
}
