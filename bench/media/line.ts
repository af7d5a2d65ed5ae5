// A line like one at home: so many bits a second each way, and so long for there and back.

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export interface ShapedLine {
  readonly port: number;
  close(): void;
}

/** Opens a line of `megabits` a second each way and a round trip of `milliseconds` to `port` of this machine. */
export async function openShapedLine(
  port: number,
  megabits: number,
  milliseconds: number,
): Promise<ShapedLine> {
  const sockets = new Set<Socket>();
  const [up, down] = [new Rate(megabits), new Rate(megabits)];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    void carry(near, far, up, milliseconds / 2);
    void carry(far, near, down, milliseconds / 2);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function carry(from: Socket, to: Socket, rate: Rate, delay: number): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>)
      for (let at = 0; at < chunk.length; at += packet) {
        const part = chunk.subarray(at, at + packet);
        await rate.take(part.length);
        setTimeout(() => to.write(part), delay);
        // What the far end does not take holds up the near one, as windows do.
        if (to.writableNeedDrain) await new Promise((go) => to.once('drain', go).once('close', go));
      }
    setTimeout(() => to.end(), delay);
  } catch {
    to.destroy();
  }
}

const packet = 8192;

class Rate {
  readonly #bytesPerMillisecond: number;
  #free = 0;
  constructor(megabits: number) {
    this.#bytesPerMillisecond = megabits * 125;
  }
  async take(bytes: number): Promise<void> {
    const now = performance.now();
    const begin = Math.max(now, this.#free);
    this.#free = begin + bytes / this.#bytesPerMillisecond;
    // Timers are coarse: what is due within a millisecond is due.
    if (this.#free - now > 1) await new Promise((go) => setTimeout(go, this.#free - now));
  }
}
