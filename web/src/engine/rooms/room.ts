import { uuidv7 } from 'uuidv7';
import { createInvite, inviteKeyOf, sealForInvite, writeFragment } from '../../../../crypto/room/index.ts';
import { fromBase64 } from '../../../../protocol/bytes.ts';
import { Content } from '../../../../protocol/content.ts';
import type { Role } from '../../../../protocol/roster.ts';
import { type ClientFrame, type Message, ServerFrame } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { ProblemError } from '../api.ts';
import { inBackground } from '../background.ts';
import type { BackupUpload } from '../crypto/backup-upload.ts';
import type { Peers } from '../crypto/peers.ts';
import { Subject } from '../observable.ts';
import { Refresher } from '../refresher.ts';
import type { Bus } from '../store/bus.ts';
import { messageKey, type Row } from '../store/store.ts';
import type { OpenedFile } from '../transfers/types.ts';
import { EngineError, type FileItem, type OpenInvite, type Room, type RoomView } from '../types.ts';
import { noteDepartures } from './departures.ts';
import { RoomFiles } from './files.ts';
import { History } from './history.ts';
import { receive } from './inbox.ts';
import { Membership } from './membership.ts';
import { Outbox } from './outbox.ts';
import { LiveSocket } from './socket.ts';
import type { Pooled, SocketPool } from './socket-pool.ts';
import { buildTimeline } from './timeline.ts';
import { roomWarnings } from './warnings.ts';

const pageSize = 100;
const forgedKeys =
  'The service handed out keys for earlier messages of this room that are not yours. They were not used.';

export interface RoomContext {
  readonly session: Session;
  readonly peers: Peers;
  readonly bus: Bus;
  readonly backups: BackupUpload;
  readonly origin: string;
  readonly sockets: SocketPool;
  /** The stored room changed: the list of rooms shows it. */
  readonly onChange: (row: Row<'rooms'>) => void;
}

/** One room, live: its members, socket, outbox and timeline. */
export class LiveRoom implements Room, Pooled {
  readonly id: string;
  readonly view: Subject<RoomView>;
  readonly #context: RoomContext;
  readonly #membership: Membership;
  readonly #outbox: Outbox;
  readonly #files: RoomFiles;
  readonly #history: History;
  /** Links that this tab made, by their invite keys. */
  readonly #links = new Map<string, string>();
  #row: Row<'rooms'>;
  #messages: Row<'messages'>[] = [];
  #complete = false;
  #socket: LiveSocket<typeof ServerFrame, ClientFrame> | undefined;
  /** Up to where there is something to read, as far as this account was told. */
  #heard = 0;
  /** Whether something waits to be sent. */
  #saying = false;
  #closed = false;
  readonly #rendering = new Refresher(() => this.#render());
  /** Whether keys came since messages that lack theirs were last tried again. */
  #learned = false;
  readonly #repairing = new Refresher(() => {
    const learned = this.#learned;
    this.#learned = false;
    return this.#history.repair(learned);
  });
  readonly #reading = new Refresher(() => this.#read());

  private constructor(context: RoomContext, row: Row<'rooms'>) {
    const { session } = context;
    this.id = row.id;
    this.#context = context;
    this.#row = row;
    this.#membership = new Membership({
      session,
      room: row.id,
      secret: row.secret,
      onGrowth: () => this.#rosterGrew(),
    });
    this.#outbox = new Outbox({
      session,
      peers: context.peers,
      room: row.id,
      audience: () => this.#membership.audience,
      transmit: (frame) => this.#socket?.send({ t: 'send', ...frame }) ?? false,
      onChange: () => this.changed(),
      onSealed: () => context.backups.soon(),
    });
    this.#files = new RoomFiles({
      session,
      room: row.id,
      members: () => this.#membership.audience.roster.members,
      announce: (content, messageId) => this.#say(content, messageId),
      onChange: () => this.#show(),
    });
    this.#history = new History({
      session,
      log: this.#membership.log,
      receive: (items) => this.#receive(items),
      patch: (change) => this.#patch(change),
    });
    this.view = new Subject<RoomView>({
      id: row.id,
      name: row.name,
      me: session.account.id,
      role: row.role,
      members: [],
      connection: 'connecting',
      timeline: [],
      hasOlder: false,
      warnings: [],
      ...(row.gone && { gone: row.gone }),
    });
  }

  /** Opens a stored room: shows what this browser has. Connects when the pool of sockets has a place for it. */
  static async open(context: RoomContext, row: Row<'rooms'>): Promise<LiveRoom> {
    const room = new LiveRoom(context, row);
    await room.#membership.restore(row.roster);
    room.#messages = (
      await context.session.store.listBefore('messages', `${row.id}/`, `${row.id}/\uffff`, pageSize)
    ).map(([, message]) => message);
    room.#complete = room.#messages.length < pageSize;
    await room.render();
    return room;
  }

  get connected(): boolean {
    return this.#socket !== undefined;
  }

  /** Read to the end, nothing to say, nobody looking, no file on its way. */
  get idle(): boolean {
    const read = this.#row.since !== undefined && this.#row.cursor >= this.#heard;
    const online = this.#socket?.state.get() === 'online';
    return online && read && !this.#saying && !this.view.observed && this.#files.sending.length === 0;
  }

  /** The account was told that there are messages up to `seq`. */
  stirred(seq: number): void {
    this.#heard = Math.max(this.#heard, seq);
    if (this.#row.cursor < seq) this.want();
  }

  /** Asks for a socket: there is something to read; or, what can't wait (`now`), something to say, or somebody looks. */
  want(now = false): void {
    if (!this.#row.gone && !this.#closed) this.#context.sockets.want(this, now);
  }

  get row(): Row<'rooms'> {
    return this.#row;
  }

  name(userId: string): string {
    return this.#membership.name(userId);
  }

  async send(text: string): Promise<void> {
    const body = text.trim();
    if (body) await this.#say({ kind: 'text', body });
  }

  /** Tells the others that a device is new, so that they give it their keys, or gone, so that they give it none. */
  announceDevice(deviceId = this.#context.session.account.deviceId): Promise<void> {
    return this.#say({ kind: 'device', deviceId });
  }

  retry(messageId: string): Promise<void> {
    return this.#outbox.retry(messageId);
  }

  async discard(messageId: string): Promise<void> {
    this.#files.forget(messageId);
    await this.#outbox.discard(messageId);
    await this.render();
  }

  sendFile(file: File): Promise<void> {
    this.#mustBeIn();
    return this.#files.send(file);
  }

  openFile(item: FileItem): Promise<OpenedFile> {
    return this.#files.open(item);
  }

  async deleteFile(item: FileItem): Promise<void> {
    await this.#context.session.api('deleteFile', { params: { id: item.fileId } });
  }

  async loadOlder(): Promise<boolean> {
    const before = this.#messages[0];
    if (this.#complete || !before) return false;
    const rows = await this.#context.session.store.listBefore(
      'messages',
      `${this.id}/`,
      messageKey(this.id, before.seq),
      pageSize,
    );
    // Who scrolls fast asks twice for the same page.
    if (this.#messages[0] !== before) return !this.#complete;
    this.#messages = [...rows.map(([, row]) => row), ...this.#messages];
    this.#complete = rows.length < pageSize;
    await this.render();
    return !this.#complete;
  }

  markRead(): void {
    if (this.#row.unread === 0) return;
    inBackground(
      this.#patch((row) => ({ ...row, unread: 0, readSeq: row.cursor })),
      'marking a room as read',
    );
  }

  async invite({ expiresInHours = 7 * 24, uses = 20 } = {}): Promise<string> {
    const invite = createInvite(this.id);
    const inviteKey = inviteKeyOf(invite);
    const link = `${this.#context.origin}/invite#${writeFragment(invite)}`;
    this.#links.set(inviteKey, link);
    await this.#membership.append(
      async (entry) => ({
        ...entry,
        kind: 'invite',
        inviteKey,
        role: 'member',
        expires: entry.at + expiresInHours * 3_600_000,
        uses,
        sealed: await sealForInvite(invite, fromBase64(this.#row.secret), entry.prev),
      }),
      (entry) => this.#context.session.api('patchRoom', { params: { id: this.id }, body: { entry } }),
    );
    return link;
  }

  invites(): readonly OpenInvite[] {
    const now = Date.now();
    return [...this.#membership.invites]
      .filter(({ expires, usesLeft }) => expires > now && usesLeft > 0)
      .reverse()
      .map(({ inviteKey: key, expires, usesLeft, by }): OpenInvite => {
        const link = this.#links.get(key);
        const mine = by === this.#context.session.account.id;
        return { key, expires, usesLeft, by: this.name(by), mine, ...(link !== undefined && { link }) };
      });
  }

  async revokeInvite(key: string): Promise<void> {
    await this.#membership.append(
      (link) => ({ ...link, kind: 'revoked', inviteKey: key }),
      (entry) => this.#context.session.api('patchRoom', { params: { id: this.id }, body: { entry } }),
    );
    this.#links.delete(key);
  }

  async setRole(userId: string, role: Role): Promise<void> {
    await this.#membership.append(
      (link) => ({ ...link, kind: 'role', user: userId, role }),
      (entry) => this.#context.session.api('patchRoom', { params: { id: this.id }, body: { entry } }),
    );
  }

  async remove(userId: string): Promise<void> {
    await this.#membership.append(
      (link) => ({ ...link, kind: 'removed', user: userId }),
      (entry) =>
        this.#context.session.api('removeMember', { params: { id: this.id, userId }, body: { entry } }),
    );
  }

  async leave(): Promise<void> {
    await this.#membership.append(
      (link) => ({ ...link, kind: 'left' }),
      (entry) => this.#context.session.api('leaveRoom', { params: { id: this.id }, body: { entry } }),
    );
    await this.#over('left');
  }

  /** Something in the store may have changed (another tab, a new batch): reads what is new and shows it. */
  changed(): Promise<void> {
    return this.#reading.run();
  }

  /** Shows the present state. */
  render(): Promise<void> {
    return this.#rendering.run();
  }

  #show(): void {
    inBackground(this.render(), 'showing a room');
  }

  async #read(): Promise<void> {
    if (this.#closed) return;
    const { store } = this.#context.session;
    const row = await store.get('rooms', this.id);
    if (!row) return;
    const repaired = this.#row.repairs !== row.repairs;
    this.#row = row;
    if (repaired) await this.#reload();
    const { log } = this.#membership;
    if (row.roster.length > log.entries.length && (await this.#membership.restore(row.roster)))
      this.#outbox.flush();
    const last = this.#messages.at(-1)?.seq ?? 0;
    const fresh = await store.listFrom('messages', `${this.id}/`, messageKey(this.id, last + 1));
    if (fresh.length) this.#messages = [...this.#messages, ...fresh.map(([, message]) => message)];
    await this.render();
    this.#context.onChange(row);
  }

  /** What opened after all stands between what is shown already. */
  async #reload(): Promise<void> {
    const first = this.#complete ? 0 : (this.#messages[0]?.seq ?? 0);
    const { store } = this.#context.session;
    const rows = await store.listFrom('messages', `${this.id}/`, messageKey(this.id, first));
    this.#messages = rows.map(([, message]) => message);
  }

  async #render(): Promise<void> {
    if (this.#closed) return;
    const me = this.#context.session.account.id;
    const { members, log, warnings } = this.#membership;
    const outbox = await this.#outbox.rows();
    this.#saying = outbox.some((row) => row.problem === undefined);
    if (this.#saying) this.#outbox.flushEventually();
    if (this.#saying && !this.connected) this.want(true);
    if (this.idle) this.#context.sockets.settle();
    const here = new Set(this.#messages.map((message) => message.id));
    const timeline = buildTimeline({
      me,
      messages: this.#messages,
      outbox: outbox.filter((row) => !here.has(row.id)),
      sending: this.#files.sending,
      history: log.history,
      complete: this.#complete,
      before: this.#row.before || this.#row.missed !== undefined,
      wasMember: (userId, head) => log.wasMember(userId, head),
      name: (userId) => this.name(userId),
    });
    this.view.set({
      id: this.id,
      name: this.#row.name,
      me,
      role: members.find((member) => member.userId === me)?.role ?? this.#row.role,
      members: members.map(({ userId, role }) => ({
        id: userId,
        name: this.name(userId),
        role,
        isMe: userId === me,
      })),
      connection: this.#socket?.state.get() ?? 'offline',
      timeline,
      hasOlder: !this.#complete,
      warnings: [
        ...warnings,
        ...roomWarnings(this.#row, log, (userId) => this.name(userId)),
        ...(this.#row.forged ? [forgedKeys] : []),
      ],
      ...(this.#row.gone && { gone: this.#row.gone }),
    });
  }

  async close(): Promise<void> {
    await this.#outbox.close();
    this.#files.close();
    this.#closed = true;
    this.#context.sockets.forget(this);
    await this.#socket?.close();
    await this.#repairing.idle();
    await this.#reading.idle();
    await this.#rendering.idle();
  }

  connect(): void {
    if (this.#closed || this.#row.gone) return;
    const { session, origin } = this.#context;
    this.#socket = new LiveSocket<typeof ServerFrame, ClientFrame>({
      frames: ServerFrame,
      url: async () => {
        const { ticket } = await session.api('getTicket', { params: { id: this.id } });
        return `${origin.replace(/^http/, 'ws')}/chatrooms/${this.id}/socket?ticket=${ticket}`;
      },
      hello: async () => ({ t: 'hello', since: (await session.store.get('rooms', this.id))?.cursor ?? 0 }),
      onFrame: (frame) => this.#onFrame(frame),
      onLost: () => this.#outbox.disconnected(),
      onRefused: () => inBackground(this.#over('removed'), 'closing a room'),
    });
    this.#socket.state.subscribe(() => this.#show());
    this.#show();
  }

  disconnect(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) inBackground(socket.close(), 'closing a socket');
    this.#show();
  }

  async #onFrame(frame: ServerFrame): Promise<void> {
    switch (frame.t) {
      case 'welcome':
        if (frame.head !== this.#membership.head) await this.#membership.sync();
        await this.#noteDepartures(this.#membership.log.position(frame.head), frame.seq);
        if (this.#row.since === undefined) await this.#arrive(frame.seq);
        await this.#history.catchUp(frame.from);
        this.#outbox.connected();
        return this.#repair();
      case 'message':
        return this.#receive(frame.items);
      case 'ack':
        return this.#outbox.accepted(frame.id);
      case 'nack':
        return this.#outbox.refused(frame.id, new ProblemError(frame.problem));
      case 'roster':
        await this.#membership.take(frame.entries);
        // Frames come in order: whatever was said before is in the store.
        return this.#noteDepartures(frame.seq);
      case 'file':
        return this.#files.onFrame(frame);
      case 'gone':
        // A session that ended is not the end of the room: the next ticket asks for a new sign-in.
        if (frame.reason !== 'signed-out') await this.#over(frame.reason);
        return;
      default:
        // Calls come with their own issue.
        return;
    }
  }

  /** As of roster entry `position`, and the log's `seq` (what the store has, where it is not given). */
  async #noteDepartures(position = Number.POSITIVE_INFINITY, seq?: number): Promise<void> {
    const { log } = this.#membership;
    const note = (row: Row<'rooms'>) => noteDepartures(log, row.departed ?? {}, position, seq ?? row.cursor);
    const row = await this.#context.session.store.get('rooms', this.id);
    if (row && note(row) !== row.departed)
      await this.#patch((present) => ({ ...present, departed: note(present) }));
  }

  /** Takes messages into the store, shows them, and tells the other tabs. */
  async #receive(items: readonly Message[]): Promise<void> {
    const { session, bus } = this.#context;
    const { missed } = this.#row;
    const { log } = this.#membership;
    const received = await receive(session, log, items, () => this.#membership.sync());
    const { fresh, ask, owed, learned } = received;
    if (learned) this.#learned = true;
    await this.changed();
    bus.tell({ kind: 'room', id: this.id });
    this.#context.backups.soon();
    if (missed === undefined || learned) this.#repair();
    if (ask.length || owed) inBackground(this.#askForKeys(ask), 'asking for keys');
    for (const { sender, content } of fresh) if (content.kind === 'device') this.#meetDevice(sender, content);
  }

  /** Asks devices for their keys again; with nobody to ask, what is owed to somebody goes along. */
  #askForKeys(ask: readonly string[]): Promise<void> {
    const { deviceId } = this.#context.session.account;
    return this.#say({ kind: 'device', deviceId, ...(ask.length > 0 && { lost: [...ask] }) });
  }

  /** Remembers where the log was when this device came. */
  #arrive(seq: number): Promise<void> {
    return this.#patch((row) => ({ since: row.cursor === 0 ? seq : 0, ...row }));
  }

  #repair(): void {
    if (this.#row.missed !== undefined) inBackground(this.#repairing.run(), 'looking for missing keys');
  }

  /** Somebody's new device, or another of our own: it gets our next message only if its list is read again. */
  #meetDevice(sender: string, content: object): void {
    const { session, peers } = this.#context;
    const identityKey = this.#membership.log.identityKey(sender);
    const { id, deviceId } = session.account;
    const ourselves = sender === id && 'deviceId' in content && content.deviceId === deviceId;
    if (!identityKey || ourselves) return;
    inBackground(peers.devices(this.id, sender, identityKey, true), 'reading the list of a new device');
  }

  async #say(content: Content, id = uuidv7()): Promise<void> {
    this.#mustBeIn();
    if (!Content.safeParse(content).success)
      throw new EngineError('too-long', 'This message is too long. Send it as a file instead.');
    await this.#outbox.add({ id, room: this.id, at: Date.now(), content });
    this.#context.bus.tell({ kind: 'room', id: this.id });
  }

  #mustBeIn(): void {
    if (this.#row.gone) throw new EngineError('gone', 'You are not in this room any more.');
  }

  async #rosterGrew(): Promise<void> {
    const { log, audience } = this.#membership;
    const role = audience.roster.members.get(this.#context.session.account.id)?.role;
    await this.#patch((row) => ({
      ...row,
      role: role ?? row.role,
      roster: row.roster.length >= log.entries.length ? row.roster : [...log.entries],
    }));
    this.#outbox.flush();
  }

  async #patch(change: (row: Row<'rooms'>) => Row<'rooms'>): Promise<void> {
    const { session, bus } = this.#context;
    await session.locks.run('crypto', async () => {
      const row = await session.store.get('rooms', this.id);
      if (row) await session.store.write([{ table: 'rooms', key: this.id, value: change(row) }]);
    });
    await this.changed();
    bus.tell({ kind: 'room', id: this.id });
  }

  async #over(reason: NonNullable<RoomView['gone']>): Promise<void> {
    await this.#patch((row) => ({ ...row, gone: row.gone ?? reason }));
    // Not awaited: this may run inside the socket's own queue.
    this.disconnect();
    this.#context.sockets.forget(this);
  }
}
