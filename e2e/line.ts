// A line between browsers and the system, for tests: it records what the server receives, and can be made slow.
import { connect, createServer, type Socket } from 'node:net';

export interface Line {
  /** Where browsers go instead of to the system. */
  readonly url: string;
  /** From now on, bytes towards the server are let through at this rate (bytes a second); undefined: as fast as they come. */
  throttleUp(bytesPerSecond: number | undefined): void;
  /** Cuts every connection that is open now; new ones are let through. */
  cut(): void;
  /** Everything that clients sent so far: HTTP as it came, WebSocket payloads unmasked. */
  received(): Buffer;
  close(): Promise<void>;
}

/** Opens a line to the system on `port` of this machine. */
export function openLine(port: number): Promise<Line> {
  const recordings: Recording[] = [];
  const sockets = new Set<Socket>();
  let rate: number | undefined;
  const bucket = new Bucket(() => rate);
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    const recording = new Recording();
    recordings.push(recording);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    void pump(client, upstream, recording, bucket);
    upstream.pipe(client);
  });
  return new Promise((ready) => {
    server.listen(0, '127.0.0.1', () => {
      const { port: own } = server.address() as { port: number };
      ready({
        url: `http://localhost:${own}`,
        throttleUp(bytesPerSecond) {
          rate = bytesPerSecond;
        },
        cut() {
          for (const socket of sockets) socket.destroy();
        },
        received: () => Buffer.concat(recordings.map((recording) => recording.plain())),
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}

async function pump(from: Socket, to: Socket, recording: Recording, bucket: Bucket): Promise<void> {
  try {
    for await (const received of from) {
      const chunk = withoutCompression(received);
      recording.add(chunk);
      for (let at = 0; at < chunk.length; ) {
        const length = await bucket.take(chunk.length - at);
        if (!to.write(chunk.subarray(at, at + length)))
          await new Promise((drained) => to.once('drain', drained).once('close', drained));
        at += length;
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}

/** Compressed WebSocket frames would hide from the record what they say, so none are negotiated. */
function withoutCompression(chunk: Buffer): Buffer {
  const offer = 'Sec-WebSocket-Extensions: ';
  const at = chunk.indexOf(offer);
  if (at < 0 || !chunk.includes('Upgrade: websocket')) return chunk;
  return Buffer.concat([chunk.subarray(0, at), chunk.subarray(chunk.indexOf('\r\n', at) + 2)]);
}

/** All connections share one up-link. */
class Bucket {
  readonly #rate: () => number | undefined;
  #free = 0;
  constructor(rate: () => number | undefined) {
    this.#rate = rate;
  }
  /** Waits until some of `wanted` bytes may go; answers how many. */
  async take(wanted: number): Promise<number> {
    const rate = this.#rate();
    if (rate === undefined) return wanted;
    const length = Math.min(wanted, Math.max(1, Math.floor(rate / 50)));
    const now = performance.now();
    const start = Math.max(now, this.#free);
    this.#free = start + (length / rate) * 1000;
    await new Promise((go) => setTimeout(go, start - now));
    return length;
  }
}

/** What one connection carried towards the server. */
class Recording {
  readonly #chunks: Buffer[] = [];
  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  /** As the server reads it: after a WebSocket handshake, frames are unmasked (RFC 6455 section 5.3). */
  plain(): Buffer {
    const all = Buffer.concat(this.#chunks);
    const upgrade = all.indexOf('Upgrade: websocket');
    const body = upgrade < 0 ? -1 : all.indexOf('\r\n\r\n', upgrade) + 4;
    if (body < 4) return all;
    return Buffer.concat([all.subarray(0, body), ...unmask(all.subarray(body))]);
  }
}

function* unmask(frames: Buffer): Generator<Buffer> {
  for (let at = 0; at + 6 <= frames.length; ) {
    if (frames[at]! & 0x40) throw new Error('a frame is compressed: the record would be blind');
    let length = frames[at + 1]! & 0x7f;
    let header = 2;
    if (length === 126) {
      length = frames.readUInt16BE(at + 2);
      header = 4;
    } else if (length === 127) {
      length = Number(frames.readBigUInt64BE(at + 2));
      header = 10;
    }
    const mask = frames.subarray(at + header, at + header + 4);
    const payload = Buffer.from(frames.subarray(at + header + 4, at + header + 4 + length));
    for (let i = 0; i < payload.length; i++) payload[i]! ^= mask[i & 3]!;
    yield payload;
    yield Buffer.from('\n');
    at += header + 4 + length;
  }
}
