// A link to ask by: who comes by it sees the room once somebody has let them in.
import { expect, it } from 'vitest';
import { until } from '../web/src/engine/index.ts';
import { hasBrowser, openProfile, signUp } from './browser.ts';
import { register, untilText } from './headless.ts';
import { closeLater, startSystem, system } from './started.ts';

startSystem();

it.skipIf(!hasBrowser)(
  'who comes by a link to ask by sees the room once somebody has let them in, and not before',
  async () => {
    const ben = await register(system.url, 'Ben');
    const room = await ben.createRoom('Book club');
    await ben.room(room).send('said before');
    const link = await ben.room(room).askingLink(24);
    const profile = closeLater(await openProfile({ width: 390, height: 844, touch: true }));
    const { page, complaints } = profile;
    await page.goto(link);
    const email = `ana-${crypto.randomUUID()}@example.org`;
    await signUp(page, { name: 'Ana', email, password: 'four words in a row' });
    const asked = page.getByTestId('asked');
    await asked.getByText('Book club').waitFor();
    const { requests } = await until(ben.room(room).view, (view) => view.requests.length === 1);
    expect(requests[0]).toMatchObject({ name: 'Ana' });
    expect(ben.room(room).view.get().members).toHaveLength(1);
    await ben.room(room).letIn(requests[0]!.id);
    await page.getByTestId('composer').fill('thank you');
    await page.getByTestId('send').click();
    await untilText(ben, room, 'thank you');
    await until(ben.room(room).view, (view) => view.requests.length === 0);
    // Back from there are all rooms, and nothing of the link.
    await page.goBack();
    await page.getByTestId('create-room').waitFor();
    expect(page.url()).toBe(`${system.url}/`);

    // Who is told no hears it, also by the same link again.
    const other = await register(system.url, 'Mallory');
    expect(await other.readInvite(link)).toMatchObject({ roomName: 'Book club', asking: 'none' });
    await expect(other.join(link)).rejects.toMatchObject({ reason: 'not-let-in' });
    expect(await other.ask(link)).toBe('waiting');
    await until(ben.room(room).view, (view) => view.requests.length === 1);
    await ben.room(room).decline(ben.room(room).view.get().requests[0]!.id);
    expect(await other.ask(link)).toBe('declined');
    await expect(other.join(link)).rejects.toMatchObject({ reason: 'not-let-in' });
    expect(complaints).toEqual([]);
    await Promise.all([ben.close(), other.close()]);
  },
);

it.skipIf(!hasBrowser)(
  'an owner makes such a link, sees who asks, and lets one in and not another',
  async () => {
    const profile = closeLater(await openProfile());
    const { page, complaints } = profile;
    await page.goto(system.url);
    const email = `olga-${crypto.randomUUID()}@example.org`;
    await signUp(page, { name: 'Olga', email, password: 'four words in a row' });
    await page.getByTestId('create-room').first().click();
    await page.getByTestId('room-name').fill('Reading circle');
    await page.getByTestId('room-name').press('Enter');
    await page.getByTestId('invite').first().click();
    const field = page.getByTestId('invite-link');
    const straight = await field.inputValue();
    await page.locator('summary').click();
    await page.getByTestId('asking').click();
    await page.getByTestId('make-link').click();
    await page.getByTestId('asking-link').waitFor();
    await expect.poll(() => field.inputValue(), { timeout: 30_000 }).not.toBe(straight);
    const link = await field.inputValue();
    await page.keyboard.press('Escape');

    const [ben, mallory] = [await register(system.url, 'Ben'), await register(system.url, 'Mallory')];
    for (const who of [ben, mallory]) expect(await who.ask(link)).toBe('waiting');
    const asks = (name: string) => page.getByTestId('request').filter({ hasText: name });
    await asks('Mallory').waitFor();
    await asks('Ben').getByTestId('let-in').click();
    await asks('Ben').waitFor({ state: 'detached' });
    await asks('Mallory').getByTestId('decline').click();
    await asks('Mallory').waitFor({ state: 'detached' });
    const room = await ben.join(link);
    await ben.room(room).send('here I am');
    await page.getByTestId('message').filter({ hasText: 'here I am' }).waitFor();
    await expect(mallory.join(link)).rejects.toMatchObject({ reason: 'not-let-in' });
    expect(complaints).toEqual([]);
    await Promise.all([ben.close(), mallory.close()]);
  },
);
