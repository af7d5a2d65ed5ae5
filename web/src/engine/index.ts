import type { Receipt, SessionView, Tokens } from '../../../protocol/rest/index.ts';
import { m } from '../language/index.ts';
import { Session, type SessionOptions } from './account/session.ts';
import { mayPass, ProblemError } from './api.ts';
import { inBackground } from './background.ts';
import type { KeyHost } from './crypto/index.ts';
import { Subject } from './observable.ts';
import { Refresher } from './refresher.ts';
import { Rooms } from './rooms/rooms.ts';
import { Bus, type Notice } from './store/bus.ts';
import { Turns } from './turns.ts';
import {
  type Device,
  type Engine,
  EngineError,
  type KeyWork,
  type Passkey,
  type Preferences,
  type RoomSummary,
  type SignIn,
} from './types.ts';

export type { Observable } from './observable.ts';
export { until } from './observable.ts';
export * from './types.ts';

export interface EngineOptions extends SessionOptions {
  /** How many rooms have a socket of their own at the same time, where not more are in use; 20 when absent. */
  readonly sockets?: number;
}

const retryAfter = 10_000;
/** How often keys that have a life are looked after while a tab stays open, in milliseconds. */
const upkeepEvery = 6 * 3_600_000;

/** The client without a screen. Opens its store at once; `session` says when that is done. */
export function createEngine(options: EngineOptions): Engine {
  return new LiveEngine(options);
}

const follow = (rooms: Rooms, notice: Extract<Notice, { kind: 'room' | 'contacts' }>): Promise<void> =>
  notice.kind === 'contacts' ? rooms.trustChanged() : rooms.changed(notice.id);

class LiveEngine implements Engine {
  readonly rooms = new Subject<readonly RoomSummary[]>([]);
  readonly roomsComplete = new Subject(false);
  readonly inCall = new Subject<string | undefined>(undefined);
  readonly #session: Session;
  readonly #bus: Bus;
  readonly #origin: string;
  readonly #sockets: number;
  #rooms: Rooms | undefined;
  readonly #refilling = new Refresher(async () => {
    if (this.#rooms) await this.#session.keys.refillPreKeys();
  });
  readonly #upkeep: ReturnType<typeof setInterval>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Signing in and out, starting and stopping follow each other; none sees another's half. */
  readonly #turns = new Turns();
  #closed = false;

  constructor(options: EngineOptions) {
    this.#origin = options.origin;
    this.#sockets = options.sockets ?? 20;
    this.#session = new Session(options, () => this.#restart());
    this.#session.state.subscribe(({ kind }) => {
      // The session ended at the service: nothing more can be sent or received until somebody signs in again.
      if (kind === 'signed-out')
        inBackground(
          this.#turns.run(() => this.#leaveEnded()),
          'leaving the rooms',
        );
    });
    this.#bus = new Bus(options.storeName, (notice) => {
      // Somebody signed in or out in another tab: what is shown here belongs to another moment.
      if (notice.kind === 'session') this.#restart();
      else if (notice.kind === 'preferences') inBackground(this.#session.reload(), 'following a choice');
      else if (this.#rooms) inBackground(follow(this.#rooms, notice), 'following another tab');
    });
    // Every handshake takes from the stock of prekeys.
    this.#session.handshakes.subscribe(() => this.#inBackground(this.#refilling.run()));
    this.#upkeep = setInterval(() => {
      if (this.#rooms) this.#inBackground(this.#session.keys.rotatePreKeys());
    }, upkeepEvery);
    this.#restart();
  }

  /** Looks after keys; what fails for want of a connection is done at the next occasion. */
  #inBackground(task: Promise<void>): void {
    inBackground(
      task.catch((error) => {
        if (!mayPass(error)) throw error;
      }),
      'looking after keys',
    );
  }

  get session() {
    return this.#session.state;
  }

  get preferences() {
    return this.#session.preferences.observable;
  }

  async prefer(change: Partial<Preferences>): Promise<void> {
    await this.#session.preferences.change(this.#session.store, change);
    this.#bus.tell({ kind: 'preferences' });
  }

  async setProfile(change: { name?: string; picture?: Uint8Array | null }): Promise<void> {
    await this.#session.setProfile(change);
    this.#bus.tell({ kind: 'preferences' });
    await this.#in().profileChanged();
  }

  register(account: { email: string; password: string; name: string }, work?: KeyWork): Promise<void> {
    return this.#signIn((keys) => keys.register(account, work));
  }

  registerGuest(guest: { name: string }, work?: KeyWork): Promise<void> {
    return this.#signIn((keys) => keys.registerGuest(guest, work));
  }

  async keepAccount(account: { email: string; password: string }, work?: KeyWork): Promise<void> {
    try {
      await this.#session.keys.keepAccount(account, work);
    } catch (error) {
      if (!(error instanceof ProblemError && error.is('conflict'))) throw error;
      throw (await this.#findKept()) ?? error;
    }
    await this.#session.reload();
    this.#bus.tell({ kind: 'preferences' });
  }

  login(account: { email: string; password: string }, work?: KeyWork): Promise<void> {
    return this.#signIn((keys) => keys.login(account, work));
  }

  recover(account: { email: string; code: string; password: string }, work?: KeyWork): Promise<void> {
    return this.#signIn((keys) => keys.recover(account, work));
  }

  async loginByPasskey(): Promise<void> {
    const { usePasskey } = await import('./account/webauthn.ts');
    const passkey = await usePasskey(await this.#challenge());
    return this.#signIn((keys) => keys.unlock(passkey));
  }

  async addPasskey(password: string, work?: KeyWork): Promise<void> {
    const { createPasskey } = await import('./account/webauthn.ts');
    const { keys, me } = this.#session;
    // First: nothing is made for somebody who doesn't know it.
    const proof = await keys.prove({ password }, work);
    const known = await keys.listPasskeys();
    const ids = known.map(({ id }) => id);
    const passkey = await createPasskey(me, ids, () => this.#challenge());
    await keys.addPasskey({ passkey, proof });
  }

  async #challenge(): Promise<string> {
    return (await this.#session.api('passkeyChallenge', {})).challenge;
  }

  passkeys(): Promise<readonly Passkey[]> {
    return this.#session.keys.listPasskeys();
  }

  async removePasskey(id: string): Promise<void> {
    await this.#session.api('dropPasskey', { params: { id } });
  }

  changePassword(change: { current: string; next: string }, work?: KeyWork): Promise<void> {
    return this.#session.keys.changePassword(change, work);
  }

  makeRecoveryCode(password: string, work?: KeyWork): Promise<string> {
    return this.#session.keys.makeRecoveryCode({ password }, work);
  }

  async dropRecoveryCode(): Promise<void> {
    await this.#session.api('deleteRecovery', {});
  }

  async hasRecoveryCode(): Promise<boolean> {
    return (await this.#session.api('me', {})).recovery;
  }

  logout(): Promise<void> {
    return this.#turns.run(async () => {
      await this.#rooms?.abandonUploads();
      // This browser forgets them now: what only it could read would be lost.
      await this.#rooms?.backUp().catch((error) => console.warn('some keys were not backed up', error));
      // A device that is none any more should stand in no list; offline it stays there until another one drops it.
      await this.#session.keys
        .dropDevice(this.#session.account.deviceId)
        .catch((error) => console.warn('this device stays in the list', error));
      await this.#leaveRooms();
      await this.#session.logout();
      this.#bus.tell({ kind: 'session' });
    });
  }

  deleteAccount(password: string, work?: KeyWork): Promise<Receipt> {
    return this.#turns.run(async () => {
      // Before anything is left: for a guest the service is asked for nothing else first.
      const kept = await this.#findKept();
      if (kept) throw kept;
      const proof = await this.#session.keys.prove({ password }, work);
      await this.#in().leaveAll();
      const receipt = await this.#session.deleteAccount(proof);
      await this.#leaveRooms();
      this.#bus.tell({ kind: 'session' });
      return receipt;
    });
  }

  createRoom(name: string): Promise<string> {
    return this.#in().create(name.trim());
  }

  readInvite(link: string) {
    return this.#in().readInvite(link);
  }

  ask(link: string) {
    return this.#in().ask(link);
  }

  join(link: string): Promise<string> {
    return this.#in().join(link);
  }

  room(id: string) {
    return this.#in().get(id);
  }

  devices(): Promise<readonly Device[]> {
    return this.#session.keys.listDevices();
  }

  renameDevice(id: number, name: string): Promise<void> {
    return this.#session.keys.renameDevice(id, name);
  }

  async revokeDevice(id: number): Promise<void> {
    if (id === this.#session.account.deviceId) throw new EngineError('this-device', m.engine_thisDevice());
    await this.#session.keys.dropDevice(id);
    // Also where it stood in the list no more: whoever dropped it may have ended before saying so.
    await this.#in().announceDevice(id);
  }

  async signIns(): Promise<readonly SignIn[]> {
    // First: a device that goes meanwhile takes its session along, and none is left here without its name.
    const names = new Map((await this.devices()).map(({ id, name }) => [id, name]));
    const found: SessionView[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const query = cursor === undefined ? {} : { cursor };
      const page = await this.#session.api('listSessions', { query });
      found.push(...page.items);
      cursor = page.next;
    }
    return found.map((each) => ({
      id: each.id,
      deviceName: names.get(each.deviceId ?? 0),
      since: Date.parse(each.createdAt),
      usedAt: Date.parse(each.usedAt),
      isThis: each.current,
    }));
  }

  async endSignIn(id: string): Promise<void> {
    await this.#session.api('revokeSession', { params: { id } });
  }

  async pushKey(): Promise<string | undefined> {
    try {
      return (await this.#session.api('getPushKey', {})).publicKey;
    } catch (error) {
      if (error instanceof ProblemError && error.is('not-found')) return undefined;
      throw error;
    }
  }

  async wakeAt(endpoint: string | undefined): Promise<void> {
    if (endpoint === undefined) await this.#session.api('unsubscribePush', {});
    else await this.#session.api('subscribePush', { body: { endpoint } });
  }

  async find(query: string, limit = 50) {
    return (await this.#in().search()).find(query, limit);
  }

  endFinding(): void {
    this.#rooms?.endSearch();
  }

  async exportReadable(as: 'html' | 'json'): Promise<Blob> {
    const { exportReadable } = await import('./export/readable.ts');
    return exportReadable(this.#session, as);
  }

  async exportArchive(passphrase: string, work?: KeyWork): Promise<Blob> {
    const { exportArchive } = await import('./export/archive.ts');
    return exportArchive(this.#session, passphrase, work);
  }

  async restoreArchive(archive: { file: Blob; passphrase: string }, work?: KeyWork) {
    const { restoreArchive } = await import('./export/archive.ts');
    const rooms = this.#in();
    const changed = async (id: string) => {
      this.#bus.tell({ kind: 'room', id });
      await rooms.changed(id);
    };
    return restoreArchive(this.#session, archive, changed, work);
  }

  people() {
    return this.#in().people();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#upkeep);
    await this.#turns.run(() => this.#leaveRooms());
    this.#bus.close();
    this.#session.close();
  }

  #signIn(enter: (keys: KeyHost) => Promise<Tokens>): Promise<void> {
    return this.#turns.run(async () => {
      if (this.session.get().kind === 'signed-in')
        throw new EngineError('signed-in', m.engine_signOutFirst());
      await this.#session.open();
      await this.#session.signIn(enter);
      const renewed = await this.#session.keys.renewDevice();
      await this.#publishDevice();
      await this.#enter(true);
      if (renewed) await this.#rooms?.announceDevice(this.#session.account.deviceId);
      this.#bus.tell({ kind: 'session' });
    });
  }

  /** Starts from what the store has now. */
  #restart(): void {
    const restarted = this.#turns.run(async () => {
      if (this.#closed) return;
      await this.#leaveRooms();
      this.#session.close();
      try {
        await this.#session.open();
        if (await this.#session.comeBack()) this.#bus.tell({ kind: 'session' });
        if (this.#session.known) return await this.#enter(false);
      } catch (error) {
        // Signing in tries again, and tells the person why it can't.
        console.error('the store could not be opened', error);
      }
      this.#session.announce();
    });
    inBackground(restarted, 'starting');
  }

  /** Opens what this browser has, shows it, then brings it up to date; with `wait`, resolves after a first attempt at that. */
  async #enter(wait: boolean): Promise<void> {
    await this.#leaveRooms();
    const rooms = new Rooms(this.#session, this.#origin, this.#sockets, {
      bus: this.#bus,
      inCall: this.inCall,
    });
    rooms.list.subscribe((list) => this.rooms.set(list));
    rooms.complete.subscribe((complete) => this.roomsComplete.set(complete));
    this.#rooms = rooms;
    await rooms.open();
    rooms.listen();
    this.#session.announce();
    const caughtUp = this.#catchUp(rooms);
    if (wait) await caughtUp;
  }

  /** Asks the service for what is new to this browser; comes back after a while when it can't be reached. Never rejects. */
  async #catchUp(rooms: Rooms): Promise<void> {
    try {
      await this.#publishDevice();
      await this.#findKept();
      await rooms.sync();
      await this.#session.keys.refillPreKeys();
      await this.#session.keys.rotatePreKeys();
    } catch (error) {
      if (this.#rooms !== rooms) return;
      if (mayPass(error)) this.#timer = setTimeout(() => void this.#catchUp(rooms), retryAfter);
      else console.error('catching up failed', error);
    }
  }

  /** What to say where the account of who was a guest is kept: by another tab, or by a call whose answer was lost. */
  async #findKept(): Promise<EngineError | undefined> {
    if (!this.#session.me.guest) return;
    await this.#session.keys.learnEmail();
    await this.#session.reload();
    const { guest, email } = this.#session.me;
    if (guest) return;
    this.#bus.tell({ kind: 'preferences' });
    return new EngineError('kept', m.engine_kept({ email }));
  }

  async #publishDevice(): Promise<void> {
    await this.#session.keys.publishDevice();
    await this.#session.reload();
  }

  /** By now somebody may have signed in: that the old session has ended can come to light while they do. */
  async #leaveEnded(): Promise<void> {
    if (this.#session.state.get().kind === 'signed-out') await this.#leaveRooms();
  }

  async #leaveRooms(): Promise<void> {
    clearTimeout(this.#timer);
    const rooms = this.#rooms;
    this.#rooms = undefined;
    await rooms?.close();
  }

  #in(): Rooms {
    if (!this.#rooms) throw new EngineError('signed-out', m.engine_signInFirst());
    return this.#rooms;
  }
}
