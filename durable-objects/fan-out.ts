import type { Message } from '../protocol/socket.ts';
import { packed, runs, toPart } from './frames.ts';
import type { Sockets } from './sockets.ts';

/**
 * Sends stored messages to the live sockets: the first at once, those that are accepted before the event loop comes
 * round again as one frame. A frame costs the runtime far more than the bytes in it.
 */
export class FanOut {
  readonly #sockets: Sockets;
  #queue: Message[] = [];
  #busy = false;

  constructor(sockets: Sockets) {
    this.#sockets = sockets;
  }

  /** Takes the next message of the log. */
  push(message: Message): void {
    this.#queue.push(message);
    if (!this.#busy) this.#turn();
  }

  #turn(): void {
    this.#busy = this.#queue.length > 0;
    if (!this.#busy) return;
    this.flush();
    setTimeout(() => this.#turn(), 0);
  }

  /** Sends what is queued now, ahead of something that must not overtake it. */
  flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const run of runs(queue.map(toPart))) {
      const common = packed(run);
      const addressed = new Set(run.map(({ only }) => only));
      for (const seat of this.#sockets.live()) {
        const text = addressed.has(seat.userId) ? packed(run, seat.userId) : common;
        if (text !== undefined) this.#sockets.sendText(seat, text);
      }
    }
  }
}
