import { type Mark, ping, pong, type ServerFrame } from '../protocol/socket.ts';
import { Backlog } from './backlog.ts';
import { frameText } from './frames.ts';
import { Bucket } from './limits.ts';

type Gone = Extract<ServerFrame, { t: 'gone' }>['reason'];

/** Close codes that follow a `gone` frame, and those of RFC 6455 section 7.4.1. */
const closeCodes: Record<Gone, number> = { removed: 4403, left: 4403, deleted: 4410, 'signed-out': 4401 };
const policyViolation = 1008;
const tryAgainLater = 1013;
/** How many sockets one person may have in a room: each tab of each device has one. */
const seatsEach = 50;
const internalError = 1011;

/** What outlives hibernation with a socket. */
interface Attachment {
  readonly userId: string;
  readonly sessionId: string;
  /** The request that opened it, for the log. */
  readonly request?: string;
  /** Whether it has said hello and gets what is going on. */
  readonly live: boolean;
  /** The call that its device is in. */
  readonly call?: InCall;
}

/** A device in a call, by its own word, and since when: calls list devices in the order of their coming. */
export interface InCall {
  readonly id: string;
  readonly device: number;
  readonly since: number;
  /** Whether the call goes by the SFU: the same for all in it. */
  readonly sfu: boolean;
}

/** One open socket and who sits at it. */
export interface Seat extends Omit<Attachment, 'live' | 'call'> {
  readonly socket: WebSocket;
  live: boolean;
  call: InCall | undefined;
  /** What it may send, and how much it may get wrong. In memory only: sleep refills them. */
  readonly frames: Bucket;
  readonly mistakes: Bucket;
  /** What it was sent and may not have read. */
  readonly backlog: Backlog;
}

/**
 * The room's sockets. The runtime keeps them through hibernation; the cached sets save asking it at each message.
 */
export class Sockets {
  readonly #context: DurableObjectState;
  readonly #framesPerSecond: number;
  readonly #onGone: (seat: Seat) => void;
  readonly #seats = new Map<WebSocket, Seat>();
  readonly #live = new Set<Seat>();

  /** @param onGone hears of every seat that is empty from now on, whoever left it */
  constructor(context: DurableObjectState, framesPerSecond: number, onGone: (seat: Seat) => void = () => {}) {
    this.#context = context;
    this.#framesPerSecond = framesPerSecond;
    this.#onGone = onGone;
    context.setWebSocketAutoResponse(new WebSocketRequestResponsePair(ping, pong));
    for (const socket of context.getWebSockets()) {
      const attachment = socket.deserializeAttachment() as Attachment | null;
      if (attachment && socket.readyState === WebSocket.OPEN) this.#sit(socket, attachment);
    }
  }

  #sit(socket: WebSocket, attachment: Attachment): Seat {
    const seat = this.#made(socket, attachment);
    this.#seats.set(socket, seat);
    if (seat.live) this.#live.add(seat);
    return seat;
  }

  #made(socket: WebSocket, { userId, sessionId, request, live, call }: Attachment): Seat {
    const now = Date.now();
    const rate = this.#framesPerSecond;
    const frames = new Bucket(rate, rate * 4, now);
    const mistakes = new Bucket(1, 20, now);
    const backlog = new Backlog();
    const opened = request === undefined ? {} : { request };
    return { socket, userId, sessionId, ...opened, live, call, frames, mistakes, backlog };
  }

  /** Makes a socket, and closes the person's oldest where it is one too many; answers the client's end, and the seat at ours. */
  accept(userId: string, sessionId: string, request?: string): { client: WebSocket; seat: Seat } {
    const { 0: client, 1: server } = new WebSocketPair();
    const attachment: Attachment = {
      userId,
      sessionId,
      ...(request !== undefined && { request }),
      live: false,
    };
    const own = [...this.#seats.values()].filter((seat) => seat.userId === userId);
    for (const seat of own.slice(0, Math.max(0, own.length + 1 - seatsEach))) {
      this.throwOut(seat, 'too many sockets');
    }
    this.#context.acceptWebSocket(server);
    server.serializeAttachment(attachment);
    return { client, seat: this.#sit(server, attachment) };
  }

  /** Who sits at `socket`; undefined once it has been shown the door. */
  seat(socket: WebSocket): Seat | undefined {
    return this.#seats.get(socket);
  }

  /** From now on the seat gets what is going on. */
  goLive(seat: Seat): void {
    seat.live = true;
    this.#keep(seat);
    this.#live.add(seat);
  }

  /** The seat's device is in `call` from now on, or in none. */
  join(seat: Seat, call: InCall | undefined): void {
    seat.call = call;
    this.#keep(seat);
  }

  #keep({ socket, userId, sessionId, request, live, call }: Seat): void {
    const opened = request === undefined ? {} : { request };
    const attachment: Attachment = { userId, sessionId, ...opened, live, ...(call && { call }) };
    socket.serializeAttachment(attachment);
  }

  /** The seats that get what is going on. */
  live(): IterableIterator<Seat> {
    return this.#live.values();
  }

  /** Sends a text; a socket that can't take it, or is too slow, is closed: its client comes back and catches up. */
  sendText(seat: Seat, text: string): void {
    const { socket, backlog } = seat;
    if (!backlog.add(text.length)) {
      this.#close(socket, tryAgainLater, 'too slow');
      return;
    }
    try {
      socket.send(text);
      const n = backlog.ask();
      if (n !== undefined) socket.send(JSON.stringify({ t: 'mark', n } satisfies Mark));
    } catch {
      this.#close(socket, internalError, 'could not send');
    }
  }

  /** The client has sent a mark back. A late one, or one made up, counts as a frame like any other; says whether it may. */
  read(seat: Seat, { n }: Mark): boolean {
    return seat.backlog.read(n) || seat.frames.take(1, Date.now());
  }

  send(seat: Seat, frame: ServerFrame): void {
    this.sendText(seat, frameText(frame));
  }

  /** Sends a frame, serialised once, to every live seat that `to` picks. */
  broadcast(frame: ServerFrame, to: (seat: Seat) => boolean = () => true): void {
    const text = frameText(frame);
    for (const seat of this.#live) if (to(seat)) this.sendText(seat, text);
  }

  /** Says why, and closes, at every seat that `who` picks. Nothing that still comes from it is heard. */
  dismiss(who: (seat: Seat) => boolean, reason: Gone): void {
    for (const seat of [...this.#seats.values()]) {
      if (!who(seat)) continue;
      this.send(seat, { t: 'gone', reason });
      this.#close(seat.socket, closeCodes[reason], reason);
    }
  }

  /** Closes on somebody who goes on sending what is refused. */
  throwOut(seat: Seat, reason: string): void {
    this.#close(seat.socket, policyViolation, reason);
  }

  #close(socket: WebSocket, code: number, reason: string): void {
    // Without its attachment a woken object knows that this socket, though perhaps not closed yet, has no seat.
    this.forget(socket);
    socket.close(code, reason);
  }

  /** The client has closed: answers, which the runtime leaves to a hibernatable socket's owner. */
  closed(socket: WebSocket): void {
    this.forget(socket);
    socket.close(1000);
  }

  /** Drops a socket that is broken. */
  forget(socket: WebSocket): void {
    const attachment = socket.deserializeAttachment() as Attachment | null;
    // A socket whose end woke the object was open no more when seats were given.
    const seat = this.#seats.get(socket) ?? (attachment && this.#made(socket, attachment));
    if (!seat) return;
    socket.serializeAttachment(null);
    this.#seats.delete(socket);
    this.#live.delete(seat);
    this.#onGone(seat);
  }
}
