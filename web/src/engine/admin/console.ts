import { deriveAccountKeys } from '../../../../crypto/account/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import { type AdminRoutes, adminRoutes } from '../../../../protocol/rest/admin.ts';
import { normaliseEmail } from '../../../../protocol/scalars.ts';
import { m } from '../../language/index.ts';
import { type ApiOf, createApi, createApiOf, ProblemError } from '../api.ts';
import { deriveInWorker } from '../crypto/kdf.ts';
import { EngineError } from '../types.ts';

/** A moderator at work: their calls, until they leave or half an hour is over. */
export interface Console {
  readonly me: { readonly id: string; readonly email: string; readonly role: 'moderator' | 'admin' };
  readonly api: ApiOf<AdminRoutes>;
  /** Ends the session at the service. */
  leave(): Promise<void>;
}

/**
 * Signs in to moderate: a session of its own, whose tokens are in this page's memory alone, and the password given again to it. So
 * whoever gets at the app's session cannot moderate by it. Throws EngineError, `forbidden` for an account without a role.
 */
export async function openConsole(origin: string, typed: string, password: string): Promise<Console> {
  const email = normaliseEmail(typed);
  const { authKey } = deriveAccountKeys(await deriveInWorker(password, email));
  const proof = toBase64(authKey);
  let access = '';
  let refresh = '';
  const open = createApi(origin, async () => access);
  const take = (tokens: { accessToken: string; refreshToken?: string | undefined }) => {
    access = tokens.accessToken;
    refresh = tokens.refreshToken ?? refresh;
  };
  const { user, ...tokens } = await open('login', { body: { email, password: proof, transport: 'body' } });
  take(tokens);
  // Calls that come together share one exchange: the second of two would end the session.
  let renewing: Promise<void> | undefined;
  const renew = () =>
    (renewing ??= open('refresh', { body: { refreshToken: refresh } })
      .then(take)
      .finally(() => {
        renewing = undefined;
      }));
  const api = createApiOf(adminRoutes, origin, async (refused) => {
    if (refused !== undefined && refused === access) await renew();
    return access;
  });
  const leave = async () => {
    await open('logout', { body: { refreshToken: refresh } }).catch(() => undefined);
  };
  try {
    const { role } = await api('stepUp', { body: { password: proof } });
    return { me: { id: user.id, email: user.email, role }, api, leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** Whether `error` says that the moderator has to sign in again. */
export const isOver = (error: unknown): boolean =>
  error instanceof ProblemError &&
  (error.is('step-up-required') || error.is('session-revoked') || error.is('unauthenticated'));

/** What a person is told about a failure. */
export const sentenceOf = (error: unknown): string =>
  error instanceof EngineError ? error.message : m.engine_unexpected();
