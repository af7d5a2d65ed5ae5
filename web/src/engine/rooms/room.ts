import { uuidv7 } from 'uuidv7';
import {
  createInvite,
  inviteKeyOf,
  openLabel,
  RosterError,
  sealForInvite,
  signEntry,
  writeFragment,
} from '../../../../crypto/room/index.ts';
import { fromBase64 } from '../../../../protocol/bytes.ts';
import type { Content } from '../../../../protocol/content.ts';
import type { RosterEntry, SignedEntry } from '../../../../protocol/roster.ts';
import type { ServerFrame } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { ProblemError } from '../api.ts';
import type { Peers } from '../crypto/peers.ts';
import { Subject } from '../observable.ts';
import type { Bus } from '../store/bus.ts';
import { messageKey, type Row } from '../store/store.ts';
import type { OpenedFile } from '../transfers/types.ts';
import { EngineError, type FileItem, type Room, type RoomView } from '../types.ts';
import { RoomFiles } from './files.ts';
import { receive } from './inbox.ts';
import { Outbox } from './outbox.ts';
import { RosterLog } from './roster.ts';
import { RoomSocket } from './socket.ts';
import { buildTimeline } from './timeline.ts';

const pageSize = 100;

export interface RoomContext {
  readonly session: Session;
  readonly peers: Peers;
  readonly bus: Bus;
  readonly origin: string;
  /** The stored room changed: the list of rooms shows it. */
  readonly onChange: (row: Row<'rooms'>) => void;
}

/** A chain link: what every roster entry has. */
export type Link = Pick<RosterEntry, 'v' | 'room' | 'seq' | 'prev' | 'by' | 'at'>;

/** One room, live: its roster, socket, outbox and timeline. */
export class LiveRoom implements Room {
  readonly id: string;
  readonly view: Subject<RoomView>;
  readonly #context: RoomContext;
  readonly #log: RosterLog;
  readonly #names = new Map<string, string>();
  readonly #outbox: Outbox;
  readonly #files: RoomFiles;
  #row: Row<'rooms'>;
  #messages: Row<'messages'>[] = [];
  #complete = false;
  #warnings: string[] = [];
  #socket: RoomSocket | undefined;
  #rendering: Promise<void> = Promise.resolve();
  #reading: Promise<void> = Promise.resolve();

  private constructor(context: RoomContext, row: Row<'rooms'>) {
    const { session } = context;
    this.id = row.id;
    this.#context = context;
    this.#row = row;
    this.#log = new RosterLog(row.id);
    this.#outbox = new Outbox({
      session,
      peers: context.peers,
      room: row.id,
      audience: () => ({ roster: this.#log.verified.roster, departures: this.#log.departures }),
      transmit: (frame) => this.#socket?.send({ t: 'send', ...frame }) ?? false,
      onChange: () => this.changed(),
    });
    this.#files = new RoomFiles({
      session,
      room: row.id,
      members: () => this.#log.verified.roster.members,
      announce: (content, messageId) => this.#say(content, messageId),
      onChange: () => void this.render(),
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

  /** Opens a stored room: shows what this browser has, then connects. */
  static async open(context: RoomContext, row: Row<'rooms'>): Promise<LiveRoom> {
    const room = new LiveRoom(context, row);
    await room.#guardRoster(() => room.#log.extend(row.roster));
    await room.#readNames();
    room.#messages = (
      await context.session.store.listBefore('messages', `${row.id}/`, `${row.id}/\uffff`, pageSize)
    ).map(([, message]) => message);
    room.#complete = room.#messages.length < pageSize;
    await room.render();
    if (!row.gone) room.#connect();
    return room;
  }

  get row(): Row<'rooms'> {
    return this.#row;
  }

  name(userId: string): string {
    return this.#names.get(userId) ?? 'Somebody';
  }

  async send(text: string): Promise<void> {
    const body = text.trim();
    if (body) await this.#say({ kind: 'text', body });
  }

  /** Tells the others that this device is new, so that they give it their keys. */
  announceDevice(): Promise<void> {
    return this.#say({ kind: 'device', deviceId: this.#context.session.account.deviceId });
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
    this.#messages = [...rows.map(([, row]) => row), ...this.#messages];
    this.#complete = rows.length < pageSize;
    await this.render();
    return !this.#complete;
  }

  markRead(): void {
    if (this.#row.unread === 0) return;
    void this.#patch((row) => ({ ...row, unread: 0, readSeq: row.cursor }));
  }

  async invite({ expiresInHours = 7 * 24, uses = 20 } = {}): Promise<string> {
    const invite = createInvite(this.id);
    const sealed = await sealForInvite(invite, fromBase64(this.#row.secret));
    const inviteKey = inviteKeyOf(invite);
    await this.#append(
      (link) => ({
        ...link,
        kind: 'invite',
        inviteKey,
        role: 'member',
        expires: link.at + expiresInHours * 3_600_000,
        uses,
        sealed,
      }),
      (entry) => this.#context.session.api('patchRoom', { params: { id: this.id }, body: { entry } }),
    );
    return `${this.#context.origin}/invite#${writeFragment(invite)}`;
  }

  async remove(userId: string): Promise<void> {
    await this.#append(
      (link) => ({ ...link, kind: 'removed', user: userId }),
      (entry) =>
        this.#context.session.api('removeMember', { params: { id: this.id, userId }, body: { entry } }),
    );
  }

  async leave(): Promise<void> {
    await this.#append(
      (link) => ({ ...link, kind: 'left' }),
      (entry) => this.#context.session.api('leaveRoom', { params: { id: this.id }, body: { entry } }),
    );
    await this.#over('left');
  }

  /** Something in the store may have changed (another tab, a new batch): reads what is new and shows it. */
  changed(): Promise<void> {
    // One reading at a time: two that overlap would take the same messages for new.
    const reading = this.#reading.then(() => this.#read());
    this.#reading = reading.catch(() => {});
    return reading;
  }

  async #read(): Promise<void> {
    const { store } = this.#context.session;
    const row = await store.get('rooms', this.id);
    if (!row) return;
    this.#row = row;
    if (row.roster.length > this.#log.entries.length) {
      await this.#guardRoster(() => this.#log.extend(row.roster.slice(this.#log.entries.length)));
      await this.#readNames();
    }
    const last = this.#messages.at(-1)?.seq ?? 0;
    const fresh = await store.listFrom('messages', `${this.id}/`, messageKey(this.id, last + 1));
    if (fresh.length) this.#messages = [...this.#messages, ...fresh.map(([, message]) => message)];
    await this.render();
    this.#context.onChange(row);
  }

  /** Shows the present state; calls that come while one is under way are served in order. */
  render(): Promise<void> {
    this.#rendering = this.#rendering.then(async () => {
      const { session } = this.#context;
      const outbox = await this.#outbox.rows();
      const me = session.account.id;
      const members = this.#log.entries.length ? [...this.#log.verified.roster.members.values()] : [];
      const timeline = buildTimeline({
        me,
        messages: this.#messages,
        outbox: outbox.filter((row) => !this.#messages.some((message) => message.id === row.id)),
        sending: this.#files.sending,
        history: this.#log.history(),
        complete: this.#complete,
        before: this.#row.before,
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
        warnings: this.#warnings,
        ...(this.#row.gone && { gone: this.#row.gone }),
      });
    });
    return this.#rendering;
  }

  async close(): Promise<void> {
    await this.#outbox.close();
    this.#files.close();
    await this.#socket?.close();
    await this.#reading;
    await this.#rendering;
  }

  #connect(): void {
    const { session, origin } = this.#context;
    this.#socket = new RoomSocket({
      url: async () => {
        const { ticket } = await session.api('getTicket', { params: { id: this.id } });
        return `${origin.replace(/^http/, 'ws')}/chatrooms/${this.id}/socket?ticket=${ticket}`;
      },
      since: async () => (await session.store.get('rooms', this.id))?.cursor ?? 0,
      onFrame: (frame) => this.#onFrame(frame),
      onRefused: () => void this.#over('removed'),
    });
    this.#socket.state.subscribe(() => void this.render());
  }

  async #onFrame(frame: ServerFrame): Promise<void> {
    switch (frame.t) {
      case 'welcome':
        if (this.#log.entries.length === 0 || frame.head !== this.#log.verified.roster.head)
          await this.#syncRoster();
        await this.#catchUp(frame.from);
        return this.#outbox.reconnected();
      case 'message':
        await receive(this.#context.session, this.#log, frame.items);
        for (const { id, sender, content } of await this.#tell())
          if (content.kind === 'device') this.#meetDevice(sender, id);
        return;
      case 'nack':
        return this.#outbox.refused(frame.id, new ProblemError(frame.problem));
      case 'roster':
        return this.#takeRoster(frame.entries);
      case 'file':
        return this.#files.onFrame(frame);
      case 'gone':
        // A session that ended is not the end of the room: the next ticket asks for a new sign-in.
        if (frame.reason !== 'signed-out') await this.#over(frame.reason);
        return;
      default:
        // Acknowledgements need nothing: the message itself comes back in its place. Calls come with their own issue.
        return;
    }
  }

  /** Reads by REST what the room's object does not hold any more. */
  async #catchUp(from: number): Promise<void> {
    const { session } = this.#context;
    let { cursor } = (await session.store.get('rooms', this.id)) ?? this.#row;
    // Somebody new has no keys for what was said before: start where the object does.
    if (cursor === 0 && this.#messages.length === 0) return;
    while (cursor < from) {
      const page = await session.api('listMessages', {
        params: { id: this.id },
        query: { after: cursor, limit: 200 },
      });
      await receive(session, this.#log, page.items);
      await this.#tell();
      if (page.next === null || page.items.length === 0) return;
      cursor = page.items.at(-1)!.seq;
    }
  }

  /** Tells this tab and the others that the store has more; answers this tab's new messages. */
  async #tell(): Promise<Row<'messages'>[]> {
    const count = this.#messages.length;
    await this.changed();
    this.#context.bus.tell({ kind: 'room', id: this.id });
    return this.#messages.slice(count);
  }

  #meetDevice(sender: string, messageId: string): void {
    const identityKey = this.#log.identityKey(sender);
    if (!identityKey || sender === this.#context.session.account.id) return;
    this.#context.peers.devices(this.id, sender, identityKey, true).catch((error) => {
      console.warn(`the device list that message ${messageId} speaks of could not be read`, error);
    });
  }

  async #say(content: Content, id = uuidv7()): Promise<void> {
    this.#mustBeIn();
    await this.#outbox.add({ id, room: this.id, at: Date.now(), content });
    this.#context.bus.tell({ kind: 'room', id: this.id });
  }

  #mustBeIn(): void {
    if (this.#row.gone) throw new EngineError('gone', 'You are not in this room any more.');
  }

  /** Signs and appends a roster entry; where somebody else was first, reads what they wrote and tries again. */
  async #append(
    make: (link: Link) => RosterEntry,
    send: (entry: SignedEntry) => Promise<unknown>,
  ): Promise<void> {
    const { session } = this.#context;
    const { identity } = await session.keys;
    for (let attempt = 0; ; attempt++) {
      const { roster } = this.#log.verified;
      const link = {
        v: 1,
        room: this.id,
        seq: roster.seq + 1,
        prev: roster.head,
        by: session.account.id,
        at: Date.now(),
      } as const;
      const entry = signEntry(make(link), identity.privateKey);
      try {
        await send(entry);
        return this.#takeRoster([entry]);
      } catch (error) {
        if (!(error instanceof ProblemError && error.is('roster-conflict')) || attempt === 5) throw error;
        await this.#syncRoster();
      }
    }
  }

  async #takeRoster(entries: readonly SignedEntry[]): Promise<void> {
    const known = new Set(this.#log.entries.map((entry) => entry.body));
    const fresh = entries.filter((entry) => !known.has(entry.body));
    if (fresh.length === 0) return;
    try {
      await this.#log.extend(fresh);
    } catch (error) {
      if (!(error instanceof RosterError)) throw error;
      // Frames may overtake our own requests; the whole log decides.
      return this.#syncRoster();
    }
    await this.#rosterChanged();
  }

  async #syncRoster(): Promise<void> {
    const { roster } = await this.#context.session.api('listMembers', { params: { id: this.id }, query: {} });
    await this.#guardRoster(() => this.#log.take(roster));
    await this.#rosterChanged();
  }

  async #rosterChanged(): Promise<void> {
    await this.#readNames();
    const { members } = this.#log.verified.roster;
    const role = members.get(this.#context.session.account.id)?.role;
    await this.#patch((row) => ({
      ...row,
      role: role ?? row.role,
      roster: row.roster.length >= this.#log.entries.length ? row.roster : [...this.#log.entries],
    }));
    this.#outbox.flush();
  }

  /** What breaks the roster's chain is shown in the room; the last good state stays in force. */
  async #guardRoster(task: () => Promise<unknown>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!(error instanceof RosterError)) throw error;
      this.#warnings = [
        `Something is wrong with this room's member list: ${error.message}. Be careful what you say here.`,
      ];
    }
    const refused = this.#log.entries.length ? this.#log.verified.refused : [];
    if (refused.length)
      this.#warnings = refused.map(
        ({ kind, reason }) => `An entry of the member list (${kind}) was refused: ${reason}.`,
      );
  }

  async #readNames(): Promise<void> {
    const secret = fromBase64(this.#row.secret);
    for (const entry of this.#log.history()) {
      if (entry.kind !== 'created' && entry.kind !== 'joined') continue;
      const profile = this.#log.profile(entry.by);
      if (profile === undefined) continue;
      this.#names.set(entry.by, await openLabel(secret, 'profile', profile).catch(() => 'Somebody'));
    }
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
    void this.#socket?.close();
  }
}
