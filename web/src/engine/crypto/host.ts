import {
  accountKeys,
  archiveSalt,
  deriveArchiveKey,
  openWith,
  sealWith,
} from '../../../../crypto/account/index.ts';
import { unwrapKey } from '../../../../crypto/file/index.ts';
import {
  admittingInvite,
  type InviteSecret,
  openAnswer,
  RosterError,
  signEntry,
  vouchFor,
} from '../../../../crypto/room/index.ts';
import { ready, SignalError } from '../../../../crypto/signal/index.ts';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import type { RosterEntry } from '../../../../protocol/roster.ts';
import type { Message } from '../../../../protocol/socket.ts';
import { isGuest } from '../../../../protocol/spelling.ts';
import { m } from '../../language/index.ts';
import type { Api } from '../api.ts';
import { inBackground } from '../background.ts';
import { RosterLog } from '../rooms/roster.ts';
import type { Locks } from '../store/locks.ts';
import { deleteStore, type Row, Store, type Table } from '../store/store.ts';
import { EngineError, type KeyWork } from '../types.ts';
import { learnBackups } from './backups.ts';
import { checkCode, markVerified, safetyNumber, trustOfMembers, unmark } from './contacts.ts';
import { publishDevice, refillPreKeys, rotatePreKeys } from './device.ts';
import { dropDevice, listDevices, renameDevice, renewDevice } from './devices.ts';
import type { Holder } from './holder.ts';
import type { HostSettings, KeyHost, NewPasskey, Received, UsedPasskey, Verdict } from './index.ts';
import { keysIn } from './keys-in.ts';
import { listPasskeys } from './passkeys.ts';
import { Peers } from './peers.ts';
import { receive, reopen } from './receiving.ts';
import { release, seal } from './sealing.ts';
import { type DeriveMasterKey, SignIn } from './sign-in.ts';
import type { IncomingSignal, OpenedSignals, OutgoingSignal } from './signals.ts';
import { openSignals, sealSignals } from './signals.ts';
import { understand } from './understanding.ts';

export interface HostOptions extends HostSettings {
  readonly api: Api;
  readonly locks: Locks;
  readonly deriveMasterKey: DeriveMasterKey;
  /** `Store.open`, where nothing else is said. */
  readonly openStore?: typeof Store.open;
}

/** The host of keys itself, on the thread that calls this. */
export const createHost = (options: HostOptions): KeyHost => new Host(options);

/** The store, and what was worked out of it. */
interface Opened {
  readonly store: Store<Table>;
  readonly peers: Peers;
  /** Rosters as this host has verified them, by room: it takes nobody's word for who is in a room. */
  readonly rosters: Map<string, RosterLog>;
  secret: { readonly bytes: Uint8Array; readonly keys: Holder['keys'] } | undefined;
}

class Host implements KeyHost {
  readonly #options: HostOptions;
  readonly #signIn: SignIn;
  #opened: Promise<Opened> | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#signIn = new SignIn({
      ...options,
      store: async () => (await this.#open()).store,
      renewStore: async () => {
        await this.#shut();
        await deleteStore(options.storeName);
        return (await this.#open()).store;
      },
    });
  }

  async open(): Promise<void> {
    await this.#open();
  }

  async register(account: { email: string; password: string; name: string }, work?: KeyWork) {
    return this.#anew(await this.#signIn.register(account, work));
  }

  async registerGuest(guest: { name: string }) {
    return this.#anew(await this.#signIn.registerGuest(guest));
  }

  async guestAgain() {
    return this.#signIn.guestAgain(await this.#holdSecret());
  }

  async learnEmail(): Promise<void> {
    const { email } = (await this.#options.api('me', {})).user;
    // An answer from before it was kept says nothing new.
    if (!isGuest(email)) await this.#take({ email });
  }

  async login(account: { email: string; password: string }, work?: KeyWork) {
    return this.#anew(await this.#signIn.login(account, work));
  }

  async recover(account: { email: string; code: string; password: string }, work?: KeyWork) {
    return this.#anew(await this.#signIn.recover(account, work));
  }

  async unlock(passkey: UsedPasskey) {
    return this.#anew(await this.#signIn.unlock(passkey));
  }

  async addPasskey(made: { passkey: NewPasskey; proof: string }): Promise<void> {
    const { deviceName } = this.#options;
    return this.#signIn.addPasskey(await this.#holdSecret(), { ...made, name: deviceName });
  }

  async changePassword(change: { current: string; next: string }, work?: KeyWork): Promise<void> {
    return this.#signIn.changePassword(await this.#holdSecret(), change, work);
  }

  async keepAccount(account: { email: string; password: string }, work?: KeyWork): Promise<void> {
    await this.#take({ email: await this.#signIn.keepAccount(await this.#holdSecret(), account, work) });
  }

  async makeRecoveryCode({ password }: { password: string }, work?: KeyWork): Promise<string> {
    return this.#signIn.makeRecoveryCode(await this.#holdSecret(), password, work);
  }

  async prove({ password }: { password: string }, work?: KeyWork): Promise<string> {
    return this.#signIn.prove(await this.#holdSecret(), password, work);
  }

  async archiveKey({ passphrase, salt }: { passphrase: string; salt: string }, work?: KeyWork) {
    return deriveArchiveKey(await this.#options.deriveMasterKey(passphrase, archiveSalt(salt), work));
  }

  async publishDevice(): Promise<void> {
    return publishDevice(await this.#hold());
  }

  async renewDevice(): Promise<boolean> {
    return renewDevice(await this.#hold());
  }

  async refillPreKeys(): Promise<void> {
    return refillPreKeys(await this.#hold());
  }

  async rotatePreKeys(): Promise<void> {
    return rotatePreKeys(await this.#hold());
  }

  async listPasskeys() {
    return listPasskeys(await this.#hold());
  }

  async listDevices() {
    return listDevices(await this.#hold());
  }

  async renameDevice(id: number, name: string): Promise<void> {
    return renameDevice(await this.#hold(), id, name);
  }

  async dropDevice(id: number): Promise<boolean> {
    return dropDevice(await this.#hold(), id);
  }

  async signEntry(entry: RosterEntry) {
    const { account, keys } = await this.#hold();
    if (entry.by !== account.id) throw new RangeError('a roster entry is signed by its own author');
    return signEntry(entry, keys.identity.privateKey);
  }

  async vouchFor(room: string, watcher: string): Promise<string> {
    const { keys } = await this.#hold();
    return vouchFor(keys.identity.privateKey, room, watcher);
  }

  async sealRoomSecret(room: string, secret: Uint8Array): Promise<string> {
    const { keys } = await this.#hold();
    return toBase64(await sealWith(keys.vaultKey, secret, purposeOf(room)));
  }

  async openRoomSecret(room: string, sealed: string): Promise<Uint8Array> {
    const { keys } = await this.#hold();
    return openWith(keys.vaultKey, fromBase64(sealed), purposeOf(room));
  }

  async sealName(name: string): Promise<string> {
    const { keys } = await this.#hold();
    return toBase64(await sealWith(keys.vaultKey, utf8(name), 'profile'));
  }

  async sealPlace(room: string, seq: number): Promise<string> {
    const { keys } = await this.#hold();
    return toBase64(await sealWith(keys.vaultKey, utf8(String(seq)), `read ${room}`));
  }

  async openPlace(room: string, sealed: string): Promise<number> {
    const { keys } = await this.#hold();
    return Number(fromUtf8(await openWith(keys.vaultKey, fromBase64(sealed), `read ${room}`)));
  }

  async admittingInvite(room: string, request: { userId: string; said: string; turn: number }) {
    return admittingInvite((await this.#holdSecret()).secret, room, request);
  }

  async openAnswer(link: InviteSecret, sealed: string): Promise<InviteSecret> {
    const { account, keys } = await this.#hold();
    return openAnswer(link, account.id, keys.identity.privateKey, sealed);
  }

  async openFileKey(roomId: string, fileId: string, wrapped: Uint8Array): Promise<Uint8Array> {
    const { account, keys } = await this.#hold();
    return unwrapKey(wrapped, keys.identity.privateKey, { roomId, fileId, recipientId: account.id });
  }

  async receive(room: string, items: readonly Message[], settled: boolean): Promise<Received> {
    const holder = await this.#hold();
    const { peers, rosters } = await this.#open();
    const rosterOf = (row: Row<'rooms'>) => verified(rosters, row);
    const { met, ...received } = await receive(holder, peers, rosterOf, room, items, settled);
    const log = rosters.get(room);
    for (const [userId, atLeast] of met) {
      const identityKey = log?.identityKey(userId);
      if (!log || !identityKey) continue;
      const person = { userId, identityKey, first: log.firstIdentity(userId) };
      peers.readSoon(room, person, atLeast, log.verified.roster.members.size);
    }
    return received;
  }

  async reopen(room: string, items: readonly Message[]): Promise<number | undefined> {
    const holder = await this.#hold();
    const { rosters } = await this.#open();
    return reopen(holder, (row) => verified(rosters, row), room, items);
  }

  async understand(room: string): Promise<void> {
    const { rosters } = await this.#open();
    return understand(await this.#hold(), (row) => verified(rosters, row), room);
  }

  async keysIn(room: string) {
    return keysIn(await this.#hold(), await this.#roster(room));
  }

  async trust(room: string) {
    return trustOfMembers(await this.#hold(), await this.#roster(room));
  }

  async safetyNumber(room: string, userId: string) {
    return safetyNumber(await this.#hold(), await this.#roster(room), userId);
  }

  async checkCode(room: string, userId: string, scanned: string) {
    return checkCode(await this.#hold(), await this.#roster(room), userId, scanned);
  }

  async markVerified(room: string, userId: string, code: string): Promise<void> {
    return markVerified(await this.#hold(), await this.#roster(room), userId, code);
  }

  async unmark(userId: string): Promise<void> {
    return unmark(await this.#hold(), userId);
  }

  async learnBackups(room: string) {
    return learnBackups(await this.#hold(), room);
  }

  async seal(room: string, messageId: string, entries: number) {
    const holder = await this.#hold();
    const { peers, rosters } = await this.#open();
    const row = await holder.store.get('rooms', room);
    if (!row) return undefined;
    try {
      const log = await verified(rosters, row);
      if (log.entries.length < entries) return 'later';
      const {
        departures,
        verified: { roster },
      } = log;
      const first = (userId: string) => log.firstIdentity(userId);
      return await seal(holder, peers, { roster, departures, first }, messageId);
    } catch (error) {
      if (!(error instanceof SignalError || error instanceof RosterError)) throw error;
      throw new EngineError('unsafe', m.engine_unsafe({ reason: error.message }), { cause: error });
    }
  }

  async release(
    room: string,
    messageId: string,
    verdict: Verdict,
    delivered: readonly string[],
  ): Promise<void> {
    return release(await this.#hold(), room, messageId, verdict, delivered);
  }

  async sealSignals(room: string, signals: readonly OutgoingSignal[]): Promise<(string | undefined)[]> {
    const log = await this.#roster(room);
    return sealSignals(await this.#hold(), (await this.#open()).peers, log, signals);
  }

  async openSignals(room: string, signals: readonly IncomingSignal[]): Promise<OpenedSignals> {
    const log = await this.#roster(room);
    return openSignals(await this.#hold(), (await this.#open()).peers, log, signals);
  }

  close(): void {
    void this.#shut();
  }

  /** Resolves when what went on in the background has let go of the store, and it is closed. */
  async #shut(): Promise<void> {
    const opening = this.#opened;
    this.#opened = undefined;
    const opened = await opening?.catch(() => undefined);
    await opened?.peers.close();
    opened?.store.close();
  }

  #open(): Promise<Opened> {
    if (this.#opened) return this.#opened;
    const { storeName, openStore = Store.open, locks, api } = this.#options;
    const lost = () => {
      if (this.#opened === opening) this.#opened = undefined;
    };
    const opening = (async (): Promise<Opened> => {
      const store = await openStore(storeName, lost);
      // Not without need: the page may hold that lock over what it asks of us.
      if ((await store.get('account', 'me'))?.secret !== undefined)
        await locks.run('account', () => moveSecret(store));
      // The first batch of messages should not wait for these.
      inBackground(ready(), 'finding out what this platform can');
      return {
        ...{ store, peers: new Peers({ store, locks, api }), rosters: new Map() },
        secret: await readSecret(store),
      };
    })();
    this.#opened = opening;
    opening.catch(lost);
    return opening;
  }

  /** What was worked out for the account before belongs to it alone. */
  async #anew<T>(result: T): Promise<T> {
    await this.#shut();
    await this.#open();
    return result;
  }

  #take(change: { email: string }): Promise<void> {
    return this.#options.locks.run('account', async () => (await this.#hold()).update(change));
  }

  /** Throws EngineError `signed-out` where there is no account. */
  async #hold(): Promise<Holder> {
    const opened = await this.#open();
    const { store } = opened;
    let account = await store.get('account', 'me');
    opened.secret ??= await readSecret(store);
    if (!account || !opened.secret) throw new EngineError('signed-out', m.engine_signInFirst());
    const { locks, api, deviceName } = this.#options;
    return {
      ...{ store, locks, api, deviceName, keys: opened.secret.keys },
      get account() {
        return account!;
      },
      async update(change) {
        account = { ...((await store.get('account', 'me')) ?? account!), ...change };
        await store.write([{ table: 'account', key: 'me', value: account }]);
      },
    };
  }

  /** The room's roster as it is stored. Throws EngineError `no-such-room`, RosterError. */
  async #roster(room: string): Promise<RosterLog> {
    const { store, rosters } = await this.#open();
    const row = await store.get('rooms', room);
    if (!row) throw new EngineError('no-such-room', m.engine_noSuchRoom());
    return verified(rosters, row);
  }

  async #holdSecret() {
    const { account, keys } = await this.#hold();
    return { account, keys, secret: (await this.#open()).secret!.bytes };
  }
}

const purposeOf = (room: string) => `room ${room}`;

async function readSecret(store: Store<Table>): Promise<Opened['secret']> {
  const row = await store.get('secrets', 'me');
  if (!row) return undefined;
  const bytes = fromBase64(row.secret);
  return { bytes, keys: accountKeys(bytes) };
}

/** Earlier versions kept the secret in the account's row, which the page reads. The caller holds the lock `account`. */
async function moveSecret(store: Store<Table>): Promise<void> {
  const { secret, ...account } = (await store.get('account', 'me')) ?? {};
  if (secret === undefined) return;
  const identityKey = toBase64(accountKeys(fromBase64(secret)).identity.publicKey);
  await store.write([
    { table: 'secrets', key: 'me', value: { secret } },
    { table: 'account', key: 'me', value: { ...account, identityKey } },
  ]);
}

/** The room's roster as it is stored, checked from where this host has it on. Throws RosterError. */
async function verified(rosters: Map<string, RosterLog>, row: Row<'rooms'>): Promise<RosterLog> {
  const log = rosters.get(row.id) ?? new RosterLog(row.id);
  rosters.set(row.id, log);
  if (row.roster.length > log.entries.length) await log.add(row.roster);
  return log;
}
