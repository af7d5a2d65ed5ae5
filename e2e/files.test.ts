import { mkdtempSync, openAsBlob, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, type FileItem, type TimelineItem, until } from '../web/src/engine/index.ts';
import { createLocks } from '../web/src/engine/store/locks.ts';
import { type Account, letIn, openEngine, register, twoInARoom, untilOnline, untilView } from './headless.ts';
import { openLine } from './line.ts';
import { freshSystem, type TestSystem } from './system.ts';

const patience = { timeout: 60_000 };
let system: TestSystem;
beforeAll(async () => {
  system = await freshSystem({ web: false });
});
afterAll(() => system?.remove());

const fixture = (name: string) =>
  new File([readFileSync(new URL(`./fixtures/${name}`, import.meta.url))], name);

/** Two people in a room, and the file that one sent as the other sees it. */
async function sent(file: File) {
  const { ana, ben, room } = await twoInARoom({ ana: system.url, ben: system.url });
  const sending = ana.room(room).sendFile(file);
  const view = await untilView(ben, room, (now) => now.timeline.some(({ kind }) => kind === 'file'));
  const item = view.timeline.find((candidate): candidate is FileItem => candidate.kind === 'file')!;
  await sending;
  return { ana, ben, room, item };
}
const closeAll = (...engines: Engine[]) => Promise.all(engines.map((engine) => engine.close()));

describe('a file', () => {
  it.each([0, 1, 65_536, 65_537, 1_000_000])('of %i bytes arrives as it was, with its name', async (size) => {
    const bytes = new Uint8Array(size).map((_, i) => (i * 31) ^ (i >> 8));
    const { ana, ben, room, item } = await sent(new File([bytes], 'häuser & gärten.bin'));
    const opened = await ben.room(room).openFile(item);
    expect(opened.head).toMatchObject({ name: 'häuser & gärten.bin', size });
    const blob = await opened.blob();
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytes);
    await closeAll(ana, ben);
  });

  it.each(['camera.mp4', 'clip.webm'])(
    '%s can be sought and read while and after it arrives',
    async (name) => {
      const { ana, ben, room, item } = await sent(fixture(name));
      const opened = await ben.room(room).openFile(item);
      expect(opened.head.layout).toBe('tracks');
      expect(opened.head.tracks?.map(({ kind }) => kind)).toEqual(['video', 'audio']);
      const first = await opened.read(0, 1000);
      expect(first).toHaveLength(1000);
      const saved = await opened.blob();
      expect(saved.size).toBeGreaterThan(100_000);
      const middle = opened.seekPoint(opened.head.duration! / 2)!;
      expect(middle.time).toBeLessThanOrEqual(opened.head.duration! / 2);
      expect(middle.time).toBeGreaterThan(opened.head.duration! / 2 - 3);
      await closeAll(ana, ben);
    },
  );

  it('is nothing to somebody who joins later: the key was never wrapped for them', async () => {
    const { ana, ben, room, item } = await sent(new File([new Uint8Array(10)], 'early.bin'));
    const late = await register(system.url, 'Late');
    await letIn(ana, room, late);
    await untilOnline(late, room);
    expect(
      late
        .room(room)
        .view.get()
        .timeline.filter(({ kind }) => kind === 'file'),
    ).toEqual([]);
    await expect(late.room(room).openFile(item)).rejects.toThrow();
    await closeAll(ana, ben, late);
  });

  it('that was deleted can be opened by nobody any more', async () => {
    const { ana, ben, room, item } = await sent(new File([new Uint8Array(10)], 'regret.bin'));
    await expect(ben.room(room).deleteFile(item)).rejects.toMatchObject({ reason: 'forbidden' });
    const mine = ana
      .room(room)
      .view.get()
      .timeline.find((candidate): candidate is FileItem => candidate.kind === 'file')!;
    await ana.room(room).deleteFile(mine);
    await expect(ben.room(room).openFile(item)).rejects.toThrow();
    await closeAll(ana, ben);
  });
});

it('that is on its way when the session ends goes on by itself after signing in again', async () => {
  const { ana, ben, room } = await twoInARoom({ ana: system.url, ben: system.url });
  const { email, password } = (ana as Engine & { account: Account }).account;
  const other = await openEngine({ url: system.url });
  await other.login({ email, password });
  const bytes = new Uint8Array(24_000_000).map((_, i) => (i * 31) ^ (i >> 8));
  await ana.room(room).sendFile(new File([bytes], 'long.bin'));
  const mine = await untilView(ana, room, ({ timeline }) => timeline.some(isFile));
  const upload = mine.timeline.find(isFile)!.upload!;
  upload.pause();
  expect(upload.progress.get().sent).toBeLessThan(24_000_000);
  const next = `${password} again`;
  await other.changePassword({ current: password, next });
  await until(ana.session, ({ kind }) => kind === 'signed-out');
  await ana.login({ email, password: next });
  const view = await untilView(ben, room, ({ timeline }) => timeline.some(isFile));
  const opened = await ben.room(room).openFile(view.timeline.find(isFile)!);
  const blob = await opened.blob();
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytes);
  await closeAll(ana, ben, other);
});

it('that was interrupted is gone on with once, however many tabs try at the same time', async () => {
  const line = await openLine(system.port);
  const { ana, ben, room } = await twoInARoom({ ana: line.url, ben: system.url });
  const bytes = new Uint8Array(24_000_000).map((_, i) => (i * 31) ^ (i >> 8));
  const file = new File([bytes], 'long.bin');
  // Slow enough to be stopped half-way.
  line.throttleUp(4_000_000);
  await ana.room(room).sendFile(file);
  const of = ({ timeline }: { timeline: readonly TimelineItem[] }) => timeline.find(isFile);
  of(await untilView(ana, room, (now) => of(now) !== undefined))!.upload!.stop();
  const mine = of(await untilView(ana, room, (now) => of(now)?.interrupted !== undefined))!;
  line.throttleUp(undefined);
  const tries = [1, 2, 3].map(() => ana.room(room).resumeFile(mine, file));
  const refused = (await Promise.allSettled(tries)).filter(({ status }) => status === 'rejected');
  expect(refused).toMatchObject([{ reason: { reason: 'busy' } }, { reason: { reason: 'busy' } }]);
  const opened = await ben
    .room(room)
    .openFile(of(await untilView(ben, room, (now) => of(now) !== undefined))!);
  expect(new Uint8Array(await (await opened.blob()).arrayBuffer())).toEqual(bytes);
  await closeAll(ana, ben);
  await line.close();
});

it('that became whole while its reader had no connection is whole to them once they have one', async () => {
  const line = await openLine(system.port);
  const { ana, ben, room } = await twoInARoom({ ana: system.url, ben: line.url });
  await ana.room(room).sendFile(new File([new Uint8Array(24_000_000)], 'long.bin'));
  const mine = await untilView(ana, room, ({ timeline }) => timeline.some(isFile));
  const upload = mine.timeline.find(isFile)!.upload!;
  upload.pause();
  const view = await untilView(ben, room, ({ timeline }) => timeline.some(isFile));
  const { arrived } = await ben.room(room).openFile(view.timeline.find(isFile)!);
  // So slow that no other connection comes about.
  line.throttleUp(1);
  line.cut();
  await untilView(ben, room, ({ connection }) => connection !== 'online');
  upload.resume();
  await upload.done;
  expect(arrived.get().complete).toBe(false);
  line.throttleUp(undefined);
  await until(arrived, ({ complete }) => complete);
  await closeAll(ana, ben);
  await line.close();
});

it('that there is no room for is refused before it is sent, with the numbers', async () => {
  const small = await freshSystem({ web: false, QUOTA_FILE: '1 MB' });
  const { ana, ben, room } = await twoInARoom({ ana: small.url, ben: small.url });
  await ana.room(room).sendFile(new File([new Uint8Array(2_000_000)], 'large.bin'));
  const view = await untilView(ana, room, ({ timeline }) =>
    timeline.some((item) => isFile(item) && item.problem),
  );
  const { problem } = view.timeline.find(isFile)!;
  expect(problem).toMatch(/^A file may take 1 MB: this one needs \d\.\d MB\. Send it in smaller parts\.$/);
  await closeAll(ana, ben);
  await small.remove();
});

it('of 12 GB takes no more memory the longer it is sent, and what was sent is gone once it is cancelled', async () => {
  const { ana, ben, room } = await twoInARoom({ ana: system.url, ben: system.url });
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-sparse-'));
  const path = join(directory, 'film.mp4');
  writeFileSync(path, '');
  truncateSync(path, 12e9);
  // Node tells the size of a file in 32 bits.
  const more = { size: { value: 12e9 }, name: { value: 'film.mp4' } };
  const file = Object.defineProperties(await openAsBlob(path, { type: 'video/mp4' }), more) as File;
  await ana.room(room).sendFile(file);
  const view = await untilView(ana, room, ({ timeline }) => timeline.some(isFile));
  const item = view.timeline.find(isFile)!;
  const progress = item.upload!.progress;
  const sent = (bytes: number) => until(progress, (now) => now.sent >= bytes || now.state === 'failed');
  await sent(50e6);
  const before = process.memoryUsage().rss;
  await sent(350e6);
  expect(progress.get()).toMatchObject({ state: 'uploading' });
  expect(progress.get().total).toBeGreaterThan(12e9);
  // An object is 8 MiB, and a few of them are under way; a collector comes when it comes.
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  await ana.room(room).discard(item.id);
  await expect(item.upload!.done).rejects.toMatchObject({ reason: 'cancelled' });
  const seen = (await untilView(ben, room, ({ timeline }) => timeline.some(isFile))).timeline.find(isFile)!;
  await expect(ben.room(room).openFile(seen)).rejects.toThrow();
  await closeAll(ana, ben);
  rmSync(directory, { recursive: true });
});

it('of many is sent in its turn, three at a time, and can be cancelled before', async () => {
  const { ana, ben, room } = await twoInARoom({ ana: system.url, ben: system.url });
  const file = (i: number) => new File([new Uint8Array(9_000_000).fill(i)], `number ${i}.bin`);
  // The first is on a slow disk.
  const slow = file(0);
  const slice = slow.slice.bind(slow);
  slow.slice = (...range) => {
    const part = slice(...range);
    const read = part.arrayBuffer.bind(part);
    return Object.assign(part, { arrayBuffer: () => new Promise((go) => setTimeout(go, 500)).then(read) });
  };
  const sent = [slow, 1, 2, 3, 4, 5].map((one) =>
    ana.room(room).sendFile(typeof one === 'number' ? file(one) : one),
  );
  const of = ({ timeline }: { timeline: readonly TimelineItem[] }) => timeline.filter(isFile);
  const view = await untilView(ana, room, (now) => of(now).length === 6);
  const states = () => of(view).map(({ upload }) => upload!.progress.get().state);
  expect(states().filter((state) => state === 'queued')).toHaveLength(3);
  const last = of(view).find(({ upload }) => upload!.progress.get().state === 'queued')!;
  await ana.room(room).discard(last.id);
  await Promise.all(sent);
  await untilView(ben, room, (now) => of(now).length === 5);
  // In the order of picking, not in that in which they were ready.
  const names = of(ben.room(room).view.get()).map(({ name }) => name);
  expect(names).toEqual(names.toSorted());
  for (const item of of(ben.room(room).view.get())) {
    const opened = await ben.room(room).openFile(item);
    await opened.save(new WritableStream());
    expect(opened.head.size).toBe(9_000_000);
  }
  await closeAll(ana, ben);
});

it('that is all sent, while one that was picked before is not yet told of, is told of after a crash, and not where it was cancelled', async () => {
  const storeName = `order-${crypto.randomUUID()}`;
  const { ana, ben, room } = await twoInARoom({ ana: system.url, ben: system.url }, storeName);
  // The first is on a disk that never answers.
  const slow = new File([new Uint8Array(9_000_000)], 'slow.bin');
  slow.slice = () => Object.assign(new Blob(), { arrayBuffer: () => new Promise(() => {}) });
  const small = (name: string) => new File([new Uint8Array(1000)], name);
  for (const file of [slow, small('regret.bin'), small('photo.bin')]) void ana.room(room).sendFile(file);
  const of = ({ timeline }: { timeline: readonly TimelineItem[] }) => timeline.filter(isFile);
  const view = await untilView(ana, room, (now) => of(now).length === 3);
  const [regret, photo] = ['regret.bin', 'photo.bin'].map((name) =>
    of(view).find((item) => item.name === name),
  );
  for (const item of [regret, photo]) await item!.upload!.done;
  await ana.room(room).discard(regret!.id);
  await ana.close();
  const locks = createLocks(storeName);
  await expect.poll(() => locks.taken(`upload ${photo!.fileId}`), patience).toBe(false);
  const back = await openEngine({ url: system.url, storeName });
  const seen = await untilView(ben, room, (now) => of(now).length === 1);
  expect(of(seen).map(({ name }) => name)).toEqual(['photo.bin']);
  expect(of(back.room(room).view.get()).map(({ name }) => name)).not.toContain('regret.bin');
  await closeAll(back, ben);
});

const isFile = (item: TimelineItem): item is FileItem => item.kind === 'file';
