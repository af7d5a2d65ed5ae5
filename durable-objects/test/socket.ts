// A client's end of a room's socket, for tests.
import { fromBase64, fromUtf8 } from '../../protocol/bytes.ts';
import { type ClientFrame, type Message, readMark, ServerFrame } from '../../protocol/socket.ts';
import { newId, outgoing, type TestRoom, value } from './room.ts';

/** Asks for the upgrade with `ticket`. */
export const upgrade = (room: TestRoom, ticket: string): Promise<Response> =>
  room.stub.fetch(`https://room.test/?ticket=${ticket}`, { headers: { upgrade: 'websocket' } });

export class TestSocket {
  readonly received: ServerFrame[] = [];
  readonly texts: string[] = [];
  /** The messages of all frames, in the order of arrival. */
  readonly messages: Message[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly userId: string;
  readonly sessionId: string;
  /** Whether it sends marks back, as clients do that keep up. */
  answers = true;
  readonly #socket: WebSocket;
  #look: () => void = () => {};

  constructor(socket: WebSocket, userId: string, sessionId: string) {
    this.userId = userId;
    this.sessionId = sessionId;
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
    });
    socket.addEventListener('message', ({ data }) => {
      this.texts.push(data as string);
      if (readMark(data) && this.answers) this.sendText(data as string);
      if (data !== 'pong') this.#receive(ServerFrame.parse(JSON.parse(data as string)));
      this.#look();
    });
    socket.accept();
  }

  #receive(frame: ServerFrame): void {
    this.received.push(frame);
    if (frame.t === 'message') this.messages.push(...frame.items);
  }

  sendText(text: string | ArrayBuffer): void {
    this.#socket.send(text);
  }

  send(frame: ClientFrame): void {
    this.sendText(JSON.stringify(frame));
  }

  /** Sends a message; answers its id. */
  say(text: string, rest: Parameters<typeof outgoing>[1] = {}): string {
    const message = outgoing(text, rest);
    this.send({ t: 'send', ...message });
    return message.id;
  }

  close(): void {
    this.#socket.close(1000, 'bye');
  }

  /** What `find` finds in what has come so far, or will have come. */
  async until<T>(find: (frames: readonly ServerFrame[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.received);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  /** The `count`th frame of kind `t`. */
  frame<K extends ServerFrame['t']>(t: K, count = 1): Promise<Extract<ServerFrame, { t: K }>> {
    return this.until((frames) => {
      const ofKind = frames.filter((frame) => frame.t === t);
      return ofKind[count - 1] as Extract<ServerFrame, { t: K }> | undefined;
    });
  }

  /** What the messages say, in the order of arrival. */
  get said(): string[] {
    return this.messages.map(({ box }) => fromUtf8(fromBase64(box)));
  }

  /** Waits until a message says `text`. */
  async hears(text: string): Promise<void> {
    await this.until(() => this.said.includes(text) || undefined);
  }
}

/** A socket that hasn't said hello. */
export async function connect(room: TestRoom, userId: string, sessionId = newId()): Promise<TestSocket> {
  const { ticket } = value(await room.stub.ticket(userId, sessionId));
  const { webSocket, status } = await upgrade(room, ticket);
  if (!webSocket) throw new Error(`no socket: ${status}`);
  return new TestSocket(webSocket, userId, sessionId);
}

/** A live socket. */
export async function open(
  room: TestRoom,
  userId: string,
  since = 0,
  sessionId = newId(),
): Promise<TestSocket> {
  const socket = await connect(room, userId, sessionId);
  socket.send({ t: 'hello', since });
  await socket.frame('welcome');
  return socket;
}
