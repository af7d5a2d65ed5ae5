// The main job (DESIGN section 1), as two people do it: two browsers, a fresh system, a real film.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintsOf, hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { type Line, openLine } from './line.ts';
import { contains, storedBytes } from './stored.ts';
import { freshSystem, type TestSystem } from './system.ts';

const film = new URL('./fixtures/camera.mp4', import.meta.url).pathname;
const people = {
  ana: { name: 'Ana Quellenhof', email: 'ana@example.org', password: 'correct horse battery ana' },
  ben: { name: 'Ben Strandläufer', email: 'ben@example.org', password: 'correct horse battery ben' },
};
const roomName = 'Friday film club';
const says = (who: string, i: number) => `${who} says thing number ${i} about marmalade`;

describe.skipIf(!hasBrowser)('one evening, end to end', () => {
  let system: TestSystem;
  let line: Line;
  let ana: Profile;
  let ben: Profile;
  let link = '';

  beforeAll(async () => {
    system = await freshSystem();
    line = await openLine(system.port);
    ana = await openProfile();
    ben = await openProfile();
  });
  afterAll(async () => {
    await Promise.all([ana?.close(), ben?.close()]);
    await line?.close();
    await system?.remove();
  });

  it('Ana registers, makes a room and copies the link', async () => {
    await ana.page.goto(line.url);
    await signUp(ana.page, people.ana);
    await ana.page.getByTestId('create-room').first().click();
    await ana.page.getByTestId('room-name').fill(roomName);
    await ana.page.getByTestId('room-name').press('Enter');
    await ana.page.getByTestId('composer').waitFor();
    await ana.page.getByTestId('invite').first().click();
    link = await ana.page.getByTestId('invite-link').inputValue();
    expect(link).toMatch(new RegExp(`^${line.url}/invite#`));
    await ana.page.keyboard.press('Escape');
  });

  it('Ben opens the link, registers and lands in the room', async () => {
    await ben.page.goto(link);
    await signUp(ben.page, people.ben);
    await ben.page.getByTestId('composer').waitFor();
    await ben.page.getByText(roomName).first().waitFor();
    expect(ben.page.url()).toContain('/r/');
  });

  it('ten messages each way arrive in order on both sides', async () => {
    for (let i = 1; i <= 10; i++) {
      await say(ana.page, says('Ana', i));
      await say(ben.page, says('Ben', i));
    }
    const [seenByAna, seenByBen] = await Promise.all([messages(ana.page, 20), messages(ben.page, 20)]);
    expect(seenByBen).toEqual(seenByAna);
    for (const who of ['Ana', 'Ben'])
      expect(seenByBen.filter((text) => text.startsWith(who))).toEqual(
        [...Array(10)].map((_, i) => says(who, i + 1)),
      );
  });

  it('Ana sees that Ben is typing, until he sends', async () => {
    const line = ana.page.getByTestId('typing');
    await ben.page.getByTestId('composer').pressSequentially('Popcorn?');
    await line.getByText(`${people.ben.name} is typing…`).waitFor();
    await ben.page.getByTestId('composer').press('Enter');
    await shows(ana.page, 'Popcorn?');
    // At once: by itself it would go only after seconds.
    await line.getByText('typing').waitFor({ state: 'detached', timeout: 3_000 });
  });

  it('Ana sees whether Ben has the room in front of him', async () => {
    const here = ana.page.getByTestId('here');
    const turn = (to: 'hidden' | 'visible') =>
      ben.page.evaluate((state) => {
        Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, to);
    await here.getByText('1 other here').waitFor();
    await turn('hidden');
    await here.waitFor({ state: 'detached' });
    await turn('visible');
    await here.waitFor();
    await ana.page.getByTestId('details').click();
    const member = ana.page.getByTestId('member').filter({ hasText: people.ben.name });
    await member.getByRole('img', { name: 'Here now' }).waitFor();
    await ana.page.getByTestId('details').click();
  });

  it('Ben reloads and sees them', async () => {
    // What Ana said and Ben said, and the popcorn.
    const before = await messages(ben.page, 21);
    await ben.page.reload();
    expect(await messages(ben.page, before.length)).toEqual(before);
  });

  it('Ben watches the film while Ana still uploads it, to its end', async () => {
    // Slow enough that the upload takes more than 20 s.
    const size = readFileSync(film).length;
    line.throttleUp(size / 24);
    const started = performance.now();
    await ana.page.getByTestId('file-input').first().setInputFiles(film);
    const card = ben.page.getByTestId('file-card').last();
    // Its small picture came with its name.
    const poster = card.getByTestId('poster');
    const drawn = await poster.evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      return image.naturalWidth;
    });
    expect(drawn).toBe(256);
    await card.getByTestId('play').click();
    const video = ben.page.locator('video').last();
    await video.evaluate((element: HTMLVideoElement) => {
      element.muted = true;
      return new Promise<void>((seen) => element.requestVideoFrameCallback(() => seen()));
    });
    const firstFrame = performance.now() - started;
    expect(await uploading(ana.page)).toBe(true);
    const mine = ana.page.getByTestId('file-card').last();
    const height = async () => (await mine.boundingBox())?.height;
    const whileSent = await height();
    await ana.page.waitForFunction(() => !document.querySelector('[data-testid="upload"]'), undefined, {
      timeout: 90_000,
    });
    const uploaded = performance.now() - started;
    line.throttleUp(undefined);
    expect(uploaded).toBeGreaterThan(20_000);
    expect(firstFrame).toBeLessThan(uploaded);
    // As the last of it went, nothing moved for her either.
    await mine.getByTestId('all-sent').waitFor();
    await mine.getByTestId('play').waitFor();
    expect(await height()).toBe(whileSent);
    // To the end; twice as fast, as a person in a hurry would.
    await video.evaluate((element: HTMLVideoElement) => {
      element.playbackRate = 2;
      return element.ended
        ? undefined
        : new Promise<void>((done) => element.addEventListener('ended', () => done(), { once: true }));
    });
    const {
      duration,
      width,
      height: lines,
    } = await video.evaluate((element: HTMLVideoElement) => ({
      duration: element.duration,
      width: element.videoWidth,
      height: element.videoHeight,
    }));
    expect(duration).toBeCloseTo(60, 0);
    expect([width, lines]).toEqual([320, 180]);
  });

  it("what Ben saves has the source's frames", async () => {
    const downloading = ben.page.waitForEvent('download');
    // The save picker can't be driven from outside: without it the app takes the way that other browsers take.
    await ben.page.evaluate(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
    await ben.page.getByTestId('file-card').last().getByTestId('save').click();
    const saved = await (await downloading).path();
    expect(await filmFacts(readFileSync(saved))).toEqual(await filmFacts(readFileSync(film)));
  });

  it('a restart of everything between two messages loses nothing', async () => {
    await say(ana.page, 'before the lights went out');
    await shows(ben.page, 'before the lights went out');
    await system.restart();
    await say(ben.page, 'after they came back');
    await shows(ana.page, 'after they came back');
    await shows(ben.page, 'before the lights went out');
  });

  it('a WebM plays too', async () => {
    await ana.page.getByTestId('file-input').first().setInputFiles(fixture('clip.webm'));
    const card = ben.page.getByTestId('file-card').filter({ hasText: 'clip.webm' });
    await card.getByTestId('play').click();
    const seen = await card.locator('video').evaluate((element: HTMLVideoElement) => {
      element.muted = true;
      return new Promise<number>((frame) =>
        element.requestVideoFrameCallback((_, { width }) => frame(width)),
      );
    });
    expect(seen).toBeGreaterThan(0);
  });

  it('any other file arrives byte for byte', async () => {
    const plan = join(tmpdir(), `zugspitze-${crypto.randomUUID()}.bin`);
    const bytes = crypto.getRandomValues(new Uint8Array(300_001 - 240_000));
    writeFileSync(plan, bytes);
    await ana.page.getByTestId('file-input').first().setInputFiles(plan);
    const card = ben.page.getByTestId('file-card').filter({ hasText: 'zugspitze' });
    const downloading = ben.page.waitForEvent('download');
    await card.getByTestId('save').click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^zugspitze/);
    expect(readFileSync(await download.path()).equals(bytes)).toBe(true);
  });

  it('an upload that a reload cuts off goes on with its file, and arrives byte for byte', async () => {
    const diary = join(tmpdir(), `diary-${crypto.randomUUID()}.bin`);
    // More than is kept here until it is sent.
    const bytes = randomBytes(4_600_000);
    writeFileSync(diary, bytes);
    line.throttleUp(400_000);
    await ana.page.getByTestId('file-input').first().setInputFiles(diary);
    const mine = ana.page.getByTestId('file-card').filter({ hasText: 'diary' });
    await mine.getByText(/[2-9]\d\s?%/).waitFor();
    await ana.page.reload();
    line.throttleUp(undefined);
    await mine.getByTestId('interrupted').waitFor();
    await mine.getByTestId('choose-again').setInputFiles(fixture('clip.webm'));
    await mine.getByRole('alert').filter({ hasText: 'another file' }).waitFor();
    const before = line.received().length;
    await mine.getByTestId('choose-again').setInputFiles(diary);
    await mine.getByTestId('interrupted').waitFor({ state: 'detached' });
    const card = ben.page.getByTestId('file-card').filter({ hasText: 'diary' });
    await card.getByTestId('still-uploading').waitFor({ state: 'detached' });
    // What had arrived was not sent again.
    expect(line.received().length - before).toBeLessThan(bytes.length - 300_000);
    const downloading = ben.page.waitForEvent('download');
    await card.getByTestId('save').click();
    expect(readFileSync(await (await downloading).path()).equals(bytes)).toBe(true);
  });

  it('small ones go on by themselves, also those whose turn had not come; a large one is asked for', async () => {
    const { page } = ana;
    const file = (name: string, size: number) => ({
      name: `${name}.bin`,
      mimeType: 'application/octet-stream',
      buffer: randomBytes(size),
    });
    const sent = ['note 1', 'note 2', 'note 3'].map((name) => file(name, 400_000));
    const waiting = ['photo 1', 'photo 2'].map((name) => file(name, 50_000));
    line.throttleUp(30_000);
    await page
      .getByTestId('file-input')
      .first()
      .setInputFiles([...sent, ...waiting, file('novel', 4_600_000)]);
    const mine = (name: string) => page.getByTestId('file-card').filter({ hasText: name });
    await expect.poll(() => keptFiles(page), { timeout: 60_000 }).toBe(5);
    await mine('novel').getByText('Waits for its turn').waitFor();
    await mine('note 1')
      .getByText(/[1-9]\d?\s?%/)
      // The first objects of all three share the line: half a minute, where nothing else is on it.
      .waitFor({ timeout: 120_000 });
    await page.reload();
    line.throttleUp(undefined);
    for (const { name, buffer } of [...sent, ...waiting]) {
      const card = ben.page.getByTestId('file-card').filter({ hasText: name });
      await card.getByTestId('save').waitFor();
      await card.getByTestId('still-uploading').waitFor({ state: 'detached' });
      const downloading = ben.page.waitForEvent('download');
      await card.getByTestId('save').click();
      expect(readFileSync(await (await downloading).path()).equals(buffer)).toBe(true);
    }
    const novel = mine('novel');
    await novel.getByText('The page was closed before its turn came. Choose the file again').waitFor();
    await novel.getByRole('button', { name: 'Cancel upload' }).click();
    await novel.waitFor({ state: 'detached' });
    await expect.poll(() => keptFiles(page), { timeout: 60_000 }).toBe(0);
  });

  it.each(['by itself', 'once she allows it'])(
    'an upload of what was dropped goes on after a reload without choosing the file again: %s',
    async (way) => {
      const { page } = ana;
      const name = `dropped ${way}.bin`;
      const asks = way !== 'by itself';
      // A file of the browser's own file system stands in for one of the disk: no hand can drop one here.
      await page.addInitScript(
        ([key, ask]) => {
          Object.assign(DataTransferItem.prototype, {
            getAsFileSystemHandle: async () => (await navigator.storage.getDirectory()).getFileHandle(key),
          });
          if (!ask) return;
          let allowed = false;
          Object.assign(FileSystemHandle.prototype, {
            queryPermission: async () => (allowed ? 'granted' : 'prompt'),
            requestPermission: async () => {
              allowed = navigator.userActivation.isActive;
              return allowed ? 'granted' : 'denied';
            },
          });
        },
        [name, asks] as const,
      );
      await page.reload();
      await page.getByTestId('composer').waitFor();
      const before = new Set(objectsPut(line));
      line.throttleUp(400_000);
      await page.evaluate(async (key) => {
        const place = await (await navigator.storage.getDirectory()).getFileHandle(key, { create: true });
        const writable = await place.createWritable();
        for (let i = 0; i < 40; i++) await writable.write(crypto.getRandomValues(new Uint8Array(65_536)));
        await writable.close();
        const transfer = new DataTransfer();
        transfer.items.add(await place.getFile());
        const drop = { bubbles: true, cancelable: true, dataTransfer: transfer };
        document.querySelector('[data-testid="composer"]')!.dispatchEvent(new DragEvent('drop', drop));
      }, name);
      const mine = page.getByTestId('file-card').filter({ hasText: name });
      // The first three objects are there.
      await mine.getByText(/[3-9]\d\s?%/).waitFor();
      await page.reload();
      line.throttleUp(undefined);
      if (asks) await mine.getByTestId('go-on').click();
      const card = ben.page.getByTestId('file-card').filter({ hasText: name });
      await card.getByTestId('save').waitFor();
      await card.getByTestId('still-uploading').waitFor({ state: 'detached' });
      const put = objectsPut(line).filter((object) => !before.has(object));
      // The third may have arrived without the service's being told of it yet.
      expect(put.filter((object) => /\/[01]$/.test(object))).toHaveLength(2);
      expect(put.filter((object) => /\/[34]$/.test(object)).length).toBeGreaterThanOrEqual(2);
      const downloading = ben.page.waitForEvent('download');
      await card.getByTestId('save').click();
      const sent = await page.evaluate(async (key) => {
        const place = await (await navigator.storage.getDirectory()).getFileHandle(key);
        const hash = await crypto.subtle.digest('SHA-256', await (await place.getFile()).arrayBuffer());
        return [...new Uint8Array(hash)];
      }, name);
      const arrived = readFileSync(await (await downloading).path());
      expect([...createHash('sha256').update(arrived).digest()]).toEqual(sent);
    },
  );

  it('nobody saw an error on the way', () => {
    // While the system restarts, requests and sockets fail: browsers log that by themselves.
    expect(complaintsOf([ana, ben])).toEqual([]);
  });

  it('the server has neither seen nor kept a word, a name, a file name, a password or a key', async () => {
    const seen = [line.received(), Buffer.from(system.output())];
    await system.stop();
    const haystack = Buffer.concat([...seen, await storedBytes(system.dataDir)]);
    const secrets = [
      says('Ana', 3),
      'marmalade',
      'lights went out',
      roomName,
      people.ana.name,
      'Strandläufer',
      'camera.mp4',
      'zugspitze',
      people.ana.password,
      people.ben.password,
      link.split('.').at(-1)!,
    ];
    for (const secret of secrets)
      expect(contains(haystack, secret), `the server knows ${JSON.stringify(secret)}`).toBe(false);
    // The record is no blind one: what the server must know is in it.
    expect(contains(haystack, people.ana.email)).toBe(true);
    expect(contains(Buffer.concat(seen), '"t":"send"')).toBe(true);
  });
});

/** The objects that were sent, each time that they were: file and number. */
const objectsPut = (line: Line): string[] =>
  [
    ...line
      .received()
      .toString('latin1')
      .matchAll(/PUT \S*\/files\/([0-9a-f-]{36}\/\d+)\?/g),
  ].map(([, object]) => object!);

const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url).pathname;

async function say(page: Page, text: string): Promise<void> {
  await page.getByTestId('composer').fill(text);
  await page.getByTestId('composer').press('Enter');
  await shows(page, text);
}

const shows = (page: Page, text: string) =>
  page.getByTestId('message').filter({ hasText: text }).first().waitFor();

/** Texts of the timeline once there are `count`; scrolls up for those that are not rendered. */
async function messages(page: Page, count: number): Promise<string[]> {
  await page.setViewportSize({ width: 1280, height: 3000 });
  await page.waitForFunction((n) => document.querySelectorAll('[data-testid="message"]').length >= n, count);
  const found = await page.getByTestId('message').evaluateAll((elements) =>
    elements.map((element) => {
      const said = element.cloneNode(true) as Element;
      // Who has read it comes when they have.
      said.querySelector('[data-testid="read-by"]')?.remove();
      return said.textContent ?? '';
    }),
  );
  await page.setViewportSize({ width: 1280, height: 800 });
  return found.map((text) => /(Ana|Ben) says thing number \d+ about marmalade/.exec(text)?.[0] ?? text);
}

/** How many files the browser keeps until they have been sent. */
const keptFiles = (page: Page) =>
  page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const counts = (await indexedDB.databases()).map(async ({ name }) => {
      const database = await settled(indexedDB.open(name!));
      const has = database.objectStoreNames.contains('files');
      const count = has ? await settled(database.transaction('files').objectStore('files').count()) : 0;
      database.close();
      return count;
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  });

const uploading = (page: Page) =>
  page.evaluate(() => document.querySelector('[data-testid="upload"]') !== null);

/** What makes a film the same film: duration, dimensions, and how many frames each track has. */
async function filmFacts(bytes: Buffer) {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(new Uint8Array(bytes)) });
  const video = (await input.getPrimaryVideoTrack())!;
  const audio = (await input.getPrimaryAudioTrack())!;
  const count = async (track: NonNullable<typeof video | typeof audio>) => {
    let packets = 0;
    for await (const _ of new EncodedPacketSink(track).packets()) packets++;
    return packets;
  };
  return {
    duration: Math.round(await input.computeDuration()),
    dimensions: [video.displayWidth, video.displayHeight],
    frames: await count(video),
    samples: await count(audio),
  };
}
