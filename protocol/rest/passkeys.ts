import * as z from 'zod/mini';
import { bytes, Instant } from '../scalars.ts';
import { SignedIn, Transport } from './auth.ts';
import { route } from './route.ts';

/** What an authenticator calls a credential (WebAuthn Level 3, section 4). */
const CredentialId = bytes(16, 1023);

/** An authenticator's word that its person is there, about a challenge (section 5.2.2 there). */
export const Assertion = z.strictObject({
  clientData: bytes(2, 4096),
  authenticatorData: bytes(37, 1024),
  signature: bytes(8, 1024),
});
export type Assertion = z.infer<typeof Assertion>;

/** Signature algorithms, by their COSE numbers (RFC 9053): ES256, EdDSA and RS256, in the order of our liking. */
export const passkeyAlgorithms = [-7, -8, -257] as const;

export const Passkey = z.object({
  id: CredentialId,
  /** What its owner calls it, sealed under the account's vault key. */
  sealedName: bytes(28, 512),
  createdAt: Instant,
  usedAt: z.nullable(Instant),
});
export type Passkey = z.infer<typeof Passkey>;

export const passkeyChallenge = route({
  method: 'POST',
  path: '/auth/passkeys/challenge',
  summary: 'What a passkey has to sign, to sign in or to be added: good once, for five minutes',
  auth: false,
  status: 200,
  reply: z.object({ challenge: bytes(56) }),
  problems: ['rate-limited'],
});

export const addPasskey = route({
  method: 'POST',
  path: '/auth/passkeys',
  summary: 'Add a passkey, which has shown that it can sign',
  auth: true,
  body: z.strictObject({
    /** As for signing in. */
    password: bytes(32),
    credentialId: CredentialId,
    /** SubjectPublicKeyInfo (RFC 5280), as browsers give it. */
    publicKey: bytes(32, 1024),
    algorithm: z.literal([...passkeyAlgorithms]),
    assertion: Assertion,
    sealedName: bytes(28, 512),
    /** The account secret, sealed under a key of what the passkey's `prf` extension answers. */
    wrappedSecret: bytes(28, 512),
  }),
  status: 204,
  problems: ['wrong-password', 'conflict', 'quota-exceeded', 'rate-limited'],
});

export const listPasskeys = route({
  method: 'GET',
  path: '/auth/passkeys',
  summary: "The account's passkeys, the newest first",
  auth: true,
  status: 200,
  reply: z.object({ items: z.array(Passkey) }),
  problems: [],
});

export const dropPasskey = route({
  method: 'DELETE',
  path: '/auth/passkeys/:id',
  summary: 'Remove a passkey: it opens the account no more',
  auth: true,
  params: z.strictObject({ id: CredentialId }),
  status: 204,
  problems: ['not-found'],
});

export const signInByPasskey = route({
  method: 'POST',
  path: '/auth/passkeys/sign-in',
  summary: 'Sign in by passkey; `wrappedSecret` is the one that was sealed for it',
  auth: false,
  body: z.strictObject({ credentialId: CredentialId, assertion: Assertion, transport: Transport }),
  status: 200,
  reply: SignedIn,
  problems: ['wrong-credentials', 'forbidden'],
});
