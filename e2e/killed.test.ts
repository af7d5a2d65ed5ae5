// The worker that owns the keys is terminated again and again in a real browser: nobody notices.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientFrame, type Outgoing } from '../protocol/socket.ts';
import { keyOf, usedTwice } from '../web/src/engine/crypto/testing/key-of.ts';
import type { Engine } from '../web/src/engine/index.ts';
import { hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { idOf, letIn, register, texts, untilOnline, untilText } from './headless.ts';
import { freshSystem, type TestSystem } from './system.ts';

/** So many messages between page and worker are let through, and then it is terminated; once each. */
const moments = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24];

declare global {
  interface Window {
    keysWorker: { left: number; only?: string; deaths: number };
  }
}

/** Runs in the page before all else: counts the messages of the worker called `keys`, and terminates it when `left` are over (of one kind `only`). */
function watchKeys(): void {
  const state: Window['keysWorker'] = { left: Number.POSITIVE_INFINITY, deaths: 0 };
  window.keysWorker = state;
  const Real = Worker;
  window.Worker = class extends Real {
    readonly #step = ({ t }: { t: string }) => {
      if ((state.only ?? t) !== t || --state.left !== 0) return;
      this.terminate();
      state.deaths++;
    };
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      if (options?.name !== 'keys') return;
      this.addEventListener('message', ({ data }) => this.#step(data));
      const post = this.postMessage.bind(this);
      this.postMessage = (message: { t: string }) => {
        post(message);
        this.#step(message);
      };
    }
  };
}

describe.skipIf(!hasBrowser)('the worker that owns the keys dies', () => {
  let system: TestSystem;
  let ana: Profile;
  let ben: Engine;
  let page: Page;
  let room: string;
  const sent: Outgoing[] = [];
  const said: string[] = [];

  beforeAll(async () => {
    system = await freshSystem();
    ana = await openProfile();
    page = ana.page;
    await page.addInitScript(watchKeys);
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        if (payload === 'ping') return;
        const frame = ClientFrame.parse(JSON.parse(String(payload)));
        if (frame.t === 'send') sent.push(frame);
      }),
    );
    ben = await register(system.url, 'Ben');
    room = await ben.createRoom('Unsteady');
    await page.goto(await ben.room(room).invite());
    await signUp(page, { name: 'Ana', email: 'ana@example.org', password: 'correct horse battery ana' });
    await page.getByTestId('composer').waitFor();
    await untilOnline(ben, room);
  });
  afterAll(async () => {
    await ben?.close();
    await ana?.close();
    await system?.remove();
  });

  it('at any moment: everything said by either side arrives once', async () => {
    let guest: Engine | undefined;
    for (const moment of moments) {
      // Somebody who left, and a new device to give the next key to.
      if (guest) await ben.room(room).remove(idOf(guest));
      await guest?.close();
      guest = await register(system.url, 'Guest');
      await letIn(ben, room, guest);
      await page.evaluate((left) => {
        window.keysWorker.left = left;
      }, moment);
      const [hers, his] = [`Ana, after ${moment} steps`, `Ben, after ${moment} steps`];
      said.push(hers, his);
      await page.getByTestId('composer').fill(hers);
      await Promise.all([page.getByTestId('composer').press('Enter'), ben.room(room).send(his)]);
      for (const text of [hers, his])
        await page.getByTestId('message').filter({ hasText: text }).first().waitFor();
      await untilText(ben, room, hers);
      await untilText(guest, room, hers);
    }
    await guest?.close();
    const inRoom = texts(ben.room(room).view.get());
    expect(inRoom.toSorted()).toEqual(said.toSorted());
    expect(await page.evaluate(() => window.keysWorker.deaths)).toBeGreaterThan(moments.length / 2);
    await page.reload();
    await page
      .getByTestId('message')
      .filter({ hasText: said.at(-1)! })
      .first()
      .waitFor();
    await page.setViewportSize({ width: 1280, height: 4000 });
    await page.waitForFunction(
      (n) => document.querySelectorAll('[data-testid="message"]').length >= n,
      said.length,
    );
    const shown = await page.getByTestId('message').allTextContents();
    for (const text of inRoom) expect(shown.filter((each) => each.includes(text))).toHaveLength(1);
    expect(shown).toHaveLength(inRoom.length);
  });

  it('no message key served for two ciphertexts among all that left', () => {
    expect(usedTwice(sent)).toEqual([]);
    const keys = new Set(sent.map(keyOf));
    expect([...keys].filter((key) => key.startsWith('ratchet')).length).toBeGreaterThan(moments.length);
  });

  it('work on keys that it was doing fails with a sentence, and can be done again', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${system.url}/settings`);
    await page.getByTestId('change-password').click();
    await page.getByTestId('current-password').fill('correct horse battery ana');
    await page.getByTestId('new-password').fill('another horse battery ana');
    await page.evaluate(() => {
      window.keysWorker.only = 'progress';
      window.keysWorker.left = 2;
    });
    await page.getByTestId('submit').click();
    await page.getByText('This browser stopped the work on your keys').waitFor();
    await page.getByTestId('submit').click();
    await page.getByText('Your password is changed.').waitFor();
  });
});
