// Calls where no direct way is open: by coturn, with the settings that operators are given.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { behindStrictWalls, rememberConnections, way } from './broken-browser.ts';
import { alterAnswers, complaintsOf, hasBrowser, noteComplaints } from './browser.ts';
import { type Caller, type Callers, meet, moves, openCallers, others } from './callers.ts';
import { findCoturn, howToGetCoturn, type Relay, startCoturn } from './coturn.ts';
import { freshSystem, type TestSystem } from './system.ts';

const coturn = findCoturn();
if (!coturn) console.log(howToGetCoturn);
const secret = 'a secret/with+signs=';

/** The relay candidates that a connection of the page finds with `server`. */
const relayCandidates = (page: Page, server: RTCIceServer): Promise<number> =>
  page.evaluate(async (given) => {
    const connection = new RTCPeerConnection({ iceServers: [given], iceTransportPolicy: 'relay' });
    connection.createDataChannel('any');
    let found = 0;
    const complete = new Promise<void>((done) => {
      connection.onicecandidate = ({ candidate }) => (candidate ? found++ : done());
    });
    await connection.setLocalDescription();
    await complete;
    connection.close();
    return found;
  }, server);

/** Whatever credentials the page gets are said to end at once, so that it asks for others as soon as it may. */
const endingSoon = (page: Page) =>
  alterAnswers(page, '**/webrtc/ice*', async (answer) => ({
    json: { ...(await answer.json()), expiresAt: 0 },
  }));

/** The name by which the page's connection would ask a relay now. */
const nameOf = (page: Page) =>
  page.evaluate(() => {
    const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
    const connection = connections.findLast(({ connectionState }) => connectionState === 'connected');
    return connection?.getConfiguration().iceServers?.[0]?.username;
  });

describe.skipIf(!hasBrowser || !coturn)('a call by a relay', () => {
  let system: TestSystem;
  let callers: Callers;
  let relays: Relay[] = [];
  let ana: Caller;
  let ben: Caller;
  let asked: { iceServers: RTCIceServer[] };
  const noted: { complaints: string[] }[] = [];

  beforeAll(async () => {
    relays = await Promise.all([startCoturn(coturn!, secret), startCoturn(coturn!, secret)]);
    const urls = relays.map(({ url }) => url).join(' ');
    system = await freshSystem({ TURN_URLS: urls, TURN_SECRET: secret });
    callers = await openCallers(system.url, ['Ana', 'Ben'], async (page) => {
      await behindStrictWalls(page);
      await rememberConnections(page);
      await endingSoon(page);
      noted.push({ complaints: noteComplaints(page) });
    });
    [ana, ben] = callers.all as [Caller, Caller];
    ana.page.on('response', async (response) => {
      if (response.url().includes('/webrtc/ice')) asked = await response.json().catch(() => asked);
    });
  });
  afterAll(async () => {
    await callers?.close();
    await system?.remove();
    await Promise.all(relays.map((relay) => relay.remove()));
  });

  it('comes about, encrypted, with nothing but relays between the two', async () => {
    await meet(ana.page, ben.page);
    for (const { page } of [ana, ben]) {
      await others(page, 1);
      await moves(page);
      expect(await way(page)).toMatchObject({ local: 'relay', remote: 'relay' });
    }
  });

  it('is for who has credentials of the service: not for strangers, nor with credentials whose time is over', async () => {
    const { urls, username = '', credential = '' } = asked.iceServers[0]!;
    expect(await relayCandidates(ana.page, { urls, username, credential })).toBeGreaterThan(0);
    expect(await relayCandidates(ana.page, { urls, username, credential: `${credential}x` })).toBe(0);
    const [expiry, who] = username.split(':');
    const longer = `${Number(expiry) + 3600}:${who}`;
    expect(await relayCandidates(ana.page, { urls, username: longer, credential })).toBe(0);
  });

  it('has new credentials before the old ones end', async () => {
    const first = await nameOf(ana.page);
    await expect.poll(() => nameOf(ana.page), { timeout: 90_000 }).not.toBe(first);
  });

  it('goes on by another relay when the one in use dies', async () => {
    const { relay } = (await way(ana.page))!;
    const dead = relays.find(({ url }) => url === relay)!;
    await dead.kill();
    await expect
      .poll(async () => (await way(ana.page))?.relay ?? dead.url, { timeout: 90_000 })
      .not.toBe(dead.url);
    for (const { page } of [ana, ben]) {
      await others(page, 1);
      await moves(page);
    }
  });

  it('nobody saw an error on the way', () => {
    expect(complaintsOf(noted)).toEqual([]);
  });
});
