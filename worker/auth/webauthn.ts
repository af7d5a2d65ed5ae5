import type { Context } from 'hono';
import * as z from 'zod/mini';
import { concat, equalBytes, fromBase64, fromUtf8, sha256, utf8 } from '../../protocol/bytes.ts';
import type { Assertion, passkeyAlgorithms } from '../../protocol/rest/index.ts';
import type { AppEnv } from '../env.ts';
import { takeChallenge } from './challenge.ts';

const userPresent = 0x01;
const userVerified = 0x04;
const wanted = userPresent | userVerified;

/** What the browser says of the occasion (WebAuthn Level 3, section 5.8.1). */
const ClientData = z.object({
  type: z.literal('webauthn.get'),
  challenge: z.string().check(z.regex(/^[\w-]+$/)),
  origin: z.string(),
  crossOrigin: z.optional(z.literal(false)),
});

/** How a credential signs. */
export interface Verifier {
  /** SubjectPublicKeyInfo, base64url. */
  readonly publicKey: string;
  /** COSE number. */
  readonly algorithm: number;
}

/**
 * Checks that a passkey has signed a challenge of ours, for this origin, with its person verified (WebAuthn Level 3, section 7.2).
 * Answers its count of signatures; undefined where anything is not as it should be. The challenge is spent either way.
 */
export async function checkAssertion(
  c: Context<AppEnv>,
  verifier: Verifier,
  assertion: Assertion,
): Promise<number | undefined> {
  const clientData = fromBase64(assertion.clientData);
  const authenticatorData = fromBase64(assertion.authenticatorData);
  const said = readClientData(clientData);
  const { origin, hostname } = new URL(c.req.url);
  if (said?.origin !== origin || !(await takeChallenge(c, said.challenge))) return undefined;
  const flags = authenticatorData[32]!;
  if ((flags & wanted) !== wanted) return undefined;
  if (!equalBytes(authenticatorData.subarray(0, 32), await sha256(utf8(hostname)))) return undefined;
  const signed = concat(authenticatorData, await sha256(clientData));
  if (!(await verifies(verifier, signed, fromBase64(assertion.signature)))) return undefined;
  return new DataView(authenticatorData.buffer).getUint32(33);
}

function readClientData(bytes: Uint8Array): z.infer<typeof ClientData> | undefined {
  try {
    return ClientData.safeParse(JSON.parse(fromUtf8(bytes))).data;
  } catch {
    return undefined;
  }
}

const methods: Record<
  (typeof passkeyAlgorithms)[number],
  { name: string; namedCurve?: string; hash?: string }
> = {
  [-7]: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  [-8]: { name: 'Ed25519' },
  [-257]: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
};

async function verifies(
  { publicKey, algorithm }: Verifier,
  signed: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const method = methods[algorithm as keyof typeof methods];
  const bytes = algorithm === -7 ? rawSignature(signature) : signature;
  if (!method || !bytes) return false;
  try {
    const key = await crypto.subtle.importKey('spki', fromBase64(publicKey), method, false, ['verify']);
    return await crypto.subtle.verify(method, key, bytes, signed);
  } catch {
    // What is no key of its algorithm verifies nothing.
    return false;
  }
}

/** The two numbers of an ECDSA signature in ASN.1 (RFC 3279, section 2.2.3), 32 bytes each, as WebCrypto has them; undefined for anything else. */
function rawSignature(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const raw = new Uint8Array(64);
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  let at = 2;
  for (const half of [0, 32]) {
    const length = der[at + 1] ?? 0;
    if (der[at] !== 0x02 || length === 0 || at + 2 + length > der.length) return undefined;
    const number = der.subarray(at + 2, at + 2 + length);
    const digits = number.subarray(number[0] === 0 ? 1 : 0);
    if (digits.length > 32) return undefined;
    raw.set(digits, half + 32 - digits.length);
    at += 2 + length;
  }
  return at === der.length ? raw : undefined;
}
