import { publishDevice, refillPreKeys } from './account/device.ts';
import { Session, type SessionOptions } from './account/session.ts';
import { NetworkError } from './api.ts';
import { Subject } from './observable.ts';
import { Rooms } from './rooms/rooms.ts';
import { Bus } from './store/bus.ts';
import { type Engine, EngineError, type RoomSummary } from './types.ts';

export type { Observable } from './observable.ts';
export { until } from './observable.ts';
export * from './types.ts';

export type EngineOptions = SessionOptions;

const retryAfter = 10_000;

/** The client without a screen. Opens its store at once; `session` says when that is done. */
export function createEngine(options: EngineOptions): Engine {
  return new LiveEngine(options);
}

class LiveEngine implements Engine {
  readonly rooms = new Subject<readonly RoomSummary[]>([]);
  readonly #session: Session;
  readonly #bus: Bus;
  readonly #origin: string;
  #rooms: Rooms | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: EngineOptions) {
    this.#origin = options.origin;
    this.#session = new Session(options);
    this.#bus = new Bus(options.storeName, (notice) => {
      if (notice.kind === 'room') void this.#rooms?.changed(notice.id);
      // Somebody signed in or out in another tab: what is shown here belongs to another moment.
      if (notice.kind === 'session') void this.#restart();
    });
    void this.#restart();
  }

  get session() {
    return this.#session.state;
  }

  async register(account: { email: string; password: string; name: string }): Promise<void> {
    await this.#session.register(account);
    await this.#enter(true);
    this.#bus.tell({ kind: 'session' });
  }

  async login(account: { email: string; password: string }): Promise<void> {
    await this.#session.login(account);
    await this.#enter(true);
    this.#bus.tell({ kind: 'session' });
  }

  async logout(): Promise<void> {
    await this.#leaveRooms();
    await this.#session.logout();
    this.#bus.tell({ kind: 'session' });
  }

  createRoom(name: string): Promise<string> {
    return this.#in().create(name.trim());
  }

  readInvite(link: string) {
    return this.#in().readInvite(link);
  }

  join(link: string): Promise<string> {
    return this.#in().join(link);
  }

  room(id: string) {
    return this.#in().get(id);
  }

  async close(): Promise<void> {
    await this.#leaveRooms();
    this.#bus.close();
    this.#session.close();
  }

  async #restart(): Promise<void> {
    await this.#leaveRooms();
    this.#session.close();
    await this.#session.open();
    const account = await this.#session.store.get('account', 'me');
    if (account) await this.#enter(false);
    else this.#session.announce();
  }

  /** Opens what this browser has, shows it, then brings it up to date. With `wait` the first contact must succeed. */
  async #enter(wait: boolean): Promise<void> {
    await this.#leaveRooms();
    const rooms = new Rooms(this.#session, this.#origin, this.#bus);
    rooms.list.subscribe((list) => this.rooms.set(list));
    this.#rooms = rooms;
    if (wait) await publishDevice(this.#session);
    await rooms.open();
    this.#session.announce();
    if (wait) await this.#catchUp(rooms);
    else void this.#keepUp(rooms);
  }

  async #catchUp(rooms: Rooms): Promise<void> {
    await publishDevice(this.#session);
    await rooms.sync();
    await refillPreKeys(this.#session);
  }

  /** After a start without a network: tries until the service has been reached once. */
  async #keepUp(rooms: Rooms): Promise<void> {
    if (this.#rooms !== rooms) return;
    try {
      await this.#catchUp(rooms);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error instanceof NetworkError || error.reason === 'unavailable' || error.reason === 'rate-limited')
        this.#timer = setTimeout(() => void this.#keepUp(rooms), retryAfter);
    }
  }

  async #leaveRooms(): Promise<void> {
    clearTimeout(this.#timer);
    const rooms = this.#rooms;
    this.#rooms = undefined;
    await rooms?.close();
  }

  #in(): Rooms {
    if (!this.#rooms) throw new EngineError('signed-out', 'Sign in first.');
    return this.#rooms;
  }
}
