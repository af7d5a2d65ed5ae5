import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { concat, equalBytes } from '../../protocol/bytes.ts';
import { type NodeCrypto, nodeCrypto, taken } from './platform-node.ts';
import { wipe } from './primitives.ts';

/** ML-KEM-1024 (FIPS 203) on raw keys. Shared secrets have 32 bytes. */
export interface MlKem {
  /** @throws for a public key (1 568 bytes) that is not reduced */
  encapsulate(publicKey: Uint8Array): Promise<{ ciphertext: Uint8Array; sharedSecret: Uint8Array }>;
  /** @param seed the 64 bytes `d ‖ z` from which the key pair follows (FIPS 203, section 3.3) */
  decapsulate(seed: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;
}

/** Everything in JavaScript. */
export const nobleMlKem: MlKem = {
  encapsulate: async (publicKey) => {
    const { cipherText: ciphertext, sharedSecret } = ml_kem1024.encapsulate(publicKey);
    return { ciphertext, sharedSecret };
  },
  decapsulate: async (seed, ciphertext) => {
    const { secretKey } = ml_kem1024.keygen(seed);
    try {
      return ml_kem1024.decapsulate(ciphertext, secretKey);
    } finally {
      wipe(secretKey);
    }
  },
};

const name = 'ML-KEM-1024';

/** What WebCrypto's ML-KEM adds (WICG, Modern Algorithms in the Web Cryptography API); not every platform has it. */
interface SubtleKem {
  importKey(
    format: 'raw-public' | 'raw-seed',
    keyData: BufferSource,
    algorithm: string,
    extractable: boolean,
    usages: readonly ('encapsulateBits' | 'decapsulateBits')[],
  ): Promise<CryptoKey>;
  encapsulateBits(
    algorithm: string,
    key: CryptoKey,
  ): Promise<{ readonly sharedKey: ArrayBuffer; readonly ciphertext: ArrayBuffer }>;
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: BufferSource): Promise<ArrayBuffer>;
}

async function importPublic(subtle: SubtleKem, publicKey: Uint8Array, extractable: boolean) {
  return subtle.importKey('raw-public', concat(publicKey), name, extractable, ['encapsulateBits']);
}

async function importSeed(subtle: SubtleKem, seed: Uint8Array, extractable: boolean) {
  const copy = concat(seed);
  try {
    return await subtle.importKey('raw-seed', copy, name, extractable, ['decapsulateBits']);
  } finally {
    wipe(copy);
  }
}

/** Everything by WebCrypto, about ten times faster. Nothing is remembered: most of these keys serve once. */
export function webCryptoMlKem(webCrypto: SubtleCrypto): MlKem {
  const subtle = webCrypto as unknown as SubtleKem;
  return {
    encapsulate: async (publicKey) => {
      const key = await importPublic(subtle, publicKey, false);
      const { ciphertext, sharedKey } = await subtle.encapsulateBits(name, key);
      return { ciphertext: new Uint8Array(ciphertext), sharedSecret: new Uint8Array(sharedKey) };
    },
    decapsulate: async (seed, ciphertext) => {
      const key = await importSeed(subtle, seed, false);
      return new Uint8Array(await subtle.decapsulateBits(name, key, concat(ciphertext)));
    },
  };
}

/** Node's own functions, which answer at once, on keys that its WebCrypto imports (as `nodePlatform`). */
export function nodeMlKem(node: NodeCrypto, webCrypto: SubtleCrypto): MlKem {
  const subtle = webCrypto as unknown as SubtleKem;
  return {
    encapsulate: async (publicKey) => {
      const key = node.KeyObject.from(await importPublic(subtle, publicKey, true));
      const { ciphertext, sharedKey } = node.encapsulate!(key);
      return { ciphertext: concat(ciphertext), sharedSecret: taken(sharedKey) };
    },
    decapsulate: async (seed, ciphertext) => {
      const key = node.KeyObject.from(await importSeed(subtle, seed, true));
      return taken(node.decapsulate!(key, ciphertext));
    },
  };
}

async function isRight(kem: MlKem): Promise<boolean> {
  const seed = crypto.getRandomValues(new Uint8Array(64));
  const { publicKey } = ml_kem1024.keygen(seed);
  const [theirs, ours] = [await kem.encapsulate(publicKey), ml_kem1024.encapsulate(publicKey)];
  return (
    equalBytes(await nobleMlKem.decapsulate(seed, theirs.ciphertext), theirs.sharedSecret) &&
    equalBytes(await kem.decapsulate(seed, ours.cipherText), ours.sharedSecret)
  );
}

/** Node or WebCrypto where it makes and opens what noble opens and makes, else JavaScript. */
export async function detectMlKem(
  subtle: SubtleCrypto | undefined,
  node?: NodeCrypto | undefined,
): Promise<MlKem> {
  if (!subtle) return nobleMlKem;
  for (const candidate of [...(node ? [nodeMlKem(node, subtle)] : []), webCryptoMlKem(subtle)])
    if (await isRight(candidate).catch(() => false)) return candidate;
  return nobleMlKem;
}

let detected: Promise<MlKem> | undefined;

/** The one of this platform, found out at the first call. */
export function mlKem(): Promise<MlKem> {
  detected ??= detectMlKem(globalThis.crypto?.subtle, nodeCrypto());
  return detected;
}
