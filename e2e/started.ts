// For files of tests with a system of their own: it starts before the first, and goes after the last with all that they opened.
import { afterAll, beforeAll } from 'vitest';
import { freshSystem, type TestSystem } from './system.ts';

export let system: TestSystem;
const opened: { close(): Promise<unknown> }[] = [];

/** Registers what starts and ends it; called once at the top of a file, before its own `beforeAll`. Takes what `freshSystem` does. */
export function startSystem(...settings: Parameters<typeof freshSystem>): void {
  beforeAll(async () => {
    system = await freshSystem(...settings);
  });
  afterAll(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
    await system?.remove();
  });
}

/** Has it closed after the file's last test; answers it. */
export function closeLater<T extends { close(): Promise<unknown> }>(each: T): T {
  opened.push(each);
  return each;
}
