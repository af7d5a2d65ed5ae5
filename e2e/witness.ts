// A member of a room that sends, hears and remembers, for judging histories: the app's own socket and REST, and no keys.

import { uuidv7 } from 'uuidv7';
import type { Seen, Witness as Testimony } from '../local/testing/history.ts';
import { fromBase64, toBase64, utf8 } from '../protocol/bytes.ts';
import { entryHash, rosterSigned, type SignedEntry } from '../protocol/roster.ts';
import { type Accepted, type ClientFrame, type Message, ServerFrame } from '../protocol/socket.ts';
import { LiveSocket } from '../web/src/engine/rooms/socket.ts';
import { type RestUser, random } from './rest.ts';

/** A room of noise keys that several accounts are in. */
export async function sharedRoom(owner: RestUser, others: readonly RestUser[]): Promise<string> {
  const room = uuidv7();
  let [seq, prev]: [number, string | null] = [0, null];
  const entry = (by: RestUser, rest: object): SignedEntry => {
    const body = { v: 1, room, seq: seq++, prev, by: by.id, at: Date.now(), ...rest };
    return { body: toBase64(utf8(JSON.stringify(body))), signature: random(64) };
  };
  const ask = async (
    user: RestUser,
    method: string,
    path: string,
    signed: SignedEntry,
    rest: object = {},
  ) => {
    const { status, body } = await user.call(method, path, { entry: signed, ...rest });
    if (status >= 300) throw new Error(`${path}: ${JSON.stringify(body)}`);
    prev = await entryHash(signed);
  };
  const person = () => ({ identityKey: random(33), profile: '' });
  const sealedKey = random(60);
  const created = entry(owner, { kind: 'created', ...person() });
  await ask(owner, 'POST', '/chatrooms', created, { id: room, name: random(40), sealedKey });
  if (others.length === 0) return room;
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const inviteKey = toBase64(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  const invite = { inviteKey, role: 'member', uses: others.length, expires: Date.now() + 600_000 };
  const invited = entry(owner, { kind: 'invite', ...invite, sealed: random(60) });
  await ask(owner, 'PATCH', `/chatrooms/${room}`, invited);
  for (const user of others) {
    const joined = entry(user, { kind: 'joined', inviteKey, ...person() });
    const signed = await crypto.subtle.sign(
      'Ed25519',
      pair.privateKey,
      rosterSigned(fromBase64(joined.body)),
    );
    const inviteSignature = toBase64(new Uint8Array(signed));
    await ask(user, 'POST', `/chatrooms/${room}/join`, { ...joined, inviteSignature }, { sealedKey });
  }
  return room;
}

type Send = Extract<ClientFrame, { t: 'send' }>;

export interface WitnessOptions {
  readonly name: string;
  readonly user: RestUser;
  readonly room: string;
  /** Where it goes. */
  readonly url: string;
  /** How a burst of frames leaves: as it is, unless somebody has it repeated or put into another order. */
  readonly mangle?: (frames: readonly Send[]) => readonly Send[];
}

/** Sends until it is acknowledged, reads until it has everything; whatever happens in between. */
export class Witness implements Testimony {
  readonly name: string;
  readonly seen: Seen[] = [];
  readonly sent: { id: string; box: string; only?: string }[] = [];
  readonly acknowledged: Accepted[] = [];
  /** Catch-ups: when the line had come back and all that it had missed was here, by `performance.now`. */
  readonly caughtUp: number[] = [];
  readonly #options: WitnessOptions;
  readonly #socket: LiveSocket<typeof ServerFrame, ClientFrame>;
  /** What has no acknowledgement yet, in order. */
  readonly #waiting = new Map<string, Send>();
  #cursor = 0;
  #online = false;
  /** What the room had when the line came back, until that is here. */
  #target = 0;
  #look: () => void = () => {};

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.name = options.name;
    const { user, room, url } = options;
    this.#socket = new LiveSocket<typeof ServerFrame, ClientFrame>({
      frames: ServerFrame,
      url: async () => {
        const { status, body } = await user.at(url).call('POST', `/chatrooms/${room}/ticket`);
        if (status !== 200 && status !== 201) throw new Error(`no ticket: ${status}`);
        return `${url.replace(/^http/, 'ws')}/chatrooms/${room}/socket?ticket=${body.ticket}`;
      },
      hello: async () => ({ t: 'hello', since: this.#cursor }),
      onFrame: (frame) => this.#hear(frame),
      onLost: () => {
        this.#online = false;
      },
    });
  }

  /** Says something; it is on its way until it is acknowledged. */
  say(...boxes: string[]): void {
    this.#post(boxes.map((box) => ({ t: 'send', id: uuidv7(), device: 1, box })));
  }

  /** Says something to one other witness alone. */
  whisper(to: { name: string; user: RestUser }, box: string): void {
    this.#post([{ t: 'send', id: uuidv7(), device: 1, box, recipient: `${to.user.id}:1` }], to.name);
  }

  /** Says something by REST, as often as it takes. */
  async post(box: string): Promise<void> {
    const { user, room, url } = this.#options;
    const message = { id: uuidv7(), device: 1, box };
    this.sent.push({ id: message.id, box });
    for (;;) {
      const answer = await user
        .at(url)
        .call('POST', `/chatrooms/${room}/message`, message)
        .catch(() => undefined);
      if (answer && answer.status < 300) {
        this.acknowledged.push(answer.body as unknown as Accepted);
        return;
      }
      if (answer && answer.status < 429) throw new Error(`refused: ${JSON.stringify(answer.body)}`);
      await new Promise((again) => setTimeout(again, 50 + 100 * Math.random()));
    }
  }

  /** Resolves once everything that it has sent is acknowledged. */
  settled = (): Promise<void> => this.#until(() => this.#waiting.size === 0);

  /** Resolves once it has seen `box`. */
  hears = (box: string): Promise<void> => this.#until(() => this.seen.at(-1)?.box === box);

  /** Resolves once it is connected and has caught up. */
  online = (): Promise<void> => this.#until(() => this.#online);

  /** Resolves once it has seen so many messages. */
  sees = (count: number): Promise<void> => this.#until(() => this.seen.length >= count);

  /** Resolves once it has come back and caught up after `time`, by `performance.now`. */
  backAfter = (time: number): Promise<void> => this.#until(() => (this.caughtUp.at(-1) ?? 0) > time);

  close = (): Promise<void> => this.#socket.close();

  #post(frames: readonly Send[], only?: string): void {
    for (const frame of frames) {
      this.#waiting.set(frame.id, frame);
      this.sent.push({ id: frame.id, box: frame.box, ...(only === undefined ? {} : { only }) });
    }
    if (this.#online) this.#transmit(frames);
  }

  #transmit(frames: readonly Send[]): void {
    const { mangle = (same) => same } = this.#options;
    for (const frame of mangle(frames)) this.#socket.send(frame);
  }

  async #hear(frame: ServerFrame): Promise<void> {
    switch (frame.t) {
      case 'welcome':
        await this.#readUntil(frame.from);
        this.#online = true;
        this.#transmit([...this.#waiting.values()]);
        if (frame.seq <= this.#cursor) this.caughtUp.push(performance.now());
        else this.#target = frame.seq;
        break;
      case 'message':
        this.#take(frame.items);
        break;
      case 'ack':
        this.acknowledged.push({ id: frame.id, seq: frame.seq, at: frame.at });
        this.#waiting.delete(frame.id);
        break;
      case 'nack':
        // Too fast, or its disk is full: the same again in a while.
        setTimeout(() => {
          const waiting = frame.id === undefined ? undefined : this.#waiting.get(frame.id);
          if (waiting && this.#online) this.#transmit([waiting]);
        }, 1_000);
        break;
    }
    const look = this.#look;
    this.#look = () => {};
    look();
  }

  /** What the room doesn't send by socket any more. */
  async #readUntil(from: number): Promise<void> {
    const { user, room, url } = this.#options;
    while (this.#cursor < from) {
      const path = `/chatrooms/${room}/messages?limit=100&after=${this.#cursor}`;
      const { status, body } = await user.at(url).call('GET', path);
      if (status !== 200) throw new Error(`no page: ${status}`);
      const items = (body.items as Message[]).filter(({ seq }) => seq <= from);
      this.#take(items);
      // What is left up to there is for others.
      if (body.next === null || items.length === 0) this.#cursor = from;
    }
  }

  #take(items: readonly Message[]): void {
    for (const { id, seq, box } of items) {
      this.seen.push({ id, seq, box });
      this.#cursor = Math.max(this.#cursor, seq);
    }
    if (this.#target > 0 && this.#cursor >= this.#target) {
      this.#target = 0;
      this.caughtUp.push(performance.now());
    }
  }

  async #until(done: () => boolean): Promise<void> {
    while (!done()) {
      await new Promise<void>((resolve) => {
        const before = this.#look;
        this.#look = () => {
          before();
          resolve();
        };
      });
    }
  }
}
