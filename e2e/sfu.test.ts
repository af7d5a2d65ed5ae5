// Calls of more people than a mesh carries: by LiveKit's server, which passes on what it can't open.
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rememberConnections } from './broken-browser.ts';
import { hasBrowser } from './browser.ts';
import { type Caller, type Callers, meet, moves, openCallers, others } from './callers.ts';
import { findLivekit, howToGetLivekit, type Sfu, startLivekit } from './livekit.ts';
import { freshSystem, type TestSystem } from './system.ts';

const livekit = findLivekit();
if (!livekit) console.log(howToGetLivekit);

/** The page has so many connections. */
const connections = (page: Page, count: number) =>
  page.waitForFunction((wanted) => {
    const all = (globalThis as unknown as { connections: RTCPeerConnection[] }).connections;
    return all.filter(({ connectionState }) => connectionState === 'connected').length === wanted;
  }, count);

describe.skipIf(!hasBrowser || !livekit)('a call of many', { timeout: 400_000 }, () => {
  let sfu: Sfu;
  let system: TestSystem;
  let callers: Callers;
  let all: readonly Caller[];
  let door: { url: string; token: string } | undefined;

  beforeAll(async () => {
    sfu = await startLivekit(livekit!);
    system = await freshSystem(sfu.settings);
    callers = await openCallers(system.url, ['Ana', 'Ben', 'Carla', 'Dan', 'Eve'], rememberConnections, {
      bypassCSP: true,
    });
    all = callers.all;
    // Five browsers, and a server, on whatever cores there are.
    for (const { page } of all) page.setDefaultTimeout(180_000);
    all[0]!.page.on('response', async (response) => {
      if (response.url().includes('/webrtc/sfu')) door = await response.json().catch(() => door);
    });
  }, 240_000);
  afterAll(async () => {
    await callers?.close();
    await system?.remove();
    await sfu?.kill();
  });

  it('tells the fifth that it is full, where there is no SFU', async () => {
    const [eve] = all.slice(-1) as [Caller];
    const [first, ...rest] = all.slice(0, 4);
    await meet(first!.page);
    for (const { page } of rest) {
      await page.getByRole('button', { name: 'Join with video' }).click();
      await others(
        page,
        all.findIndex((each) => each.page === page),
      );
    }
    eve.wire.toPage = (frame) => [frame.t === 'call' ? { ...frame, places: 4 } : frame];
    await eve.page.reload();
    await eve.page.getByTestId('call-join').click();
    await eve.page.getByText('There are 4 people in this call already').waitFor();
    eve.wire.toPage = (frame) => [frame];
    await eve.page.reload();
  });

  it('moves to the SFU with the fifth, and direct connections end once all flows there', async () => {
    await all[4]!.page.getByRole('button', { name: 'Join with video' }).click();
    for (const { page } of all) {
      await others(page, 4);
      await connections(page, 2);
    }
    for (const { page } of all) await moves(page);
  });

  it('is sealed for the SFU and whoever listens there', async () => {
    const [{ page: ana, context }] = all as [Caller];
    // With Ana's own token: she is put out, and whoever has it hears what she would for as long as she can't come back.
    await ana.route('**/webrtc/sfu', (route) => route.abort());
    const listener = await context.browser()!.newContext({ bypassCSP: true });
    const page = await listener.newPage();
    await page.goto(`${system.url}/healthz`);
    const library = createRequire(import.meta.url).resolve('livekit-client');
    await page.addScriptTag({ path: library.replace(/[^/]*$/, 'livekit-client.umd.js') });
    const heard = await page.evaluate(async ({ url, token }) => {
      const { Room } = (globalThis as unknown as { LivekitClient: typeof import('livekit-client') })
        .LivekitClient;
      const room = new Room({ singlePeerConnection: false });
      await room.connect(url, token);
      const total = async () => {
        let [bytes, frames] = [0, 0];
        for (const participant of room.remoteParticipants.values())
          for (const { track } of participant.trackPublications.values()) {
            const stats = await (track as { receiver?: RTCRtpReceiver } | undefined)?.receiver?.getStats();
            for (const report of stats?.values() ?? []) {
              if (report.type !== 'inbound-rtp' || report.kind !== 'video') continue;
              bytes += report.bytesReceived;
              frames += report.framesDecoded;
            }
          }
        return { bytes, frames };
      };
      while ((await total()).bytes < 30_000) await new Promise((again) => setTimeout(again, 200));
      const result = await total();
      await room.disconnect();
      return result;
    }, door!);
    expect(heard.frames).toBe(0);
    await listener.close();
    await ana.unroute('**/webrtc/sfu');
    for (const { page: other } of all) await others(other, 4);
  });

  it('says that the SFU is away, and comes back with it', async () => {
    await sfu.kill();
    const [{ page }] = all as [Caller];
    await page.getByText('The server that carries large calls can’t be reached at the moment.').waitFor();
    await sfu.start();
    for (const each of all) {
      await others(each.page, 4);
      await moves(each.page);
    }
  });

  it('goes on by direct ways while the SFU is away and four are left, and by the SFU again with the fifth', async () => {
    const [four, eve] = [all.slice(0, 4), all[4]!];
    await sfu.kill();
    await eve.page.getByTestId('call-leave').click();
    for (const { page } of four) {
      await others(page, 3);
      await connections(page, 3);
      await page.getByText('The server that carries large calls').waitFor({ state: 'detached' });
    }
    for (const { page } of four) await moves(page);
    await sfu.start();
    await eve.page.getByRole('button', { name: 'Join with video' }).click();
    for (const { page } of all) await others(page, 4);
  });

  it('goes back to direct ways when three have been left for half a minute', async () => {
    const [ana, ben, carla, dan, eve] = all as [Caller, Caller, Caller, Caller, Caller];
    for (const { page } of [dan, eve]) await page.getByTestId('call-leave').click();
    for (const { page } of [ana, ben, carla]) {
      await others(page, 2);
      // The two of the SFU are gone: one direct connection each.
      await page.waitForFunction(() => {
        const { connections: made } = globalThis as unknown as { connections: RTCPeerConnection[] };
        const open = made.filter(({ connectionState }) => connectionState === 'connected');
        return (
          open.length === 2 && open.every((each) => each.sctp !== null && each.getTransceivers().length > 2)
        );
      });
    }
    for (const { page } of [ana, ben, carla]) await moves(page);
  });
});
