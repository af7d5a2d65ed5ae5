import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromUtf8, sha256, toBase64, utf8 } from '../../protocol/bytes.ts';
import { firstRecord, ManifestDelta, ManifestHead, recordSize } from '../../protocol/manifest.ts';
import { createFileKey, keyCommitment, manifestKey, streamKey, verifyCommitment } from './keys.ts';
import {
  emptyTail,
  extendTail,
  hashesDigest,
  manifestHash,
  maxSealedManifest,
  openDelta,
  openHead,
  sealDelta,
  sealHead,
  type Tail,
  verifyObject,
} from './manifest.ts';
import { fileKey, nonce, open, seal } from './testing/reference.ts';

const fileId = '01930000-0000-7000-8000-000000000001';
const otherId = '01930000-0000-7000-8000-000000000002';
const dek = createFileKey();
const head: ManifestHead = {
  v: 1,
  name: 'Été à la mer.mp4',
  type: 'video/mp4',
  size: 123,
  prefix: toBase64(new Uint8Array(7)),
  layout: 'raw',
};
const objects = [0, 1, 2].map((n) => new Uint8Array(10).fill(n));
const hashes = await Promise.all(objects.map(async (bytes) => toBase64(await sha256(bytes))));
const capacity = (count: number) => firstRecord(count) * recordSize;
const first: ManifestDelta = {
  v: 1,
  n: 0,
  objects: 2,
  available: capacity(2),
  index: [
    [0, 0],
    [2000, 70_000],
  ],
  hashes: hashes.slice(0, 2),
};
const length = capacity(2) + 5;
const last: ManifestDelta = {
  v: 1,
  n: 1,
  objects: 3,
  available: length,
  index: [[4000, capacity(2)]],
  hashes: hashes.slice(2),
  final: { length, objects: 3, digest: await hashesDigest(hashes) },
};

describe('the key commitment', () => {
  it('takes its own key and no other, for its own file', async () => {
    const commitment = await keyCommitment(dek, fileId);
    expect(commitment.length).toBe(32);
    await verifyCommitment(dek, fileId, commitment);
    const reason = { reason: 'wrong-key' };
    await expect(verifyCommitment(createFileKey(), fileId, commitment)).rejects.toMatchObject(reason);
    await expect(verifyCommitment(dek, otherId, commitment)).rejects.toMatchObject(reason);
  });

  it('keeps its labels: these bytes may never change', async () => {
    const commitment = await keyCommitment(new Uint8Array(32).fill(1), fileId);
    expect(Buffer.from(commitment).toString('hex')).toMatchInlineSnapshot(
      `"4d6e5a125f312cf0a2a6bccc9e70612ad78ac949b08655046459d2bc1d4d1a2f"`,
    );
  });
});

/** The manifest's key and what a piece of it authenticates, as the format says. */
const manifestKeyOf = () => fileKey(dek, fileId, 'Stream Chat file manifest v1');
const place = (name: string) => utf8(`${fileId}\n${name}`);
const openByHand = (sealed: Uint8Array, name: string) =>
  fromUtf8(open(manifestKeyOf(), sealed.subarray(0, 12), place(name), sealed.subarray(12)));
function sealByHand(value: object, name: string): Uint8Array {
  const iv = nonce();
  return concat(iv, seal(manifestKeyOf(), iv, place(name), utf8(JSON.stringify(value))));
}

describe('the format', () => {
  it('of the head: a nonce, then JSON with blanks up to 8 KiB, under a key of its own', async () => {
    const sealed = await sealHead(dek, fileId, head);
    expect(sealed).toHaveLength(12 + 8192 + 16);
    const text = openByHand(sealed, 'head');
    expect(text.slice(0, text.lastIndexOf('}') + 1)).toBe(JSON.stringify(head));
    expect(text.slice(text.lastIndexOf('}') + 1)).toMatch(/^ +$/);
    const made = sealByHand(head, 'head');
    expect(await openHead(dek, fileId, made, await manifestHash(made), ManifestHead)).toEqual(head);
  });

  it('of a piece: the same up to 1 024 bytes', async () => {
    const sealed = await sealDelta(dek, fileId, first);
    expect(openByHand(sealed, 'delta 0')).toBe(JSON.stringify(first).padEnd(1024));
  });

  it('holds what the service takes, and no more', async () => {
    const rest = JSON.stringify({ ...head, name: '' }).length;
    const named = (bytes: number) => sealHead(dek, fileId, { ...head, name: 'a'.repeat(bytes - rest) });
    expect(await named(8193)).toHaveLength(12 + 16_384 + 16);
    expect(await named(65_536 - 28)).toHaveLength(65_536);
    await expect(named(65_536 - 27)).rejects.toThrow('this piece of the manifest is too large');
    expect(maxSealedManifest).toBe(65_536);
  });

  it('of the digest: SHA-256 over the hashes', async () => {
    const hash = createHash('sha256');
    for (const bytes of objects) hash.update(createHash('sha256').update(bytes).digest());
    expect(await hashesDigest(hashes)).toBe(hash.digest('base64url'));
  });

  it('has keys that nobody can take out, and takes none of another length', async () => {
    for (const derive of [streamKey, manifestKey])
      expect((await derive(dek, fileId)).extractable).toBe(false);
    await expect((async () => keyCommitment(dek.subarray(1), fileId))()).rejects.toThrow(
      'a file key has 32 bytes',
    );
  });
});

describe('the head', () => {
  it('opens, and its length does not tell the name', async () => {
    const sealed = await sealHead(dek, fileId, head);
    expect(await openHead(dek, fileId, sealed, await manifestHash(sealed), ManifestHead)).toEqual(head);
    const short = await sealHead(dek, fileId, { ...head, name: 'a' });
    expect(short.length).toBe(sealed.length);
  });

  it('is refused when it is not the announced one, even if authentic', async () => {
    const sealed = await sealHead(dek, fileId, head);
    const again = await sealHead(dek, fileId, head);
    await expect(
      openHead(dek, fileId, again, await manifestHash(sealed), ManifestHead),
    ).rejects.toMatchObject({
      reason: 'wrong-hash',
    });
  });

  it('is refused under another key or file, and with any byte changed', async () => {
    const sealed = await sealHead(dek, fileId, head);
    const hash = await manifestHash(sealed);
    await expect(openHead(createFileKey(), fileId, sealed, hash, ManifestHead)).rejects.toMatchObject({
      reason: 'tampered',
    });
    await expect(openHead(dek, otherId, sealed, hash, ManifestHead)).rejects.toMatchObject({
      reason: 'tampered',
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), async (at) => {
        const altered = concat(sealed);
        altered[at]! ^= 0x40;
        const opened = openHead(dek, fileId, altered, await manifestHash(altered), ManifestHead);
        await expect(opened).rejects.toMatchObject({ reason: 'tampered' });
      }),
      { numRuns: 40 },
    );
  });

  it('is refused when it does not fit its schema, and a piece is no head', async () => {
    const odd = await sealHead(dek, fileId, { ...head, layout: 'other' as 'raw' });
    await expect(openHead(dek, fileId, odd, await manifestHash(odd), ManifestHead)).rejects.toMatchObject({
      reason: 'malformed',
    });
    const piece = await sealDelta(dek, fileId, first);
    await expect(openHead(dek, fileId, piece, await manifestHash(piece), ManifestHead)).rejects.toMatchObject(
      {
        reason: 'tampered',
      },
    );
  });
});

describe('the tail', () => {
  const extend = async (...deltas: ManifestDelta[]): Promise<Tail> => {
    let tail = emptyTail;
    for (const delta of deltas) tail = await extendTail(tail, delta);
    return tail;
  };

  it('opens piece by piece, each at its own number', async () => {
    const sealed = await sealDelta(dek, fileId, first);
    expect(await openDelta(dek, fileId, 0, sealed, ManifestDelta)).toEqual(first);
    await expect(openDelta(dek, fileId, 1, sealed, ManifestDelta)).rejects.toMatchObject({
      reason: 'tampered',
    });
  });

  it('is refused where a piece calls itself another than its place says', async () => {
    const sealed = sealByHand({ ...first, n: 1 }, 'delta 0');
    await expect(openDelta(dek, fileId, 0, sealed, ManifestDelta)).rejects.toMatchObject({
      ...{ name: 'FileError', reason: 'malformed' },
    });
  });

  it('begins with nothing', () => {
    const nothing = { next: 0, objects: 0, available: 0, index: [], hashes: [], complete: false };
    expect(emptyTail).toEqual(nothing);
  });

  it('may end with a last object that is full', async () => {
    const full = capacity(3);
    const final = { ...last.final!, length: full };
    expect(await extend(first, { ...last, available: full, final })).toMatchObject({ available: full });
  });

  it('tells where the source file begins, where it was sent besides its tracks', async () => {
    const final = { ...last.final!, original: capacity(1) };
    expect((await extend(first)).original).toBeUndefined();
    expect((await extend(first, last)).original).toBeUndefined();
    expect((await extend(first, { ...last, final })).original).toBe(capacity(1));
  });

  it('grows to the end and is complete with the last piece only', async () => {
    const half = await extend(first);
    expect(half).toMatchObject({ objects: 2, available: capacity(2), complete: false });
    const whole = await extend(first, last);
    expect(whole).toMatchObject({ objects: 3, available: length, complete: true, hashes, next: 2 });
    expect(whole.index).toEqual([
      [0, 0],
      [2000, 70_000],
      [4000, capacity(2)],
    ]);
  });

  it.each<[string, ManifestDelta[]]>([
    ['left out', [last]],
    ['doubled', [first, first]],
    ['after the last', [first, last, { ...first, n: 2 }]],
    ['out of turn', [{ ...first, n: 1 }]],
    [
      'after the last, though it fits otherwise',
      [first, last, { v: 1, n: 2, objects: 3, available: capacity(3), index: [], hashes: [] }],
    ],
    ['with too few objects in its totals', [first, { ...last, final: { ...last.final!, objects: 2 } }]],
    [
      'with more bytes at the end than its objects hold',
      [first, { ...last, available: capacity(3) + 1, final: { ...last.final!, length: capacity(3) + 1 } }],
    ],
    [
      'with fewer bytes at the end than its objects begin with',
      [
        { ...first, index: [] },
        {
          ...last,
          index: [],
          available: capacity(2) - 1,
          final: { ...last.final!, length: capacity(2) - 1 },
        },
      ],
    ],
    [
      'with two seek points of one time',
      [
        {
          ...first,
          index: [
            [1000, 5],
            [1000, 9],
          ],
        },
      ],
    ],
    [
      'whose seek points go on in time and back in place',
      [
        {
          ...first,
          index: [
            [1000, 9],
            [2000, 5],
          ],
        },
      ],
    ],
    ['that takes objects back', [first, { ...first, n: 1, objects: 1, hashes: [] }]],
    ['without a hash', [{ ...first, hashes: hashes.slice(0, 1) }]],
    ['with more bytes than its objects hold', [{ ...first, available: capacity(2) + 1 }]],
    [
      'whose seek points go back',
      [
        {
          ...first,
          index: [
            [2000, 5],
            [1000, 9],
          ],
        },
      ],
    ],
    ['whose seek points lie beyond', [{ ...first, index: [[0, capacity(2)]] }]],
    ['whose totals differ', [first, { ...last, final: { ...last.final!, length: length - 1 } }]],
    [
      'whose last object would be empty',
      [first, { ...last, index: [], available: capacity(2), final: { ...last.final!, length: capacity(2) } }],
    ],
    [
      'whose original begins after the end',
      [first, { ...last, final: { ...last.final!, original: length + 1 } }],
    ],
    ['with a wrong digest', [first, { ...last, final: { ...last.final!, digest: hashes[0]! } }]],
  ])('refuses a piece %s', async (_, deltas) => {
    await expect(extend(...deltas)).rejects.toMatchObject({ reason: 'malformed' });
  });

  it('takes an empty file', async () => {
    const hash = hashes.slice(0, 1);
    const final = { length: 0, objects: 1, digest: await hashesDigest(hash) };
    const tail = await extend({ v: 1, n: 0, objects: 1, available: 0, index: [], hashes: hash, final });
    expect(tail).toMatchObject({ complete: true, available: 0 });
  });

  it('knows its objects', async () => {
    const tail = await extend(first, last);
    await verifyObject(tail, 1, objects[1]!);
    await expect(verifyObject(tail, 1, objects[2]!)).rejects.toMatchObject({ reason: 'wrong-hash' });
    await expect(verifyObject(tail, 3, objects[2]!)).rejects.toMatchObject({ reason: 'wrong-hash' });
  });
});
