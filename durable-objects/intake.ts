import { type Problem, problem } from '../protocol/problem.ts';
import type { Accepted, Message, Outgoing } from '../protocol/socket.ts';
import type { RoomEnv } from './env.ts';
import type { FanOut } from './fan-out.ts';
import { Bucket, messageCost } from './limits.ts';
import { logFault } from './logs.ts';
import { tally } from './metrics.ts';
import { no, ok } from './result.ts';
import type { Room } from './room.ts';
import type { Result } from './rpc.ts';
import type { Seat, Sockets } from './sockets.ts';
import { Turns } from './turns.ts';

/** How many times what a socket may send an account may, by all its sockets and by REST. */
const socketsWorth = 4;

/** That what came is too much at a time. */
export const tooFast = (): Problem => problem('rate-limited', undefined, { retryAfter: 1 });

/** What members say, on its way into the log: limited by account, stored a turn at a time, acknowledged, passed on. */
export class Intake {
  readonly #sockets: Sockets;
  readonly #fanOut: FanOut;
  readonly #env: RoomEnv;
  readonly #of: (userId: string) => Room | undefined;
  readonly #rate: number;
  /** What each account may send. In memory only, as the sockets' own. */
  readonly #accounts = new Map<string, Bucket>();
  readonly #turns = new Turns(() => this.turn());
  /** What sockets have sent and nobody has stored yet, in the order of arrival. */
  #incoming: { readonly seat: Seat; readonly outgoing: Outgoing }[] = [];

  /**
   * @param framesPerSecond what one socket may send
   * @param of the room as a member may see it
   */
  constructor(
    to: { readonly sockets: Sockets; readonly fanOut: FanOut },
    env: RoomEnv,
    framesPerSecond: number,
    of: (userId: string) => Room | undefined,
  ) {
    this.#sockets = to.sockets;
    this.#fanOut = to.fanOut;
    this.#env = env;
    this.#of = of;
    this.#rate = framesPerSecond * socketsWorth;
  }

  /** Takes `cost` from what the account may send now; says whether there was that much. */
  mayCost(userId: string, cost: number): boolean {
    const now = Date.now();
    const bucket = this.#accounts.get(userId) ?? new Bucket(this.#rate, this.#rate * 4, now);
    this.#accounts.set(userId, bucket);
    return bucket.take(cost, now);
  }

  /** Takes what came by REST, and stores it at once. */
  send(sender: string, outgoing: Outgoing, request: string | undefined): Result<Accepted> {
    const room = this.#of(sender);
    if (!room) return no('not-a-member');
    if (!this.mayCost(sender, messageCost(outgoing))) return { ok: false, problem: tooFast() };
    const stored = this.#store(room, sender, outgoing, request);
    if (!stored.ok) return stored;
    this.#publish(room, stored.value.message);
    this.#turns.ask();
    return ok(stored.value.accepted);
  }

  /** Takes what came by a socket, whose limits have been looked at. */
  take(seat: Seat, outgoing: Outgoing): void {
    this.#incoming.push({ seat, outgoing });
    this.#turns.ask();
  }

  /** Stores what has come in, as one transaction, then sends what is stored. Before anything that must not overtake it. */
  turn(): void {
    const incoming = this.#incoming;
    this.#incoming = [];
    for (const { seat, outgoing } of incoming) {
      const room = this.#of(seat.userId);
      if (!room) continue;
      const stored = this.#store(room, seat.userId, outgoing, seat.request);
      if (stored.ok) this.#publish(room, stored.value.message);
      // Who has closed meanwhile has said it all the same.
      if (this.#sockets.seat(seat.socket) !== seat) continue;
      this.#sockets.send(
        seat,
        stored.ok
          ? { t: 'ack', ...stored.value.accepted }
          : { t: 'nack', id: outgoing.id, problem: stored.problem },
      );
    }
    this.#fanOut.flush();
  }

  /** Puts a message into the log. */
  #store(
    room: Room,
    sender: string,
    outgoing: Outgoing,
    request: string | undefined,
  ): Result<{ accepted: Accepted; message?: Message }> {
    try {
      const stored = room.log.append(sender, outgoing, Date.now());
      return stored ? ok(stored) : no('conflict', "This id belongs to somebody else's message.");
    } catch (error) {
      // Its storage is full, most likely. The client keeps the message and tries again.
      logFault(this.#env, 'message-not-stored', error, request);
      return no('unavailable', undefined, request);
    }
  }

  /** Passes on a message that is new to the log. */
  #publish(room: Room, message: Message | undefined): void {
    if (!message) return;
    tally.count('messages_total');
    this.#fanOut.push(message);
    room.outbox.wake();
    if (message.recipient === undefined) {
      room.wakes.stirred(message.seq, message.sender, message.at);
    }
  }
}
