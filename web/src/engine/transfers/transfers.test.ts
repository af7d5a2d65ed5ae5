import { createHash, randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { x25519 } from '@noble/curves/ed25519.js';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unwrapKey } from '../../../../crypto/file/index.ts';
import { concat } from '../../../../protocol/bytes.ts';
import {
  allowedObjectSize,
  firstRecord,
  recordSize,
  sealedRecordSize,
} from '../../../../protocol/manifest.ts';
import { problem } from '../../../../protocol/problem.ts';
import { ProblemError } from '../api.ts';
import { until } from '../observable.ts';
import { openFile, startUpload } from './index.ts';
import { Cloud } from './testing/cloud.ts';
import { MemoryJournal } from './testing/journal.ts';
import type { OpenDeps, Recipient, UploadedHead, UploadSource } from './types.ts';

// Several megabytes and a few retries each; the machine may be busy.
vi.setConfig({ testTimeout: 30_000 });

const person = () => {
  const { secretKey, publicKey } = x25519.keygen();
  return { userId: uuidv7(), privateKey: secretKey, identityKey: concat(Uint8Array.of(5), publicKey) };
};
const named = (blob: Blob, name: string): UploadSource => Object.assign(blob, { name });
const random = (size: number) => named(new Blob([randomBytes(size)]), 'Überraschung.bin');
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());
const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let cloud: Cloud;
const ana = person();
const ben = person();
const roomId = uuidv7();

beforeEach(async () => {
  cloud = new Cloud();
  await cloud.listen();
});
afterEach(() => cloud.close());

const send = (source: UploadSource, recipients: Recipient[] = [ana, ben], keepOriginal = false) =>
  startUpload(source, {
    keepOriginal,
    api: cloud,
    roomId,
    fileId: uuidv7(),
    me: ana,
    recipients,
    fetch,
    journal: new MemoryJournal(),
  });

const open = (head: UploadedHead, changes: Partial<OpenDeps> = {}) =>
  openFile({
    api: cloud,
    ...head,
    unwrap: (wrapped) =>
      unwrapKey(wrapped, ana.privateKey, { roomId, fileId: head.fileId, recipientId: ana.userId }),
    subscribe: cloud.subscribe,
    fetch,
    ...changes,
  });

/** Sends a file to its end and opens it. */
async function sent(source: UploadSource) {
  const upload = send(source);
  await upload.done;
  return { upload, file: await open(await upload.head) };
}

describe('a file that is sent and read', () => {
  const objects = [1, 2, 3].map((n) => firstRecord(n) * recordSize);
  it.each([
    0,
    1,
    recordSize - 1,
    recordSize,
    recordSize + 1,
    ...objects.flatMap((size) => [size - 1, size, size + 1]),
    5_000_000,
  ])('of %i bytes comes back as it was', async (size) => {
    const source = random(size);
    const { file, upload } = await sent(source);
    expect(hash(await bytesOf(await file.blob()))).toBe(hash(await bytesOf(source)));
    expect(hash(await file.read(0, size + 10))).toBe(hash(await bytesOf(source)));
    expect(file.arrived.get()).toMatchObject({ complete: true, length: size });
    const { sent: stored, total, state } = upload.progress.get();
    expect({ stored, total, state }).toEqual({ stored: total, total, state: 'done' });
    cloud.objectSizes.forEach((stored, index) => {
      expect(allowedObjectSize(index, stored)).toBe(true);
    });
  });

  it('tells the service neither name nor bytes', async () => {
    const source = random(100_000);
    await sent(source);
    const plain = Buffer.from((await bytesOf(source)).subarray(0, 64));
    const head = Buffer.from(cloud.started!.fileName, 'base64url');
    expect(head.includes('berraschung')).toBe(false);
    for (const object of cloud.objects.values()) expect(object.includes(plain)).toBe(false);
  });

  it('gives its key to each member, and to nobody for another', async () => {
    const upload = send(random(10), [ana, ben]);
    const { fileId } = await upload.head;
    await upload.done;
    expect(cloud.started!.keys.map(({ userId }) => userId)).toEqual([ben.userId]);
    const wrapped = Buffer.from(cloud.started!.keys[0]!.encryptedKey, 'base64url');
    await unwrapKey(wrapped, ben.privateKey, { roomId, fileId, recipientId: ben.userId });
    await expect(
      unwrapKey(wrapped, ana.privateKey, { roomId, fileId, recipientId: ben.userId }),
    ).rejects.toThrow();
  });

  it('can be read from anywhere', async () => {
    const source = random(3_000_000);
    const { file } = await sent(source);
    const bytes = await bytesOf(source);
    for (const [offset, length] of [
      [0, 10],
      [65_530, 20],
      [262_140, 300_000],
      [2_999_990, 100],
      [3_000_000, 5],
    ] as const)
      expect(hash(await file.read(offset, length))).toBe(hash(bytes.subarray(offset, offset + length)));
  });
});

describe('a file that is read while it is sent', () => {
  it('is read as far as it has arrived, then waits, then ends', async () => {
    const gate = Promise.withResolvers<void>();
    cloud.admit = (index) => (index >= 2 ? gate.promise : Promise.resolve());
    const source = random(3_000_000);
    const upload = send(source);
    const file = await open(await upload.head);
    const bytes = await bytesOf(source);
    const arrived = firstRecord(2) * recordSize;
    expect(hash(await file.read(0, arrived))).toBe(hash(bytes.subarray(0, arrived)));
    expect(file.arrived.get()).toMatchObject({ bytes: arrived, complete: false });
    const rest = file.read(arrived, bytes.length);
    const abort = new AbortController();
    const givenUp = file.read(arrived, 1, abort.signal);
    abort.abort();
    await expect(givenUp).rejects.toMatchObject({ reason: 'cancelled' });
    gate.resolve();
    expect(hash(await rest)).toBe(hash(bytes.subarray(arrived)));
    await upload.done;
  });

  it('catches up with pieces that the socket missed or exchanged', async () => {
    cloud.silent = true;
    const upload = send(random(3_000_000));
    const file = await open(await upload.head);
    await upload.done;
    const [...listeners] = cloud.listeners;
    for (const delta of cloud.deltas.slice(1).reverse())
      for (const tell of listeners) tell({ state: 'uploading', delta });
    await until(file.arrived, ({ complete }) => complete);
  });

  it('says so when the sender cancels', async () => {
    const gate = Promise.withResolvers<void>();
    cloud.admit = () => gate.promise;
    const upload = send(random(1_000_000));
    const file = await open(await upload.head);
    const reading = file.read(0, 10);
    upload.cancel();
    gate.resolve();
    await expect(upload.done).rejects.toMatchObject({ reason: 'cancelled' });
    await expect(reading).rejects.toMatchObject({ reason: 'deleted' });
    expect(cloud.deleted).toBe(true);
    expect(upload.progress.get().state).toBe('cancelled');
  });
});

describe('the line upwards', () => {
  let clock = 0;
  beforeEach(() => {
    clock = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
  });
  afterEach(() => void vi.restoreAllMocks());

  it('when slow, carries one object at a time: whoever watches waits for the first', async () => {
    let underWay = 0;
    let most = 0;
    cloud.fault = () => {
      most = Math.max(most, ++underWay);
      return false;
    };
    cloud.admit = async () => {
      clock += 2000;
      underWay--;
    };
    await send(random(20_000_000)).done;
    expect(most).toBe(1);
  });

  it('when fast, carries several: one is stored only after the next has started', async () => {
    const next = Promise.withResolvers<void>();
    cloud.fault = (_request, _response, index) => {
      if (index === 3) next.resolve();
      return false;
    };
    cloud.admit = async (index) => {
      clock += 1;
      if (index === 2) await next.promise;
    };
    await send(random(3_000_000)).done;
  });
});

describe('storage and network in trouble', () => {
  /** Objects that were received more than once must have been the same bytes: one nonce, one plaintext. */
  const expectSameCiphertexts = () => {
    for (const { index, bytes } of cloud.received)
      expect(cloud.objects.get(index)!.subarray(0, bytes.length).equals(bytes)).toBe(true);
  };

  it('sends again what was cut off on the way', async () => {
    const cut = new Set<number>();
    cloud.fault = (request, _, index) => {
      if (request.method !== 'PUT' || cut.has(index)) return false;
      cut.add(index);
      request.once('data', (chunk: Buffer) => {
        cloud.received.push({ index, bytes: chunk, url: cloud.signed });
        request.socket.destroy();
      });
      return true;
    };
    const source = random(1_500_000);
    const { file } = await sent(source);
    expect(cut.size).toBeGreaterThan(2);
    expectSameCiphertexts();
    expect(hash(await bytesOf(await file.blob()))).toBe(hash(await bytesOf(source)));
  });

  it('takes an object as stored whose answer was lost', async () => {
    let lost = false;
    cloud.fault = (request, response, index) => {
      if (request.method !== 'PUT' || index !== 1 || lost) return false;
      lost = true;
      response.writeHead = () => {
        request.socket.destroy();
        return response;
      };
      return false;
    };
    const { file } = await sent(random(800_000));
    expectSameCiphertexts();
    expect((await file.blob()).size).toBe(800_000);
  });

  it('asks for new URLs when the old ones have expired', async () => {
    cloud.life = -1;
    const upload = send(random(400_000));
    await upload.head;
    cloud.life = 300;
    await upload.done;
    cloud.life = -1;
    const file = await open(await upload.head);
    cloud.life = 300;
    expect((await file.read(0, 400_000)).length).toBe(400_000);
  });

  it('goes on where a download broke off', async () => {
    const source = random(2_000_000);
    const { file } = await sent(source);
    let breaks = 0;
    cloud.fault = (request, response, index) => {
      if (request.method !== 'GET' || breaks >= 3) return false;
      const start = Number(/\d+/.exec(request.headers.range!)![0]);
      const part = cloud.objects.get(index)!.subarray(start, start + 2.5 * sealedRecordSize);
      breaks++;
      response.writeHead(206, { 'content-length': 10_000_000 });
      response.write(part, () => request.socket.destroy());
      return true;
    };
    expect(hash(await file.read(0, 2_000_000))).toBe(hash(await bytesOf(source)));
    expect(breaks).toBe(3);
    breaks = 0;
    expect(hash(await bytesOf(await file.blob()))).toBe(hash(await bytesOf(source)));
  });

  it('pauses and goes on', async () => {
    const upload = send(random(3_000_000));
    await upload.head;
    upload.pause();
    expect(upload.progress.get().state).toBe('paused');
    const { sent } = upload.progress.get();
    upload.resume();
    await upload.done;
    expect(upload.progress.get().sent).toBeGreaterThan(sent);
    expectSameCiphertexts();
  });

  it('fails with the reason, and removes what was sent, when it is refused', async () => {
    cloud.reportProgress = async () => {
      throw new ProblemError(problem('forbidden'));
    };
    const upload = send(random(1_000_000));
    await expect(upload.done).rejects.toMatchObject({ reason: 'refused' });
    expect(upload.progress.get()).toMatchObject({ state: 'failed', problem: 'You may not do this' });
    expect(cloud.deleted).toBe(true);
  });
});

describe('a service or storage that lies', () => {
  const damaged = { reason: 'damaged' };

  it.each([0, 1, 2, 3])('is found out when it alters object %i', async (index) => {
    const { file } = await sent(random(2_000_000));
    cloud.objects.get(index)![100_000]! ^= 1;
    await expect(file.read(0, 2_000_000)).rejects.toMatchObject(damaged);
    await expect(file.blob()).rejects.toMatchObject(damaged);
  });

  it('is found out when it exchanges objects', async () => {
    const { file } = await sent(random(2_000_000));
    const [first, second] = [cloud.objects.get(0)!, cloud.objects.get(1)!];
    cloud.objects.set(0, second).set(1, first);
    await expect(file.read(0, 10)).rejects.toMatchObject(damaged);
  });

  it('is found out when padding was altered, before it is called complete', async () => {
    const { file } = await sent(random(70_000 * 3));
    const object = cloud.objects.get(0)!;
    object[object.length - 1]! ^= 1;
    await expect(file.blob()).rejects.toMatchObject(damaged);
  });

  it('cannot put another key, manifest or piece in place', async () => {
    const { upload, file } = await sent(random(1000));
    const head = await upload.head;
    file.close();
    const other = new Cloud();
    await other.listen();
    const decoy = startUpload(random(1000), {
      api: other,
      roomId,
      fileId: head.fileId,
      me: ana,
      recipients: [],
      fetch,
      journal: new MemoryJournal(),
    });
    await decoy.done;
    await other.close();
    const { started, deltas } = cloud;
    cloud.started = { ...started!, encryptedKey: other.started!.encryptedKey };
    await expect(open(head)).rejects.toMatchObject(damaged);
    cloud.started = { ...started!, fileName: other.started!.fileName };
    await expect(open(head)).rejects.toMatchObject(damaged);
    cloud.started = started!;
    deltas.splice(0, 1, other.deltas[0]!);
    await expect((await open(head)).read(0, 1)).rejects.toMatchObject(damaged);
  });

  it('cannot pass a part of a file for all of it', async () => {
    const upload = send(random(2_000_000));
    const head = await upload.head;
    await upload.done;
    cloud.deltas.pop();
    const file = await open(head);
    const saving = file.blob();
    expect(file.arrived.get().complete).toBe(false);
    file.close();
    await expect(saving).rejects.toMatchObject({ reason: 'cancelled' });
  });
});

describe('films', () => {
  const fixture = async (name: string) =>
    named(await openAsBlob(new URL(`../../../../e2e/fixtures/${name}`, import.meta.url)), name);

  it.each([
    ['camera.mp4', 'video/mp4', 60],
    ['clip.webm', 'video/webm', 10.008],
  ])('%s is sent as tracks with seek points', async (name, type, duration) => {
    const { file } = await sent(await fixture(name));
    expect(file.head).toMatchObject({ layout: 'tracks', name, type, duration, width: 320, height: 180 });
    expect(file.head.tracks?.map(({ kind }) => kind)).toEqual(['video', 'audio']);
    await until(file.arrived, ({ complete }) => complete);
    expect(file.arrived.get().seconds).toBe(duration);
    const point = file.seekPoint(5)!;
    expect(point.time).toBeGreaterThan(2.9);
    expect(point.time).toBeLessThanOrEqual(5);
    const [track] = await file.read(point.offset, 1);
    expect([0, 1]).toContain(track);
  });

  it.each(['camera.mp4', 'clip.webm'])(
    '%s goes along as it is where its sender says so, and plays as without',
    async (name) => {
      const source = await fixture(name);
      const { file: without } = await sent(source);
      const { size } = await without.blob();
      await expect(without.blob({ original: true })).rejects.toMatchObject({ reason: 'unsupported' });
      await cloud.close();
      cloud = new Cloud();
      await cloud.listen();
      const upload = send(source, [ana, ben], true);
      await upload.done;
      const file = await open(await upload.head);
      expect(file.head).toMatchObject({ layout: 'tracks', original: true, size: source.size });
      let saved = 0;
      const original = await file.blob({
        original: true,
        onProgress: (now) => {
          saved = now;
        },
      });
      expect(hash(await bytesOf(original))).toBe(hash(await bytesOf(source)));
      expect(saved).toBe(1);
      expect((await file.blob()).size).toBe(size);
    },
  );

  it('plays from what has arrived: seek points come while it is sent', async () => {
    const gate = Promise.withResolvers<void>();
    cloud.admit = (index) => (index >= 3 ? gate.promise : Promise.resolve());
    const upload = send(await fixture('camera.mp4'));
    const file = await open(await upload.head);
    const { seconds } = await until(file.arrived, ({ seconds }) => seconds > 20);
    expect(seconds).toBeLessThan(40);
    expect(file.seekPoint(50)!.time).toBe(seconds);
    gate.resolve();
    await upload.done;
  });

  it.each([
    ['without its index', (film: Blob) => film.slice(0, film.size - 1000)],
    ['of another kind', () => new Blob(['no film at all'], { type: 'video/mp4' })],
  ])('go as they are %s', async (_, change) => {
    const source = named(change(await fixture('camera.mp4')), 'film.mp4');
    const { file } = await sent(source);
    expect(file.head.layout).toBe('raw');
    expect(hash(await bytesOf(await file.blob()))).toBe(hash(await bytesOf(source)));
  });
});
