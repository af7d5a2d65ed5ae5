import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { until } from '../web/src/engine/index.ts';
import { hasBrowser, openProfile, signUp } from './browser.ts';
import { say } from './conversation.ts';
import { register, untilText } from './headless.ts';
import { closeLater, startSystem, system } from './started.ts';

startSystem();

it.skipIf(!hasBrowser)(
  'what a person chooses holds, also after a reload: typing unseen, larger text, a room that is silent',
  async () => {
    const ben = await register(system.url, 'Ben');
    const room = await ben.createRoom('Film night');
    const profile = closeLater(await openProfile());
    const { page, complaints } = profile;
    page.setDefaultTimeout(60_000);
    await page.goto(await ben.room(room).invite());
    const email = `ana-${crypto.randomUUID()}@example.org`;
    await signUp(page, { name: 'Ana', email, password: 'four words in a row' });
    const composer = page.getByTestId('composer');
    await composer.fill('hello');
    await until(ben.room(room).typing, (who) => who.length === 1);
    await composer.press('Enter');
    await untilText(ben, room, 'hello');
    // In a block of code Enter begins a line; after its end it sends.
    await composer.pressSequentially('```\none\ntwo\n```\n');
    await untilText(ben, room, '```\none\ntwo\n```');

    await page.goto(`${system.url}/settings`);
    await page.getByTestId('typing-switch').uncheck();
    await page.getByTestId('text-size').getByText('Larger').click();
    // What is chosen stays where it was pressed: only the settings scroll, never the page around them.
    expect(await page.evaluate(() => document.documentElement.scrollTop)).toBe(0);
    await page.getByTestId('room-levels').getByRole('combobox').selectOption('nothing');
    await page.getByTestId('quiet').check();
    // Shown once it is kept: a reload before that would cut it off.
    await page.locator('input[type=time]').first().waitFor();
    await page.reload();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe('20px');
    expect(await page.getByTestId('typing-switch').isChecked()).toBe(false);
    await page.getByTestId('quiet').and(page.locator(':checked')).waitFor({ state: 'attached' });
    await expect
      .poll(() => page.getByTestId('room-levels').getByRole('combobox').inputValue(), { timeout: 60_000 })
      .toBe('nothing');

    await until(ben.room(room).typing, (who) => who.length === 0);
    let typed = 0;
    ben.room(room).typing.subscribe((who) => {
      typed += who.length;
    });
    await page.goto(`${system.url}/r/${room}`);
    await page.getByTestId('composer').fill('nobody saw this coming');
    await page.getByTestId('composer').press('Enter');
    await untilText(ben, room, 'nobody saw this coming');
    expect(typed).toBe(0);
    expect(complaints).toEqual([]);
    await ben.close();
  },
);

it.skipIf(!hasBrowser)(
  'who is called is called as they like: a tone while they look elsewhere in the app, the badge, a notice in the background, silence in quiet hours',
  async () => {
    const ben = await register(system.url, 'Ben');
    const [room, other] = [await ben.createRoom('Loud'), await ben.createRoom('Other')];
    const links = [await ben.room(room).invite(), await ben.room(other).invite()];
    const profile = closeLater(await openProfile());
    const { page, context, complaints } = profile;
    page.setDefaultTimeout(60_000);
    await context.grantPermissions(['notifications'], { origin: system.url });
    // What leaves the page for the ears and the icon.
    await page.addInitScript(() => {
      const heard = { tones: 0, badge: -1, asked: 0 };
      Object.assign(window, { heard });
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...args) {
        heard.tones++;
        return start.apply(this, args);
      };
      navigator.setAppBadge = async (count = 0) => {
        heard.badge = count;
      };
      const { persist } = StorageManager.prototype;
      StorageManager.prototype.persist = function () {
        heard.asked++;
        return persist.call(this);
      };
    });
    const heard = () =>
      page.evaluate(
        () => (window as unknown as { heard: { tones: number; badge: number; asked: number } }).heard,
      );
    await page.goto(links[0]!);
    const email = `ana-${crypto.randomUUID()}@example.org`;
    await signUp(page, { name: 'Ana', email, password: 'four words in a row' });
    await page.getByTestId('composer').waitFor();
    // Once there is something to lose the browser is asked to keep it.
    await expect.poll(async () => (await heard()).asked, { timeout: 60_000 }).toBeGreaterThan(0);
    await page.goto(links[1]!);
    await page.getByTestId('join').click();
    await page.getByTestId('composer').waitFor();
    // What calls people comes after the screen; what was said before that is no news.
    await expect.poll(async () => (await heard()).badge, { timeout: 60_000 }).toBe(0);
    await ben.room(room).send('over here');
    await expect.poll(async () => (await heard()).tones, { timeout: 60_000 }).toBe(2);
    await expect.poll(async () => (await heard()).badge, { timeout: 60_000 }).toBe(1);

    // With the app closed the service worker is woken, without a word; in quiet hours it makes no sound.
    const noticed = async () => {
      const { session, registrationId } = await workerOf(page);
      await session.send('ServiceWorker.deliverPushMessage', {
        origin: system.url,
        registrationId,
        data: '',
      });
      const read = () =>
        page.evaluate(async () => {
          const registration = await navigator.serviceWorker.ready;
          const found = await registration.getNotifications({ tag: 'news' });
          const [notice] = found.map(({ title, body, silent }) => ({ title, body, silent: silent === true }));
          for (const each of found) each.close();
          return notice;
        });
      let notice: Awaited<ReturnType<typeof read>>;
      await expect
        .poll(
          async () => {
            notice = await read();
            return notice !== undefined;
          },
          { timeout: 60_000 },
        )
        .toBe(true);
      await session.detach();
      return notice!;
    };
    const loud = await noticed();
    expect(loud).toMatchObject({ title: 'Stream Chat', silent: false });
    expect(JSON.stringify(loud)).not.toContain('over here');

    await page.goto(`${system.url}/settings`);
    await page.getByTestId('quiet').check();
    const times = page.locator('input[type=time]');
    await times.nth(0).fill('00:00');
    await times.nth(1).fill('23:59');
    await expect.poll(async () => (await noticed()).silent, { timeout: 60_000 }).toBe(true);
    await page.goto(`${system.url}/r/${other}`);
    await page.getByTestId('composer').waitFor();
    await ben.room(room).send('psst');
    await expect.poll(async () => (await heard()).badge, { timeout: 60_000 }).toBe(2);
    expect((await heard()).tones).toBe(0);
    expect(complaints).toEqual([]);
    await ben.close();
  },
);

it.skipIf(!hasBrowser)(
  'who writes without a network is reminded of it once there is one, should the app be closed by then; files that wait for one say so',
  async () => {
    const ben = await register(system.url, 'Ben');
    const room = await ben.createRoom('On the train');
    const { page, context } = closeLater(await openProfile());
    page.setDefaultTimeout(60_000);
    // The browser's part: to wake the service worker when there is a network (web/src/sw/notices.test.ts has what that then does).
    await page.addInitScript(() => {
      const tags: string[] = [];
      const { SyncManager } = window as unknown as { SyncManager: { prototype: { register: unknown } } };
      SyncManager.prototype.register = async (tag: string) => void tags.push(tag);
      Object.assign(window, { tags });
    });
    const tags = () => page.evaluate(() => (window as unknown as { tags: string[] }).tags);
    // At first the network goes before all is there that the app keeps for such times.
    const cut = "addEventListener('install', (event) => event.waitUntil(Promise.reject(new TypeError())))";
    let cuts = 0;
    await context.route(
      '**/sw.js',
      (route) => {
        cuts += 1;
        return route.fulfill({ contentType: 'text/javascript', body: cut });
      },
      { times: 1 },
    );
    await page.goto(await ben.room(room).invite());
    const email = `ana-${crypto.randomUUID()}@example.org`;
    await signUp(page, { name: 'Ana', email, password: 'four words in a row' });
    await page.getByTestId('composer').waitFor();
    const isKept = () =>
      page.evaluate(async () => {
        dispatchEvent(new Event('online'));
        return Boolean((await navigator.serviceWorker.getRegistration())?.active);
      });
    await expect.poll(isKept, { timeout: 60_000 }).toBe(true);
    expect(cuts).toBe(1);
    await say(page, 'from the platform');
    await untilText(ben, room, 'from the platform');
    expect(await tags()).toEqual([]);
    await context.setOffline(true);
    await say(page, 'from the tunnel');
    await expect.poll(tags, { timeout: 60_000 }).toEqual(['unsent']);
    await context.setOffline(false);
    await untilText(ben, room, 'from the tunnel');

    // Nor does what comes by itself once there is one look as if it were coming.
    await ben.room(room).sendFile(new File(['By the sea'], 'novel.txt', { type: 'text/plain' }));
    const card = page.getByTestId('file-card');
    await card.getByTestId('save').waitFor();
    await context.setOffline(true);
    await page.reload();
    await card.getByText('Opens once there is a connection').waitFor();
    await context.setOffline(false);
    await card.getByTestId('save').waitFor();
    await ben.close();
  },
);

it.skipIf(!hasBrowser)(
  'what the browser has deleted to make space is said, and comes back by signing in',
  async () => {
    const ben = await register(system.url, 'Ben');
    const room = await ben.createRoom('Memories');
    const profile = closeLater(await openProfile());
    const { page, context } = profile;
    page.setDefaultTimeout(60_000);
    await page.goto(await ben.room(room).invite());
    const [email, password] = [`ana-${crypto.randomUUID()}@example.org`, 'four words in a row'];
    await signUp(page, { name: 'Ana', email, password });
    await page.getByTestId('composer').fill('remember this');
    await page.getByTestId('composer').press('Enter');
    await untilText(ben, room, 'remember this');
    await ben.room(room).send('and that');
    await page.getByTestId('message').filter({ hasText: 'and that' }).waitFor();
    await page.evaluate(backedUp);
    // As browsers do that need space: what the site keeps in quantity, here and there all else too, but never its cookies.
    const session = await context.newCDPSession(page);
    const large = 'indexeddb,cache_storage,service_workers,file_systems';
    for (const storageTypes of [large, `${large},local_storage`]) {
      await page.goto('about:blank');
      await session.send('Storage.clearDataForOrigin', { origin: system.url, storageTypes });
      await page.goto(`${system.url}/r/${room}`);
      await page.getByTestId('evicted').waitFor();
    }
    await page.getByTestId('email').fill(email);
    await page.getByTestId('password').fill(password);
    await page.getByTestId('submit').click();
    for (const words of ['remember this', 'and that'])
      await page.getByTestId('message').filter({ hasText: words }).waitFor();
    await ben.close();
  },
);

/** In a page: resolves once no key waits for its backup any more. */
async function backedUp(): Promise<void> {
  const asked = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  for (const { name } of await indexedDB.databases()) {
    const database = await asked(indexedDB.open(name!));
    if (database.objectStoreNames.contains('backups'))
      while ((await asked(database.transaction('backups').objectStore('backups').count())) > 0)
        await new Promise(requestAnimationFrame);
    database.close();
  }
}

/** The page's service worker, as the browser's own tools reach it. */
async function workerOf(page: Page) {
  const session = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first) resolve(first.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  return { session, registrationId: await registered };
}
