// As much of TURN (RFC 8656) over STUN (RFC 8489) as asks a relay for a port and gives it back: UDP, and TCP or TLS where the URL says so.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** The relay answered, and it was no. `code` is STUN's (401: credentials). */
export class RelayRefusal extends Error {
  override readonly name = 'RelayRefusal';
  readonly code: number;
  constructor(code: number) {
    super(`the relay refused (${code})`);
    this.code = code;
  }
}

const magic = 0x2112a442;
const kinds = { allocate: 0x0003, refresh: 0x0004 };
const attributes = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  lifetime: 0x000d,
  realm: 0x0014,
  nonce: 0x0015,
  transport: 0x0019,
};
const udp = Buffer.from([17, 0, 0, 0]);

/** Sends one message and answers with the next one that comes. */
interface Line {
  ask(message: Buffer): Promise<Buffer>;
  close(): void;
}

/**
 * Asks the relay at `url` (`turn:host[:port][?transport=udp|tcp]` or `turns:`) for a port by long-term credentials.
 *
 * @param wait ms that it may take to answer
 * @throws RelayRefusal when it says no; Error when it says nothing
 */
export async function askRelay(
  url: string,
  username: string,
  credential: string,
  wait: number,
): Promise<void> {
  const [, scheme = '', host = '', port, transport] =
    /^(turns?):([^:?]+|\[[^\]]+\])(?::(\d+))?(?:\?transport=(udp|tcp))?$/.exec(url) ?? [];
  if (host === '') throw new Error('no TURN URL');
  const at = { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? (scheme === 'turns' ? 5349 : 3478)) };
  const line =
    scheme === 'turns' || transport === 'tcp'
      ? await streamTo(at, scheme === 'turns', wait)
      : datagramsTo(at, wait);
  try {
    const challenge = read(await line.ask(write(kinds.allocate, [[attributes.transport, udp]])));
    const realm = challenge.get(attributes.realm);
    const nonce = challenge.get(attributes.nonce);
    if (realm === undefined || nonce === undefined) throw new RelayRefusal(codeIn(challenge));
    const key = createHash('md5').update(`${username}:${realm}:${credential}`).digest();
    const proof: [number, Buffer][] = [
      [attributes.username, Buffer.from(username)],
      [attributes.realm, realm],
      [attributes.nonce, nonce],
    ];
    const code = codeIn(
      read(await line.ask(write(kinds.allocate, [[attributes.transport, udp], ...proof], key))),
    );
    if (code !== 0) throw new RelayRefusal(code);
    await line
      .ask(write(kinds.refresh, [[attributes.lifetime, Buffer.alloc(4)], ...proof], key))
      .catch(() => {});
  } finally {
    line.close();
  }
}

function write(kind: number, parts: [number, Buffer][], key?: Buffer): Buffer {
  const body = Buffer.concat(parts.map(([type, value]) => attribute(type, value)));
  const head = Buffer.alloc(20);
  head.writeUInt16BE(kind, 0);
  head.writeUInt16BE(body.length + (key ? 24 : 0), 2);
  head.writeUInt32BE(magic, 4);
  randomBytes(12).copy(head, 8);
  const message = Buffer.concat([head, body]);
  if (!key) return message;
  return Buffer.concat([
    message,
    attribute(attributes.integrity, createHmac('sha1', key).update(message).digest()),
  ]);
}

function attribute(type: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
}

function read(message: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= message.length; ) {
    const length = message.readUInt16BE(at + 2);
    found.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return found;
}

/** The code of an error response; 0 where it is none. */
function codeIn(message: Map<number, Buffer>): number {
  const error = message.get(attributes.error);
  return error === undefined ? 0 : (error[2] ?? 0) * 100 + (error[3] ?? 0);
}

function datagramsTo({ host, port }: { host: string; port: number }, wait: number): Line {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  return {
    ask: (message) =>
      new Promise((done, failed) => {
        const send = () => socket.send(message, port, host, (error) => error && end(() => failed(error)));
        const again = setInterval(send, 500);
        const late = setTimeout(() => end(() => failed(new Error('no answer'))), wait);
        const end = (then: () => void) => {
          clearInterval(again);
          clearTimeout(late);
          socket.removeAllListeners();
          socket.on('error', () => {});
          then();
        };
        socket.on('error', (error) => end(() => failed(error)));
        socket.on('message', (answer) => {
          // An answer to a message that was sent twice comes twice.
          if (answer.subarray(8, 20).equals(message.subarray(8, 20))) end(() => done(answer));
        });
        send();
      }),
    close: () => socket.close(),
  };
}

async function streamTo(at: { host: string; port: number }, tls: boolean, wait: number): Promise<Line> {
  const socket = tls ? connectTls({ ...at, servername: at.host }) : connect(at);
  socket.setTimeout(wait, () => socket.destroy(new Error('no answer')));
  await new Promise<void>((done, failed) => {
    socket.once(tls ? 'secureConnect' : 'connect', () => done());
    socket.once('error', failed);
  });
  return {
    ask: (message) =>
      new Promise((done, failed) => {
        let got = Buffer.alloc(0);
        socket.removeAllListeners('data').removeAllListeners('error').removeAllListeners('close');
        socket.once('error', failed);
        socket.once('close', () => failed(new Error('no answer')));
        socket.on('data', (chunk: Buffer) => {
          got = Buffer.concat([got, chunk]);
          if (got.length >= 20 && got.length >= 20 + got.readUInt16BE(2)) done(got);
        });
        socket.write(message);
      }),
    close: () => socket.destroy(),
  };
}
