import { hexToBytes as hex } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { concat } from '../../protocol/bytes.ts';
import { agree, keyPairFromPrivate } from './curve.ts';
import { hkdfSha256 } from './primitives.ts';
import { platforms } from './testing/platforms.ts';

const key = (u: Uint8Array) => concat(Uint8Array.of(5), u);

describe.each(platforms)('RFC 7748, by %s', (_, on) => {
  test.each([
    [
      'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
      'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    ],
    [
      '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
      'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a413',
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
    ],
  ])('section 5.2, scalar %s', async (scalar, u, product) => {
    expect(await agree(hex(scalar), key(hex(u)), on)).toEqual(hex(product));
  });

  test('section 5.2, a thousand times over', { timeout: 30_000 }, async () => {
    let scalar: Uint8Array = hex('0900000000000000000000000000000000000000000000000000000000000000');
    let u = scalar;
    for (let i = 0; i < 1000; i++) [scalar, u] = [await agree(scalar, key(u), on), scalar];
    expect(scalar).toEqual(hex('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51'));
  });

  test('section 6.1: both sides', async () => {
    const alice = keyPairFromPrivate(hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'));
    const bob = keyPairFromPrivate(hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'));
    const u = {
      alice: hex('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'),
      bob: hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'),
    };
    expect([alice.publicKey, bob.publicKey]).toEqual([key(u.alice), key(u.bob)]);
    const shared = hex('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
    expect(await agree(alice.privateKey, key(u.bob), on)).toEqual(shared);
    expect(await agree(bob.privateKey, key(u.alice), on)).toEqual(shared);
  });
});

describe('RFC 5869, appendix A', () => {
  const long = (first: number) => Uint8Array.from({ length: 80 }, (_, i) => first + i);

  test.each([
    [
      'A.1',
      new Uint8Array(22).fill(0x0b),
      hex('000102030405060708090a0b0c'),
      hex('f0f1f2f3f4f5f6f7f8f9'),
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    ],
    [
      'A.2',
      long(0),
      long(0x60),
      long(0xb0),
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    ],
    [
      'A.3, without salt',
      new Uint8Array(22).fill(0x0b),
      undefined,
      new Uint8Array(0),
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    ],
  ])('%s', async (_, input, salt, info, output) => {
    expect(hkdfSha256(input, salt, info, output.length / 2)).toEqual(hex(output));
    for (const [name, on] of platforms)
      expect(await on.hkdfSha256(input, salt, info, output.length / 2), name).toEqual(hex(output));
  });
});

test.each(platforms)('HMAC with an empty key, by %s', async (_, on) => {
  const tag = hex('b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad');
  expect(await on.hmacSha256(new Uint8Array(0), new Uint8Array(0))).toEqual(tag);
});
