// What is observed inside the pages of a call, each on the clock that all processes of this machine share (milliseconds since 1970).
import type { Page } from 'playwright-core';
import type { FrameCount } from '../../web/src/engine/calls/frames.messages.ts';

/** When things happened in the page. */
export interface Moments {
  /** The last click on anything. */
  clicked: number;
  /** A frame of somebody else was first opened, by their key. */
  heard: number;
  /** Our newest secret was put to use. */
  rotated: number;
  /** Pictures of the others that were shown. */
  readonly frames: number[];
}

/** Notes moments in the page from its start on. To be installed after `openCallers`' own scripts. */
export const noteMoments = (page: Page) =>
  page.addInitScript(() => {
    const now = () => performance.timeOrigin + performance.now();
    const moments = { clicked: 0, heard: 0, rotated: 0, frames: [] as number[] };
    Object.assign(globalThis, { moments });
    addEventListener('click', () => (moments.clicked = now()), { capture: true });
    const Native = Worker;
    globalThis.Worker = class extends Native {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        if (options?.name !== 'frames') return;
        this.addEventListener('message', ({ data }) => {
          if (data.t === 'heard' && data.is) moments.heard = now();
        });
        const post = this.postMessage.bind(this);
        this.postMessage = (message: { t?: string }, ...rest: unknown[]) => {
          if (message.t === 'activate') moments.rotated = now();
          Reflect.apply(post, this, [message, ...rest]);
        };
      }
    };
    const seen = new WeakSet<HTMLVideoElement>();
    const follow = () => {
      for (const video of document.querySelectorAll<HTMLVideoElement>('[data-secure] video')) {
        if (seen.has(video)) continue;
        seen.add(video);
        const note = () => {
          moments.frames.push(now());
          if (video.isConnected) video.requestVideoFrameCallback(note);
        };
        video.requestVideoFrameCallback(note);
      }
    };
    addEventListener('DOMContentLoaded', () =>
      new MutationObserver(follow).observe(document.body, { childList: true, subtree: true }),
    );
  });

export const momentsOf = (page: Page): Promise<Moments> =>
  page.evaluate(() => (globalThis as unknown as { moments: Moments }).moments);

/** Forgets what was noted so far. */
export const forgetMoments = (page: Page) =>
  page.evaluate(() => {
    Object.assign((globalThis as unknown as { moments: Moments }).moments, {
      clicked: 0,
      heard: 0,
      rotated: 0,
      frames: [],
    });
  });

/** What the page's calls have sent and encrypted, since its connections were made. */
export interface Sent {
  /** Frames of pictures and packets of sound that left, and those that came to their encryption. */
  readonly left: number;
  readonly encrypted: number;
  /** Frames that were encrypted or opened; bytes that this added, and milliseconds that it took, in all. */
  readonly passed: number;
  readonly added: number;
  readonly spent: number;
  /** Frames that were not, by sender and receiver. */
  readonly stopped: Readonly<Record<string, number>>;
}

export const sentBy = (page: Page): Promise<Sent> =>
  page.evaluate(async () => {
    const { connections, framesWorker } = globalThis as unknown as {
      connections: RTCPeerConnection[];
      framesWorker: Worker;
    };
    let left = 0;
    for (const connection of connections) {
      if (connection.connectionState === 'closed') continue;
      for (const report of (await connection.getStats()).values())
        if (report.type === 'outbound-rtp')
          left += (report.kind === 'video' ? report.framesSent : report.packetsSent) ?? 0;
    }
    const counts = await new Promise<Map<number, FrameCount>>((resolve) => {
      framesWorker.addEventListener('message', function take({ data }) {
        if (data.ask !== -2) return;
        framesWorker.removeEventListener('message', take);
        resolve(data.answer);
      });
      framesWorker.postMessage({ t: 'count', ask: -2 });
    });
    const sum = (of: (count: FrameCount) => number) =>
      [...counts.values()].reduce((all, each) => all + of(each), 0);
    return {
      left,
      encrypted: sum(({ side, came }) => (side === 'send' ? came : 0)),
      passed: sum(({ passed }) => passed),
      added: sum(({ added }) => added),
      spent: sum(({ spent }) => spent),
      stopped: Object.fromEntries([...counts].map(([end, { stopped }]) => [end, stopped])),
    };
  });

/** Frames that were stopped between two readings, at senders and receivers that were there at both. */
export const lostBetween = (before: Sent, after: Sent): number =>
  Object.entries(after.stopped).reduce(
    (lost, [end, stopped]) => lost + stopped - (before.stopped[end] ?? stopped),
    0,
  );

/** Makes the page believe that its network is another one, and waits until its connection goes by new candidates; in milliseconds. */
export const restartIce = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
    const connection = connections.findLast(({ connectionState }) => connectionState === 'connected')!;
    const ice = connection.sctp!.transport.iceTransport;
    const name = () => ice.getSelectedCandidatePair()?.local?.usernameFragment;
    const [began, before] = [performance.now(), name()];
    dispatchEvent(new Event('online'));
    while (name() === before || connection.signalingState !== 'stable')
      await new Promise((again) => setTimeout(again, 2));
    return performance.now() - began;
  });

/** The longest time without a picture from `since` on, in milliseconds, of which at least one came after it. */
export function longestGap(frames: readonly number[], since: number): number {
  const later = frames.filter((at) => at >= since);
  const before = frames.findLast((at) => at < since) ?? since;
  return [before, ...later].reduce(
    (longest, at, n, all) => Math.max(longest, n === 0 ? 0 : at - all[n - 1]!),
    0,
  );
}
