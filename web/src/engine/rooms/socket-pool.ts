/** Something that may hold a socket. */
export interface Pooled {
  readonly connected: boolean;
  /** Whether it would miss nothing without its socket now; being told that there is something new, it wants one again. */
  readonly idle: boolean;
  connect(): void;
  disconnect(): void;
}

/**
 * Which rooms have a socket: at most `limit` of them, unless more are in use. A room that wants one takes the place of the idle room
 * that wanted its own longest ago; while none is idle it waits.
 */
export class SocketPool {
  readonly limit: number;
  /** All that have wanted a socket since they last lost it, the latest last. */
  readonly #wanting = new Set<Pooled>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** `room` has something to read; or, what can't wait (`now`), something to say, or somebody looks at it. */
  want(room: Pooled, now = false): void {
    this.#wanting.delete(room);
    this.#wanting.add(room);
    if (now && !room.connected) room.connect();
    this.settle();
  }

  /** `room` is over. */
  forget(room: Pooled): void {
    this.#wanting.delete(room);
    this.settle();
  }

  /** A room has become idle, perhaps: whoever waits for a place has it now. */
  settle(): void {
    const connected = [...this.#wanting].filter((room) => room.connected);
    const waiting = [...this.#wanting].filter((room) => !room.connected);
    let places = this.limit - connected.length;
    for (const room of connected) {
      if (places >= waiting.length) break;
      if (!room.idle) continue;
      this.#wanting.delete(room);
      room.disconnect();
      places++;
    }
    for (const room of waiting.slice(0, Math.max(0, places))) room.connect();
  }
}
