import { DurableObject } from 'cloudflare:workers';
import { stampKeys } from '../protocol/franking.ts';
import { type Problem, problem } from '../protocol/problem.ts';
import type { AskLink } from '../protocol/rest/requests.ts';
import { applyEntry, type SignedEntry } from '../protocol/roster.ts';
import type { Accepted, ClientFrame, Message, Outgoing, Signal } from '../protocol/socket.ts';
import { Asking } from './asking.ts';
import { Calls } from './calls.ts';
import type { RoomEnv } from './env.ts';
import { FanOut } from './fan-out.ts';
import { packed, readFrame, runs, toPart } from './frames.ts';
import { Intake, tooFast } from './intake.ts';
import { holdsInvite, signedByInvite } from './invites.ts';
import { messageCost } from './limits.ts';
import { logFault } from './logs.ts';
import { tally, tell } from './metrics.ts';
import { dropMember, transact } from './postgres.ts';
import { no, ok, problemResponse, requestOf } from './result.ts';
import { emptyRoom, openRoom, type Room } from './room.ts';
import { type ReadEntry, RosterLog, readSigned } from './roster-log.ts';
import type { ChatroomRpc, InviteLook, Result, RosterMemberView } from './rpc.ts';
import { hasRoom, migrate, roomVersions } from './schema.ts';
import { type Seat, Sockets } from './sockets.ts';
import { attested } from './stamps.ts';
import { Tickets } from './tickets.ts';

/** What counts as a mistake, of the 20 that a socket may make: nonsense more than haste. */
const nonsense = 5;
const haste = 1;

type RoomRow = { id: string; name: string; created_at: number };

/**
 * One room: its order, its members, its sockets. Its SQLite is the truth; Postgres follows by the outbox.
 *
 * Nothing here waits for the disk, and nothing need: the runtime's output gate holds back whatever leaves the object
 * (an acknowledgement, a frame, an answer, a request to Postgres) until every write before it is durable. When a
 * write fails, the object is reset and nobody has been told otherwise. So what follows a write in the same event may
 * speak of it as done.
 */
export class Chatroom extends DurableObject<RoomEnv> implements ChatroomRpc {
  readonly #sockets: Sockets;
  readonly #fanOut: FanOut;
  readonly #intake: Intake;
  readonly #asking: Asking;
  readonly #calls: Calls;
  #room: Room | undefined;

  constructor(context: DurableObjectState, env: RoomEnv) {
    super(context, env);
    const framesPerSecond = Number(env.LIMIT_PER_SOCKET) || 50;
    this.#sockets = new Sockets(context, framesPerSecond, (seat) => this.#went(seat));
    this.#fanOut = new FanOut(this.#sockets);
    const to = { sockets: this.#sockets, fanOut: this.#fanOut };
    this.#intake = new Intake(to, env, framesPerSecond, (userId) => this.#of(userId));
    this.#asking = new Asking(this.#sockets, () => this.#room);
    this.#calls = new Calls(this.#sockets, Boolean(env.LIVEKIT_URL));
    if (hasRoom(context.storage.sql)) this.#open();
  }

  #open(): Room {
    this.#room = openRoom(this.ctx.storage, this.env);
    return this.#room;
  }

  /** The room as `userId` may see it: undefined for who is no member, whether or not there is a room. */
  #of(userId: string): Room | undefined {
    return this.#room?.roster.admits(userId) ? this.#room : undefined;
  }

  async create(
    by: string,
    room: { id: string; name: string; sealedKey: string; entry: SignedEntry },
  ): Promise<Result<void>> {
    const read = await readSigned(by, room.entry);
    if (!read.ok) return read;
    const { entry, hash } = read.value;
    if (entry.kind !== 'created' || typeof applyEntry(undefined, entry, hash) === 'string') {
      return no('bad-request', 'A room starts with a `created` entry.');
    }
    if (entry.room !== room.id) return no('bad-request', 'The entry belongs to another room.');
    // Nothing is awaited from here to the writes, so nobody comes between.
    if (this.#room && !this.#room.roster.has(0, hash)) return no('conflict', 'This id is taken.');
    if (!this.#room) {
      const { storage } = this.ctx;
      const now = Date.now();
      storage.transactionSync(() => {
        migrate(storage, roomVersions);
        const insert = 'insert into room (only, id, name, created_at) values (1, ?, ?, ?)';
        storage.sql.exec(insert, room.id, room.name, now);
        new RosterLog(storage).append(read.value, room.sealedKey, now);
      });
    }
    const created = this.#room ?? this.#open();
    created.wakes.joined(by);
    await created.outbox.flushSoon();
    return ok(undefined);
  }

  async append(by: string, signed: SignedEntry, sealedKey?: string): Promise<Result<void>> {
    const read = await readSigned(by, signed);
    if (!read.ok) return read;
    const { entry } = read.value;
    if (entry.kind === 'created') return no('bad-request', 'A room is created once.');
    if (entry.kind === 'joined') {
      if (sealedKey === undefined) return no('bad-request', 'Joining takes a sealed key.');
      if (!(await signedByInvite(signed, entry.inviteKey))) return no('invite-invalid');
    }
    // Nothing is awaited between reading the roster and writing to it, so nobody comes between.
    const room = this.#room;
    if (!room) return no(entry.kind === 'joined' ? 'invite-invalid' : 'not-a-member');
    this.#intake.turn();
    const appended = room.roster.append(read.value, sealedKey, Date.now());
    if (!appended.ok) return appended;
    if (appended.value.added) this.#announce(room, read.value);
    await room.outbox.flushSoon();
    return ok(undefined);
  }

  /** Tells the sockets of a new entry, and shows the door to whom it ends the room for. */
  #announce(room: Room, { signed, entry }: ReadEntry): void {
    if (entry.kind === 'removed' || entry.kind === 'left') {
      const gone = entry.kind === 'removed' ? entry.user : entry.by;
      room.tickets.dropUser(gone);
      room.kept.drop(gone);
      this.#sockets.dismiss(({ userId }) => userId === gone, entry.kind);
      room.wakes.ended(gone);
    }
    if (entry.kind === 'joined') room.wakes.joined(entry.by);
    this.#sockets.broadcast({ t: 'roster', seq: entry.seq, entries: [signed] });
    this.#asking.follow(room, entry);
    // Nobody is left who could let anybody in: what remains would be ciphertext without a reader.
    if (room.roster.memberCount === 0) this.#end(room, entry.by);
  }

  async rename(by: string, name: string): Promise<Result<void>> {
    const room = this.#of(by);
    if (!room) return no('not-a-member');
    if (room.roster.role(by) === 'member') return no('forbidden', 'Owners and admins name the room.');
    this.ctx.storage.sql.exec('update room set name = ?, name_version = name_version + 1', name);
    await room.outbox.flushSoon();
    return ok(undefined);
  }

  async view(userId: string): ReturnType<ChatroomRpc['view']> {
    const room = this.#of(userId);
    const member = room?.roster.member(userId);
    if (!room || !member) return no('not-a-member');
    const { name, created_at: createdAt } = this.#row();
    const { role, sealedKey } = member;
    return ok({ name, ownerId: room.roster.ownerId, createdAt, role, sealedKey });
  }

  #row(): RoomRow {
    return this.ctx.storage.sql.exec<RoomRow>('select name, created_at from room').one();
  }

  async roster(
    userId: string,
    look?: InviteLook,
  ): Promise<Result<{ name: string; entries: SignedEntry[]; members: RosterMemberView[] }>> {
    if (!this.#of(userId)) {
      if (!look) return no('not-a-member');
      const { id } = this.#room ?? {};
      if (id === undefined || !(await holdsInvite(id, userId, look.invite, look.proof)))
        return no('invite-invalid');
      if (!this.#room?.roster.isOpen(look.invite, Date.now())) return no('invite-invalid');
    }
    const { roster } = this.#room!;
    const members = roster.members().map(({ userId, role, joinedAt }) => ({ userId, role, joinedAt }));
    return ok({ name: this.#row().name, entries: roster.entries(), members });
  }

  async openAsking(by: string, link: AskLink | null): Promise<Result<void>> {
    return this.#asking.open(by, link);
  }

  async ask(userId: string, look: InviteLook, box: string): ReturnType<ChatroomRpc['ask']> {
    return this.#asking.ask(userId, look, box);
  }

  async request(userId: string, look: InviteLook): ReturnType<ChatroomRpc['request']> {
    return this.#asking.look(userId, look);
  }

  async requests(by: string): ReturnType<ChatroomRpc['requests']> {
    return this.#asking.list(by);
  }

  async answer(by: string, userId: string, answer: string | null): Promise<Result<void>> {
    return this.#asking.answer(by, userId, answer);
  }

  async send(sender: string, outgoing: Outgoing, request?: string): Promise<Result<Accepted>> {
    return this.#intake.send(sender, outgoing, request);
  }

  async held(
    userId: string,
    page: { after?: number; before?: number; limit: number },
  ): Promise<Result<{ items: Message[]; oldest: number; last: number }>> {
    const room = this.#of(userId);
    if (!room) return no('not-a-member');
    const { log } = room;
    return ok({ items: log.page(userId, page, Date.now()), oldest: log.oldest, last: log.last });
  }

  async attest(seq: number): ReturnType<ChatroomRpc['attest']> {
    const message = this.#room && attested(this.#room.id, this.#room.log.at(seq));
    const stamp = message && (await stampKeys(this.env.FRANKING_KEY)?.make(message));
    return message && stamp !== undefined ? { message, stamp } : undefined;
  }

  async ticket(userId: string, sessionId: string): Promise<Result<{ ticket: string; expiresAt: number }>> {
    const { ticket, hash } = await Tickets.make();
    const room = this.#of(userId);
    if (!room) return no('not-a-member');
    return ok({ ticket, expiresAt: room.tickets.keep(hash, { userId, sessionId }, Date.now()) });
  }

  async signal(sender: string, signal: Signal): Promise<Result<void>> {
    if (!this.#of(sender)) return no('not-a-member');
    this.#calls.pass(sender, signal);
    return ok(undefined);
  }

  async admits(userId: string): Promise<Result<void>> {
    return this.#of(userId) ? ok(undefined) : no('not-a-member');
  }

  async fileChanged(change: Parameters<ChatroomRpc['fileChanged']>[0]): Promise<void> {
    this.#sockets.broadcast({ t: 'file', ...change });
  }

  async endSession(sessionId: string): Promise<void> {
    this.#intake.turn();
    this.#room?.tickets.dropSession(sessionId);
    this.#sockets.dismiss((seat) => seat.sessionId === sessionId, 'signed-out');
  }

  async destroy(by: string): Promise<Result<void>> {
    this.#intake.turn();
    const room = this.#room;
    const role = this.#of(by)?.roster.role(by);
    if (!room || (!role && !this.#endedBy(by))) return no('not-a-member');
    if (role && role !== 'owner') return no('forbidden', 'Only an owner deletes the room.');
    if (role) this.#end(room, by);
    await room.outbox.flushSoon();
    return ok(undefined);
  }

  #endedBy(userId: string): boolean {
    const query = 'select 1 from room where deleted_by = ?';
    return this.ctx.storage.sql.exec(query, userId).toArray().length > 0;
  }

  async forget(userId: string): Promise<Result<void>> {
    this.#intake.turn();
    const room = this.#room;
    if (room?.roster.role(userId)) {
      room.tickets.dropUser(userId);
      room.kept.drop(userId);
      this.#sockets.dismiss((seat) => seat.userId === userId, 'signed-out');
      room.wakes.forget(userId);
      if (room.roster.forget(userId) === 0) this.#end(room, userId);
    }
    try {
      // What is on its way to Postgres first, or it might come after and bring the row back.
      if (room && !(await room.outbox.flush())) return no('unavailable');
      await transact(this.env, [dropMember(room?.id ?? this.ctx.id.name ?? '', userId)]);
      return ok(undefined);
    } catch {
      return no('unavailable');
    }
  }

  /** Empties the room, and tells everybody. */
  #end(room: Room, by: string): void {
    const members = room.roster.members();
    this.#room = emptyRoom(this.ctx.storage, room, by);
    this.#sockets.dismiss(() => true, 'deleted');
    for (const { userId } of members) room.wakes.ended(userId);
  }

  /** Opens a socket for a ticket. Whether the request comes from our own pages is the Worker's to check. */
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
      return problemResponse(problem('bad-request', 'This address speaks WebSocket.'));
    }
    const hash = await Tickets.hash(new URL(request.url).searchParams.get('ticket') ?? '');
    const claim = this.#room?.tickets.spend(hash, Date.now());
    if (!claim || !this.#of(claim.userId)) return problemResponse(problem('ticket-invalid'));
    tally.count('sockets_opened_total');
    const { client: webSocket } = this.#sockets.accept(claim.userId, claim.sessionId, requestOf(request));
    return new Response(null, { status: 101, webSocket });
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    const seat = this.#sockets.seat(socket);
    const room = seat && this.#of(seat.userId);
    if (!seat || !room) return;
    const read = readFrame(data);
    if ('problem' in read) this.#refuse(seat, read.problem, nonsense, read.id);
    else this.#take(room, seat, read.frame);
  }

  #take(room: Room, seat: Seat, frame: ClientFrame): void {
    if (frame.t === 'mark' && this.#sockets.read(seat, frame)) return;
    const id = frame.t === 'send' ? frame.id : undefined;
    const cost = 'box' in frame ? messageCost(frame) : 1;
    if (!seat.frames.take(cost, Date.now()) || !this.#intake.mayCost(seat.userId, cost)) {
      this.#refuse(seat, tooFast(), haste, id);
      return;
    }
    if (seat.live === (frame.t === 'hello')) {
      this.#refuse(seat, problem('bad-request', 'A socket starts with one `hello`.'), nonsense, id);
      return;
    }
    switch (frame.t) {
      case 'hello':
        this.#welcome(room, seat, frame.since);
        break;
      case 'send': {
        const { t: _, ...outgoing } = frame;
        this.#intake.take(seat, outgoing);
        break;
      }
      case 'ephemeral':
        this.#pass(seat, frame.box);
        break;
      case 'keep':
        this.#keep(room, seat, frame.for, frame.box);
        this.#pass(seat, frame.box, frame.for);
        break;
      case 'signal':
        this.#calls.pass(seat.userId, frame);
        break;
      case 'call':
        this.#calls.take(seat, frame.device, frame.id, frame.mesh);
        break;
    }
  }

  /** Who is connected hears it in any case. */
  #keep(room: Room, { userId, request }: Seat, audience: 'all' | 'own', box: string): void {
    try {
      room.kept.put(userId, audience, box);
    } catch (error) {
      // Its storage is full, most likely.
      logFault(this.env, 'box-not-kept', error, request);
    }
  }

  #pass({ userId: from, socket }: Seat, box: string, audience: 'all' | 'own' = 'all'): void {
    const hears = (other: Seat) => other.socket !== socket && (audience === 'all' || other.userId === from);
    this.#sockets.broadcast({ t: 'ephemeral', from, box }, hears);
  }

  /** Answers `hello`, sends what was missed, and joins the seat to what is going on, in one go: no gap, nothing twice. */
  #welcome(room: Room, seat: Seat, since: number): void {
    // What is stored but still queued goes to the others first; this seat has it from the log.
    this.#fanOut.flush();
    const { from, items } = room.log.catchUp(seat.userId, since, Date.now());
    const kept = room.kept.for(seat.userId);
    const { head } = room.roster;
    this.#sockets.send(seat, {
      t: 'welcome',
      seq: room.log.last,
      from,
      head,
      ...(kept.length > 0 && { kept }),
    });
    for (const run of runs(items.map(toPart))) {
      this.#sockets.sendText(seat, packed(run, seat.userId) ?? '');
    }
    this.#sockets.goLive(seat);
    this.#asking.welcome(room, seat);
    const call = this.#calls.frame();
    if (call.id !== null) this.#sockets.send(seat, call);
    room.wakes.came(seat.userId);
  }

  #went(seat: Seat): void {
    tally.count('sockets_closed_total');
    if (seat.call) this.#calls.tell();
    const room = seat.live ? this.#of(seat.userId) : undefined;
    if (room?.wakes.went(seat.userId)) room.outbox.wake();
  }

  #refuse(seat: Seat, refused: Problem, weight: number, id?: string): void {
    this.#sockets.send(seat, { t: 'nack', problem: refused, ...(id === undefined ? {} : { id }) });
    if (seat.mistakes.take(weight, Date.now())) return;
    this.#intake.turn();
    this.#sockets.throwOut(seat, 'too many refused frames');
  }

  override webSocketClose(socket: WebSocket): void {
    this.#sockets.closed(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.forget(socket);
  }

  override async alarm(): Promise<void> {
    const room = this.#room;
    if (!room) return;
    const next = room.log.dropExpired(Date.now());
    room.tickets.dropExpired(Date.now());
    // Neither waits for the other: many accounts to tell take a while, and so does a Postgres that is away.
    const telling = room.wakes.deliver();
    await room.outbox.alarm(next);
    await tell(this.env.METRICS);
    if (!(await telling)) room.outbox.wake();
  }
}
