// An authenticator as a test needs it: keys of its own, and what it says when it is asked.
import { concat, sha256, toBase64, utf8 } from '../../protocol/bytes.ts';
import type { Assertion } from '../../protocol/rest/index.ts';
import { routes } from '../../protocol/rest/index.ts';
import { ask, origin, random } from './client.ts';

/** What an assertion says that it would not say by itself. */
export interface Lies {
  readonly origin?: string;
  readonly type?: string;
  readonly host?: string;
  readonly flags?: number;
}

/** One credential: ES256, or another algorithm by its COSE number. */
export class Authenticator {
  readonly credentialId = random(32);
  readonly #keys: CryptoKeyPair;
  readonly publicKey: string;
  readonly algorithm: -7 | -8 | -257;
  count = 0;

  private constructor(algorithm: -7 | -8 | -257, keys: CryptoKeyPair, publicKey: string) {
    this.algorithm = algorithm;
    this.#keys = keys;
    this.publicKey = publicKey;
  }

  static async make(algorithm: -7 | -8 | -257 = -7): Promise<Authenticator> {
    const keys = (await crypto.subtle.generateKey(makings[algorithm], true, [
      'sign',
      'verify',
    ])) as CryptoKeyPair;
    const spki = (await crypto.subtle.exportKey('spki', keys.publicKey)) as ArrayBuffer;
    return new Authenticator(algorithm, keys, toBase64(new Uint8Array(spki)));
  }

  /** Signs a fresh challenge of the service, or `challenge`. */
  async assert(challenge?: string, lies: Lies = {}): Promise<Assertion> {
    const signs = challenge ?? (await ask(routes.passkeyChallenge, {})).challenge;
    const { type = 'webauthn.get', host = new URL(origin).hostname, flags = 0x05 } = lies;
    const said = { type, challenge: signs, origin: lies.origin ?? origin, crossOrigin: false };
    const clientData = utf8(JSON.stringify(said));
    const tail = new Uint8Array(5);
    tail[0] = flags;
    new DataView(tail.buffer).setUint32(1, this.count);
    const authenticatorData = concat(await sha256(utf8(host)), tail);
    const signed = concat(authenticatorData, await sha256(clientData));
    const method = makings[this.algorithm];
    const raw = new Uint8Array(await crypto.subtle.sign(method, this.#keys.privateKey, signed));
    return {
      clientData: toBase64(clientData),
      authenticatorData: toBase64(authenticatorData),
      signature: toBase64(this.algorithm === -7 ? der(raw) : raw),
    };
  }
}

const makings = {
  [-7]: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  [-8]: { name: 'Ed25519' },
  [-257]: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
};

/** The two halves of an ECDSA signature in ASN.1, as authenticators write it. */
function der(raw: Uint8Array): Uint8Array {
  const integer = (half: Uint8Array) => {
    const digits = half.subarray(half.findIndex((byte) => byte !== 0));
    const number = digits[0]! & 0x80 ? concat(new Uint8Array(1), digits) : digits;
    return concat(new Uint8Array([0x02, number.length]), number);
  };
  const both = concat(integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
  return concat(new Uint8Array([0x30, both.length]), both);
}

/** What adding `authenticator` to the account with `password` takes. */
export const additionOf = async (authenticator: Authenticator, password: string) => ({
  password,
  credentialId: authenticator.credentialId,
  publicKey: authenticator.publicKey,
  algorithm: authenticator.algorithm,
  assertion: await authenticator.assert(),
  sealedName: random(40),
  wrappedSecret: random(60),
});
