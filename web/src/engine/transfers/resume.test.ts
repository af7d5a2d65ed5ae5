import { createHash, randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { x25519 } from '@noble/curves/ed25519.js';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unwrapKey } from '../../../../crypto/file/index.ts';
import { concat } from '../../../../protocol/bytes.ts';
import { problem } from '../../../../protocol/problem.ts';
import { ProblemError } from '../api.ts';
import { openFile, startUpload } from './index.ts';
import { Cloud } from './testing/cloud.ts';
import { MemoryJournal } from './testing/journal.ts';
import type { UploadDeps, UploadedHead, UploadSource } from './types.ts';
import { readTail } from './upload-plan.ts';

vi.setConfig({ testTimeout: 30_000 });
/** A busy machine takes its time; nothing here is about how long. */
const patience = { timeout: 20_000 };

const keys = x25519.keygen();
const ana = { userId: uuidv7(), identityKey: concat(Uint8Array.of(5), keys.publicKey) };
const roomId = uuidv7();
const named = (blob: Blob, name = 'holiday.bin'): UploadSource => Object.assign(blob, { name });
const hash = async (blob: Blob) =>
  createHash('sha256')
    .update(new Uint8Array(await blob.arrayBuffer()))
    .digest('hex');
const fixture = async (name: string) =>
  named(await openAsBlob(new URL(`../../../../e2e/fixtures/${name}`, import.meta.url)), name);

let cloud: Cloud;
let journal: MemoryJournal;
let fileId: string;
beforeEach(async () => {
  cloud = new Cloud();
  await cloud.listen();
  journal = new MemoryJournal();
  fileId = uuidv7();
});
afterEach(() => cloud.close());

const send = (source: UploadSource, changes: Partial<UploadDeps> = {}) =>
  startUpload(source, { api: cloud, roomId, fileId, me: ana, recipients: [ana], fetch, journal, ...changes });
const goOn = (source: UploadSource) => send(source, { earlier: journal.earlier });
const read = async (head: UploadedHead) => {
  const file = await openFile({
    api: cloud,
    ...head,
    unwrap: (wrapped) => unwrapKey(wrapped, keys.secretKey, { roomId, fileId, recipientId: ana.userId }),
    subscribe: cloud.subscribe,
    fetch,
  });
  return { blob: await file.blob(), head: file.head };
};

/** Sends until object `index` is on its way, which never ends, and stops there: as a closed tab does. */
async function interruptAt(index: number, source: UploadSource): Promise<UploadedHead> {
  const there = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  cloud.admit = async (arrived) => {
    if (arrived < index) return;
    there.resolve();
    await gate.promise;
  };
  const upload = send(source);
  const head = await upload.head;
  await there.promise;
  // What came before it has been told of: several are on their way at once, and told of in turn.
  const { dek } = journal.earlier;
  const told = () => readTail(dek, fileId, async (from) => cloud.deltas.slice(from));
  await vi.waitUntil(async () => (await told()).objects >= index, patience);
  upload.stop();
  await expect(upload.done).rejects.toMatchObject({ reason: 'stopped' });
  expect(upload.progress.get().state).toBe('stopped');
  cloud.admit = async () => undefined;
  gate.resolve();
  expect(cloud.deleted).toBe(false);
  return head;
}

/** What came by URLs of later runs: requests of one that was stopped may still be noticed. */
const sentSince = (signed: number) => cloud.received.filter(({ url }) => url >= signed);

/** No place in the file ever held two ciphertexts, whether they arrived or not. */
function expectOneCiphertextEach() {
  const seen = new Map<number, Buffer>();
  for (const { index, bytes } of cloud.received) {
    const before = seen.get(index) ?? bytes;
    const shared = Math.min(before.length, bytes.length);
    expect(bytes.subarray(0, shared).equals(before.subarray(0, shared))).toBe(true);
    if (bytes.length >= before.length) seen.set(index, bytes);
  }
}

describe('an upload that was interrupted', () => {
  it.each([
    ['bytes', 2, async () => named(new Blob([randomBytes(3_000_000)]))],
    ['an MP4 film', 2, () => fixture('camera.mp4')],
    ['a WebM film', 0, () => fixture('clip.webm')],
  ])('of %s goes on with the same ciphertext, and sends only what is missing', async (_, stored, make) => {
    const source = await make();
    const head = await interruptAt(stored, source);
    const before = cloud.signed;
    // A film is put together anew: on another day, it must come out the same.
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 86_400_000);
    const upload = goOn(named(source.slice(0, source.size, source.type), source.name));
    await upload.done;
    vi.restoreAllMocks();
    expect(await upload.head).toEqual(head);
    expectOneCiphertextEach();
    for (const { index } of sentSince(before)) expect(index).toBeGreaterThanOrEqual(stored);
    const { sent, total } = upload.progress.get();
    expect(sent).toBe(total);
    const again = await read(head);
    if (again.head.layout === 'raw') expect(await hash(again.blob)).toBe(await hash(source));
    else expect(again.blob.size).toBeGreaterThan(source.size * 0.9);
  });

  it('can be interrupted again and again', async () => {
    const source = named(new Blob([randomBytes(6_000_000)]));
    await interruptAt(1, source);
    const gate = Promise.withResolvers<void>();
    cloud.admit = (index) => (index >= 3 ? gate.promise : Promise.resolve());
    const second = goOn(source);
    await vi.waitUntil(() => cloud.received.some(({ index }) => index === 3), patience);
    second.stop();
    await expect(second.done).rejects.toMatchObject({ reason: 'stopped' });
    gate.resolve();
    const third = goOn(source);
    await third.done;
    expectOneCiphertextEach();
    expect(await hash((await read(await third.head)).blob)).toBe(await hash(source));
  });

  it('sends nothing of another file, however alike', async () => {
    const bytes = randomBytes(3_000_000);
    await interruptAt(2, named(new Blob([bytes])));
    const before = cloud.signed;
    const other = Buffer.from(bytes);
    other[2_000]! ^= 1;
    for (const source of [
      named(new Blob([other])),
      named(new Blob([bytes.subarray(1)])),
      named(new Blob([bytes]), 'other.bin'),
    ])
      await expect(goOn(source).done).rejects.toMatchObject({ reason: 'other-file' });
    expect(sentSince(before)).toEqual([]);
    expect(cloud.deleted).toBe(false);
    await goOn(named(new Blob([bytes]))).done;
  });

  it('seals nothing anew in place of what may have left, even if it never arrived', async () => {
    const bytes = randomBytes(1_500_000);
    await interruptAt(2, named(new Blob([bytes])));
    const before = cloud.signed;
    const changed = Buffer.from(bytes);
    // Within object 2, which was on its way but is not stored.
    changed[600_000]! ^= 1;
    await expect(goOn(named(new Blob([changed]))).done).rejects.toMatchObject({ reason: 'other-file' });
    expect(sentSince(before).map(({ index }) => index)).toEqual([]);
  });

  it('is done when only the last answer was lost', async () => {
    const source = named(new Blob([randomBytes(400_000)]));
    const { completeUpload } = cloud;
    cloud.completeUpload = async (args) => {
      await completeUpload(args);
      throw new ProblemError(problem('session-revoked'));
    };
    const upload = send(source);
    // The session ended meanwhile: nothing is thrown away for that.
    await expect(upload.done).rejects.toMatchObject({ reason: 'stopped' });
    expect(cloud.deleted).toBe(false);
    await goOn(source).done;
  });

  it('begins anew when the service never heard of it', async () => {
    const source = named(new Blob([randomBytes(400_000)]));
    const { startUpload: start } = cloud;
    cloud.startUpload = () => new Promise(() => {});
    const upload = send(source);
    await vi.waitUntil(() => {
      try {
        return journal.earlier.dek;
      } catch {
        return false;
      }
    }, patience);
    upload.stop();
    await expect(upload.done).rejects.toMatchObject({ reason: 'stopped' });
    cloud.startUpload = start;
    // Nor is it asked about it: a browser would complain of the answer.
    cloud.getFile = () => Promise.reject(new Error('it was asked'));
    await goOn(source).done;
    expect(cloud.objects.size).toBe(2);
  });
});
