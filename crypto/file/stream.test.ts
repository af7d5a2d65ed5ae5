import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { recordSize, sealedRecordSize } from '../../protocol/manifest.ts';
import { FileError, type FileReason } from './errors.ts';
import { createFileKey } from './keys.ts';
import {
  createPrefix,
  openRecord,
  openRecords,
  plaintextSize,
  type RecordCipher,
  type RecordRange,
  recordCipher,
  sealedSize,
  sealRecord,
  sealRecords,
} from './stream.ts';
import { fileKey, open, seal } from './testing/reference.ts';

const fileId = '01930000-0000-7000-8000-000000000001';
const dek = createFileKey();
const prefix = createPrefix();
let cipher: RecordCipher;
beforeAll(async () => {
  cipher = await recordCipher(dek, fileId, prefix);
});

/** Bytes that differ at every place a mix-up could hide. */
const pattern = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7) & 255);

async function gathered(records: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const out: Uint8Array[] = [];
  for await (const record of records) out.push(record);
  return concat(...out);
}

/** Chunks that are overwritten as soon as the next one is asked for, as those of a reused buffer are. */
async function* fleeting(chunks: readonly Uint8Array[]) {
  for (const chunk of chunks) {
    const bytes = concat(chunk);
    yield bytes;
    bytes.fill(0xee);
  }
}

const cutAt = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
const encrypt = (plaintext: Uint8Array, chunk = 50_000) =>
  gathered(sealRecords(cipher, fleeting(cutAt(plaintext, chunk))));
const decrypt = (sealed: Uint8Array, range?: RecordRange, chunk = 40_000) =>
  gathered(openRecords(cipher, fleeting(cutAt(sealed, chunk)), range));

const refused = async (promise: Promise<unknown>, ...reasons: FileReason[]) => {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(FileError);
  expect(reasons).toContain((error as FileError).reason);
};

describe('sizes', () => {
  it.each([
    [0, 16],
    [1, 17],
    [recordSize - 1, recordSize + 15],
    [recordSize, recordSize + 16],
    [recordSize + 1, recordSize + 33],
    [2 * recordSize, 2 * recordSize + 32],
    [5 * 2 ** 30, 5 * 2 ** 30 + 16 * 81_920],
  ])('%i bytes are %i when sealed, and back', (plaintext, sealed) => {
    expect(sealedSize(plaintext)).toBe(sealed);
    expect(plaintextSize(sealed)).toBe(plaintext);
  });

  it.each([0, 15, sealedRecordSize + 1, sealedRecordSize + 16])(
    'no plaintext has %i sealed bytes',
    (size) => {
      const malformed = expect.objectContaining({ name: 'FileError', reason: 'malformed' });
      expect(() => plaintextSize(size)).toThrow(malformed);
    },
  );
});

describe('the format', () => {
  it('of a record: its place and whether it is the last in the nonce, file and version beside it', async () => {
    const key = fileKey(dek, fileId, 'Stream Chat file records v1');
    const aad = concat(utf8(fileId), Uint8Array.of(1));
    const plaintext = pattern(5);
    for (const [index, last] of [
      [0x01020304, false],
      [0x01020304, true],
    ] as const) {
      const iv = concat(prefix, Uint8Array.of(1, 2, 3, 4, last ? 1 : 0));
      expect(open(key, iv, aad, await sealRecord(cipher, index, last, plaintext))).toEqual(plaintext);
      const made = concat(seal(key, iv, aad, plaintext));
      expect(await openRecord(cipher, index, last, made)).toEqual(plaintext);
    }
    expect(prefix).toHaveLength(7);
    expect(cipher.key.extractable).toBe(false);
    for (const length of [6, 8])
      await expect(recordCipher(dek, fileId, new Uint8Array(length))).rejects.toThrow(
        'a nonce prefix has 7 bytes',
      );
  });

  it('has no empty record but that of an empty file', async () => {
    const first = await sealRecord(cipher, 0, false, pattern(recordSize));
    const empty = await sealRecord(cipher, 1, true, new Uint8Array(0));
    await refused(decrypt(concat(first, empty)), 'malformed');
  });
});

describe('a whole stream', { timeout: 30_000 }, () => {
  const boundaries = [
    0,
    1,
    recordSize - 1,
    recordSize,
    recordSize + 1,
    2 * recordSize - 1,
    2 * recordSize,
    2 * recordSize + 1,
    3 * recordSize,
  ];
  for (const size of boundaries)
    it.each([1021, recordSize, sealedRecordSize, 1 << 20])(
      `of ${size} bytes comes back, in chunks of %i`,
      async (chunk) => {
        const plaintext = pattern(size);
        const sealed = await encrypt(plaintext, chunk);
        expect(sealed.length).toBe(sealedSize(size));
        expect(await decrypt(sealed, {}, chunk)).toEqual(plaintext);
      },
    );

  it.each([1, recordSize, recordSize + 1, 3 * recordSize])(
    'of %i bytes is refused when cut at a record',
    async (size) => {
      const sealed = await encrypt(pattern(size + recordSize));
      await refused(
        decrypt(sealed.subarray(0, sealedRecordSize * Math.floor((size - 1) / recordSize + 1))),
        'truncated',
      );
    },
  );

  it('is refused when cut anywhere else, or empty', async () => {
    const sealed = await encrypt(pattern(recordSize + 100));
    await refused(decrypt(sealed.subarray(0, sealed.length - 1)), 'tampered');
    await refused(decrypt(sealed.subarray(0, sealedRecordSize + 15)), 'truncated');
    await refused(decrypt(new Uint8Array()), 'truncated');
  });

  it('is refused when something follows', async () => {
    const sealed = await encrypt(pattern(2 * recordSize));
    await refused(decrypt(concat(sealed, Uint8Array.of(0))), 'truncated', 'extended', 'tampered');
    await refused(decrypt(concat(sealed, sealed.subarray(sealedRecordSize))), 'extended');
  });

  it('is refused when records are exchanged, doubled or left out', async () => {
    const records = cutAt(await encrypt(pattern(4 * recordSize)), sealedRecordSize);
    const [a, b, c, d] = records as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    await refused(decrypt(concat(b, a, c, d)), 'tampered');
    await refused(decrypt(concat(a, a, c, d)), 'tampered');
    await refused(decrypt(concat(a, c, d)), 'tampered');
    await refused(decrypt(concat(a, b, d, c)), 'tampered');
  });

  it('is refused under another key, file or prefix', async () => {
    const sealed = await encrypt(pattern(10));
    const others = [
      await recordCipher(createFileKey(), fileId, prefix),
      await recordCipher(dek, '01930000-0000-7000-8000-000000000002', prefix),
      await recordCipher(dek, fileId, createPrefix()),
    ];
    for (const other of others) await refused(gathered(openRecords(other, fleeting([sealed]))), 'tampered');
  });

  it('is refused with any byte changed', async () => {
    const sealed = await encrypt(pattern(recordSize + 2000));
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const altered = concat(sealed);
        altered[at]! ^= change;
        await refused(decrypt(altered), 'tampered');
      }),
      { numRuns: 60 },
    );
  });

  it('comes back for any size and any cut of it', async () => {
    const size = fc.integer({ min: 0, max: 3 * recordSize });
    const chunk = fc.integer({ min: 700, max: 100_000 });
    await fc.assert(
      fc.asyncProperty(size, chunk, chunk, async (size, cut, cutAgain) => {
        const plaintext = pattern(size);
        expect(await decrypt(await encrypt(plaintext, cut), {}, cutAgain)).toEqual(plaintext);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a range of records', () => {
  it('opens from the middle, with and without the end', async () => {
    const plaintext = pattern(4 * recordSize + 5);
    const sealed = await encrypt(plaintext);
    const middle = sealed.subarray(sealedRecordSize, 3 * sealedRecordSize);
    expect(await decrypt(middle, { from: 1, count: 2, final: false })).toEqual(
      plaintext.subarray(recordSize, 3 * recordSize),
    );
    const rest = sealed.subarray(3 * sealedRecordSize);
    expect(await decrypt(rest, { from: 3 })).toEqual(plaintext.subarray(3 * recordSize));
  });

  it('of which nobody says where it ends is a mistake of the caller', async () => {
    await expect(gathered(openRecords(cipher, fleeting([]), { final: false }))).rejects.toThrow(RangeError);
  });

  it('ends where it was asked to, in its first record too', async () => {
    const plaintext = pattern(recordSize + 7);
    const sealed = await encrypt(plaintext);
    const first = sealed.subarray(0, sealedRecordSize);
    expect(await decrypt(first, { count: 1, final: false })).toEqual(plaintext.subarray(0, recordSize));
    await refused(decrypt(sealed, { count: 1, final: false }), 'extended');
    await refused(decrypt(first, { count: 2 }), 'truncated');
    expect(await decrypt(sealed, { count: 2 })).toEqual(plaintext);
    await refused(decrypt(first.subarray(0, -1), { count: 1, final: false }), 'truncated');
  });

  it('is refused with too little, too much, or an end where none may be', async () => {
    const sealed = await encrypt(pattern(3 * recordSize));
    const range = { from: 0, count: 2, final: false };
    await refused(decrypt(sealed.subarray(0, sealedRecordSize), range), 'truncated');
    await refused(decrypt(sealed.subarray(0, sealedRecordSize + 9), range), 'truncated');
    await refused(decrypt(sealed, range), 'extended');
    await refused(
      decrypt(sealed.subarray(sealedRecordSize), { from: 1, count: 2, final: false }),
      'extended',
    );
    await refused(decrypt(sealed.subarray(sealedRecordSize), { from: 0, count: 2, final: true }), 'tampered');
  });
});

describe('one record', () => {
  it('says whether the file goes on or was to end', async () => {
    const last = await sealRecord(cipher, 7, true, pattern(3));
    const middle = await sealRecord(cipher, 8, false, pattern(3));
    await refused(openRecord(cipher, 7, false, last), 'extended');
    await refused(openRecord(cipher, 8, true, middle), 'truncated');
    expect(await openRecord(cipher, 7, true, last)).toEqual(pattern(3));
  });

  it('takes any uint32 as its index and nothing else', async () => {
    const top = await sealRecord(cipher, 2 ** 32 - 1, false, pattern(1));
    expect(await openRecord(cipher, 2 ** 32 - 1, false, top)).toEqual(pattern(1));
    for (const index of [2 ** 32, -1, 0.5])
      await expect(sealRecord(cipher, index, false, pattern(1))).rejects.toThrow(
        'a record index is a uint32',
      );
    await expect(sealRecord(cipher, 0, false, new Uint8Array(recordSize + 1))).rejects.toThrow(RangeError);
  });
});
