import { type MlKem, nobleMlKem, nodeMlKem, webCryptoMlKem } from '../ml-kem.ts';
import { noblePlatform, type Platform, webCryptoPlatform } from '../platform.ts';
import { nodeCrypto, nodePlatform } from '../platform-node.ts';

const [node, { subtle }] = [nodeCrypto()!, crypto];

/** All backs of the primitives: what is asked of one is asked of each. */
export const platforms: readonly [string, Platform][] = [
  ['WebCrypto', webCryptoPlatform(subtle)],
  ['Node', nodePlatform(node, subtle)],
  ['JavaScript', noblePlatform],
];

/** All backs of ML-KEM. */
export const kems: readonly [string, MlKem][] = [
  ['WebCrypto', webCryptoMlKem(subtle)],
  ['Node', nodeMlKem(node, subtle)],
  ['JavaScript', nobleMlKem],
];
