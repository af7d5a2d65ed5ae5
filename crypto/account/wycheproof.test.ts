import { hexToBytes as hex } from '@noble/hashes/utils.js';
import { expect, test } from 'vitest';
import { concat, fromUtf8 } from '../../protocol/bytes.ts';
import vectors from '../vectors/wycheproof/aes-256-gcm.json' with { type: 'json' };
import { openWith, SealError } from './seal.ts';

test('Wycheproof, AES-256-GCM with a nonce of 96 bits: what is true opens, and nothing else', async () => {
  for (const { id, key, nonce, aad, plaintext, sealed, valid } of vectors) {
    const opened = openWith(hex(key), concat(hex(nonce), hex(sealed)), fromUtf8(hex(aad)));
    if (valid) expect(await opened, `test ${id}`).toEqual(hex(plaintext));
    else await expect(opened, `test ${id}`).rejects.toBeInstanceOf(SealError);
  }
});
