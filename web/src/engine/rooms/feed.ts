import type { Content } from '../../../../protocol/content.ts';
import { type ClientFrame, type Message, ServerFrame } from '../../../../protocol/socket.ts';
import { ProblemError } from '../api.ts';
import { inBackground } from '../background.ts';
import { Refresher } from '../refresher.ts';
import type { Row } from '../store/store.ts';
import type { RoomView } from '../types.ts';
import { noteDepartures } from './departures.ts';
import type { RoomFiles } from './files.ts';
import { History } from './history.ts';
import { receive } from './inbox.ts';
import type { Membership } from './membership.ts';
import type { Outbox } from './outbox.ts';
import type { RoomContext } from './room.ts';
import { LiveSocket } from './socket.ts';

export interface FeedOptions {
  readonly context: RoomContext;
  readonly room: string;
  readonly membership: Membership;
  readonly outbox: Outbox;
  readonly files: RoomFiles;
  /** The stored room, as last read. */
  readonly row: () => Row<'rooms'>;
  /** Changes the stored room. */
  readonly patch: (change: (row: Row<'rooms'>) => Row<'rooms'>) => Promise<void>;
  /** The store has something new. */
  readonly changed: () => Promise<void>;
  readonly say: (content: Content) => Promise<void>;
  readonly over: (reason: NonNullable<RoomView['gone']>) => Promise<void>;
  /** The connection came or went. */
  readonly onState: () => void;
}

/** What comes in from a room: its socket while there is one, what was said meanwhile, and keys that come late. */
export class RoomFeed {
  readonly #options: FeedOptions;
  readonly #history: History;
  #socket: LiveSocket<typeof ServerFrame, ClientFrame> | undefined;
  /** Whether keys came since messages that lack theirs were last tried again. */
  #learned = false;
  readonly #repairing = new Refresher(() => {
    const learned = this.#learned;
    this.#learned = false;
    return this.#history.repair(learned);
  });

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
    const { context, room, outbox, over, onState } = this.#options;
    const { session, origin } = context;
    this.#socket = new LiveSocket<typeof ServerFrame, ClientFrame>({
      frames: ServerFrame,
      url: async () => {
        const { ticket } = await session.api('getTicket', { params: { id: room } });
        return `${origin.replace(/^http/, 'ws')}/chatrooms/${room}/socket?ticket=${ticket}`;
      },
      hello: async () => ({ t: 'hello', since: (await session.store.get('rooms', room))?.cursor ?? 0 }),
      onFrame: (frame) => this.#onFrame(frame),
      onLost: () => outbox.disconnected(),
      onRefused: () => inBackground(over('removed'), 'closing a room'),
    });
    this.#socket.state.subscribe(onState);
    onState();
  }

  /** Not awaited: this may run inside the socket's own queue. */
  disconnect(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) inBackground(socket.close(), 'closing a socket');
    this.#options.onState();
  }

  async close(): Promise<void> {
    await this.#socket?.close();
    await this.#repairing.idle();
  }

  async #onFrame(frame: ServerFrame): Promise<void> {
    const { membership, outbox, files, over, row } = this.#options;
    switch (frame.t) {
      case 'welcome':
        if (frame.head !== membership.head) await membership.sync();
        await this.#noteDepartures(membership.log.position(frame.head), frame.seq);
        if (row().since === undefined) await this.#arrive(frame.seq);
        await this.#history.catchUp(frame.from);
        outbox.connected();
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
      case 'file':
        return files.onFrame(frame);
      case 'gone':
        // A session that ended is not the end of the room: the next ticket asks for a new sign-in.
        if (frame.reason !== 'signed-out') await over(frame.reason);
        return;
      default:
        // Calls come with their own issue.
        return;
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
    const { context, room, membership, row, changed } = this.#options;
    const { missed } = row();
    const received = await receive(context.session, membership.log, items, () => membership.sync());
    const { fresh, ask, owed, learned } = received;
    if (learned) this.#learned = true;
    await changed();
    context.bus.tell({ kind: 'room', id: room });
    context.backups.soon();
    if (missed === undefined || learned) this.#repair();
    if (ask.length || owed) inBackground(this.#askForKeys(ask), 'asking for keys');
    for (const { sender, content } of fresh) if (content.kind === 'device') this.#meetDevice(sender, content);
  }

  /** Asks devices for their keys again; with nobody to ask, what is owed to somebody goes along. */
  #askForKeys(ask: readonly string[]): Promise<void> {
    const { context, say } = this.#options;
    const { deviceId } = context.session.account;
    return say({ kind: 'device', deviceId, ...(ask.length > 0 && { lost: [...ask] }) });
  }

  /** Remembers where the log was when this device came. */
  #arrive(seq: number): Promise<void> {
    return this.#options.patch((row) => ({ since: row.cursor === 0 ? seq : 0, ...row }));
  }

  #repair(): void {
    if (this.#options.row().missed !== undefined)
      inBackground(this.#repairing.run(), 'looking for missing keys');
  }

  /** Somebody's new device, or another of our own: it gets our next message only if its list is read again. */
  #meetDevice(sender: string, content: object): void {
    const { context, room, membership } = this.#options;
    const { session, peers } = context;
    const identityKey = membership.log.identityKey(sender);
    const { id, deviceId } = session.account;
    const ourselves = sender === id && 'deviceId' in content && content.deviceId === deviceId;
    if (!identityKey || ourselves) return;
    inBackground(peers.devices(room, sender, identityKey, true), 'reading the list of a new device');
  }
}
