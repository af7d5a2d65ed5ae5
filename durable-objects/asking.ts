import type { AskLink } from '../protocol/rest/requests.ts';
import type { RosterEntry } from '../protocol/roster.ts';
import { holdsInvite } from './invites.ts';
import { no, ok } from './result.ts';
import type { Room } from './room.ts';
import type { ChatroomRpc, InviteLook, Result } from './rpc.ts';
import type { Seat, Sockets } from './sockets.ts';

/** Asking to come in: who may open a link for it, ask, look and answer, and who is told how many wait. */
export class Asking {
  readonly #sockets: Sockets;
  readonly #room: () => Room | undefined;

  /** @param room the room, once there is one */
  constructor(sockets: Sockets, room: () => Room | undefined) {
    this.#sockets = sockets;
    this.#room = room;
  }

  open(by: string, link: AskLink | null): Result<void> {
    const room = this.#ruledBy(by);
    if (!room.ok) return room;
    room.value.requests.open(link);
    this.#tell(room.value);
    return ok(undefined);
  }

  async ask(userId: string, look: InviteLook, box: string): ReturnType<ChatroomRpc['ask']> {
    const room = await this.#askedBy(userId, look);
    if (!room.ok) return room;
    const { requests, roster } = room.value;
    const isIn = roster.role(userId) !== undefined;
    const asked = requests.ask({ userId, isIn }, look.invite, box, Date.now());
    if (!asked.ok) return asked;
    if (asked.value.fresh) this.#tell(room.value);
    return ok({ state: asked.value.state });
  }

  async look(userId: string, look: InviteLook): ReturnType<ChatroomRpc['request']> {
    const room = await this.#askedBy(userId, look);
    return room.ok ? room.value.requests.look(userId, look.invite, Date.now()) : room;
  }

  list(by: string): Awaited<ReturnType<ChatroomRpc['requests']>> {
    const room = this.#ruledBy(by);
    if (!room.ok) return room;
    const { requests } = room.value;
    return ok({ link: requests.link(Date.now()), items: requests.waiting(Date.now()) });
  }

  answer(by: string, userId: string, answer: string | null): Result<void> {
    const room = this.#ruledBy(by);
    if (!room.ok) return room;
    const answered = room.value.requests.answer(by, userId, answer);
    if (answered.ok) this.#tell(room.value);
    return answered;
  }

  /** Who is in the room has changed by `entry`. */
  follow(room: Room, entry: RosterEntry): void {
    if (entry.kind === 'joined') room.requests.drop(entry.by);
    if (entry.kind === 'removed' && room.requests.end()) this.#tell(room);
    if (entry.kind === 'role' && isAskedFor(room)) this.#tell(room, entry.user);
  }

  /** Somebody has connected: owners and admins are told how many wait. */
  welcome(room: Room, seat: Seat): void {
    if (room.roster.role(seat.userId) === 'member' || !isAskedFor(room)) return;
    this.#sockets.send(seat, { t: 'requests', waiting: room.requests.waiting(Date.now()).length });
  }

  /** The room, for an owner or admin of it. */
  #ruledBy(by: string): Result<Room> {
    const room = this.#room();
    if (!room?.roster.admits(by)) return no('not-a-member');
    if (room.roster.role(by) !== 'member') return ok(room);
    return no('forbidden', 'Owners and admins let people in.');
  }

  /** The room, for who holds a link of its. Whether it is open is not looked at yet. */
  async #askedBy(userId: string, { invite, proof }: InviteLook): Promise<Result<Room>> {
    const { id } = this.#room() ?? {};
    const holds = id !== undefined && (await holdsInvite(id, userId, invite, proof));
    // Meanwhile it may have been emptied.
    const room = this.#room();
    return holds && room ? ok(room) : no('invite-invalid');
  }

  /** Tells owners and admins how many wait; with `whom` only that one. */
  #tell({ requests, roster }: Room, whom?: string): void {
    const waiting = requests.waiting(Date.now()).length;
    const rules = ({ userId }: Seat) =>
      (whom === undefined || userId === whom) && (roster.role(userId) ?? 'member') !== 'member';
    this.#sockets.broadcast({ t: 'requests', waiting }, rules);
  }
}

/** Whether somebody waits to come in, or could ask to. */
const isAskedFor = ({ requests }: Room): boolean =>
  requests.link(Date.now()) !== null || requests.waiting(Date.now()).length > 0;
