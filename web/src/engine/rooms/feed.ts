import { type ClientFrame, type Message, ServerFrame } from '../../../../protocol/socket.ts';
import { mayPass, ProblemError } from '../api.ts';
import { inBackground } from '../background.ts';
import type { RoomCall } from '../calls/call.ts';
import type { RoomWatch } from '../cowatch/room-watch.ts';
import { Refresher } from '../refresher.ts';
import type { Row } from '../store/store.ts';
import type { RoomView } from '../types.ts';
import type { Company } from './company.ts';
import { noteDepartures } from './departures.ts';
import type { RoomFiles } from './files.ts';
import { History } from './history.ts';
import type { Membership } from './membership.ts';
import type { Outbox } from './outbox.ts';
import type { RoomContext } from './parts.ts';
import type { Profiles } from './profiles.ts';
import type { Requests } from './requests.ts';
import { LiveSocket } from './socket.ts';

export interface FeedOptions {
  readonly context: RoomContext;
  readonly room: string;
  readonly membership: Membership;
  readonly outbox: Outbox;
  readonly files: RoomFiles;
  readonly call: RoomCall;
  readonly watch: RoomWatch;
  readonly company: Company;
  readonly requests: Requests;
  readonly profiles: Pick<Profiles, 'greetDevices'>;
  /** The stored room, as last read. */
  readonly row: () => Row<'rooms'>;
  /** Changes the stored room. */
  readonly patch: (change: (row: Row<'rooms'>) => Row<'rooms'>) => Promise<void>;
  /** The store has something new. */
  readonly changed: () => Promise<void>;
  readonly over: (reason: NonNullable<RoomView['gone']>) => Promise<void>;
  /** The connection came or went. */
  readonly onState: () => void;
}

/**
 * Pauses after which it looks once more for keys that are missing, in ms: of what was said before its sender knew of this device, another
 * one of the account backs up the key at about the same time.
 */
const lookAgain = [2_000, 5_000, 15_000, 60_000];

/** Lets an error be where the service can't be reached, or this person has no say in it any more: whoever looks later sees more. */
function unlessOver(error: unknown): void {
  if (!mayPass(error) && !(error instanceof ProblemError && error.problem.status === 403)) throw error;
}

/** What comes in from a room: its socket while there is one, what was said meanwhile, and keys that come late. */
export class RoomFeed {
  readonly #options: FeedOptions;
  readonly #history: History;
  #socket: LiveSocket<typeof ServerFrame, ClientFrame> | undefined;
  readonly #repairing = new Refresher(() => this.#history.repair());
  /** How often it has looked for what was missed last. */
  #looked = 0;
  #looking: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#history = new History({
      session: options.context.session,
      log: options.membership.log,
      receive: (items) => this.#receive(items),
      patch: options.patch,
    });
  }

  get connected(): boolean {
    return this.#socket !== undefined;
  }

  get connection(): RoomView['connection'] {
    return this.#socket?.state.get() ?? 'offline';
  }

  /** Whether the frame left; false without a connection. */
  transmit(frame: ClientFrame): boolean {
    return this.#socket?.send(frame) ?? false;
  }

  connect(): void {
    const { context, room, outbox, call, watch, company, over, onState } = this.#options;
    const { session, origin } = context;
    this.#socket = new LiveSocket<typeof ServerFrame, ClientFrame>({
      frames: ServerFrame,
      url: async () => {
        const { ticket } = await session.api('getTicket', { params: { id: room } });
        return `${origin.replace(/^http/, 'ws')}/chatrooms/${room}/socket?ticket=${ticket}`;
      },
      hello: async () => ({ t: 'hello', since: (await session.store.get('rooms', room))?.cursor ?? 0 }),
      onFrame: (frame) => this.#onFrame(frame),
      hurried: () => call.busy || watch.busy,
      onLost: () => {
        outbox.disconnected();
        call.onLost();
        company.ephemerals.lost();
      },
      onRefused: () => inBackground(over('removed'), 'closing a room'),
    });
    this.#socket.state.subscribe(onState);
    onState();
  }

  /** Not awaited: this may run inside the socket's own queue. */
  disconnect(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#lookNoMore();
    if (socket) inBackground(socket.close(), 'closing a socket');
    this.#options.onState();
  }

  async close(): Promise<void> {
    await this.#socket?.close();
    this.#lookNoMore();
    await this.#repairing.idle();
    this.#lookNoMore();
  }

  async #onFrame(frame: ServerFrame): Promise<void> {
    const { membership, outbox, files, call, over, row } = this.#options;
    switch (frame.t) {
      case 'welcome':
        if (frame.head !== membership.head) await membership.sync();
        await this.#noteDepartures(membership.log.position(frame.head), frame.seq);
        if (row().since === undefined) await this.#arrive(frame.seq);
        await this.#options.company.reads.welcome(frame.kept);
        await this.#history.catchUp(frame.from);
        outbox.connected();
        files.connected();
        call.reached();
        this.#options.company.ephemerals.connected();
        return this.#repair();
      case 'message':
        return this.#receive(frame.items);
      case 'ack':
        return outbox.accepted(frame.id);
      case 'nack':
        return outbox.refused(frame.id, new ProblemError(frame.problem));
      case 'roster':
        await membership.take(frame.entries);
        // Frames come in order: whatever was said before is in the store.
        return this.#noteDepartures(frame.seq);
      case 'requests':
        // Not in its turn: how often it comes is up to people who are in no room of ours.
        return inBackground(
          this.#options.requests.refresh().catch(unlessOver),
          'reading who asks to come in',
        );
      case 'file':
        return files.onFrame(frame);
      case 'gone':
        // A session that ended is not the end of the room: the next ticket asks for a new sign-in.
        if (frame.reason !== 'signed-out') await over(frame.reason);
        return;
      case 'call':
        return call.onCall(frame);
      case 'signal':
        return call.onSignal(frame);
      case 'ephemeral':
        this.#options.watch.take(frame);
        return this.#options.company.ephemerals.take(frame);
    }
  }

  /** As of roster entry `position`, and the log's `seq` (what the store has, where it is not given). */
  async #noteDepartures(position = Number.POSITIVE_INFINITY, seq?: number): Promise<void> {
    const { context, room, membership, patch } = this.#options;
    const note = (row: Row<'rooms'>) =>
      noteDepartures(membership.log, row.departed ?? {}, position, seq ?? row.cursor);
    const row = await context.session.store.get('rooms', room);
    if (row && note(row) !== row.departed)
      await patch((present) => ({ ...present, departed: note(present) }));
  }

  /** Takes messages into the store, shows them, and tells the other tabs. */
  async #receive(items: readonly Message[]): Promise<void> {
    const { context, room, membership, outbox, profiles, row, changed } = this.#options;
    const { keys, handshakes } = context.session;
    const before = row();
    let received = await keys.receive(room, items, false);
    if (received.rosterFirst) {
      await membership.sync();
      received = await keys.receive(room, items, true);
    }
    handshakes.set(handshakes.get() + received.handshakes);
    // A known chain is nothing bad: whoever asks is given it again.
    for (const refused of received.refused)
      if (refused.reason !== 'known-chain') console.warn('a key was refused', refused);
    await changed();
    context.bus.tell({ kind: 'room', id: room });
    context.backups.soon();
    if (before.missed === undefined || before.learned !== row().learned) {
      this.#looked = 0;
      this.#repair();
    }
    if (received.says) outbox.flush();
    profiles.greetDevices(received.come);
  }

  /** Remembers where the log was when this device came. */
  #arrive(seq: number): Promise<void> {
    return this.#options.patch((row) => ({ since: row.cursor === 0 ? seq : 0, ...row }));
  }

  #repair(): void {
    if (this.#options.row().missed === undefined) return;
    const looked = this.#repairing.run().then(() => this.#lookAgain());
    inBackground(looked.catch(unlessOver), 'looking for missing keys');
  }

  #lookAgain(): void {
    const pause = lookAgain[this.#looked];
    if (this.#options.row().missed === undefined || pause === undefined || !this.#socket) return;
    this.#looked++;
    clearTimeout(this.#looking);
    this.#looking = setTimeout(() => this.#repair(), pause);
  }

  #lookNoMore(): void {
    clearTimeout(this.#looking);
  }
}
