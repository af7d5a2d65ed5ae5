import { AccountFrame } from '../../../../protocol/account-socket.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { mayPass } from '../api.ts';
import { inBackground } from '../background.ts';
import { Subject } from '../observable.ts';
import type { Search } from '../search/search.ts';
import type { Bus } from '../store/bus.ts';
import type { Row } from '../store/store.ts';
import { Turns } from '../turns.ts';
import {
  EngineError,
  type InvitePreview,
  type Person,
  type RequestState,
  type RoomSummary,
} from '../types.ts';
import { Arrivals } from './arrivals.ts';
import { BackupUpload } from './backup-upload.ts';
import { Expiry } from './expiry.ts';
import type { RoomContext } from './parts.ts';
import { LiveRoom } from './room.ts';
import { LiveSocket } from './socket.ts';
import { SocketPool } from './socket-pool.ts';
import { summaryOf } from './summary.ts';

/** All rooms of the signed-in account. */
export class Rooms {
  readonly list = new Subject<readonly RoomSummary[]>([]);
  /** Whether the service has been asked: `list` has the rooms of the account's other devices, too. */
  readonly complete = new Subject(false);
  readonly #session: Session;
  readonly #origin: string;
  readonly #bus: Bus;
  readonly #backups: BackupUpload;
  readonly #live = new Map<string, LiveRoom>();
  readonly #sockets: SocketPool;
  readonly #shared: Pick<RoomContext, 'bus' | 'inCall'>;
  readonly #expiry: Expiry;
  readonly #arrivals: Arrivals;
  #search: Search | undefined;
  #account: LiveSocket<typeof AccountFrame> | undefined;
  readonly #starting = new Turns();
  #closed = false;

  /** @param sockets how many rooms have a socket at the same time, where not more are in use */
  constructor(
    session: Session,
    origin: string,
    sockets: number,
    shared: Pick<RoomContext, 'bus' | 'inCall'>,
  ) {
    this.#shared = shared;
    this.#bus = shared.bus;
    this.#session = session;
    this.#origin = origin;
    this.#sockets = new SocketPool(sockets);
    this.#backups = new BackupUpload(session);
    this.#arrivals = new Arrivals({
      session,
      live: (id) => this.#live.get(id),
      start: (id) => this.#start(id),
      onKept: (id) => shared.bus.tell({ kind: 'room', id }),
    });
    this.#expiry = new Expiry({
      store: () => session.store,
      locks: session.locks,
      onErased: (id, messages) => this.#erased(id, messages),
    });
  }

  /** Opens every room that this browser knows; works offline. */
  async open(): Promise<void> {
    const rows = await this.#session.store.list('rooms');
    rows.sort(([, one], [, other]) => other.activeAt - one.activeAt);
    for (const [id, row] of rows) {
      if (row.gone === 'left') continue;
      await this.#start(id).catch((error) => console.error(`the room ${id} could not be opened`, error));
    }
    this.#expiry.look();
    // Of the others the account will hear whether there is anything to read.
    for (const room of [...this.#live.values()].slice(0, this.#sockets.limit).reverse()) room.want();
  }

  /** Hears which rooms have something new; until then only those have a socket that somebody looks at or writes to. */
  listen(): void {
    this.#account ??= new LiveSocket({
      frames: AccountFrame,
      url: async () => {
        const { id } = this.#session.account;
        const { ticket } = await this.#session.api('getAccountTicket', { params: { id } });
        return `${this.#origin.replace(/^http/, 'ws')}/users/${id}/socket?ticket=${ticket}`;
      },
      onFrame: (frame) => this.#hear(frame),
    });
  }

  /** What this browser does not know yet is asked for by `sync`: rooms made or joined elsewhere. */
  async #hear(frame: AccountFrame): Promise<void> {
    switch (frame.t) {
      case 'welcome':
        for (const { id, seq } of frame.rooms) this.#live.get(id)?.stirred(seq);
        if (frame.rooms.some(({ id }) => this.#isNews(id))) await this.sync();
        return;
      case 'stirred':
        if (this.#isNews(frame.id)) return this.sync();
        return this.#live.get(frame.id)?.stirred(frame.seq);
      case 'dropped':
        // The room itself says why; the account's word alone ends nothing.
        return this.#live.get(frame.id)?.want();
      default:
        return;
    }
  }

  #isNews(id: string): boolean {
    const room = this.#live.get(id);
    return !room || room.row.gone !== undefined;
  }

  /** Gives up what is being sent: this browser is about to forget its keys. */
  async abandonUploads(): Promise<void> {
    await Promise.all([...this.#live.values()].map((room) => room.abandonUploads()));
  }

  /** Brings keys that wait in this browser to the account's backup. Throws EngineError when the service can't be reached. */
  backUp(): Promise<void> {
    return this.#backups.now();
  }

  /** Asks the server for rooms that this browser is not in yet: made, joined or joined again on another device. */
  async sync(): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#session.api('listRooms', {
        query: { ...(cursor !== undefined && { cursor }) },
      });
      for (const room of page.items) {
        const known = this.#live.get(room.id);
        if (known && !known.row.gone) continue;
        await this.#arrivals.adopt(room).catch((error) => {
          if (mayPass(error)) throw error;
          // One room that cannot be opened does not keep the others away.
          console.warn(`the room ${room.id} was not taken in`, error);
        });
      }
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    this.complete.set(true);
  }

  /** Tells every room that one of this account's devices is new, or gone. */
  async announceDevice(deviceId: number): Promise<void> {
    for (const room of this.#live.values()) if (!room.row.gone) await room.announceDevice(deviceId);
  }

  /** Leaves every room of the account for good. One that cannot be left, its roster being broken, keeps the others from nothing. */
  async leaveAll(): Promise<void> {
    await this.sync();
    for (const room of this.#live.values()) {
      if (room.row.gone) continue;
      await room.leaveForGood().catch((error) => {
        if (mayPass(error)) throw error;
        console.warn(`the room ${room.id} was not left`, error);
      });
    }
  }

  get(id: string): LiveRoom {
    const room = this.#live.get(id);
    if (!room) throw new EngineError('no-such-room', m.engine_noSuchRoom());
    room.want(true);
    return room;
  }

  /** Messages of a room have disappeared: every tab shows it without them, and who sent a file deletes it. */
  #erased(id: string, messages: readonly Row<'messages'>[]): void {
    const room = this.#live.get(id);
    if (!room || this.#closed) return;
    this.#bus.tell({ kind: 'room', id });
    inBackground(room.erased(messages), 'showing a room without what disappeared');
  }

  /** Every room that is shown. */
  get all(): readonly LiveRoom[] {
    return [...this.#live.values()].filter(({ row }) => row.gone !== 'left');
  }

  /** The search over all rooms; its code comes with the first one. */
  async search(): Promise<Search> {
    const { Search } = await import('../search/search.ts');
    this.#search ??= new Search({
      store: () => this.#session.store,
      locks: this.#session.locks,
      me: this.#session.account.id,
      rooms: () => this.all,
    });
    return this.#search;
  }

  endSearch(): void {
    this.#search = undefined;
  }

  /** Everybody who is in a room with this account. */
  people(): Person[] {
    const found = new Map<string, { name: string; verified: boolean; rooms: string[] }>();
    for (const room of this.#live.values())
      for (const { id, name, isMe, trust } of room.row.gone ? [] : room.view.get().members) {
        if (isMe) continue;
        const person = found.get(id) ?? { name, verified: trust === 'verified', rooms: [] };
        found.set(id, person);
        person.rooms.push(room.row.name);
      }
    return [...found].map(([id, person]) => ({ id, ...person })).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Another tab changed a room, or made one. */
  async changed(id: string): Promise<void> {
    if (this.#closed) return;
    const room = this.#live.get(id);
    if (room && !room.row.gone) return room.changed();
    if (!(await this.#session.store.get('rooms', id))) return;
    const started = await this.#start(id);
    started.want();
    await started.changed();
  }

  /** Somebody was verified, or is not any more. */
  async trustChanged(): Promise<void> {
    await Promise.all([...this.#live.values()].map((room) => room.trustChanged()));
  }

  /** This person is called something else, or looks another way. */
  async profileChanged(): Promise<void> {
    for (const room of this.#live.values()) await room.profileChanged();
  }

  /** Creates a room; answers its id. */
  create(name: string): Promise<string> {
    return this.#arrivals.create(name);
  }

  readInvite(link: string): Promise<InvitePreview> {
    return this.#arrivals.readInvite(link);
  }

  /** Asks to come in, by a link of that kind. */
  ask(link: string): Promise<RequestState> {
    return this.#arrivals.ask(link);
  }

  /** Joins by an invite link, or by one to ask by, once somebody has let them in; answers the room's id. */
  join(link: string): Promise<string> {
    return this.#arrivals.join(link);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#expiry.close();
    await this.#account?.close();
    await this.#starting.idle();
    await Promise.all([...this.#live.values()].map((room) => room.close()));
    await this.#backups.close();
    this.#live.clear();
    this.list.set([]);
    this.complete.set(false);
  }

  /** Opens a stored room, unless it is open already; one at a time, or two notices would open it twice. */
  #start(id: string): Promise<LiveRoom> {
    return this.#starting.run(() => this.#startNow(id));
  }

  async #startNow(id: string): Promise<LiveRoom> {
    const open = this.#live.get(id);
    const row = await this.#session.store.get('rooms', id);
    if (this.#closed || !row) throw new EngineError('signed-out', m.engine_signInFirst());
    // Who was out of the room, and is in again, starts anew.
    if (open && (row.gone || !open.row.gone)) return open;
    await open?.close();
    const context = {
      session: this.#session,
      ...this.#shared,
      backups: this.#backups,
      origin: this.#origin,
      sockets: this.#sockets,
      onChange: () => {
        this.#expiry.look();
        this.#publish();
      },
      onTrust: async () => {
        this.#bus.tell({ kind: 'contacts' });
        await this.trustChanged();
      },
    };
    const room = await LiveRoom.open(context, row);
    this.#live.set(id, room);
    this.#backups.opened(id);
    this.#publish();
    return room;
  }

  #publish(): void {
    const summaries = [...this.#live.values()]
      .filter(({ row }) => row.gone !== 'left')
      .map((room) => summaryOf(room, this.#session.account.id));
    const rank = ({ placing }: RoomSummary) => (placing === 'top' ? 0 : 1);
    this.list.set(summaries.sort((a, b) => rank(a) - rank(b) || b.activeAt - a.activeAt));
  }
}
