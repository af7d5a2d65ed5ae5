import { DurableObject } from 'cloudflare:workers';
import type { AccountFrame } from '../protocol/account-socket.ts';
import { problem } from '../protocol/problem.ts';
import { readMark } from '../protocol/socket.ts';
import type { AccountEnv } from './env.ts';
import { applicationServerKey, Push } from './push.ts';
import { no, ok, problemResponse } from './result.ts';
import type { AccountRpc, Result } from './rpc.ts';
import { hasRoom, migrate } from './schema.ts';
import { Sockets } from './sockets.ts';
import { Tickets } from './tickets.ts';

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
];

/**
 * One account: which of its rooms have something new, and one socket for each of its clients to hear of it. Rooms tell it
 * (`wakes.ts`); it knows neither what was said nor what was read.
 */
export class Account extends DurableObject<AccountEnv> implements AccountRpc {
  readonly #sockets: Sockets;
  readonly #tickets: Tickets;
  readonly #push: Push;
  /** Whether there are tables: a name that was made up gets none. */
  #open: boolean;

  constructor(context: DurableObjectState, env: AccountEnv) {
    super(context, env);
    this.#open = hasRoom(context.storage.sql);
    if (this.#open) this.#migrate();
    // Clients have nothing to say here but where they have read to.
    this.#sockets = new Sockets(context, 1);
    this.#tickets = new Tickets(context.storage.sql);
    this.#push = new Push(context.storage, env);
  }

  #migrate(): void {
    migrate(this.ctx.storage, versions);
    this.#open = true;
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
    this.#tell({ t: 'dropped', id: room });
  }

  #tell(frame: AccountFrame): void {
    const text = JSON.stringify(frame);
    for (const seat of this.#sockets.live()) this.#sockets.sendText(seat, text);
  }

  async ticket(userId: string, sessionId: string): Promise<{ ticket: string; expiresAt: number }> {
    const { ticket, hash } = await Tickets.make();
    if (!this.#open) this.#migrate();
    return { ticket, expiresAt: this.#tickets.keep(hash, { userId, sessionId }, Date.now()) };
  }

  async endSession(sessionId: string): Promise<void> {
    if (this.#open) {
      this.#tickets.dropSession(sessionId);
      this.#push.unsubscribe(sessionId);
    }
    this.#sockets.dismiss((seat) => seat.sessionId === sessionId, 'signed-out');
  }

  async subscribe(sessionId: string, endpoint: string): Promise<Result<void>> {
    if (applicationServerKey(this.env) === undefined) return no('not-found', 'Push is not set up here.');
    if (!this.#open) this.#migrate();
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
    const { client, seat } = this.#sockets.accept(claim.userId, claim.sessionId);
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
