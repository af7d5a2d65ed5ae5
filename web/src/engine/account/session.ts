import {
  accountKeys,
  createAccountSecret,
  createRecoveryCode,
  deriveAccountKeys,
  deriveRecoveryKeys,
  openWith,
  type PasswordKeys,
  RecoveryCodeError,
  SealError,
  sealWith,
  unwrapSecret,
  type WrapPurpose,
  wrapSecret,
} from '../../../../crypto/account/index.ts';
import { equalBytes, fromBase64, fromUtf8, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import type { Receipt, SignedIn, Tokens } from '../../../../protocol/rest/index.ts';
import { normaliseEmail } from '../../../../protocol/scalars.ts';
import { type Api, createApi, NetworkError, ProblemError } from '../api.ts';
import { Subject } from '../observable.ts';
import { createLocks, type Locks } from '../store/locks.ts';
import { deleteStore, type Row, Store } from '../store/store.ts';
import { EngineError, type KeyWork, type Me, type SessionState } from '../types.ts';
import { newRegistrationId } from './devices.ts';

export interface SessionOptions {
  /** Origin of the service. */
  readonly origin: string;
  /** Name of the local store; one per account and browser. */
  readonly storeName: string;
  /** Browsers keep the refresh token in a cookie; headless clients in their store. */
  readonly transport: 'cookie' | 'body';
  /** What this browser is called in the list of devices, unless its owner names it. */
  readonly deviceName?: string;
  /** Argon2id: `deriveMasterKey` of crypto/account, in a worker where there is one. */
  readonly deriveMasterKey: (password: string, email: string, work?: KeyWork) => Promise<Uint8Array>;
}

type Account = Row<'account'>;

/** Who is signed in on this browser: the account's keys, the access token, and the store they live in. */
export class Session {
  readonly state = new Subject<SessionState>({ kind: 'starting' });
  readonly api: Api;
  /** How many handshakes this tab has seen: each took prekeys of the stock. */
  readonly handshakes = new Subject(0);
  readonly locks: Locks;
  readonly #options: SessionOptions;
  readonly #onStoreLost: () => void;
  #store: Store | undefined;
  #account: Account | undefined;
  #access: { token: string; until: number } | undefined;

  /** @param onStoreLost the store went away without our doing: another tab signed out, or the browser cleared it. */
  constructor(options: SessionOptions, onStoreLost: () => void) {
    this.#options = options;
    this.#onStoreLost = onStoreLost;
    this.locks = createLocks(options.storeName);
    this.api = createApi(options.origin, (refused) => this.#accessToken(refused));
  }

  /** The open store. */
  get store(): Store {
    if (!this.#store) throw new EngineError('signed-out', 'Sign in first.');
    return this.#store;
  }

  /** The account row as last read or written by this tab. */
  get account(): Account {
    if (!this.#account) throw new EngineError('signed-out', 'Sign in first.');
    return this.#account;
  }

  get deviceName(): string {
    return this.#options.deviceName ?? 'Unnamed device';
  }

  /** Whether somebody is signed in on this browser. */
  get known(): boolean {
    return this.#account !== undefined && !this.#account.ended;
  }

  /** The account's keys; derived when asked, kept nowhere else. */
  get keys() {
    return accountKeys(fromBase64(this.account.secret));
  }

  get me(): Me {
    const { id, email, name, deviceId } = this.account;
    return { id, email, name, deviceId };
  }

  /** Opens the store, unless it is open, and looks for yesterday's account. Throws EngineError `no-storage`. */
  async open(): Promise<void> {
    this.#store ??= await Store.open(this.#options.storeName, this.#onStoreLost);
    this.#account = await this.#store.get('account', 'me');
  }

  /** Tells the screens what `open`, `register` or `login` found. */
  announce(): void {
    this.state.set(this.known ? { kind: 'signed-in', me: this.me } : { kind: 'signed-out' });
  }

  /** Makes the account's keys here, registers, and keeps both. The device is not published yet. */
  async register(
    { email: typed, password, name }: { email: string; password: string; name: string },
    work?: KeyWork,
  ): Promise<void> {
    const email = normaliseEmail(typed);
    const { authKey, wrapKey } = await this.#passwordKeys(password, email, work);
    const secret = createAccountSecret();
    const { identity, vaultKey } = accountKeys(secret);
    const reply = await this.api('register', {
      body: {
        email,
        password: toBase64(authKey),
        publicKey: toBase64(identity.publicKey),
        wrappedSecret: toBase64(await wrapSecret(secret, wrapKey)),
        sealedProfile: toBase64(await sealWith(vaultKey, utf8(name), 'profile')),
        transport: this.#options.transport,
      },
    });
    await this.#keep(reply, wrapKey);
  }

  async login(
    { email: typed, password }: { email: string; password: string },
    work?: KeyWork,
  ): Promise<void> {
    const email = normaliseEmail(typed);
    const { authKey, wrapKey } = await this.#passwordKeys(password, email, work);
    const body = { email, password: toBase64(authKey), transport: this.#options.transport };
    await this.#keep(await this.api('login', { body }), wrapKey);
  }

  /** Changes the password; every other session of the account ends. Throws ProblemError `wrong-password`. */
  async changePassword(
    { current, next }: { current: string; next: string },
    { signal, onProgress }: KeyWork = {},
  ): Promise<void> {
    const { email, secret } = this.account;
    const half = (from: number): KeyWork => ({
      signal,
      onProgress: (part) => onProgress?.(from + part / 2),
    });
    const old = await this.#passwordKeys(current, email, half(0));
    const { authKey, wrapKey } = await this.#passwordKeys(next, email, half(0.5));
    const body = {
      password: toBase64(old.authKey),
      newPassword: toBase64(authKey),
      wrappedSecret: toBase64(await wrapSecret(fromBase64(secret), wrapKey)),
    };
    forget(old, { authKey, wrapKey });
    await this.api('changePassword', { body });
  }

  /** Makes a recovery code, in place of an earlier one, and answers it: it is kept nowhere. Throws ProblemError `wrong-password`. */
  async makeRecoveryCode(password: string, work?: KeyWork): Promise<string> {
    const { email, secret } = this.account;
    const { authKey, wrapKey } = await this.#passwordKeys(password, email, work);
    const code = createRecoveryCode();
    const keys = deriveRecoveryKeys(code, email);
    const body = {
      password: toBase64(authKey),
      recoveryKey: toBase64(keys.authKey),
      wrappedSecret: toBase64(await wrapSecret(fromBase64(secret), keys.wrapKey, 'recovery-code')),
    };
    forget(keys, { authKey, wrapKey });
    await this.api('putRecovery', { body });
    return code;
  }

  /** Signs in by recovery code, which is spent, and sets a new password. Throws EngineError `bad-code`, ProblemError. */
  async recover(
    { email: typed, code, password }: { email: string; code: string; password: string },
    work?: KeyWork,
  ): Promise<void> {
    const email = normaliseEmail(typed);
    const keys = recoveryKeys(code, email);
    const recoveryKey = toBase64(keys.authKey);
    const found = await this.api('readRecovery', { body: { email, recoveryKey } });
    const secret = await unwrap(found.wrappedSecret, keys.wrapKey, 'recovery-code');
    const { authKey, wrapKey } = await this.#passwordKeys(password, email, work);
    const body = {
      email,
      recoveryKey,
      newPassword: toBase64(authKey),
      wrappedSecret: toBase64(await wrapSecret(secret, wrapKey)),
      transport: this.#options.transport,
    };
    forget(keys);
    secret.fill(0);
    await this.#keep(await this.api('resetPassword', { body }), wrapKey);
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

  /** What shows the service that `password` is the account's. Throws EngineError `wrong-password`. */
  async prove(password: string, work?: KeyWork): Promise<string> {
    const { authKey, wrapKey } = await this.#passwordKeys(password, this.account.email, work);
    const { wrappedSecret } = await this.api('me', {});
    const secret = await unwrapSecret(fromBase64(wrappedSecret), wrapKey, 'password').catch((cause) => {
      throw cause instanceof SealError
        ? new EngineError('wrong-password', 'This is not your password.', { cause })
        : cause;
    });
    secret.fill(0);
    const proof = toBase64(authKey);
    forget({ authKey, wrapKey });
    return proof;
  }

  /** Deletes the account by what `prove` answered, then forgets everything here. */
  async deleteAccount(proof: string): Promise<Receipt> {
    const ask = () => this.api('deleteAccount', { body: { password: proof } });
    // An answer may get lost; asked again the service says the same.
    const receipt = await ask().catch((error) =>
      error instanceof NetworkError ? ask() : Promise.reject(error),
    );
    await this.#forget();
    return receipt;
  }

  async #forget(): Promise<void> {
    this.close();
    await deleteStore(this.#options.storeName);
    await this.open();
    this.announce();
  }

  /** Writes a changed account row. The caller holds the lock `account`. */
  async update(change: Partial<Account>): Promise<Account> {
    this.#account = { ...((await this.store.get('account', 'me')) ?? this.account), ...change };
    await this.store.write([{ table: 'account', key: 'me', value: this.#account }]);
    return this.#account;
  }

  close(): void {
    this.#store?.close();
    this.#store = undefined;
    this.#account = undefined;
    this.#access = undefined;
  }

  async #passwordKeys(password: string, email: string, work?: KeyWork): Promise<PasswordKeys> {
    const master = await this.#options.deriveMasterKey(password, email, work);
    work?.signal?.throwIfAborted();
    const keys = deriveAccountKeys(master);
    master.fill(0);
    return keys;
  }

  async #keep(reply: SignedIn, wrapKey: Uint8Array): Promise<void> {
    const secret = await unwrap(reply.wrappedSecret, wrapKey, 'password');
    wrapKey.fill(0);
    const { identity, vaultKey } = accountKeys(secret);
    if (!equalBytes(identity.publicKey, fromBase64(reply.user.publicKey))) throw notYours();
    const name = reply.sealedProfile
      ? fromUtf8(await openWith(vaultKey, fromBase64(reply.sealedProfile), 'profile'))
      : reply.user.email.split('@')[0]!;
    const known = await this.store.get('account', 'me');
    if (known && known.id !== reply.user.id) {
      this.close();
      await deleteStore(this.#options.storeName);
      await this.open();
    }
    // The same account signing in again keeps its device: sessions and chains go on where they were.
    const device =
      known?.id === reply.user.id
        ? known
        : {
            deviceId: 1,
            registrationId: newRegistrationId(),
            published: false,
            nextPreKeyId: 1,
          };
    const { deviceId, registrationId, published, nextPreKeyId } = device;
    this.#account = {
      id: reply.user.id,
      email: reply.user.email,
      name,
      secret: toBase64(secret),
      deviceId,
      registrationId,
      published,
      nextPreKeyId,
    };
    await this.locks.run('account', () => this.#remember(reply));
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
      const stored = await this.store.get('account', 'me');
      try {
        const body = stored?.refreshToken ? { refreshToken: stored.refreshToken } : {};
        await this.#remember(await this.api('refresh', { body }));
      } catch (error) {
        if (error instanceof ProblemError && error.problem.status === 401) {
          await this.update({ ended: true });
          this.state.set({ kind: 'signed-out' });
        }
        throw error;
      }
      return this.#access!.token;
    });
  }

  async #remember(tokens: Tokens): Promise<void> {
    // Half a minute early, so that a token does not run out on its way.
    this.#access = { token: tokens.accessToken, until: Date.now() + (tokens.expiresIn - 30) * 1000 };
    await this.update({ ended: false, ...(tokens.refreshToken && { refreshToken: tokens.refreshToken }) });
  }
}

const notYours = (cause?: unknown) =>
  new EngineError(
    'wrong-identity',
    'The service answered with keys that are not yours. Nothing was stored.',
    {
      cause,
    },
  );

/** The account secret; throws EngineError `wrong-identity` where the service, which checked the password, has swapped or altered it. */
function unwrap(wrapped: string, wrapKey: Uint8Array, purpose: WrapPurpose): Promise<Uint8Array> {
  return unwrapSecret(fromBase64(wrapped), wrapKey, purpose).catch((error: unknown) => {
    throw error instanceof SealError ? notYours(error) : error;
  });
}

function recoveryKeys(code: string, email: string): PasswordKeys {
  try {
    return deriveRecoveryKeys(code, email);
  } catch (error) {
    if (!(error instanceof RecoveryCodeError)) throw error;
    throw new EngineError(
      'bad-code',
      'This is not a whole recovery code: it has 28 letters and digits. Compare it with what you kept.',
    );
  }
}

/** Overwrites keys that have served. */
function forget(...used: readonly PasswordKeys[]): void {
  for (const { authKey, wrapKey } of used) {
    authKey.fill(0);
    wrapKey.fill(0);
  }
}
