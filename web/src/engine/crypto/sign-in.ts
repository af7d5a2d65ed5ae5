import {
  accountKeys,
  createAccountSecret,
  createRecoveryCode,
  deriveAccountKeys,
  deriveGuestKey,
  derivePasskeyKey,
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
import type { SignedIn, Tokens } from '../../../../protocol/rest/index.ts';
import { guestEmail, isGuest, normaliseEmail } from '../../../../protocol/spelling.ts';
import { m } from '../../language/index.ts';
import type { Api } from '../api.ts';
import type { Locks } from '../store/locks.ts';
import type { Store, Table } from '../store/store.ts';
import { EngineError, type KeyWork } from '../types.ts';
import { newRegistrationId } from './devices.ts';
import type { Holder } from './holder.ts';
import type { HostSettings, NewPasskey, UsedPasskey } from './index.ts';
import { sealPasskeyName } from './passkeys.ts';

/** Argon2id: `deriveMasterKey` of crypto/account, in a worker where there is one. */
export type DeriveMasterKey = (password: string, email: string, work?: KeyWork) => Promise<Uint8Array>;

export interface SignInOptions {
  readonly transport: HostSettings['transport'];
  readonly api: Api;
  readonly locks: Locks;
  readonly deriveMasterKey: DeriveMasterKey;
  readonly store: () => Promise<Store<Table>>;
  /** Deletes the store, and opens an empty one. */
  readonly renewStore: () => Promise<Store<Table>>;
}

/** Whose account it is, with what everything of it follows from. */
type Owner = Pick<Holder, 'account'> & { readonly secret: Uint8Array };

/** Passwords, recovery codes and passkeys: what proves them to the service, and what unlocks the account's secret. */
export class SignIn {
  readonly #options: SignInOptions;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  async register(
    { email: typed, password, name }: { email: string; password: string; name: string },
    work?: KeyWork,
  ): Promise<Tokens> {
    const email = normaliseEmail(typed);
    const keys = await this.#passwordKeys(password, email, work);
    return this.#register(email, name, createAccountSecret(), keys);
  }

  /** An account that is in this browser alone: nothing but its own secret shows that it is one's own. */
  async registerGuest({ name }: { name: string }): Promise<Tokens> {
    const secret = createAccountSecret();
    const wrapKey = crypto.getRandomValues(new Uint8Array(32));
    return this.#register(guestEmail(crypto.randomUUID()), name, secret, {
      authKey: deriveGuestKey(secret),
      wrapKey,
    });
  }

  async guestAgain({ account: { email }, secret }: Owner): Promise<Tokens> {
    const { api, transport } = this.#options;
    return tokensOf(await api('login', { body: { email, password: guestProof(secret), transport } }));
  }

  async #register(
    email: string,
    name: string,
    secret: Uint8Array<ArrayBuffer>,
    { authKey, wrapKey }: PasswordKeys,
  ): Promise<Tokens> {
    const { identity, vaultKey } = accountKeys(secret);
    const reply = await this.#options.api('register', {
      body: {
        email,
        password: toBase64(authKey),
        publicKey: toBase64(identity.publicKey),
        wrappedSecret: toBase64(await wrapSecret(secret, wrapKey)),
        sealedProfile: toBase64(await sealWith(vaultKey, utf8(name), 'profile')),
        transport: this.#options.transport,
      },
    });
    return this.#keep(reply, wrapKey);
  }

  async login(
    { email: typed, password }: { email: string; password: string },
    work?: KeyWork,
  ): Promise<Tokens> {
    const { api, transport } = this.#options;
    const email = normaliseEmail(typed);
    const { authKey, wrapKey } = await this.#passwordKeys(password, email, work);
    const body = { email, password: toBase64(authKey), transport };
    return this.#keep(await api('login', { body }), wrapKey);
  }

  async recover(
    { email: typed, code, password }: { email: string; code: string; password: string },
    work?: KeyWork,
  ): Promise<Tokens> {
    const { api, transport } = this.#options;
    const email = normaliseEmail(typed);
    const keys = recoveryKeys(code, email);
    const recoveryKey = toBase64(keys.authKey);
    const found = await api('readRecovery', { body: { email, recoveryKey } });
    const secret = await unwrap(found.wrappedSecret, keys.wrapKey, 'recovery-code');
    const { authKey, wrapKey } = await this.#passwordKeys(password, email, work);
    const body = {
      email,
      recoveryKey,
      newPassword: toBase64(authKey),
      wrappedSecret: toBase64(await wrapSecret(secret, wrapKey)),
      transport,
    };
    forget(keys);
    secret.fill(0);
    return this.#keep(await api('resetPassword', { body }), wrapKey);
  }

  async unlock({ credentialId, assertion, prf }: UsedPasskey): Promise<Tokens> {
    const { api, transport } = this.#options;
    const reply = await api('signInByPasskey', { body: { credentialId, assertion, transport } });
    return this.#keep(reply, derivePasskeyKey(prf), 'passkey');
  }

  async addPasskey(
    { secret, keys }: Pick<Holder, 'keys'> & { readonly secret: Uint8Array },
    { passkey, proof, name }: { passkey: NewPasskey; proof: string; name: string },
  ): Promise<void> {
    const { prf, ...credential } = passkey;
    const key = derivePasskeyKey(prf);
    const body = {
      ...credential,
      password: proof,
      sealedName: await sealPasskeyName(keys, passkey.credentialId, name),
      wrappedSecret: toBase64(await wrapSecret(secret, key, 'passkey')),
    };
    key.fill(0);
    await this.#options.api('addPasskey', { body });
  }

  /** Every other session of the account ends. */
  async changePassword(
    { account, secret }: Owner,
    { current, next }: { current: string; next: string },
    { signal, onProgress }: KeyWork = {},
  ): Promise<void> {
    const half = (from: number): KeyWork => ({
      signal,
      onProgress: (part) => onProgress?.(from + part / 2),
    });
    const old = await this.#passwordKeys(current, account.email, half(0));
    const { authKey, wrapKey } = await this.#passwordKeys(next, account.email, half(0.5));
    const body = {
      password: toBase64(old.authKey),
      newPassword: toBase64(authKey),
      wrappedSecret: toBase64(await wrapSecret(secret, wrapKey)),
    };
    forget(old, { authKey, wrapKey });
    await this.#options.api('changePassword', { body });
  }

  /** Gives a guest's account an email and a password. */
  async keepAccount(
    { secret }: Owner,
    { email: typed, password }: { email: string; password: string },
    work?: KeyWork,
  ): Promise<string> {
    const email = normaliseEmail(typed);
    const keys = await this.#passwordKeys(password, email, work);
    const body = {
      password: guestProof(secret),
      email,
      newPassword: toBase64(keys.authKey),
      wrappedSecret: toBase64(await wrapSecret(secret, keys.wrapKey)),
    };
    forget(keys);
    await this.#options.api('keepAccount', { body });
    return email;
  }

  async makeRecoveryCode({ account, secret }: Owner, password: string, work?: KeyWork): Promise<string> {
    const { authKey, wrapKey } = await this.#passwordKeys(password, account.email, work);
    const code = createRecoveryCode();
    const keys = deriveRecoveryKeys(code, account.email);
    const body = {
      password: toBase64(authKey),
      recoveryKey: toBase64(keys.authKey),
      wrappedSecret: toBase64(await wrapSecret(secret, keys.wrapKey, 'recovery-code')),
    };
    forget(keys, { authKey, wrapKey });
    await this.#options.api('putRecovery', { body });
    return code;
  }

  async prove({ account: { email }, secret: own }: Owner, password: string, work?: KeyWork): Promise<string> {
    if (isGuest(email)) return guestProof(own);
    const { authKey, wrapKey } = await this.#passwordKeys(password, email, work);
    const { wrappedSecret } = await this.#options.api('me', {});
    const secret = await unwrapSecret(fromBase64(wrappedSecret), wrapKey, 'password').catch((cause) => {
      throw cause instanceof SealError
        ? new EngineError('wrong-password', m.engine_wrongPassword(), { cause })
        : cause;
    });
    secret.fill(0);
    const proof = toBase64(authKey);
    forget({ authKey, wrapKey });
    return proof;
  }

  async #passwordKeys(password: string, email: string, work?: KeyWork): Promise<PasswordKeys> {
    const master = await this.#options.deriveMasterKey(password, email, work);
    work?.signal?.throwIfAborted();
    const keys = deriveAccountKeys(master);
    master.fill(0);
    return keys;
  }

  async #keep(reply: SignedIn, wrapKey: Uint8Array, purpose: WrapPurpose = 'password'): Promise<Tokens> {
    const { locks, renewStore } = this.#options;
    const secret = await unwrap(reply.wrappedSecret, wrapKey, purpose);
    wrapKey.fill(0);
    const { identity, vaultKey } = accountKeys(secret);
    const { id, email } = reply.user;
    if (!equalBytes(identity.publicKey, fromBase64(reply.user.publicKey))) throw notYours();
    const name = reply.sealedProfile
      ? fromUtf8(await openWith(vaultKey, fromBase64(reply.sealedProfile), 'profile'))
      : email.split('@')[0]!;
    let store = await this.#options.store();
    const known = await store.get('account', 'me');
    if (known && known.id !== id) store = await renewStore();
    // The same account signing in again keeps its device: sessions and chains go on where they were.
    const { deviceId, registrationId, published, nextPreKeyId } =
      known?.id === id
        ? known
        : { deviceId: 1, registrationId: newRegistrationId(), published: false, nextPreKeyId: 1 };
    const rotatedAt = known?.id === id ? known.rotatedAt : undefined;
    const account = {
      ...{ id, email, name, deviceId, registrationId, published, nextPreKeyId },
      ...(rotatedAt !== undefined && { rotatedAt }),
      identityKey: toBase64(identity.publicKey),
    };
    await locks.run('account', () =>
      store.write([
        { table: 'secrets', key: 'me', value: { secret: toBase64(secret) } },
        { table: 'account', key: 'me', value: account },
      ]),
    );
    secret.fill(0);
    return tokensOf(reply);
  }
}

/** What shows the service that a guest's account is one's own. */
function guestProof(secret: Uint8Array): string {
  const key = deriveGuestKey(secret);
  const proof = toBase64(key);
  key.fill(0);
  return proof;
}

const tokensOf = ({ accessToken, expiresIn, refreshToken }: SignedIn): Tokens => ({
  ...{ accessToken, expiresIn },
  ...(refreshToken !== undefined && { refreshToken }),
});

const notYours = (cause?: unknown) => new EngineError('wrong-identity', m.engine_foreignKeys(), { cause });

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
    throw new EngineError('bad-code', m.engine_badCode());
  }
}

/** Overwrites keys that have served. */
function forget(...used: readonly PasswordKeys[]): void {
  for (const { authKey, wrapKey } of used) {
    authKey.fill(0);
    wrapKey.fill(0);
  }
}
