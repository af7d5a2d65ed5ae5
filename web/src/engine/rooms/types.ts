import type {
  Member as RemoteMember,
  Room as RemoteRoom,
  ReportReason,
} from '../../../../protocol/rest/index.ts';
import type { Role, RosterKind } from '../../../../protocol/roster.ts';
import type { Message } from '../../../../protocol/socket.ts';
import type { Call } from '../calls/types.ts';
import type { Watch } from '../cowatch/types.ts';
import type { Observable } from '../observable.ts';
import type { OpenedFile, Upload } from '../transfers/types.ts';

export interface SendFileOptions {
  /** Whether a film or sound goes along as the file that it is, besides what is played: twice the size. */
  readonly keepOriginal?: boolean;
  /** Where the file was picked, if the browser tells: after a reload it can be read there again. */
  readonly handle?: Promise<FileSystemFileHandle | undefined> | undefined;
  /** It was just said aloud. */
  readonly voice?: true;
  /** Somebody sent it elsewhere. */
  readonly forwarded?: true;
  /** Called when it shows as being sent, or waiting for its turn, also after a reload: from then on `sendFile` does not reject. */
  readonly onBegun?: (() => void) | undefined;
}

export interface Member {
  readonly id: string;
  readonly name: string;
  /** A small JPEG, base64url. */
  readonly picture?: string;
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

/** A message that is being answered or changed, and the new words of one that is changed. */
export type Begun = { readonly id: string; readonly seq?: number | undefined } & (
  | { readonly kind: 'reply' }
  | { readonly kind: 'edit'; readonly text: string }
);

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
  /** Which message the draft answers, or which one was being changed, and how it was to read. */
  readonly begun: Begun | undefined;
  /** Keeps it beside the draft; undefined: neither any more. */
  begin(begun: Begun | undefined): Promise<void>;
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
   * Goes on with an interrupted upload, given its file again: nothing is sent twice. Without one it is read where it was picked
   * (`FileItem.interrupted.kept`), of which the browser may ask the person: to be called on a click.
   *
   * @throws EngineError `other-file` when it is another one, `no-file` when it can't be read there, `busy` when another window is
   * sending it, `gone`
   */
  resumeFile(item: FileItem, file?: File): Promise<void>;
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
  /** A link by which people ask to come in, in place of an earlier one of its kind; owners and admins. Throws EngineError. */
  askingLink(expiresInHours: number): Promise<string>;
  /** Ends it, with what waits. */
  endAsking(): Promise<void>;
  /** Lets somebody in who waits; can be done again. Throws EngineError `request-over` where another has answered them. */
  letIn(userId: string): Promise<void>;
  decline(userId: string): Promise<void>;
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
  /** Who asks to come in, for owners and admins; the longest first. */
  readonly requests: readonly JoinRequest[];
  /** Until when people can ask, as far as is known here. */
  readonly asking?: number;
  /** Seconds after which what is said now disappears; 0: it stays. */
  readonly lasts: number;
  /** Set when the room is over for this person; nothing can be sent any more. */
  readonly gone?: 'removed' | 'left' | 'deleted';
  /** What the roster check found, in words; empty when all is well. */
  readonly warnings: readonly string[];
}

/** Somebody who asks to come in. */
export interface JoinRequest {
  readonly id: string;
  readonly name: string;
  readonly at: number;
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
  /** It was said aloud, for the room: it is called so, whatever its manifest says. */
  readonly voice?: true;
  /** Somebody sent it elsewhere. */
  readonly forwarded?: true;
  /** While this browser uploads it. */
  readonly upload?: Upload;
  /**
   * Its upload was interrupted, and goes on once this file is picked again (`Room.resumeFile`); `kept`: the browser knows where it is;
   * `unsent`: its turn had not come.
   */
  readonly interrupted?: {
    readonly name: string;
    readonly size: number;
    readonly kept?: true;
    readonly unsent?: true;
  };
  readonly reactions?: readonly Reaction[];
  readonly problem?: string;
}
/** Its author took it back. */
export interface DeletedItem extends ItemBase {
  readonly kind: 'deleted';
}
/** Somebody came, went, was removed, changed something about the room. */
/** What somebody (the item's author) did to a room, for the screens to word. `whom` is another's name; without it, it is oneself. */
export type RoomEvent =
  | {
      readonly what:
        | 'created'
        | 'joined'
        | 'left'
        | 'pinned'
        | 'unpinned'
        | 'picture-changed'
        | 'picture-removed';
    }
  | { readonly what: 'removed'; readonly whom?: string }
  | { readonly what: 'role'; readonly role: Role; readonly whom?: string }
  /** Gave up what they were. */
  | { readonly what: 'own-role'; readonly role: Role }
  | { readonly what: 'named'; readonly name: string }
  /** Goes by another name, who came with `first`: that one the member list has signed. */
  | { readonly what: 'renamed'; readonly first: string; readonly name: string }
  /** Seconds that new messages last from then on; 0 for good. */
  | { readonly what: 'timer'; readonly lasts: number }
  /** Nobody did: what was said before this device joined is not there. */
  | { readonly what: 'before' };
export interface NoticeItem extends ItemBase {
  readonly kind: 'notice';
  readonly event: RoomEvent;
}
/** Could not be decrypted, or is of a newer version. */
export interface UnreadableItem extends ItemBase {
  readonly kind: 'unreadable';
  readonly reason: string;
}
export type TimelineItem = TextItem | FileItem | NoticeItem | UnreadableItem | DeletedItem;
