import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, sha256, toBase64 } from '../../protocol/bytes.ts';
import { firstRecord, ManifestDelta, ManifestHead, recordSize } from '../../protocol/manifest.ts';
import { createFileKey, keyCommitment, verifyCommitment } from './keys.ts';
import {
  emptyTail,
  extendTail,
  hashesDigest,
  manifestHash,
  openDelta,
  openHead,
  sealDelta,
  sealHead,
  type Tail,
  verifyObject,
} from './manifest.ts';

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
