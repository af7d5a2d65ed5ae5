// How a client speaks to each contender: entering the room, and saying something. Bytes by hand, so that the load costs little.
import { randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import type { Dialect } from './crowd.ts';

/** What is written, and what has come when the next may be. */
type Step = readonly [bytes: string | Buffer, greeting: string];

interface Speech {
  /** @param entry what lets this one in: a path with its ticket, or a nickname */
  enter(entry: string): Step[];
  message(box: string): Buffer;
}

/** A text frame of a client (RFC 6455), under a mask of zeros: the server unmasks it as any other. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const head = length < 126 ? 6 : 8;
  const frame = Buffer.alloc(head + length);
  frame[0] = 0x81;
  if (length < 126) frame[1] = 0x80 | length;
  else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  }
  frame.write(text, head);
  return frame;
}

const upgrade = (path: string): Step => [
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n'),
  '\r\n\r\n',
];

const outgoing = (box: string) => ({ id: uuidv7(), device: 1, box });

export const xmppDomain = 'bench.local';
const xmppRoom = `room@rooms.${xmppDomain}`;
const stream = `<stream:stream to='${xmppDomain}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;

export const dialects: Record<Dialect, Speech> = {
  ours: {
    enter: (path) => [
      upgrade(path),
      [textFrame(`{"t":"hello","since":${Number.MAX_SAFE_INTEGER}}`), '"t":"welcome"'],
    ],
    message: (box) => textFrame(JSON.stringify({ t: 'send', ...outgoing(box) })),
  },
  plain: {
    enter: () => [upgrade('/')],
    message: (box) => textFrame(JSON.stringify(outgoing(box))),
  },
  // RFC 6120, XEP-0045; anonymous people (RFC 4505) in the clear, which spares Prosody a password's hash and TLS.
  prosody: {
    enter: (nick) => [
      [stream, '</stream:features>'],
      ["<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", '<success'],
      [stream, '</stream:features>'],
      ["<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", '</iq>'],
      [
        `<presence to='${xmppRoom}/${nick}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`,
        "code='110'",
      ],
    ],
    message: (box) =>
      Buffer.from(
        `<message type='groupchat' to='${xmppRoom}' id='${uuidv7()}'><body>${box}</body></message>`,
      ),
  },
};
