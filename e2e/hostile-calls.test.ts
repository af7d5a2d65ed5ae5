// Calls against a service that lies, and browsers that don't do what they say.

import type { Page } from 'playwright-core';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../protocol/bytes.ts';
import type { ServerFrame } from '../protocol/socket.ts';
import {
  decoded,
  hearingTwice,
  ignoringTransforms,
  losingKeys,
  rememberConnections,
  swappingFingerprints,
  withOldStreams,
  withoutTransforms,
} from './broken-browser.ts';
import { hasBrowser } from './browser.ts';
import { type Caller, type Callers, frameCounts, meet, moves, openCallers, others, part } from './callers.ts';
import { freshSystem, type TestSystem } from './system.ts';

type Signal = Extract<ServerFrame, { t: 'signal' }>;

/** The box with one bit of its middle changed. */
function touched(frame: Signal): Signal {
  const box = fromBase64(frame.box);
  box[box.length >> 1]! ^= 1;
  return { ...frame, box: toBase64(box) };
}

const alarm = (page: Page, text: string) => page.getByTestId('call-alarms').getByText(text).waitFor();

describe.skipIf(!hasBrowser)('a call', () => {
  let system: TestSystem;
  let callers: Callers;

  /** People, whose browsers are changed by `prepare`. */
  async function people<const N extends readonly string[]>(
    names: N,
    prepare?: (page: Page, name: N[number]) => Promise<unknown>,
  ): Promise<{ readonly [K in keyof N]: Caller }> {
    callers = await openCallers(system.url, names, prepare);
    return callers.all as unknown as { readonly [K in keyof N]: Caller };
  }

  beforeAll(async () => {
    system = await freshSystem();
  });
  afterAll(() => system?.remove());

  describe('with a service that lies', () => {
    let ana: Caller;
    let ben: Caller;
    let carla: Caller;

    beforeAll(async () => {
      [ana, ben, carla] = await people(['Ana', 'Ben', 'Carla'], rememberConnections);
    });
    afterAll(() => callers?.close());

    it('refuses signals that were touched on their way, says so, and comes about with the next', async () => {
      let lies = 3;
      ben.wire.toPage = (frame) => [frame.t === 'signal' && lies-- > 0 ? touched(frame) : frame];
      await meet(ana.page, ben.page);
      await alarm(ben.page, 'Something came in the name of Ana that is not from them.');
      for (const { page } of [ana, ben]) {
        await others(page, 1);
        await moves(page);
      }
      expect(lies).toBeLessThan(0);
      await part(ana.page, ben.page);
    });

    it('comes about though what one says is held back until the other has begun anew', async () => {
      const held: ServerFrame[] = [];
      ana.wire.toPage = (frame) => {
        if (frame.t !== 'signal') return [frame];
        held.push(frame);
        return [];
      };
      await meet(ana.page, ben.page);
      await ana.page.getByTestId('call-tile').getByText('Trying again…').waitFor();
      ana.wire.toPage = (frame) => [frame];
      for (const frame of held) ana.wire.say(frame);
      for (const { page } of [ana, ben]) {
        await others(page, 1);
        await moves(page);
      }
      await part(ana.page, ben.page);
    });

    it('takes no signal twice, under another number either', async () => {
      ben.wire.toPage = (frame) =>
        frame.t === 'signal' ? [frame, frame, { ...frame, id: uuidv7() }] : [frame];
      await meet(ana.page, ben.page);
      await alarm(ben.page, 'Something came in the name of Ana that is not from them.');
      await others(ben.page, 1);
      await moves(ben.page);
      ben.wire.toPage = (frame) => [frame];
      await part(ana.page, ben.page);
    });

    it('comes about when both begin it at once, and when offers meet', async () => {
      await Promise.all([ana, ben].map(({ page }) => page.getByTestId('call').click()));
      for (const { page } of [ana, ben]) await others(page, 1);
      await Promise.all([ana, ben].map(({ page }) => page.getByTestId('call-camera').click()));
      for (const { page } of [ana, ben]) await moves(page);
      await part(ana.page, ben.page);
    });

    it('goes on without somebody whose tab is gone', async () => {
      await meet(ana.page, ben.page);
      for (const { page } of [ana, ben]) await others(page, 1);
      const url = ben.page.url();
      await ben.page.goto('about:blank');
      await ana.page.getByTestId('call-tile').nth(1).waitFor({ state: 'detached' });
      await ben.page.goto(url);
      await ben.page.getByRole('button', { name: 'Join with video' }).click();
      for (const { page } of [ana, ben]) {
        await others(page, 1);
        await moves(page);
      }
      await part(ana.page, ben.page);
    });

    it('sends nothing more to somebody who was removed, though the service keeps their socket and tells them all', async () => {
      await meet(ana.page, ben.page, carla.page);
      for (const { page } of [ana, ben, carla]) await others(page, 2);
      // Carla's socket stays, she isn't told that she is out, and gets whatever Ben gets.
      carla.wire.kept = true;
      carla.wire.toPage = (frame) => (frame.t === 'gone' || frame.t === 'roster' ? [] : [frame]);
      ben.wire.toPage = (frame) => {
        if (frame.t === 'signal' || frame.t === 'call' || frame.t === 'message') carla.wire.say(frame);
        return [frame];
      };
      // And the others are told that she still is in the call.
      let told: Extract<ServerFrame, { t: 'call' }> | undefined;
      ana.wire.toPage = (frame) => {
        if (frame.t !== 'call') return [frame];
        told ??= frame;
        return [{ ...frame, devices: [...new Set([...frame.devices, ...told.devices])] }];
      };
      await ana.page.getByRole('button', { name: 'Members' }).click();
      await ana.page.getByRole('button', { name: 'Actions for Carla' }).click();
      await ana.page.getByRole('menuitem', { name: 'Remove from room' }).click();
      await ana.page.getByRole('button', { name: 'Remove', exact: true }).click();
      for (const { page } of [ana, ben]) {
        await others(page, 1);
        await moves(page);
      }
      // What was on its way has come; from here on, nothing does.
      await expect
        .poll(
          async () => {
            const { bytes } = await decoded(carla.page);
            await moves(ben.page);
            return (await decoded(carla.page)).bytes - bytes;
          },
          { timeout: 60_000 },
        )
        .toBe(0);
      const before = await decoded(carla.page);
      for (const { page } of [ana, ben]) await moves(page);
      expect(await decoded(carla.page)).toEqual(before);
    });
  });

  describe('in a browser', () => {
    let ana: Caller;
    let ben: Caller;

    const with_ = async (prepare: (page: Page) => Promise<unknown>) => {
      [ana, ben] = await people(['Ana', 'Ben'], async (page, name) => {
        if (name === 'Ben') await prepare(page);
        await rememberConnections(page);
      });
    };
    afterAll(() => callers?.close());

    it('that can’t encrypt frames is not joined, and that is said', async () => {
      await with_(withoutTransforms);
      await ana.page.getByTestId('video-call').click();
      await ben.page.getByTestId('call-join').click();
      await ben.page.getByText('This browser can’t encrypt calls.').waitFor();
      await expect(ben.page.getByTestId('call-stage').count()).resolves.toBe(0);
      await callers.close();
    });

    it('that has only the older way works', async () => {
      await with_(withOldStreams);
      await meet(ana.page, ben.page);
      for (const { page } of [ana, ben]) {
        await others(page, 1);
        await moves(page);
      }
      await callers.close();
    });

    it('that ignores encryption is stopped from sending, says so, and sees nothing of the others', async () => {
      await with_(ignoringTransforms);
      await meet(ana.page, ben.page);
      await alarm(ben.page, 'without encrypting it');
      await alarm(ben.page, 'picture');
      await alarm(ben.page, 'voice');
      // Whatever he has sent so far, Ana has not shown; her lock is open.
      expect((await decoded(ana.page)).frames).toBe(0);
      await ana.page.locator('[data-testid="call-tile"][data-secure="false"]').waitFor();
      // And he, who has no key at the decoder, gets her frames and can't decode one.
      await expect
        .poll(async () => (await decoded(ben.page)).bytes, { timeout: 60_000 })
        .toBeGreaterThan(20_000);
      expect((await decoded(ben.page)).frames).toBe(0);
      await ben.page.getByTestId('call-camera').click();
      await ben.page.getByText('so it stays off in this call').waitFor();
      await callers.close();
    });

    it('that has lost a key shows nothing, and asks for it again', async () => {
      await with_(losingKeys);
      await ben.page.evaluate(() => Object.assign(globalThis, { loseKeys: true }));
      await meet(ana.page, ben.page);
      await expect
        .poll(async () => (await frameCounts(ben.page)).stopped, { timeout: 60_000 })
        .toBeGreaterThan(20);
      expect((await decoded(ben.page)).frames).toBe(0);
      await ben.page.locator('[data-testid="call-tile"][data-secure="false"]').waitFor();
      await ben.page.evaluate(() => Object.assign(globalThis, { loseKeys: false }));
      await others(ben.page, 1);
      await moves(ben.page);
      await callers.close();
    });

    it('that gets every frame twice shows each once', async () => {
      await with_(hearingTwice);
      await meet(ana.page, ben.page);
      await others(ben.page, 1);
      await moves(ben.page);
      const before = await frameCounts(ben.page);
      await expect
        .poll(async () => (await frameCounts(ben.page)).copies, { timeout: 60_000 })
        .toBeGreaterThan(before.copies + 20);
      await moves(ben.page);
      await callers.close();
    });

    it('that finds another fingerprint refuses the connection and says so', async () => {
      await with_(swappingFingerprints);
      await meet(ana.page, ben.page);
      await alarm(ben.page, 'Somebody answered in place of Ana, without their key.');
      await ben.page.locator('[data-testid="call-tile"][data-state="refused"]').waitFor();
      expect((await decoded(ben.page)).frames + (await decoded(ana.page)).frames).toBe(0);
      await callers.close();
    });
  });
});
