import type { Receipt, RequestState } from '../../../protocol/rest/index.ts';
import type { Role } from '../../../protocol/roster.ts';
import type { Preferences } from './account/preferences.ts';
import type { Observable } from './observable.ts';
import type { Placing, Room } from './rooms/types.ts';

export type { RequestState } from '../../../protocol/rest/index.ts';
export type { Preferences } from './account/preferences.ts';
export type { Call, CallAlarm, CallData, CallView, LinkState, RemotePart } from './calls/types.ts';
export type { JoinedView, JoinedWatch, OtherWatcher, Watch, WatchView } from './cowatch/types.ts';
export type * from './rooms/types.ts';

/** What goes along with work on keys that takes a while. */
export interface KeyWork {
  /** Gives it up: the promise rejects with the signal's reason, and nothing has been sent. */
  readonly signal?: AbortSignal | undefined;
  /** How far it is, from 0 to 1. An estimate. */
  readonly onProgress?: ((part: number) => void) | undefined;
}

/** The public face of the engine: everything that a screen, a test or a headless client does goes through it. */
export interface Engine {
  readonly session: Observable<SessionState>;
  /** Rooms in order of last activity; those above the others first. */
  readonly rooms: Observable<readonly RoomSummary[]>;
  /** Whether `rooms` is all of them: false until the service has been asked, in a browser that may know only some. */
  readonly roomsComplete: Observable<boolean>;
  /** What the person has chosen on this device. */
  readonly preferences: Observable<Preferences>;
  /** Changes some of that. */
  prefer(change: Partial<Preferences>): Promise<void>;
  /**
   * Changes what this person is called, and their picture (a small JPEG of at most 16 KiB; null: none any more), for everybody in their
   * rooms and on their other devices. Throws EngineError when the service can't be reached.
   */
  setProfile(change: { name?: string; picture?: Uint8Array | null }): Promise<void>;
  /** The room in whose call this tab is. */
  readonly inCall: Observable<string | undefined>;
  /** Makes an account and signs in. Throws `EngineError`. */
  register(account: { email: string; password: string; name: string }, work?: KeyWork): Promise<void>;
  /**
   * Makes an account by a name alone and signs in: it is in this browser and nowhere else, and gone with what the browser keeps, until it is
   * kept. Throws `EngineError`.
   */
  registerGuest(guest: { name: string }, work?: KeyWork): Promise<void>;
  /** Gives a guest's account an email and a password. Throws ProblemError `email-taken`; EngineError `kept` where it has them already. */
  keepAccount(account: { email: string; password: string }, work?: KeyWork): Promise<void>;
  login(account: { email: string; password: string }, work?: KeyWork): Promise<void>;
  /** Signs in by recovery code, which is spent, and sets a new password. */
  recover(account: { email: string; code: string; password: string }, work?: KeyWork): Promise<void>;
  /** Signs in by a passkey that the person picks. Throws EngineError `no-passkey`, `no-prf`. */
  loginByPasskey(): Promise<void>;
  /** Makes a passkey in this browser that signs in to the account. Throws EngineError `no-passkey`, `no-prf`, `passkey-exists`. */
  addPasskey(password: string, work?: KeyWork): Promise<void>;
  /** The account's passkeys, the newest first. */
  passkeys(): Promise<readonly Passkey[]>;
  removePasskey(id: string): Promise<void>;
  /** Changes the password; whoever is signed in elsewhere must sign in again. */
  changePassword(change: { current: string; next: string }, work?: KeyWork): Promise<void>;
  /** Makes a recovery code, in place of an earlier one, and answers it: it is kept nowhere. */
  makeRecoveryCode(password: string, work?: KeyWork): Promise<string>;
  /** Voids the recovery code. */
  dropRecoveryCode(): Promise<void>;
  /** Whether there is a recovery code, as the service knows it. */
  hasRecoveryCode(): Promise<boolean>;
  /** Ends the session and removes this browser's copy of everything. */
  logout(): Promise<void>;
  /**
   * Deletes the account for good. First it leaves every room with its own signature: the only owner of a room hands it to the
   * admin, else the member, who has been there longest, and a room with nobody else in it is deleted. Then the service
   * removes what it has, and this browser its copy. Throws EngineError `wrong-password` before anything has happened;
   * asked again after a failure, it goes on from there.
   */
  deleteAccount(password: string, work?: KeyWork): Promise<Receipt>;
  /** Answers the new room's id. */
  createRoom(name: string): Promise<string>;
  /** What an invite link leads to, without joining. */
  readInvite(link: string): Promise<InvitePreview>;
  /** Asks to come in, by a link for that. Throws EngineError, ProblemError `invite-invalid`. */
  ask(link: string): Promise<RequestState>;
  /**
   * Joins by an invite link; answers the room's id (also where one is a member already). By a link to ask by once somebody has let
   * them in; else throws EngineError `not-let-in`.
   */
  join(link: string): Promise<string>;
  room(id: string): Room;
  /** The account's devices, the newest first. */
  devices(): Promise<readonly Device[]>;
  /** What a device is called; sealed, for this account's devices alone. */
  renameDevice(id: number, name: string): Promise<void>;
  /** Signs another device out for good: it gets no key any more, in no room. */
  revokeDevice(id: number): Promise<void>;
  /** Where somebody is signed in to the account, the newest sign-in first. */
  signIns(): Promise<readonly SignIn[]>;
  /** Ends one: its client has to sign in again. */
  endSignIn(id: string): Promise<void>;
  /** The key with which a browser subscribes to be woken (RFC 8292), base64url; undefined where the service wakes nobody. */
  pushKey(): Promise<string | undefined>;
  /** Where this browser is woken when something is new and it doesn't run; undefined: not any more. */
  wakeAt(endpoint: string | undefined): Promise<void>;
  /**
   * Looks through all that this device can read, on this device: words, "words together", `from:`, `in:`, `has:file`, `has:link`,
   * `before:` and `after:` with a day, month or year. The newest come first.
   */
  find(query: string, limit?: number): Promise<Findings>;
  /** Lets go of what `find` keeps in memory. */
  endFinding(): void;
  /** All that this device can read, in the clear: a page for people, or JSON for programs. */
  exportReadable(as: 'html' | 'json'): Promise<Blob>;
  /** The same under a passphrase, to be restored. */
  exportArchive(passphrase: string, work?: KeyWork): Promise<Blob>;
  /**
   * Puts back the messages of an archive that this device lacks. Throws EngineError `no-archive`, `wrong-passphrase`, `other-account`;
   * nothing was changed then.
   */
  restoreArchive(archive: { file: Blob; passphrase: string }, work?: KeyWork): Promise<Restored>;
  /** Everybody who is in a room with this account, by name; themselves not among them. */
  people(): readonly Person[];
  /** Stops sockets and timers; the engine can't be used after. */
  close(): Promise<void>;
}

export type SessionState =
  /** Looking into the local store. */
  | { readonly kind: 'starting' }
  /**
   * With a receipt where this tab has just deleted its account; `ended`: from elsewhere, and what is kept here waits for its owner;
   * `suspended`: its owner is a guest, who comes back by loading the page once the service lets them;
   * `unreadable`: the browser does not open what it keeps.
   */
  | {
      readonly kind: 'signed-out';
      readonly receipt?: Receipt;
      readonly ended?: true;
      readonly suspended?: true;
      readonly unreadable?: true;
    }
  | { readonly kind: 'signed-in'; readonly me: Me };

export interface Me {
  readonly id: string;
  /** Of a guest none that is shown: see `guest`. */
  readonly email: string;
  /** Whether the account has neither email nor password yet. */
  readonly guest: boolean;
  readonly name: string;
  /** A small JPEG, base64url. */
  readonly picture?: string;
  readonly deviceId: number;
}

/** A browser that is signed in to the account. */
export interface Device {
  readonly id: number;
  readonly name: string;
  readonly addedAt: number;
  /** When it last asked for something, by the service's word; about. */
  readonly lastSeen?: number;
  readonly isThis: boolean;
}

/** What opens the account with one touch (WebAuthn). */
export interface Passkey {
  readonly id: string;
  /** Where it was made. */
  readonly name: string;
  readonly addedAt: number;
  readonly usedAt?: number;
}

/** What an archive has brought back. */
export interface Restored {
  readonly messages: number;
  readonly rooms: number;
  /** Names of rooms in it that the account is not in: their messages were left out. */
  readonly missing: readonly string[];
}

/** A session of the account with the service. */
export interface SignIn {
  readonly id: string;
  /** What the device is called that speaks in it; undefined for a client that is none of the account's devices. */
  readonly deviceName: string | undefined;
  readonly since: number;
  /** To ten minutes. */
  readonly usedAt: number;
  readonly isThis: boolean;
}

export interface RoomSummary {
  readonly id: string;
  readonly name: string;
  /** A small JPEG, base64url. */
  readonly picture?: string;
  readonly placing: Placing;
  /** What is new here is counted, and says no more. */
  readonly muted: boolean;
  readonly role: Role;
  readonly unread: number;
  /** How many of these name the reader. */
  readonly mentioned: number;
  /** The last that was said, in plain words. */
  readonly last?: { readonly author: string; readonly text: string; readonly at: number };
  /** What was begun to be written here. */
  readonly draft?: string;
  /** It is over for this account: nothing can be sent there any more. */
  readonly gone?: true;
  /** When something last happened; orders the list. */
  readonly activeAt: number;
}

/** What a search has found. */
export interface Findings {
  readonly messages: readonly FoundMessage[];
  /** How many there are, with those beyond the limit. */
  readonly total: number;
  /** The words that were looked for, for `marksOf`. */
  readonly words: readonly string[];
  /** How many messages were looked through, and when the first of them was said. */
  readonly searched: number;
  readonly since?: number;
  /** Rooms of which this device can't read the beginning, with the first moment that it can. */
  readonly cut: readonly { readonly id: string; readonly name: string; readonly since?: number }[];
}

export interface FoundMessage {
  readonly roomId: string;
  readonly roomName: string;
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly author: string;
  readonly authorName: string;
  readonly mine: boolean;
  readonly kind: 'text' | 'file';
  /** Its words now; of a file its name, where its message tells it. */
  readonly text: string;
}

/** Somebody who is in a room with this account. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly verified: boolean;
  /** Names of the rooms that they share. */
  readonly rooms: readonly string[];
}

export interface InvitePreview {
  readonly roomId: string;
  readonly roomName: string;
  readonly invitedBy: string;
  readonly members: number;
  readonly alreadyMember: boolean;
  /** Of a link by which one asks: what became of asking. Who made it, and how many are there, is not told. */
  readonly asking?: RequestState;
}

/** A failure that a person is told: a sentence, and a stable reason for the screens to act on. */
export class EngineError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.reason = reason;
  }
}
