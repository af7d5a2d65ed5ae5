import type { Attested } from '../protocol/franking.ts';
import type { LogLine } from '../protocol/logs.ts';
import type { Sample } from '../protocol/metrics.ts';
import type { Problem } from '../protocol/problem.ts';
import type { AskLink, JoinRequest, RequestState } from '../protocol/rest/requests.ts';
import type { Role, SignedEntry } from '../protocol/roster.ts';
import type { Accepted, FileDelta, Message, Outgoing, Signal } from '../protocol/socket.ts';

/** What an object answers: a value, or the problem to show. Errors thrown across RPC lose their type, so none are. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** A member as the room's own roster has it. */
export interface RosterMemberView {
  readonly userId: string;
  readonly role: Role;
  readonly joinedAt: number;
}

/** Proof that a person who is no member yet holds an invitation (`inviteLookSigned`). */
export interface InviteLook {
  readonly invite: string;
  readonly proof: string;
}

/** What the Worker asks of a room's object. `by` and `userId` are authenticated by the Worker. */
export interface ChatroomRpc {
  /** First entry of a new room. The same creation again answers as before. */
  create(
    by: string,
    room: { id: string; name: string; sealedKey: string; entry: SignedEntry },
  ): Promise<Result<void>>;
  /** Appends an entry (any kind but `created`); `sealedKey` comes with `joined`. Returns once it is durable here and Postgres has been tried. */
  append(by: string, entry: SignedEntry, sealedKey?: string): Promise<Result<void>>;
  /** Replaces the sealed name (owner or admin). */
  rename(by: string, name: string): Promise<Result<void>>;
  /** The caller's view of the room; `not-a-member` for anybody else. */
  view(
    userId: string,
  ): Promise<Result<{ name: string; ownerId: string; createdAt: number; role: Role; sealedKey: string }>>;
  /** The signed log and its members, for a member or for the holder of an invitation. */
  roster(
    userId: string,
    look?: InviteLook,
  ): Promise<Result<{ name: string; entries: SignedEntry[]; members: RosterMemberView[] }>>;
  /** From now on people ask to come in by `link`, or with null by none (owner or admin). */
  openAsking(by: string, link: AskLink | null): Promise<Result<void>>;
  /** Takes the request of somebody who holds that link; again, it answers what became of it. Who was let in, and did not come, waits anew. */
  ask(userId: string, look: InviteLook, box: string): Promise<Result<{ state: RequestState }>>;
  /** Who waits, and the link (owner or admin). */
  requests(by: string): Promise<Result<{ link: AskLink | null; items: JoinRequest[] }>>;
  /** What became of the caller's own request. */
  request(
    userId: string,
    look: InviteLook,
  ): Promise<Result<{ state: RequestState; label: string | null; answer: string | null }>>;
  /** Hands who waits an invitation, or with null declines (owner or admin). */
  answer(by: string, userId: string, answer: string | null): Promise<Result<void>>;
  /** `request` is the one by which it came, for the log. */
  send(sender: string, message: Outgoing, request?: string): Promise<Result<Accepted>>;
  /**
   * Messages that the object still holds, for merging with Postgres: those after `after` (ascending) or before
   * `before` (the newest of them, ascending), visible to `userId`. `oldest` is the first seq held here.
   */
  held(
    userId: string,
    page: { after?: number; before?: number; limit: number },
  ): Promise<Result<{ items: Message[]; oldest: number; last: number }>>;
  /** The room's word on the message at `seq`, with its stamp; undefined where it does not hold it any more, or it has no commitment. */
  attest(seq: number): Promise<{ message: Attested; stamp: string } | undefined>;
  ticket(userId: string, sessionId: string): Promise<Result<{ ticket: string; expiresAt: number }>>;
  /** Passes a signal on to the sockets of whom it is for. */
  signal(sender: string, signal: Signal): Promise<Result<void>>;
  /** Whether `userId` is a member. */
  admits(userId: string): Promise<Result<void>>;
  /** Tells the sockets about a file of the room. */
  fileChanged(change: {
    fileId: string;
    state: 'uploading' | 'complete' | 'deleted';
    delta?: FileDelta;
  }): Promise<void>;
  /** Closes every socket that this session opened (logout, revocation). */
  endSession(sessionId: string): Promise<void>;
  destroy(by: string): Promise<Result<void>>;
  /**
   * The account is no more. The roster still names it, as only its members can sign changes of that; but this room's doors are
   * shut to it, nothing is kept for it, and nobody tells it anything. A room whose last account it was is deleted. Postgres
   * knows when it returns; `unavailable` where that could not be, and it is to be asked again.
   */
  forget(userId: string): Promise<Result<void>>;
}

/** What rooms and the Worker ask of an account's object. */
export interface AccountRpc {
  /** `room` has messages up to `seq`, 0 for one that was just joined. `news`: somebody else wrote. */
  stirred(room: string, seq: number, news: boolean): Promise<void>;
  /** `room` is over for this account. */
  dropped(room: string): Promise<void>;
  /** `session-revoked` for a session that has been ended here. */
  ticket(userId: string, sessionId: string): Promise<Result<{ ticket: string; expiresAt: number }>>;
  /**
   * A session of the account is about to get a ticket of `room`: from now on its end is told to that room. `session-revoked` for
   * one that has been ended here.
   */
  visits(sessionId: string, room: string): Promise<Result<void>>;
  /** Whether this session has been ended here within the last hour: longer than its access tokens are good for. */
  isOver(sessionId: string): Promise<boolean>;
  /**
   * These sessions are over: drops their tickets and closes their sockets, here and in every room that they visited. Rooms that
   * can't be reached are told as soon as they can.
   */
  endSessions(sessionIds: readonly string[]): Promise<void>;
  /** From now on the session's client is woken at `endpoint` when it doesn't listen. */
  subscribe(sessionId: string, endpoint: string): Promise<Result<void>>;
  unsubscribe(sessionId: string): Promise<void>;
  /** What browsers subscribe with. */
  pushKey(): Promise<Result<{ publicKey: string }>>;
  /** All that is kept here. */
  holds(): Promise<{
    rooms: { id: string; seq: number }[];
    subscriptions: { sessionId: string; endpoint: string }[];
  }>;
  /** The account is no more. */
  erase(): Promise<void>;
}

/** What is measured, added up (`protocol/metrics.ts`). */
export interface MetricsRpc {
  /** Adds to counters, by series. */
  add(counts: readonly (readonly [series: string, by: number])[]): Promise<void>;
  /** A room's word on what Postgres lacks of it: how many messages, the oldest from when. 0 takes an earlier word back. */
  backlog(room: string, depth: number, since: number): Promise<void>;
  /** All series with their values. */
  read(): Promise<Sample[]>;
}

/** What is logged, sealed to the operator (`protocol/logs.ts`). */
export interface LogsRpc {
  /** Seals `lines` to the holder of an X25519 key (32 bytes, base64url); says whether it is one. */
  add(publicKey: string, lines: readonly LogLine[]): Promise<boolean>;
  /** What is to be put into the bucket, as an object; undefined while there is too little. Asked again before `stored`, it answers the same. */
  due(): Promise<{ key: string; body: Uint8Array } | undefined>;
  /** The object is in the bucket. */
  stored(key: string): Promise<void>;
}

/** An exact sliding-window limit. */
export interface RateLimitRpc {
  /** Counts one use; `retryAfter` in seconds when it was one too many. */
  take(limit: number, windowSeconds: number): Promise<{ allowed: boolean; retryAfter: number }>;
}
