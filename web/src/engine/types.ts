import type {
  Receipt,
  Member as RemoteMember,
  Room as RemoteRoom,
  ReportReason,
} from '../../../protocol/rest/index.ts';
import type { Role, RosterKind } from '../../../protocol/roster.ts';
import type { Message } from '../../../protocol/socket.ts';
import type { Preferences } from './account/preferences.ts';
import type { Call } from './calls/types.ts';
import type { Watch } from './cowatch/types.ts';
import type { Observable } from './observable.ts';
import type { OpenedFile, Upload } from './transfers/types.ts';

export type { Preferences } from './account/preferences.ts';
export type { Call, CallAlarm, CallData, CallView, LinkState, RemotePart } from './calls/types.ts';
export type { JoinedView, JoinedWatch, OtherWatcher, Watch, WatchView } from './cowatch/types.ts';

/** What goes along with work on keys that takes a while. */
export interface KeyWork {
  /** Gives it up: the promise rejects with the signal's reason, and nothing has been sent. */
  readonly signal?: AbortSignal | undefined;
  /** How far it is, from 0 to 1. An estimate. */
  readonly onProgress?: ((part: number) => void) | undefined;
}

export interface SendFileOptions {
  /** Whether a film or sound goes along as the file that it is, besides what is played: twice the size. */
  readonly keepOriginal?: boolean;
}

/** The public face of the engine: everything that a screen, a test or a headless client does goes through it. */
export interface Engine {
  readonly session: Observable<SessionState>;
  /** Rooms in order of last activity; those above the others first. */
  readonly rooms: Observable<readonly RoomSummary[]>;
  /** What the person has chosen on this device. */
  readonly preferences: Observable<Preferences>;
  /** Changes some of that. */
  prefer(change: Partial<Preferences>): Promise<void>;
  /** The room in whose call this tab is. */
  readonly inCall: Observable<string | undefined>;
  /** Makes an account and signs in. Throws `EngineError`. */
  register(account: { email: string; password: string; name: string }, work?: KeyWork): Promise<void>;
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
  /** Joins by an invite link; answers the room's id (also where one is a member already). */
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
  /** With a receipt where this tab has just deleted its account. */
  | { readonly kind: 'signed-out'; readonly receipt?: Receipt }
  | { readonly kind: 'signed-in'; readonly me: Me };

export interface Me {
  readonly id: string;
  readonly email: string;
  readonly name: string;
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
  /** Its words now; empty for a file. */
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
}

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly isMe: boolean;
  readonly trust: Trust;
}

/**
 * Whether a member is who this browser takes them for. `verified`: their safety number was compared. `changed`: they are here
 * with another identity than the one known before; they get no keys. `contradicted`: the one known before was verified, and
 * nothing is sent in the room as long as they are in it.
 */
export type Trust = 'unverified' | 'verified' | 'changed' | 'contradicted';

/** What two people compare to be sure that nobody sits between them. */
export interface SafetyNumber {
  /** 60, the same on both sides. */
  readonly digits: string;
  /** What our QR code says, for the other side to scan. */
  readonly code: string;
}

/** What a scanned code says: that both see the same two identities, that they don't, or nothing, as it is another kind of code. */
export type CodeCheck = 'match' | 'mismatch' | 'no-code';

/** An invite link that still lets people in. */
export interface OpenInvite {
  readonly key: string;
  /** When it ends by itself. */
  readonly expires: number;
  readonly usesLeft: number;
  /** Name of whoever made it. */
  readonly by: string;
  readonly mine: boolean;
  /** The link itself, where this tab made it; nobody else but its holders has the secret in it. */
  readonly link?: string;
}

/** Where a room stands in the list: above the others, among them, or away from them. */
export type Placing = 'top' | 'list' | 'archive';

export type Connection = 'connecting' | 'online' | 'offline';

export interface Room {
  readonly id: string;
  /** The room's call, whether this tab is in it or not. */
  readonly call: Call;
  /** What is watched together there, whether this tab watches or not. */
  readonly watch: Watch;
  readonly view: Observable<RoomView>;
  /** Queues a text, perhaps an answer to a message; it is kept over reloads until the server has it. */
  send(text: string, replyTo?: string): Promise<void>;
  /** Says here what somebody said elsewhere; not who. */
  forward(text: string): Promise<void>;
  /** Puts a message where everybody finds it, or takes it away from there. */
  pin(item: { readonly id: string; readonly seq?: number }, on: boolean): Promise<void>;
  /** What it is called, for all; owners and admins. Throws EngineError. */
  rename(name: string): Promise<void>;
  /** A small JPEG (at most 16 KiB), for all; undefined: none any more. Owners and admins. */
  setPicture(jpeg: Uint8Array | undefined): Promise<void>;
  /** How its person wants it in their list, on this device. */
  arrange(change: { placing?: Placing; muted?: boolean }): Promise<void>;
  /** From now on what is said here disappears after so many seconds, everywhere; 0: it stays. */
  setTimer(seconds: number): Promise<void>;
  /** Changes the words of a text of one's own, for everybody. */
  edit(messageId: string, text: string): Promise<void>;
  /** Takes back what one said: everybody's devices erase it, a file at the service too. What is not sent yet is not sent. */
  delete(item: TextItem | FileItem): Promise<void>;
  /** Gives an emoji to a message, or takes it away again. */
  react(messageId: string, emoji: string, on: boolean): Promise<void>;
  /**
   * Reports what somebody else said: reveals it to the service's moderators, of a file its key too, with the proof that they sent it.
   *
   * @throws EngineError `no-proof` where this device keeps none of it, ProblemError
   */
  report(item: TextItem | FileItem, report: Report): Promise<void>;
  /** Loads older history until a message is in the timeline, at once where its `seq` is known; answers whether it is. */
  reach(messageId: string, seq?: number): Promise<boolean>;
  /** What was begun to be written here. */
  readonly draft: string;
  /** Keeps it on this device, sealed. */
  keepDraft(text: string): Promise<void>;
  /** Ids of the others who are writing at this moment. */
  readonly typing: Observable<readonly string[]>;
  /** The person has changed what they are writing, or (`false`) has emptied it: the others see that they write, not what. */
  writes(on: boolean): void;
  /** Ids of the others who have this room in front of them at this moment, where it is small enough for that to be said. */
  readonly present: Observable<readonly string[]>;
  /** The person has this room in front of them, or has turned away. */
  looks(on: boolean): void;
  /** Tries a failed message again now. */
  retry(messageId: string): Promise<void>;
  /** Gives up an unsent message. */
  discard(messageId: string): Promise<void>;
  /** Uploads a file and announces it; the timeline shows it at once. */
  sendFile(file: File, options?: SendFileOptions): Promise<void>;
  /** Reads a page of older history; answers whether there is more. */
  loadOlder(): Promise<boolean>;
  /**
   * Goes on with an interrupted upload, given its file again: nothing is sent twice.
   *
   * @throws EngineError `other-file` when it is another one, `busy` when another window is sending it, `gone`
   */
  resumeFile(item: FileItem, file: File): Promise<void>;
  /** Opens a file of the timeline for playing or saving. Repeated calls share one. */
  openFile(item: FileItem): Promise<OpenedFile>;
  deleteFile(item: FileItem): Promise<void>;
  /** Seconds at which this browser stopped playing a file; undefined where it begins at the beginning. */
  placeIn(fileId: string): Promise<number | undefined>;
  /** Keeps, or with undefined forgets, the place in a file. */
  keepPlace(fileId: string, seconds: number | undefined): Promise<void>;
  markRead(): void;
  /** A new invite link (secret in the fragment). */
  invite(options?: { expiresInHours?: number; uses?: number }): Promise<string>;
  /** The open invite links, newest first; changes with `view`. */
  invites(): readonly OpenInvite[];
  /** Ends an invite link before its time. */
  revokeInvite(key: string): Promise<void>;
  /** Owners give and take roles; a room keeps at least one owner. */
  setRole(userId: string, role: Role): Promise<void>;
  remove(userId: string): Promise<void>;
  /** What the person and a member compare, on their two screens or by voice. Throws EngineError `not-a-member`. */
  safetyNumber(userId: string): Promise<SafetyNumber>;
  /** Whether `scanned` is what a member's own screen shows for this account. */
  checkCode(userId: string, scanned: string): Promise<CodeCheck>;
  /**
   * Keeps on this device that the safety number with `code` was compared, and the same.
   *
   * @throws EngineError `other-number` when it is not theirs any more, `changed-identity` for who is not who they were
   */
  markVerified(userId: string, code: string): Promise<void>;
  unmark(userId: string): Promise<void>;
  leave(): Promise<void>;
  /** The files that were sent here and are still there, the newest first, up to `limit` before `before` (a `seq`). */
  files(before?: number, limit?: number): Promise<readonly FileItem[]>;
  /** Keys and member list, as this device has verified them. */
  inspect(): Promise<Inspection>;
  /** What the service has of this room, in its own words. Throws EngineError when it can't be reached. */
  asStored(): Promise<AsStored>;
}

/** What there is to see of a room's keys and member list. */
export interface Inspection {
  /** The signed log by which everybody knows who is in the room, the newest first. */
  readonly entries: readonly {
    readonly seq: number;
    readonly at: number;
    readonly byName: string;
    readonly what: RosterKind;
    /** Whom it is about, where that is not who signed it. */
    readonly about?: string;
    readonly hash: string;
    /** Why it counts for nothing. */
    readonly refused?: string;
  }[];
  /** The chain of keys that this device's next message takes one of; absent before the first. */
  readonly chain?: { readonly since: number; readonly messages: number; readonly devices: number };
  readonly members: readonly {
    readonly id: string;
    readonly name: string;
    readonly isMe: boolean;
    /** Hexadecimal. */
    readonly identityKey: string;
    /** How many devices their signed list names; absent where it was not needed yet. */
    readonly devices?: number;
  }[];
}

/** A room as the service has it. */
export interface AsStored {
  readonly room: RemoteRoom;
  readonly members: readonly RemoteMember[];
  /** The number of the newest message. */
  readonly messages: number;
  /** The newest message to everybody. */
  readonly last?: Message;
}

/** What somebody says of a message that they report. */
export interface Report {
  readonly reason: ReportReason;
  readonly note?: string;
}

export interface RoomView {
  readonly id: string;
  readonly name: string;
  /** A small JPEG, base64url. */
  readonly picture?: string;
  readonly me: string;
  readonly role: Role;
  readonly members: readonly Member[];
  readonly connection: Connection;
  /** Oldest first. */
  readonly timeline: readonly TimelineItem[];
  /** Whether older history can be loaded. */
  readonly hasOlder: boolean;
  /** What is pinned here, the newest last. */
  readonly pins: readonly Pin[];
  /** Seconds after which what is said now disappears; 0: it stays. */
  readonly lasts: number;
  /** Set when the room is over for this person; nothing can be sent any more. */
  readonly gone?: 'removed' | 'left' | 'deleted';
  /** What the roster check found, in words; empty when all is well. */
  readonly warnings: readonly string[];
}

/** A message that somebody put where everybody finds it. */
export interface Pin {
  readonly id: string;
  readonly seq: number;
  readonly text: string;
  readonly authorName: string;
  /** Who pinned it. */
  readonly byName: string;
}

/** One emoji under a message. */
export interface Reaction {
  readonly emoji: string;
  /** Names of the others who gave it. */
  readonly others: readonly string[];
  readonly mine: boolean;
}

/** What a message answers; without a name it was said before what is loaded, without words it is gone. */
export interface Quote {
  readonly id: string;
  readonly authorName?: string;
  readonly text?: string;
}

interface ItemBase {
  /** Stable over state changes. */
  readonly id: string;
  readonly seq?: number;
  readonly at: number;
  readonly author: string;
  readonly authorName: string;
  /** Whether the author's safety number was compared. */
  readonly verified?: true;
  readonly mine: boolean;
  /** What speaks against believing it, in words. */
  readonly doubt?: string;
  /** When it disappears everywhere. */
  readonly expiresAt?: number;
  /** The others for whom it is the last one that they have read, as far as they say. */
  readonly readBy?: readonly { readonly id: string; readonly name: string }[];
}
/** waiting: in the encrypted outbox; sent: the room has it, in order. */
export type SendState = 'waiting' | 'sent' | 'failed';
export interface TextItem extends ItemBase {
  readonly kind: 'text';
  readonly text: string;
  /** Its author has changed it since. */
  readonly edited?: true;
  /** Somebody said it elsewhere. */
  readonly forwarded?: true;
  /** Whom it names, each by `@` and the name. */
  readonly mentions?: readonly { readonly id: string; readonly name: string }[];
  readonly replyTo?: Quote;
  readonly reactions?: readonly Reaction[];
  readonly state: SendState;
  /** Why it failed, as a sentence. */
  readonly problem?: string;
}
export interface FileItem extends ItemBase {
  readonly kind: 'file';
  readonly state: SendState;
  readonly fileId: string;
  readonly commitment: string;
  readonly manifestHash: string;
  /** What it is called, before its manifest says so. */
  readonly name?: string;
  /** While this browser uploads it. */
  readonly upload?: Upload;
  /** Its upload was interrupted, and goes on once this file is picked again (`Room.resumeFile`). */
  readonly interrupted?: { readonly name: string; readonly size: number };
  readonly reactions?: readonly Reaction[];
  readonly problem?: string;
}
/** Its author took it back. */
export interface DeletedItem extends ItemBase {
  readonly kind: 'deleted';
}
/** Somebody came, went, was removed, changed something about the room. */
export interface NoticeItem extends ItemBase {
  readonly kind: 'notice';
  readonly text: string;
}
/** Could not be decrypted, or is of a newer version. */
export interface UnreadableItem extends ItemBase {
  readonly kind: 'unreadable';
  readonly reason: string;
}
export type TimelineItem = TextItem | FileItem | NoticeItem | UnreadableItem | DeletedItem;

/** A failure that a person is told: a sentence, and a stable reason for the screens to act on. */
export class EngineError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.reason = reason;
  }
}
