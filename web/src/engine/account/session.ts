import { toBase64 } from '../../../../protocol/bytes.ts';
import type { Receipt, Tokens } from '../../../../protocol/rest/index.ts';
import { isGuest } from '../../../../protocol/spelling.ts';
import { m } from '../../language/index.ts';
import { type Api, createApi, NetworkError, ProblemError } from '../api.ts';
import type { KeyHost, StartHost } from '../crypto/index.ts';
import { dropLeftovers } from '../leftovers.ts';
import { Subject } from '../observable.ts';
import { keepQuiet } from '../quiet.ts';
import { createLocks, type Locks } from '../store/locks.ts';
import { deleteStore, type Row, Store } from '../store/store.ts';
import { Lanes } from '../transfers/queue.ts';
import { EngineError, type Me, type SessionState } from '../types.ts';
import { DevicePreferences } from './preferences.ts';

export interface SessionOptions {
  /** Origin of the service. */
  readonly origin: string;
  /** Name of the local store; one per account and browser. */
  readonly storeName: string;
  /** Browsers keep the refresh token in a cookie; headless clients in their store. */
  readonly transport: 'cookie' | 'body';
  /** What this browser is called in the list of devices, unless its owner names it. */
  readonly deviceName?: string;
  /** Where the keys live: a worker in browsers, this process in headless clients. */
  readonly startHost: StartHost;
}

type Account = Row<'account'>;
/** The longest name, in characters (`protocol/content.ts`). */
const longestName = 80;

/** Who is signed in on this browser: the access token, the store, and the host of the account's keys. */
export class Session {
  readonly state = new Subject<SessionState>({ kind: 'starting' });
  readonly api: Api;
  /** How many handshakes this tab has seen: each took prekeys of the stock. */
  readonly handshakes = new Subject(0);
  readonly locks: Locks;
  /** Uploads that run at the same time in this tab: each has buffers and a thread. */
  readonly lanes = new Lanes(3);
  /** Files of unfinished uploads that a person has picked in this tab, by file id: they need not be picked again after a sign-in. */
  readonly picked = new Map<string, File>();
  readonly preferences = new DevicePreferences();
  /** All that is done with secrets. */
  readonly keys: KeyHost;
  readonly #options: SessionOptions;
  readonly #onStoreLost: () => void;
  #store: Store | undefined;
  #account: Account | undefined;
  #profile: Row<'profiles'> | undefined;
  #access: { token: string; until: number } | undefined;
  /** The service has turned a guest away who may be let in again. */
  #suspended = false;
  /** Until when the service wants to be asked for no session of a guest, and how it said so. */
  #busy: { until: number; error: ProblemError } | undefined;

  /** @param onStoreLost the store went away without our doing: another tab signed out, or the browser cleared it. */
  constructor(options: SessionOptions, onStoreLost: () => void) {
    this.#options = options;
    this.#onStoreLost = onStoreLost;
    this.locks = createLocks(options.storeName);
    this.api = createApi(options.origin, (refused) => this.#accessToken(refused));
    const { storeName, transport, deviceName = m.engine_unnamedDevice() } = options;
    this.keys = options.startHost({ storeName, transport, deviceName }, this.api);
  }

  /** The open store. */
  get store(): Store {
    if (!this.#store) throw new EngineError('signed-out', m.engine_signInFirst());
    return this.#store;
  }

  /** The account row as last read or written by this tab. */
  get account(): Account {
    if (!this.#account) throw new EngineError('signed-out', m.engine_signInFirst());
    return this.#account;
  }

  /** Whether somebody is signed in on this browser. */
  get known(): boolean {
    return this.#account !== undefined && !this.#account.ended;
  }

  /** The account's identity, base64url: the public half of the key that signs for it. */
  get identityKey(): string {
    return this.account.identityKey!;
  }

  get me(): Me {
    const { id, email, name, deviceId } = this.account;
    const { picture } = this.#profile ?? {};
    return {
      id,
      email,
      guest: isGuest(email),
      name: this.#profile?.name ?? name,
      deviceId,
      ...(picture && { picture }),
    };
  }

  /** What this person has chosen to be called and to look like; undefined for who never did. */
  get profile(): Row<'profiles'> | undefined {
    return this.#profile;
  }

  /** Chooses anew. The service keeps the name, sealed, for browsers that sign in later; these have the picture from the rooms. */
  async setProfile(change: { name?: string; picture?: Uint8Array | null }): Promise<void> {
    const { me } = this;
    const name = change.name?.trim().slice(0, longestName) || me.name;
    const kept = change.picture === undefined ? me.picture : undefined;
    const picture = change.picture ? toBase64(change.picture) : kept;
    await this.api('putProfile', { body: { sealedProfile: await this.keys.sealName(name) } });
    await this.locks.run('crypto', async () => {
      const since = Math.max(Date.now(), (this.#profile?.since ?? 0) + 1);
      const value = { name, since, ...(picture !== undefined && { picture }) };
      await this.store.write([{ table: 'profiles', key: 'me', value }]);
    });
    await this.readProfile();
  }

  /** Another tab, or another device by a room's log, may have chosen anew. */
  async readProfile(): Promise<void> {
    const before = this.#profile;
    this.#profile = await this.store.get('profiles', 'me');
    const { kind } = this.state.get();
    if (kind === 'signed-in' && before?.since !== this.#profile?.since) this.announce();
  }

  /** Opens the store, unless it is open, and looks for yesterday's account. Throws EngineError `no-storage`. */
  async open(): Promise<void> {
    this.#store ??= await Store.open(this.#options.storeName, this.#onStoreLost);
    await this.reload();
    if (this.#account?.secret === undefined) return;
    // An earlier version kept it where the page reads: the host moves it.
    await this.keys.open();
    await this.reload();
  }

  /** Reads the account row again: the host of keys has changed it. */
  async reload(): Promise<void> {
    const before = this.#account;
    this.#account = await this.store.get('account', 'me');
    await this.preferences.read(this.store);
    await this.readProfile();
    // A guest has kept the account, here or in another tab.
    if (this.state.get().kind === 'signed-in' && before?.email !== this.#account?.email) this.announce();
  }

  /** Tells the screens what `open`, `register` or `login` found. */
  announce(): void {
    if (this.known) this.state.set({ kind: 'signed-in', me: this.me });
    else if (this.#store)
      this.state.set({
        kind: 'signed-out',
        ...(this.#account && { ended: true }),
        ...(this.#suspended && { suspended: true }),
      });
    else this.state.set({ kind: 'signed-out', unreadable: true });
  }

  /**
   * Asks again for a guest whom the service has turned away, and who has no other way back: they may have been let in again meanwhile.
   * Where they have not, or the service can't be reached, all stays as it is. Answers whether they are in again.
   */
  async comeBack(): Promise<boolean> {
    const isAway = () => this.#account?.ended && isGuest(this.#account.email);
    if (!isAway()) return false;
    return this.locks.run('account', async () => {
      // Another tab may have been first.
      await this.reload();
      if (!isAway()) return false;
      try {
        const again = await this.#guestAgain();
        if (again) await this.#remember(again);
        return again !== undefined;
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        // Nobody has said that they are gone.
        this.#suspended = true;
        return false;
      }
    });
  }

  /** Signs in by `enter`, a call of the host: it keeps the account, and may have to begin the store anew for that. */
  async signIn(enter: (keys: KeyHost) => Promise<Tokens>): Promise<void> {
    this.#store?.close();
    this.#store = undefined;
    let tokens: Tokens | undefined;
    try {
      tokens = await enter(this.keys);
    } finally {
      await this.open();
    }
    await this.locks.run('account', () => this.#remember(tokens));
  }

  /** Ends the session at the server as far as it can be reached, then forgets everything here. */
  async logout(): Promise<void> {
    const refreshToken = this.#account?.refreshToken;
    await this.api('logout', { body: refreshToken ? { refreshToken } : {} }).catch((error) => {
      // Offline: the session is left to expire; what matters is that this browser forgets.
      if (!(error instanceof EngineError)) throw error;
    });
    await this.#forget();
  }

  /** Deletes the account by what `KeyHost.prove` answered, then forgets everything here. */
  async deleteAccount(proof: string): Promise<Receipt> {
    const ask = () => this.api('deleteAccount', { body: { password: proof } });
    // An answer may get lost; asked again the service says the same.
    const receipt = await ask().catch((error) =>
      error instanceof NetworkError ? ask() : Promise.reject(error),
    );
    await this.#forget(receipt);
    return receipt;
  }

  async #forget(receipt?: Receipt): Promise<void> {
    this.close();
    await deleteStore(this.#options.storeName);
    await dropLeftovers({ forwarded: true }).catch((error) =>
      console.warn('copies of saved files stay', error),
    );
    await keepQuiet(undefined).catch((error) => console.warn('the quiet hours stay', error));
    await this.open();
    if (receipt) this.state.set({ kind: 'signed-out', receipt });
    else this.announce();
  }

  /** Writes a changed account row. The caller holds the lock `account`. */
  async #update(change: Partial<Account>): Promise<void> {
    this.#account = { ...((await this.store.get('account', 'me')) ?? this.account), ...change };
    await this.store.write([{ table: 'account', key: 'me', value: this.#account }]);
  }

  close(): void {
    this.keys.close();
    this.#store?.close();
    this.#store = undefined;
    this.#account = undefined;
    this.#profile = undefined;
    this.#access = undefined;
    this.#suspended = false;
    this.#busy = undefined;
  }

  async #accessToken(refused?: string): Promise<string> {
    const fresh = () => (this.#access && this.#access.until > Date.now() ? this.#access.token : undefined);
    // Several calls may be refused with the same token; one of them gets the new one.
    if (this.#access?.token === refused) this.#access = undefined;
    const token = fresh();
    if (token) return token;
    return this.locks.run('account', async () => {
      const already = fresh();
      if (already) return already;
      if (this.#busy && this.#busy.until > Date.now()) throw this.#busy.error;
      const stored = await this.store.get('account', 'me');
      try {
        const body = stored?.refreshToken ? { refreshToken: stored.refreshToken } : {};
        await this.#remember(await this.api('refresh', { body }));
      } catch (error) {
        if (!(error instanceof ProblemError && error.problem.status === 401)) throw error;
        const again = stored && isGuest(stored.email) ? await this.#guestAgain() : undefined;
        if (!again) {
          await this.#update({ ended: true });
          this.announce();
          throw error;
        }
        await this.#remember(again);
      }
      return this.#access!.token;
    });
  }

  /** A new session of a guest, who has no password to sign in by; undefined where the service lets them in no more. */
  async #guestAgain(): Promise<Tokens | undefined> {
    try {
      return await this.keys.guestAgain();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.#suspended = error.is('forbidden');
      if (this.#suspended || error.is('wrong-credentials')) return undefined;
      const { retryAfter } = error.problem;
      // Every room would ask by itself, and each time use up what the address may.
      if (retryAfter !== undefined) this.#busy = { until: Date.now() + retryAfter * 1000, error };
      throw error;
    }
  }

  async #remember(tokens: Tokens): Promise<void> {
    this.#suspended = false;
    // Half a minute early, so that a token does not run out on its way.
    this.#access = { token: tokens.accessToken, until: Date.now() + (tokens.expiresIn - 30) * 1000 };
    await this.#update({ ended: false, ...(tokens.refreshToken && { refreshToken: tokens.refreshToken }) });
  }
}
