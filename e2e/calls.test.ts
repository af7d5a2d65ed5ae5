// Calls, as people make them: real browsers with a camera and a microphone that Chromium makes up.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintsOf, hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { moves, others, sounds } from './callers.ts';
import { freshSystem, type TestSystem } from './system.ts';

describe.skipIf(!hasBrowser)('a call', () => {
  let system: TestSystem;
  const people: Profile[] = [];
  const pages = () => people.map(({ page }) => page) as [Page, Page, Page];
  let link = '';

  beforeAll(async () => {
    system = await freshSystem();
    for (const name of ['Ana', 'Ben', 'Carla']) {
      const profile = await openProfile({ devices: true });
      people.push(profile);
      const { page } = profile;
      await page.goto(link || system.url);
      await signUp(page, {
        name,
        email: `${name.toLowerCase()}@example.org`,
        password: `correct horse battery ${name}`,
      });
      if (link) {
        await page.getByTestId('composer').waitFor();
        continue;
      }
      await page.getByTestId('create-room').first().click();
      await page.getByTestId('room-name').fill('Sunday call');
      await page.getByTestId('room-name').press('Enter');
      await page.getByTestId('composer').waitFor();
      await page.getByTestId('invite').first().click();
      link = await page.getByTestId('invite-link').inputValue();
      await page.keyboard.press('Escape');
    }
  });
  afterAll(async () => {
    await Promise.all(people.map((profile) => profile.close()));
    await system?.remove();
  });

  it('begins with one, shows itself to the others, and each who joins is seen and heard, encrypted', async () => {
    const [ana, ben] = pages();
    await ana.getByTestId('video-call').click();
    await ana.getByTestId('call-stage').waitFor();
    await ben.getByTestId('call-invitation').getByText('Ana is in a call').waitFor();
    await ben.getByTestId('call-invitation').getByRole('button', { name: 'Join with video' }).click();
    for (const page of [ana, ben]) {
      await others(page, 1);
      await moves(page);
      await sounds(page);
    }
  });

  it('takes a third, for whom each makes a new key, also when a first attempt at a connection comes to nothing', async () => {
    const [ana, ben, carla] = pages();
    await carla.evaluate(() => {
      // As the browser has it when a connection is closed while it is being described, which then never ends.
      const describe = RTCPeerConnection.prototype.setLocalDescription;
      RTCPeerConnection.prototype.setLocalDescription = () => {
        RTCPeerConnection.prototype.setLocalDescription = describe;
        return new Promise(() => {});
      };
      const states = new Set<string>();
      Object.assign(globalThis, { states });
      new MutationObserver(() => {
        for (const tile of document.querySelectorAll<HTMLElement>('[data-testid="call-tile"]'))
          states.add(tile.dataset.state!);
      }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-state'] });
    });
    await carla.getByTestId('call-join').click();
    for (const page of [ana, ben, carla]) await others(page, 2);
    expect(
      await carla.evaluate(() => [...(globalThis as unknown as { states: Set<string> }).states]),
    ).toContain('retrying');
    // Carla joined with her microphone alone.
    await carla.getByTestId('call-camera').click();
    for (const page of [ana, ben, carla]) await moves(page);
  });

  it('shows who is muted, and a camera that is off', async () => {
    const [ana, ben] = pages();
    await ana.getByTestId('call-mic').click();
    await ben.getByRole('img', { name: 'Ana is muted' }).waitFor();
    await ana.getByTestId('call-mic').click();
    await ben.getByRole('img', { name: 'Ana is muted' }).waitFor({ state: 'detached' });
    await ana.getByTestId('call-camera').click();
    await ben.waitForFunction(
      () => document.querySelectorAll('[data-testid="call-tile"] video.hidden').length === 1,
    );
    await ana.getByTestId('call-camera').click();
    await moves(ben);
  });

  it('goes on while the server is away', async () => {
    const [ana, ben] = pages();
    await system.stop();
    await moves(ana);
    await moves(ben);
    await system.restart();
    await others(ben, 2);
  });

  it('is left by one, and goes on for the others under keys that one has not', async () => {
    const [ana, ben, carla] = pages();
    await carla.getByTestId('call-leave').click();
    await carla.getByTestId('call-invitation').waitFor();
    for (const page of [ana, ben]) {
      await others(page, 1);
      await moves(page);
    }
  });

  it('is kept on another page, and ends with the last', async () => {
    const [ana, ben] = pages();
    await ana.evaluate(() => history.pushState({}, '', '/'));
    await ana.evaluate(() => dispatchEvent(new PopStateEvent('popstate')));
    await ana.getByTestId('call-elsewhere').waitFor();
    await sounds(ana);
    await ana.getByTestId('call-elsewhere').getByRole('button', { name: 'Leave call' }).click();
    await ben.getByTestId('call-leave').click();
    await ben.getByTestId('call-invitation').waitFor({ state: 'detached' });
    await ben.getByTestId('call').waitFor();
  });

  it('nobody saw an error on the way', () => {
    expect(complaintsOf(people)).toEqual([]);
  });
});
