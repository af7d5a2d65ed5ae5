// What another app hands over by the system's share sheet, which posts a form to the app's own address.
import { afterAll, beforeAll, expect, it } from 'vitest';
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
