import type { InviteSecret } from '../../../../crypto/room/index.ts';
import type { Assertion, passkeyAlgorithms, Tokens } from '../../../../protocol/rest/index.ts';
import type { RosterEntry, SignedEntry } from '../../../../protocol/roster.ts';
import type { Message } from '../../../../protocol/socket.ts';
import type { Api } from '../api.ts';
import type { Row } from '../store/store.ts';
import type { CodeCheck, Device, KeyWork, Passkey, SafetyNumber, Trust } from '../types.ts';
import type { PayloadRefusal } from './opening.ts';
import type { IncomingSignal, OpenedSignals, OutgoingSignal } from './signals.ts';

/** What a host of keys is told when it starts; plain data. */
export interface HostSettings {
  /** Name of the local store: the page and the host open the same one, each by itself. */
  readonly storeName: string;
  /** How refresh tokens are to come (protocol/rest). */
  readonly transport: 'cookie' | 'body';
  /** What this browser is called in the list of devices, unless its owner names it. */
  readonly deviceName: string;
}

/** Starts a host. It asks the service for what it needs by `api`: tokens stay with the page. */
export type StartHost = (settings: HostSettings, api: Api) => KeyHost;

/** A payload for this device that brought no key, and why. */
export interface Refused {
  readonly seq: number;
  /** Address of the device that it is said to come from. */
  readonly from: string;
  readonly reason: PayloadRefusal;
}

/** A passkey that has signed a challenge of the service. */
export interface UsedPasskey {
  readonly credentialId: string;
  readonly assertion: Assertion;
  /** What its `prf` extension answered, 32 bytes: a key of it opens the account's secret. */
  readonly prf: Uint8Array;
}

/** One that was just made, and has signed. */
export interface NewPasskey extends UsedPasskey {
  /** SubjectPublicKeyInfo, base64url. */
  readonly publicKey: string;
  readonly algorithm: (typeof passkeyAlgorithms)[number];
}

/** What a batch of messages brought. */
export interface Received {
  /**
   * Nothing was kept: a message names a roster entry that is not known here. To be read from the service, and the batch
   * handed in again as `settled`.
   */
  readonly rosterFirst?: true;
  /** How many of this device's prekeys were used up. */
  readonly handshakes: number;
  /** Whether something was put into the outbox: keys are missing, or owed. */
  readonly says: boolean;
  /** Whose device has just come, and says so. */
  readonly come: readonly string[];
  /** Payloads for this device that were refused. */
  readonly refused: readonly Refused[];
}

/** What becomes of an unsent message. */
export type Verdict =
  | { readonly kind: 'retry' | 'discard' }
  /** It waits for its person; `problem` is a sentence. */
  | { readonly kind: 'fail'; readonly problem: string };

/** What there is to see of a room's keys. */
export interface KeysIn {
  /** The chain that this device's next message is encrypted with; undefined before the first. */
  readonly chain: { readonly since: number; readonly messages: number; readonly devices: number } | undefined;
  /** Numbers of each member's devices, as their signed list names them. */
  readonly devices: ReadonlyMap<string, readonly number[]>;
}

/**
 * Everything that is done with secrets: the account's secret and what follows from it, prekeys, pairwise sessions, sender chains.
 * They exist behind this face alone, in a worker of its own where there are workers. All that goes in and comes out is plain data.
 *
 * State and what was made with it are one transaction of the store, under the lock `crypto`, committed before a call answers.
 * So a host may die at any moment: whoever takes its place goes on from the store, and a call that had no answer is made again.
 * Methods that take a `KeyWork` are not (they change the account at the service); they fail with EngineError `host-lost`.
 */
export interface KeyHost {
  /** Opens the store, and brings what an earlier version kept there to its place. Throws EngineError `no-storage`. */
  open(): Promise<void>;
  /** Makes the account's keys, registers, and keeps them; the device is not published yet. */
  register(account: { email: string; password: string; name: string }, work?: KeyWork): Promise<Tokens>;
  /** The same for a guest, whose account has neither email nor password yet. */
  registerGuest(guest: { name: string }, work?: KeyWork): Promise<Tokens>;
  /** A new session of the guest that this browser is, whose last one has ended. Throws ProblemError `wrong-credentials`, `forbidden`. */
  guestAgain(): Promise<Tokens>;
  /** Takes over the email of a guest's account that was kept by a call whose answer was lost. */
  learnEmail(): Promise<void>;
  /** Throws EngineError `wrong-identity`, ProblemError. Begins the store anew where another account was in it. */
  login(account: { email: string; password: string }, work?: KeyWork): Promise<Tokens>;
  /** Signs in by recovery code, which is spent, and sets a new password. Throws EngineError `bad-code`, ProblemError. */
  recover(account: { email: string; code: string; password: string }, work?: KeyWork): Promise<Tokens>;
  /** Signs in by passkey. Throws EngineError `wrong-identity`, ProblemError. */
  unlock(passkey: UsedPasskey, work?: KeyWork): Promise<Tokens>;
  /** Wraps the account's secret for a new passkey, and tells the service of it; `proof` is of `prove`. Throws ProblemError `wrong-password`. */
  addPasskey(made: { passkey: NewPasskey; proof: string }, work?: KeyWork): Promise<void>;
  /** Throws ProblemError `wrong-password`. */
  changePassword(change: { current: string; next: string }, work?: KeyWork): Promise<void>;
  /** Gives a guest's account an email and a password. Throws ProblemError `email-taken`, `conflict`. */
  keepAccount(account: { email: string; password: string }, work?: KeyWork): Promise<void>;
  /** Makes a recovery code, in place of an earlier one, and answers it: it is kept nowhere. Throws ProblemError `wrong-password`. */
  makeRecoveryCode(account: { password: string }, work?: KeyWork): Promise<string>;
  /** What shows the service that `password` is the account's, or that a guest's is this browser's, who has none. Throws EngineError `wrong-password`. */
  prove(account: { password: string }, work?: KeyWork): Promise<string>;

  /** The key of an archive, from its passphrase and its salt. */
  archiveKey(archive: { passphrase: string; salt: string }, work?: KeyWork): Promise<Uint8Array>;

  /** Publishes this browser as a device, unless that was done; goes on where a crash left it. */
  publishDevice(): Promise<void>;
  /** Where this browser was dropped from the account's list it becomes a new device; answers whether that was so. */
  renewDevice(): Promise<boolean>;
  /** Fills up the one-time prekeys when the server runs low. */
  refillPreKeys(): Promise<void>;
  /** Replaces the lasting prekeys when their week is over, and forgets what nothing can need any more. */
  rotatePreKeys(): Promise<void>;
  listPasskeys(): Promise<Passkey[]>;
  listDevices(): Promise<Device[]>;
  renameDevice(id: number, name: string): Promise<void>;
  /** Takes a device from the account's signed list; answers whether it stood there. */
  dropDevice(id: number): Promise<boolean>;

  /** Signs a roster entry of this account. */
  signEntry(entry: RosterEntry): Promise<SignedEntry>;
  /** The account's word that the key `watcher` is its own, for those who watch a film with it in `room`; base64url. */
  vouchFor(room: string, watcher: string): Promise<string>;
  /** A room's secret, for the account's other devices; base64url. */
  sealRoomSecret(room: string, secret: Uint8Array): Promise<string>;
  /** Throws where it was sealed for another room, or by somebody else. */
  openRoomSecret(room: string, sealed: string): Promise<Uint8Array>;
  /** The account's own name, for its other devices; base64url. */
  sealName(name: string): Promise<string>;
  /** How far this account has read in `room`, for its other devices; base64url. */
  sealPlace(room: string, seq: number): Promise<string>;
  /** Throws where it was sealed for another room, or by somebody else. */
  openPlace(room: string, sealed: string): Promise<number>;
  /** The invitation by which this account lets somebody into `room`, always the same one (`crypto/room/asking.ts`). */
  admittingInvite(
    room: string,
    request: { readonly userId: string; readonly said: string; readonly turn: number },
  ): Promise<InviteSecret>;
  /** The invitation that a room's people have sealed for this account, which asked by `link`. Throws where it is none. */
  openAnswer(link: InviteSecret, sealed: string): Promise<InviteSecret>;
  /** A file's key, wrapped for this account in `room`. Throws FileError. */
  openFileKey(room: string, fileId: string, wrapped: Uint8Array): Promise<Uint8Array>;

  /** How far this device's present chain in `room` is, and the devices of each member that it knows; for who wants to look. */
  keysIn(room: string): Promise<KeysIn>;
  /** Of each member of `room` but oneself, by the stored roster, whether they are who this device takes them for. */
  trust(room: string): Promise<ReadonlyMap<string, Trust>>;
  /** The safety number of this account and a member of `room`. Throws EngineError `not-a-member`. */
  safetyNumber(room: string, userId: string): Promise<SafetyNumber>;
  /** Whether `scanned` is what the member's own screen shows for this account. Throws EngineError `not-a-member`. */
  checkCode(room: string, userId: string, scanned: string): Promise<CodeCheck>;
  /** Keeps that the number with `code` was compared. Throws EngineError `other-number`, `changed-identity`, `contradicted`. */
  markVerified(room: string, userId: string, code: string): Promise<void>;
  /** Takes such a mark back. */
  unmark(userId: string): Promise<void>;

  /**
   * Takes messages of a room's log, ascending, into the store: each exactly once whatever is delivered twice, by whichever tab
   * comes first.
   *
   * @param settled whether the roster was just read: an entry that is still not known is noted, and the batch goes on
   */
  receive(room: string, items: readonly Message[], settled: boolean): Promise<Received>;
  /** Tries messages again for which this device had no key; answers the first whose key it still lacks. */
  reopen(room: string, items: readonly Message[]): Promise<number | undefined>;
  /** Takes in what messages of `room` say whose kind the version that stored them did not know. Once: `newKinds` tells whether there is need. */
  understand(room: string): Promise<void>;
  /** Learns the sender chains of `room` that the account's other devices have backed up; whether any was forged. */
  learnBackups(room: string): Promise<{ learned: number; forged: boolean }>;
  /**
   * Encrypts a message of the outbox for the room's present members, unless that was done, and answers the row with its frames:
   * these bytes and no others are sent, however often. Undefined when it is no longer there; `later` when the stored roster has
   * fewer than `entries`, which the caller knows of, or none of a departure that another tab knows of.
   *
   * @throws EngineError with a sentence for the sender
   */
  seal(room: string, messageId: string, entries: number): Promise<Row<'outbox'> | 'later' | undefined>;
  /**
   * Takes a message out of the outbox, or puts it back to be sealed anew. Keys in it that are not among the `delivered` frames
   * would be missed by the rows that follow: these, too, are sealed anew, under a new chain.
   */
  release(room: string, messageId: string, verdict: Verdict, delivered: readonly string[]): Promise<void>;

  /**
   * Seals signals of a call, each for one device of a present member; base64url. Undefined for one that could not be: it has none, or
   * its keys are not to be believed.
   */
  sealSignals(room: string, signals: readonly OutgoingSignal[]): Promise<(string | undefined)[]>;
  /** Opens signals, each of the device that is said to have sealed it. Never throws for what others sent. */
  openSignals(room: string, signals: readonly IncomingSignal[]): Promise<OpenedSignals>;

  /** Forgets all keys and closes the store. The next call opens it again. */
  close(): void;
}
