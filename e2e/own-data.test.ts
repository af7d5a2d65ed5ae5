// What a browser keeps: a copy to take away, what is left when the browser deletes it, and what others are told.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../web/src/engine/index.ts';
import { hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { register, untilOnline, untilText } from './headless.ts';
import { freshSystem, type TestSystem } from './system.ts';

describe.skipIf(!hasBrowser)('own data', () => {
  let system: TestSystem;
  let carla: Engine;
  let ana: Profile;
  let room = '';
  const me = { name: 'Ana', email: 'ana@example.org', password: 'Ana correct horse' };

  beforeAll(async () => {
    system = await freshSystem();
    carla = await register(system.url, 'Carla');
    room = await carla.createRoom('Friday film');
    ana = await openProfile();
    await ana.page.goto(await carla.room(room).invite());
    await signUp(ana.page, me);
    await ana.page.getByTestId('composer').waitFor();
    await carla.room(room).send('Metropolis at eight?');
    await ana.page.getByText('Metropolis at eight?').first().waitFor();
    await ana.page.getByTestId('composer').fill('Yes!');
    await ana.page.getByTestId('send').click();
    await untilText(carla, room, 'Yes!');
  });
  afterAll(async () => {
    await Promise.all([ana?.close(), carla?.close()]);
    await system?.remove();
  });

  it('the export has every word that the device can read', async () => {
    const { page } = ana;
    await page.goto(`${system.url}/settings`);
    await page.getByTestId('kept').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export').click()]);
    const taken = JSON.parse(readFileSync(await download.path(), 'utf8'));
    expect(taken).toMatchObject({ format: 'stream-chat-export', account: { name: 'Ana' } });
    const [film] = taken.rooms;
    expect(film.name).toBe('Friday film');
    expect(film.members.map((member: { name: string }) => member.name)).toEqual(['Carla', 'Ana']);
    const said = film.messages.filter(({ kind }: { kind: string }) => kind === 'text');
    expect(
      said.map((each: { authorName: string; text: string }) => `${each.authorName}: ${each.text}`),
    ).toEqual(['Carla: Metropolis at eight?', 'Ana: Yes!']);
  });

  it('who doesn’t want others to see that they write tells nobody', async () => {
    const { page } = ana;
    const composer = page.getByTestId('composer');
    await page.goto(`${system.url}/r/${room}`);
    await untilOnline(carla, room);
    let heard = 0;
    const stop = carla.room(room).typing.subscribe((who) => {
      heard += who.length;
    });
    // Until both are connected nobody hears of it; who goes on writing says so again.
    const writes = async () => {
      await composer.pressSequentially('x');
      return heard;
    };
    await expect.poll(writes, { timeout: 60_000, interval: 500 }).toBeGreaterThan(0);
    await composer.fill('');
    await page.goto(`${system.url}/settings`);
    await page.getByTestId('typing-switch').uncheck();
    await page.locator('[data-testid=typing-switch][aria-checked=false]').waitFor();
    await page.goto(`${system.url}/r/${room}`);
    // What is said arrives: so would a notice.
    await composer.fill('hush');
    await page.getByTestId('send').click();
    await untilText(carla, room, 'hush');
    heard = 0;
    await composer.pressSequentially('psst');
    await page.getByTestId('send').click();
    await untilText(carla, room, 'psst');
    expect(heard).toBe(0);
    stop();
  });

  it('when the browser has deleted everything, it says so, and all comes back by signing in', async () => {
    const { page, context } = ana;
    const session = await context.newCDPSession(page);
    await page.goto(`${system.url}/robots.txt`);
    const storageTypes = 'indexeddb,local_storage,cache_storage,service_workers';
    await session.send('Storage.clearDataForOrigin', { origin: system.url, storageTypes });
    await page.goto(system.url);
    await page.getByTestId('evicted').waitFor();
    await page.getByTestId('email').fill(me.email);
    await page.getByTestId('password').fill(me.password);
    await page.getByTestId('submit').click();
    await page.getByTestId('room').getByText('Friday film').click();
    await page.getByText('Metropolis at eight?').first().waitFor();
    await page.getByTestId('message').getByText('Yes!').waitFor();
  });
});
