import { eq } from 'drizzle-orm';
import type { Hono } from 'hono';
import { routes } from '../../protocol/rest/index.ts';
import { makeChallenge } from '../auth/challenge.ts';
import { countAddress, countAttempt } from '../auth/limits.ts';
import { passwordMatches } from '../auth/password.ts';
import { signIn } from '../auth/sign-in.ts';
import { checkAssertion } from '../auth/webauthn.ts';
import { openDatabase } from '../db/client.ts';
import {
  countPasskeys,
  deletePasskey,
  findPasskey,
  insertPasskey,
  passkeysOf,
  usePasskey,
} from '../db/passkeys.ts';
import { users } from '../db/schema.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv } from '../env.ts';
import { refuse } from '../problem.ts';

/** Nobody has more places to keep one. */
const mostPasskeys = 20;

/** Registers `/auth/passkeys`: credentials of WebAuthn that sign in, and whose `prf` extension opens the account's secret. */
export function passkeyRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.passkeyChallenge, async (_, c) => {
    await countAddress(c);
    return { challenge: await makeChallenge(c) };
  });

  endpoint(app, routes.addPasskey, async ({ body, caller }, c) => {
    const database = openDatabase(c.env);
    const { credentialId: id, publicKey, algorithm, sealedName, wrappedSecret } = body;
    const [account] = await database.select().from(users).where(eq(users.id, caller.userId));
    if (account?.status !== 'active') return refuse('unauthenticated');
    await countAttempt(c, account.email);
    if (!(await passwordMatches(body.password, account.passwordHash))) refuse('wrong-password');
    const signCount = await checkAssertion(c, body, body.assertion);
    if (signCount === undefined)
      return refuse('invalid-body', undefined, {
        errors: [{ pointer: '/assertion', detail: 'Not a signature of this passkey about a new challenge' }],
      });
    if ((await countPasskeys(database, account.id)) >= mostPasskeys)
      refuse('quota-exceeded', `An account has up to ${mostPasskeys} passkeys. Remove one first.`);
    const row = { id, userId: account.id, publicKey, algorithm, signCount, sealedName, wrappedSecret };
    if (!(await insertPasskey(database, row))) refuse('conflict', 'This passkey opens an account already.');
  });

  endpoint(app, routes.listPasskeys, async ({ caller }, c) => {
    const found = await passkeysOf(openDatabase(c.env), caller.userId);
    return {
      items: found.map(({ id, sealedName, createdAt, usedAt }) => ({
        ...{ id, sealedName, createdAt: createdAt.toISOString() },
        usedAt: usedAt?.toISOString() ?? null,
      })),
    };
  });

  endpoint(app, routes.dropPasskey, async ({ params, caller }, c) => {
    if (!(await deletePasskey(openDatabase(c.env), caller.userId, params.id)))
      refuse('not-found', 'You have no such passkey.');
  });

  endpoint(app, routes.signInByPasskey, async ({ body }, c) => {
    const database = openDatabase(c.env);
    const refused = () => refuse('wrong-credentials', 'This passkey opens no account here.');
    const found = await findPasskey(database, body.credentialId);
    if (!found) return refused();
    const { passkey, account } = found;
    const signCount = await checkAssertion(c, passkey, body.assertion);
    if (signCount === undefined || !(await usePasskey(database, passkey.id, signCount))) return refused();
    return { ...(await signIn(c, account, body.transport)), wrappedSecret: passkey.wrappedSecret };
  });
}
