import * as z from 'zod/mini';
import { bytes, Email, Instant, integer, PublicKey, Uuid } from '../scalars.ts';
import { route } from './route.ts';

export const User = z.object({
  id: Uuid,
  email: Email,
  publicKey: PublicKey,
  role: z.enum(['user', 'moderator', 'admin']),
  createdAt: Instant,
});
export type User = z.infer<typeof User>;

/** `authKey` of DESIGN section 3: derived from the password in the browser; the password itself never travels. */
const AuthKey = bytes(32);
/** `cookie`: the refresh token in a `__Host-` cookie (browsers). `body`: in the reply (API clients). */
export const Transport = z._default(z.enum(['cookie', 'body']), 'cookie');
const RefreshToken = bytes(32);

export const Tokens = z.object({
  accessToken: z.string(),
  /** Seconds. */
  expiresIn: integer(1),
  refreshToken: z.optional(RefreshToken),
});
export type Tokens = z.infer<typeof Tokens>;

export const SignedIn = z.object({
  ...Tokens.shape,
  user: User,
  /** The account secret, sealed under `wrapKey`; for who signs in by passkey, under its key. */
  wrappedSecret: bytes(28, 512),
  /** The person's own name, sealed under the account's vault key. */
  sealedProfile: z.nullable(bytes(28, 2048)),
});
export type SignedIn = z.infer<typeof SignedIn>;

export const register = route({
  method: 'POST',
  path: '/auth/register',
  summary: 'Create an account and sign in',
  auth: false,
  body: z.strictObject({
    email: Email,
    password: AuthKey,
    publicKey: PublicKey,
    wrappedSecret: bytes(28, 512),
    sealedProfile: z.optional(bytes(28, 2048)),
    transport: Transport,
  }),
  status: 201,
  reply: SignedIn,
  problems: ['email-taken', 'rate-limited'],
});

export const login = route({
  method: 'POST',
  path: '/auth/login',
  summary: 'Sign in',
  auth: false,
  body: z.strictObject({ email: Email, password: AuthKey, transport: Transport }),
  status: 200,
  reply: SignedIn,
  problems: ['wrong-credentials', 'forbidden', 'rate-limited'],
});

export const refresh = route({
  method: 'POST',
  path: '/auth/refresh',
  summary: 'Exchange a refresh token for a new pair; a spent one ends its session',
  auth: false,
  body: z.strictObject({ refreshToken: z.optional(RefreshToken) }),
  status: 200,
  reply: Tokens,
  problems: ['session-revoked'],
});

export const logout = route({
  method: 'POST',
  path: '/auth/logout',
  summary: 'End this session',
  auth: false,
  body: z.strictObject({ refreshToken: z.optional(RefreshToken) }),
  status: 204,
  problems: [],
});

export const changePassword = route({
  method: 'POST',
  path: '/auth/password',
  summary: 'Change the password; every other session ends',
  auth: true,
  body: z.strictObject({
    password: AuthKey,
    newPassword: AuthKey,
    /** The account secret, sealed under the new password's `wrapKey`. */
    wrappedSecret: bytes(28, 512),
  }),
  status: 204,
  problems: ['wrong-password', 'conflict', 'rate-limited'],
});

export const keepAccount = route({
  method: 'POST',
  path: '/auth/keep',
  summary: "Give a guest's account an email and a password, by which it can be opened elsewhere",
  auth: true,
  body: z.strictObject({
    /** The guest's, derived from the account secret. */
    password: AuthKey,
    email: Email,
    newPassword: AuthKey,
    /** The account secret, sealed under the new password's `wrapKey`. */
    wrappedSecret: bytes(28, 512),
  }),
  status: 204,
  problems: ['wrong-password', 'email-taken', 'conflict', 'rate-limited'],
});

export const putProfile = route({
  method: 'PUT',
  path: '/auth/profile',
  summary: "Change the person's own name, sealed for their other devices",
  auth: true,
  body: z.strictObject({ sealedProfile: bytes(28, 2048) }),
  status: 204,
  problems: [],
});

export const putRecovery = route({
  method: 'PUT',
  path: '/auth/recovery',
  summary: 'Set a recovery code, in place of an earlier one',
  auth: true,
  body: z.strictObject({
    password: AuthKey,
    /** Derived from the code in the browser, like `password`: proves the code, and unlocks nothing. */
    recoveryKey: AuthKey,
    /** The account secret, sealed under the code's `wrapKey`. */
    wrappedSecret: bytes(28, 512),
  }),
  status: 204,
  problems: ['wrong-password', 'conflict', 'rate-limited'],
});

export const deleteRecovery = route({
  method: 'DELETE',
  path: '/auth/recovery',
  summary: 'Void the recovery code',
  auth: true,
  status: 204,
  problems: [],
});

export const readRecovery = route({
  method: 'POST',
  path: '/auth/recover',
  summary: 'What a recovery code unlocks: the account secret, sealed under a key of the code',
  auth: false,
  body: z.strictObject({ email: Email, recoveryKey: AuthKey }),
  status: 200,
  reply: z.object({ wrappedSecret: bytes(28, 512) }),
  problems: ['wrong-credentials', 'forbidden', 'rate-limited'],
});

export const resetPassword = route({
  method: 'POST',
  path: '/auth/reset',
  summary: 'Set a new password by recovery code, which is spent; every session ends, and a new one starts',
  auth: false,
  body: z.strictObject({
    email: Email,
    recoveryKey: AuthKey,
    newPassword: AuthKey,
    wrappedSecret: bytes(28, 512),
    transport: Transport,
  }),
  status: 200,
  reply: SignedIn,
  problems: ['wrong-credentials', 'forbidden', 'conflict', 'rate-limited'],
});

export const me = route({
  method: 'GET',
  path: '/auth/me',
  summary: 'The account that the access token belongs to',
  auth: true,
  status: 200,
  reply: z.object({
    user: User,
    wrappedSecret: bytes(28, 512),
    sealedProfile: z.nullable(bytes(28, 2048)),
    /** Whether there is a recovery code. */
    recovery: z.boolean(),
  }),
  problems: [],
});
