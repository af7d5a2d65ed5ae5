import { DurableObject } from 'cloudflare:workers';
import type { AccountFrame } from '../protocol/account-socket.ts';
import { problem } from '../protocol/problem.ts';
import { readMark } from '../protocol/socket.ts';
import type { AccountEnv } from './env.ts';
import { applicationServerKey, Push } from './push.ts';
import { no, ok, problemResponse, requestOf } from './result.ts';
import type { AccountRpc, Result } from './rpc.ts';
import { hasRoom, migrate } from './schema.ts';
import { Sockets } from './sockets.ts';
import { Tickets } from './tickets.ts';
import { Visits } from './visits.ts';

const versions = [
  `
  create table room (
    id text primary key,
    -- The newest message that the room has told of.
    seq integer not null
  ) without rowid;
  create table ticket (
    hash text primary key,
    user_id text not null,
    session_id text not null,
    expires_at integer not null
  ) without rowid;
  -- Whom to wake when nobody listens: one client for each session.
  create table subscription (
    session_id text not null unique,
    endpoint text not null unique,
    due integer not null default 0,
    attempts integer not null default 0,
    next_at integer not null default 0
  );
  `,
  `
  -- Rooms that a session has asked for tickets of (visits.ts), and whether they are to be told that it is over.
  create table visit (
    session_id text not null,
    room text not null,
    due integer not null default 0,
    primary key (session_id, room)
  ) without rowid;
  create index visit_due on visit (session_id) where due;
  -- Sessions that are over, for as long as an access token may outlive them.
  create table over (session_id text primary key, at integer not null) without rowid;
  `,
];

/** How long the end of a session waits for its rooms to have closed its sockets, in milliseconds; it goes on after. */
const patience = 2_000;

/**
 * One account: which of its rooms have something new, and one socket for each of its clients to hear of it. Rooms tell it
 * (`wakes.ts`); it knows neither what was said nor what was read.
 */
export class Account extends DurableObject<AccountEnv> implements AccountRpc {
  readonly #sockets: Sockets;
  readonly #tickets: Tickets;
  readonly #push: Push;
  readonly #visits: Visits;
  /** Whether there are tables: a name that was made up gets none. */
  #open: boolean;

  constructor(context: DurableObjectState, env: AccountEnv) {
    super(context, env);
    this.#open = hasRoom(context.storage.sql);
    if (this.#open) this.#migrate();
    // Clients have nothing to say here but where they have read to.
    this.#sockets = new Sockets(context, 1);
    this.#tickets = new Tickets(context.storage.sql);
    this.#push = new Push(context.storage, env, (at) => this.#wakeAt(at));
    this.#visits = new Visits(context.storage, env, this.#open);
  }

  #migrate(): void {
    migrate(this.ctx.storage, versions);
    this.#open = true;
  }

  /** Sets the alarm for `at`, or for the rooms that wait to be told of a session's end, whichever is first. */
  async #wakeAt(at: number): Promise<void> {
    await this.ctx.storage.setAlarm(Math.min(at, this.#visits.retryAt ?? at));
  }

  async stirred(room: string, seq: number, news: boolean): Promise<void> {
    if (!this.#open) this.#migrate();
    const { sql } = this.ctx.storage;
    const statement = `insert into room values (?, ?) on conflict do update set seq = max(seq, excluded.seq)`;
    sql.exec(statement, room, seq);
    this.#tell({ t: 'stirred', id: room, seq });
    if (news) this.#push.wake(new Set([...this.#sockets.live()].map(({ sessionId }) => sessionId)));
  }

  async dropped(room: string): Promise<void> {
    if (!this.#open) return;
    this.ctx.storage.sql.exec('delete from room where id = ?', room);
    this.#visits.dropRoom(room);
    this.#tell({ t: 'dropped', id: room });
  }

  #tell(frame: AccountFrame): void {
    const text = JSON.stringify(frame);
    for (const seat of this.#sockets.live()) this.#sockets.sendText(seat, text);
  }

  async ticket(userId: string, sessionId: string): ReturnType<AccountRpc['ticket']> {
    const { ticket, hash } = await Tickets.make();
    if (!this.#open) this.#migrate();
    if (this.#visits.isOver(sessionId)) return no('session-revoked');
    return ok({ ticket, expiresAt: this.#tickets.keep(hash, { userId, sessionId }, Date.now()) });
  }

  async visits(sessionId: string, room: string): Promise<Result<void>> {
    if (!this.#open) this.#migrate();
    if (this.#visits.isOver(sessionId)) return no('session-revoked');
    this.#visits.add(sessionId, room);
    return ok(undefined);
  }

  async isOver(sessionId: string): Promise<boolean> {
    return this.#open && this.#visits.isOver(sessionId);
  }

  async endSessions(sessionIds: readonly string[]): Promise<void> {
    const ended = new Set(sessionIds);
    // Their access tokens may have minutes left: from now on they are refused at every door.
    if (!this.#open) this.#migrate();
    for (const id of ended) {
      this.#tickets.dropSession(id);
      this.#push.unsubscribe(id);
    }
    this.#visits.end(sessionIds, Date.now());
    this.#sockets.dismiss((seat) => ended.has(seat.sessionId), 'signed-out');
    await Promise.race([this.#tellRooms(), scheduler.wait(patience)]);
  }

  /** Tells rooms of ended sessions; those that could not be told are told by the alarm, as are all if this object dies before. */
  async #tellRooms(): Promise<void> {
    await this.#wakeBy(this.#visits.retryAt);
    await this.#visits.tell();
    await this.#wakeBy(this.#visits.retryAt);
  }

  /** Sets the alarm, unless it is set for earlier. */
  async #wakeBy(at: number | undefined): Promise<void> {
    if (at === undefined) return;
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }

  async subscribe(sessionId: string, endpoint: string): Promise<Result<void>> {
    if (applicationServerKey(this.env) === undefined) return no('not-found', 'Push is not set up here.');
    if (!this.#open) this.#migrate();
    if (this.#visits.isOver(sessionId)) return no('session-revoked');
    if (this.#push.subscribe(sessionId, endpoint)) return ok(undefined);
    return no('invalid-body', "This is no address of a browser's push service.");
  }

  async unsubscribe(sessionId: string): Promise<void> {
    if (this.#open) this.#push.unsubscribe(sessionId);
  }

  async pushKey(): Promise<Result<{ publicKey: string }>> {
    const publicKey = applicationServerKey(this.env);
    return publicKey === undefined ? no('not-found', 'Push is not set up here.') : ok({ publicKey });
  }

  override async alarm(): Promise<void> {
    if (!this.#open) return;
    this.#tickets.dropExpired(Date.now());
    await this.#push.deliver();
    await this.#tellRooms();
  }

  async holds(): ReturnType<AccountRpc['holds']> {
    if (!this.#open) return { rooms: [], subscriptions: [] };
    type Room = { id: string; seq: number };
    type Subscription = { sessionId: string; endpoint: string };
    const { sql } = this.ctx.storage;
    return {
      rooms: sql.exec<Room>('select id, seq from room').toArray(),
      subscriptions: sql
        .exec<Subscription>('select session_id as sessionId, endpoint from subscription')
        .toArray(),
    };
  }

  async erase(): Promise<void> {
    this.#sockets.dismiss(() => true, 'signed-out');
    if (this.#open) {
      this.#visits.endAll();
      await this.#visits.tell();
      if (this.#visits.retryAt !== undefined) throw new Error('a room could not be told');
    }
    this.#open = false;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** Opens a socket for a ticket. Whether the request comes from our own pages is the Worker's to check. */
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket')
      return problemResponse(problem('bad-request', 'This address speaks WebSocket.'));
    const hash = await Tickets.hash(new URL(request.url).searchParams.get('ticket') ?? '');
    const claim = this.#open ? this.#tickets.spend(hash, Date.now()) : undefined;
    if (!claim) return problemResponse(problem('ticket-invalid'));
    const { client, seat } = this.#sockets.accept(claim.userId, claim.sessionId, requestOf(request));
    type Room = { id: string; seq: number };
    const rooms = this.ctx.storage.sql.exec<Room>('select id, seq from room').toArray();
    this.#sockets.sendText(seat, JSON.stringify({ t: 'welcome', rooms } satisfies AccountFrame));
    this.#sockets.goLive(seat);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    const seat = this.#sockets.seat(socket);
    const mark = readMark(data);
    if (seat && !(mark && this.#sockets.read(seat, mark)))
      this.#sockets.throwOut(seat, 'nothing is to be said here');
  }

  override webSocketClose(socket: WebSocket): void {
    this.#sockets.closed(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.forget(socket);
  }
}
