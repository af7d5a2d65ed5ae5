import type * as z from 'zod/mini';
import { ping, pong, readMark } from '../../../../protocol/socket.ts';
import { Subject } from '../observable.ts';
import { type Connection, EngineError } from '../types.ts';

const pingEvery = 25_000;
const pongWithin = 10_000;
/** Where the platform says that the network has changed: most likely the line carries no more. */
const pongSoon = 5_000;
const welcomeWithin = 30_000;
/** Before the first new try at most, and before any: each waits twice as long as the one before, less a part by chance. */
const [quickest, slowest] = [500, 30_000];
/** In a call or a watch, of which there are few at a time: all sockets of a server that has gone would be too many at once. */
const [quickestInHurry, slowestInHurry] = [100, 3_000];

const hints = ['online', 'offline'] as const;

/** Frames that the server sends, told apart by `t`; one of them is the `welcome`. */
type Frames = z.ZodMiniDiscriminatedUnion<readonly z.ZodMiniObject<{ t: z.ZodMiniLiteral<string> }>[]>;

export interface SocketOptions<F extends Frames, Out> {
  readonly frames: F;
  /** A URL with a fresh ticket. */
  readonly url: () => Promise<string>;
  /** What to say first, once the socket is open. */
  readonly hello?: () => Promise<Out>;
  /** Frames in order; the next one waits for the promise. */
  readonly onFrame: (frame: z.output<F>) => Promise<void>;
  /** The connection that frames were sent on is gone. */
  readonly onLost?: () => void;
  /** Whether somebody waits for it: it is then tried every few seconds, however long it has been away. */
  readonly hurried?: () => boolean;
  /** Called once when there is no point in trying again. */
  readonly onRefused?: (error: EngineError) => void;
}

/** A socket that stays: reconnects with jittered back-off, notices a dead line, hands over frames one at a time. */
export class LiveSocket<F extends Frames, Out = never> {
  readonly state = new Subject<Connection>('connecting');
  readonly #options: SocketOptions<F, Out>;
  #socket: WebSocket | undefined;
  #queue: Promise<void> = Promise.resolve();
  #attempts = 0;
  /** How many connections in a row ended over a frame that could not be handled. */
  #unhandled = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heart: ReturnType<typeof setInterval> | undefined;
  /** By when there must be an answer; then the line is dead. */
  #due: { readonly at: number; readonly timer: ReturnType<typeof setTimeout> } | undefined;
  #closed = false;

  constructor(options: SocketOptions<F, Out>) {
    this.#options = options;
    for (const hint of hints) globalThis.addEventListener?.(hint, this.#check);
    void this.#connect();
  }

  /** Sends now if the socket is open; answers whether it was. */
  send(frame: Out): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Closes for good, after what has arrived has been handled. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const hint of hints) globalThis.removeEventListener?.(hint, this.#check);
    clearTimeout(this.#timer);
    this.#drop();
    await this.#queue;
  }

  /** What the platform thinks of the network is a hint to ask, or to try, now, nothing more. */
  readonly #check = ({ type }: Event) => {
    if (this.#closed) return;
    if (this.state.get() === 'online') return this.#beat(pongSoon);
    if (type === 'offline') return;
    clearTimeout(this.#timer);
    this.#attempts = 0;
    void this.#connect();
  };

  async #connect(): Promise<void> {
    if (this.#closed || this.#socket) return;
    this.state.set(this.#attempts ? 'offline' : 'connecting');
    try {
      const url = await this.#options.url();
      const hello = await this.#options.hello?.();
      if (this.#closed || this.#socket) return;
      this.#attach(new WebSocket(url), hello);
    } catch (error) {
      if (this.#closed) return;
      if (error instanceof EngineError && error.reason === 'not-a-member') {
        this.#closed = true;
        return this.#options.onRefused?.(error);
      }
      this.#again();
    }
  }

  #attach(socket: WebSocket, hello: Out | undefined): void {
    this.#socket = socket;
    this.#expectAnswer(welcomeWithin);
    socket.onopen = () => {
      if (hello !== undefined) this.send(hello);
      this.#heart = setInterval(() => this.#beat(pongWithin), pingEvery);
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      this.#heard();
      if (data === pong) {
        this.#unhandled = 0;
        return;
      }
      // At once, not in its turn: it tells that the line carries, not that everything is dealt with.
      if (readMark(data)) return socket.send(data);
      this.#queue = this.#queue.then(() => this.#take(socket, data));
    };
    socket.onclose = socket.onerror = () => {
      if (this.#socket !== socket) return;
      this.#drop();
      this.#again();
    };
  }

  async #take(socket: WebSocket, data: unknown): Promise<void> {
    if (this.#socket !== socket) return;
    try {
      const frame = readFrame(this.#options.frames, data);
      if (!frame) return;
      await this.#options.onFrame(frame);
      if (frame.t === 'welcome' && this.#socket === socket) {
        this.#attempts = 0;
        this.state.set('online');
      }
    } catch (error) {
      // Closed meanwhile, most likely.
      if (this.#socket !== socket) return;
      // Not handled means not remembered as handled: a new connection starts again from the stored cursor.
      console.error('a frame could not be handled', error);
      // It may well come again right after the next welcome.
      this.#attempts = this.#unhandled++;
      this.#drop();
      this.#again();
    }
  }

  #beat(within: number): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(ping);
    this.#expectAnswer(within);
  }

  #expectAnswer(within: number): void {
    const at = performance.now() + within;
    // To be asked once more puts nothing off.
    if (this.#due && this.#due.at <= at) return;
    this.#heard();
    const timer = setTimeout(() => {
      this.#drop();
      this.#again();
    }, within);
    this.#due = { at, timer };
  }

  #heard(): void {
    clearTimeout(this.#due?.timer);
    this.#due = undefined;
  }

  #drop(): void {
    clearInterval(this.#heart);
    this.#heard();
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onclose = socket.onerror = null;
    socket.close();
    this.#options.onLost?.();
  }

  #again(): void {
    if (this.#closed) return;
    this.state.set('offline');
    const [first, longest] = this.#options.hurried?.()
      ? [quickestInHurry, slowestInHurry]
      : [quickest, slowest];
    const wait = Math.min(longest, first * 2 ** this.#attempts++) * (0.5 + Math.random() / 2);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }
}

/** Undefined for a frame of a kind that this version does not know. Throws for what is none. */
function readFrame<F extends Frames>(frames: F, data: unknown): z.output<F> | undefined {
  const json = JSON.parse(String(data));
  const frame = frames.safeParse(json);
  if (frame.success) return frame.data;
  if (frames.def.options.some((option) => option.shape.t.def.values[0] === json?.t)) throw frame.error;
  return undefined;
}
