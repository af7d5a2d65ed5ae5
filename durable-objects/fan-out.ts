import type { Message } from '../protocol/socket.ts';
import { packed, runs, toPart } from './frames.ts';
import { tally } from './metrics.ts';
import type { Sockets } from './sockets.ts';

/** Sends stored messages to the live sockets, all that are queued as one frame: a frame costs the runtime far more than the bytes in it. */
export class FanOut {
  readonly #sockets: Sockets;
  #queue: Message[] = [];

  constructor(sockets: Sockets) {
    this.#sockets = sockets;
  }

  /** Takes the next message of the log. */
  push(message: Message): void {
    this.#queue.push(message);
  }

  /** Sends what is queued. */
  flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    if (queue.length > 0) tally.observe('fan_out_recipients', [...this.#sockets.live()].length);
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
