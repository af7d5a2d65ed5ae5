// For files of tests about a service that lies: a true one, a liar before it, new for each test, and whoever was there.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Engine } from '../web/src/engine/index.ts';
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
