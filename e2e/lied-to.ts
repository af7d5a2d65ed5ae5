// For files of tests about a service that lies: a true one, a liar before it, new for each test, and whoever was there.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { ClientFrame } from '../protocol/socket.ts';
import type { Engine, TimelineItem } from '../web/src/engine/index.ts';
import { register, twoInARoom, untilView } from './headless.ts';
import { type Liar, openLiar } from './liar.ts';
import { freshSystem, type TestSystem } from './system.ts';

export let system: TestSystem;
export let liar: Liar;
/** Closed after the test. */
export const engines: Engine[] = [];

/** Registers what starts and ends these; called once at the top of a file. */
export function startLying(): void {
  beforeAll(async () => {
    system = await freshSystem({ web: false });
  });
  afterAll(() => system?.remove());
  beforeEach(async () => {
    liar = await openLiar(system.url);
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
    await liar.close();
  });
}

/** For what cannot be observed otherwise than by looking again. */
export const patience = { timeout: 60_000 };

/** Somebody new, on the true service unless another address is given. */
export async function person(name: string, url = system.url, storeName?: string) {
  const engine = await register(url, name, storeName);
  engines.push(engine);
  return engine;
}

/** Ana's room with Ben in it. */
export async function pair({ ana = system.url, ben = system.url, store = '' } = {}) {
  const two = await twoInARoom({ ana, ben }, store || undefined);
  engines.push(two.ana, two.ben);
  return two;
}

/** The first item of the room that `accept` takes, once there is one. */
export const item = (engine: Engine, room: string, accept: (item: TimelineItem) => boolean) =>
  untilView(engine, room, (view) => view.timeline.some(accept)).then(
    (view) => view.timeline.find(accept) as TimelineItem,
  );
export const isUnreadable = ({ kind }: TimelineItem) => kind === 'unreadable';
/** The messages among `frames`. */
export const sends = (frames: readonly ClientFrame[]) =>
  frames.filter((frame): frame is Extract<ClientFrame, { t: 'send' }> => frame.t === 'send');
