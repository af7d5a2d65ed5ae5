// What comes from elsewhere: by the system's share sheet, which posts a form to the app's own address, by its file manager, by dropping.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser } from './browser.ts';
import { freshSystem, type TestSystem } from './system.ts';
import { benWatches, cardOf, type Watching } from './watching.ts';

let system: TestSystem;
let room: Watching;
beforeAll(async () => {
  if (!hasBrowser) return;
  system = await freshSystem();
  room = await benWatches({ ana: system.url, ben: system.url });
}, 600_000);
afterAll(async () => {
  await room?.close();
  await system?.remove();
});

/** As the share sheet does it. */
const share = (texts: Record<string, string>, files: Record<string, string>) =>
  room.ben.page.evaluate(
    ([fields, contents]) => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', action: '/share', enctype: 'multipart/form-data' });
      const add = (name: string, type: string) => {
        const input = Object.assign(document.createElement('input'), { name, type });
        form.append(input);
        return input;
      };
      for (const [name, value] of Object.entries(fields)) add(name, 'text').value = value;
      const transfer = new DataTransfer();
      for (const [name, content] of Object.entries(contents)) transfer.items.add(new File([content], name));
      const input = add('files', 'file');
      input.multiple = true;
      input.files = transfer.files;
      document.body.append(form);
      form.submit();
    },
    [texts, files] as const,
  );

it.skipIf(!hasBrowser)(
  'stays here until its room is chosen, then goes as what one sends oneself',
  async () => {
    const { page } = room.ben;
    // As the app does by itself when it is built for people.
    await page.evaluate(async () => void (await navigator.serviceWorker.register('/sw.js')));
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const [posted] = await Promise.all([
      page.waitForResponse(
        (answer) => answer.request().method() === 'POST' && answer.url().endsWith('/share'),
      ),
      share(
        { title: 'A walk', text: 'A walk', url: 'https://example.org/walk' },
        { 'walk & talk.gpx': 'here' },
      ),
    ]);
    expect(posted.fromServiceWorker()).toBe(true);
    const shared = page.getByTestId('shared');
    await shared.getByText('walk & talk.gpx').waitFor();
    // Another start of the app finds it as well.
    await page.reload();
    await shared.getByText('https://example.org/walk').waitFor();
    await page.getByTestId('share-room').filter({ hasText: 'Friday film club' }).click();
    await cardOf(page, 'walk & talk.gpx').getByTestId('save').waitFor();
    expect(await page.getByTestId('composer').inputValue()).toBe('A walk\nhttps://example.org/walk');
    await page.goto(`${system.url}/share`);
    await page.getByText('There is nothing to send').waitFor();
  },
);

it.skipIf(!hasBrowser)('is seen in the settings, and can be removed there unsent', async () => {
  const { page } = room.ben;
  await share({ text: 'nothing for anybody' }, { 'scan.pdf': 'x'.repeat(100_000) });
  await page.getByTestId('shared').waitFor();
  await page.goto(`${system.url}/settings`);
  await page.getByTestId('leftovers').getByText('100 kB').waitFor();
  await page.getByRole('button', { name: 'Remove the copies' }).click();
  await page.getByTestId('leftovers').waitFor({ state: 'detached' });
  await page.goto(`${system.url}/share`);
  await page.getByText('There is nothing to send').waitFor();
});

it.skipIf(!hasBrowser)(
  'a file that the system opens with the app goes to the room that is chosen',
  async () => {
    const { page } = room.ben;
    // In the system's place: it hands over what is in the page's private file system.
    await page.evaluate(async () => {
      const directory = await navigator.storage.getDirectory();
      const handle = await directory.getFileHandle('minutes.pdf', { create: true });
      const writable = await handle.createWritable();
      await writable.write('%PDF-1.4 minutes');
      await writable.close();
    });
    await page.addInitScript(() => {
      if (location.pathname !== '/share') return;
      const setConsumer = async (consumer: (launch: object) => void) => {
        const directory = await navigator.storage.getDirectory();
        consumer({ files: [await directory.getFileHandle('minutes.pdf')] });
      };
      Object.defineProperty(window, 'launchQueue', { value: { setConsumer } });
    });
    await page.goto(`${system.url}/share`);
    await page.getByTestId('shared').getByText('minutes.pdf').waitFor();
    await page.getByTestId('share-room').filter({ hasText: 'Friday film club' }).click();
    await cardOf(page, 'minutes.pdf').getByTestId('save').waitFor();
  },
);

describe.skipIf(!hasBrowser)('what is dropped', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dropped-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Drops files of this machine on the room, as a pointer does. */
  async function drop(...files: string[]): Promise<void> {
    const { page, context } = room.ben;
    const { x, y, width, height } = (await page.getByRole('log').boundingBox())!;
    const session = await context.newCDPSession(page);
    const data = { items: [], files, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: x + width / 2, y: y + height / 2, data });
    await session.detach();
  }

  it('a folder is not sent, and it is said; a file beside it is', async () => {
    const { page } = room.ben;
    mkdirSync(join(folder, 'holiday'));
    writeFileSync(join(folder, 'beside.txt'), 'beside');
    await drop(join(folder, 'holiday'), join(folder, 'beside.txt'));
    await page.getByText('Folders can’t be sent').waitFor();
    await cardOf(page, 'beside.txt').getByTestId('save').waitFor();
    expect(await page.getByTestId('file-card').filter({ hasText: 'holiday' }).count()).toBe(0);
  });

  it('a file that changes meanwhile is not passed for whole; it is sent as it is now, and of what it was nothing stays', async () => {
    const { page } = room.ben;
    const path = join(folder, 'changing.bin');
    writeFileSync(path, new Uint8Array(4 * 2 ** 20));
    const card = cardOf(page, 'changing.bin');
    // Its first bytes wait on their way to storage until it has changed.
    await page.route(
      (url) => url.searchParams.has('X-Amz-Signature'),
      async (route) => {
        if (route.request().method() === 'PUT') await changed.promise;
        await route.continue().catch(() => undefined);
      },
    );
    const changed = Promise.withResolvers<void>();
    const sends = page.waitForRequest(
      (request) => request.method() === 'PUT' && request.url().includes('X-Amz-Signature'),
    );
    await Promise.all([sends, drop(path)]);
    writeFileSync(path, new Uint8Array(4 * 2 ** 20).fill(1));
    changed.resolve();
    const interrupted = card.getByTestId('interrupted');
    await interrupted.getByText('it has changed since it was chosen').waitFor();
    await card.getByTestId('choose-again').setInputFiles(path);
    await interrupted.getByText('Nothing of it was sent').waitFor();
    await interrupted.getByTestId('send-anew').click();
    await interrupted.waitFor({ state: 'detached' });
    await card.getByTestId('save').waitFor();
    const cards = page.getByTestId('file-card').filter({ hasText: 'changing.bin' });
    await expect.poll(() => cards.count(), { timeout: 60_000 }).toBe(1);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });
});

it.skipIf(!hasBrowser)('the shortcuts of the installed app lead to a new room, and to finding', async () => {
  const { page } = room.ben;
  await page.goto(`${system.url}/?new`);
  await page.getByRole('dialog').getByTestId('room-name').waitFor();
  await page.goto(`${system.url}/?find`);
  await page.getByTestId('find').waitFor();
  expect(page.url()).toBe(`${system.url}/`);
});

it.skipIf(!hasBrowser)(
  'a new version is offered, and taken at once; what was being written stays',
  async () => {
    const { page } = room.ben;
    await page.goto(system.url);
    await page.getByTestId('room').filter({ hasText: 'Friday film club' }).click();
    await page.getByTestId('composer').fill('half a sentence');
    const offer = page.getByTestId('update');
    // Of another address, and so for the browser another version; but the page is the newest that there is.
    await Promise.all([page.waitForResponse(`${system.url}/`), registerNext(page)]);
    expect(await offer.count()).toBe(0);
    // Now the service has a newer one.
    await page.route(`${system.url}/`, (route) =>
      route.request().resourceType() === 'fetch'
        ? route.fulfill({ body: '<script type="module" src="/assets/index-next.js"></script>' })
        : route.continue(),
    );
    await registerNext(page);
    await offer.getByText('There is a new version').waitFor();
    await Promise.all([page.waitForEvent('load'), offer.getByTestId('update-now').click()]);
    await page.waitForFunction(() => navigator.serviceWorker.controller?.scriptURL.includes('?next'));
    await page.waitForFunction(
      () =>
        document.querySelector<HTMLTextAreaElement>('[data-testid="composer"]')?.value === 'half a sentence',
    );
  },
);

const registerNext = (page: Page) =>
  page.evaluate(async () => void (await navigator.serviceWorker.register(`/sw.js?next=${Date.now()}`)));
