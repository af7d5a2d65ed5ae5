import { expect, it } from 'vitest';
import { remind, type Shown } from './notices.ts';

const notice: Shown = { tag: 'unsent', body: 'A message waits.', silent: false };

/** A browser with so many pages of the app, which shows notices or doesn't. */
function browser({ pages, allowed = true }: { pages: number; allowed?: boolean }) {
  const shown: unknown[] = [];
  return {
    shown,
    clients: { matchAll: async () => Array(pages).fill({}) },
    registration: {
      async showNotification(title: string, options: object) {
        if (!allowed) throw new TypeError('No notification permission has been granted for this origin.');
        shown.push({ title, ...options });
      },
    },
  };
}

it('what waits is reminded of while the app is closed; an open page sends it by itself', async () => {
  const [closed, open] = [browser({ pages: 0 }), browser({ pages: 1 })];
  await remind(closed, notice);
  await remind(open, notice);
  expect(closed.shown).toMatchObject([{ title: 'Stream Chat', ...notice }]);
  expect(open.shown).toEqual([]);
});

it('who has forbidden notices is not shown one, and the browser is not asked to come again', async () => {
  await expect(remind(browser({ pages: 0, allowed: false }), notice)).resolves.toBeUndefined();
});
