import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** A browser's service worker that is being installed, as a page sees it. */
class Installing extends EventTarget {
  state = 'installing';
  become(state: string) {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}
class Registration extends EventTarget {
  installing: Installing | null = new Installing();
  waiting: Installing | null = null;
  active: Installing | null = null;
  update = vi.fn(async () => undefined);
}

const minute = 60_000;
let asked: Registration[];
let page: EventTarget;
beforeEach(async () => {
  vi.resetModules();
  vi.useFakeTimers();
  vi.stubEnv('PROD', true);
  asked = [];
  page = new EventTarget();
  vi.stubGlobal('window', new EventTarget());
  vi.stubGlobal('document', Object.assign(page, { querySelector: () => null, hidden: false }));
  const register = async () => {
    const found = new Registration();
    asked.push(found);
    return found;
  };
  vi.stubGlobal('navigator', { serviceWorker: { controller: null, register } });
  const { keepUpToDate } = await import('./install.ts');
  keepUpToDate();
  await vi.advanceTimersByTimeAsync(0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const fail = () => asked.at(-1)!.installing!.become('redundant');

it('a shell that can never be kept is asked for ever more rarely, and none of what failed is followed', async () => {
  const pauses: number[] = [];
  for (let time = 0; time < 9; time++) {
    const [before, began] = [asked.length, Date.now()];
    fail();
    while (asked.length === before) await vi.advanceTimersByTimeAsync(minute);
    pauses.push((Date.now() - began) / minute);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  page.dispatchEvent(new Event('visibilitychange'));
  for (const { update } of asked) expect(update).not.toHaveBeenCalled();
});

it('a network that comes back is no time to wait', async () => {
  fail();
  window.dispatchEvent(new Event('online'));
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(5 * minute);
  expect(asked).toHaveLength(2);
});

it('one that is installed is asked for a new version, once an hour at most', async () => {
  const [found] = asked;
  found!.installing!.become('installed');
  page.dispatchEvent(new Event('visibilitychange'));
  expect(found!.update).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(60 * minute);
  page.dispatchEvent(new Event('visibilitychange'));
  page.dispatchEvent(new Event('visibilitychange'));
  expect(found!.update).toHaveBeenCalledTimes(1);
});
