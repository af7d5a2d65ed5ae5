// What somebody's text could become in a page, had it found its way to one of the places that run or draw it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, openProfile, type Profile, signUp } from '../browser.ts';
import { freshSystem, type TestSystem } from '../system.ts';

describe.skipIf(!hasBrowser)('in the page', () => {
  let system: TestSystem;
  let ana: Profile;

  beforeAll(async () => {
    system = await freshSystem();
    ana = await openProfile();
  });
  afterAll(async () => {
    await ana?.close();
    await system?.remove();
  });

  it('no text becomes markup or code, while all that is ours works', async () => {
    const { page } = ana;
    await page.goto(system.url);
    await signUp(page, { name: 'Ana', email: 'ana@example.org', password: 'correct horse battery ana' });
    await page.getByTestId('create-room').first().click();
    await page.getByTestId('room-name').fill('Friday film club');
    await page.getByTestId('room-name').press('Enter');
    await page.getByTestId('composer').waitFor();
    // Nothing has been refused so far: neither templates nor workers.
    expect(ana.complaints).toEqual([]);
    const outcomes = await page.evaluate(() => {
      const attempt = (task: () => unknown) => {
        try {
          task();
          return 'done';
        } catch (error) {
          return (error as Error).name;
        }
      };
      const element = document.createElement('div');
      const script = document.createElement('script');
      return {
        markup: attempt(() => (element.innerHTML = '<img src=x onerror=alert(1)>')),
        inserted: attempt(() => element.insertAdjacentHTML('beforeend', '<b>x</b>')),
        document: attempt(() => document.createElement('iframe').setAttribute('srcdoc', '<b>x</b>')),
        code: attempt(() => (script.text = 'alert(1)')),
        elsewhere: attempt(() => (script.src = 'https://evil.example/x.js')),
        uploaded: attempt(() => (script.src = '/files/x')),
        worker: attempt(() => new Worker(URL.createObjectURL(new Blob(['1'])))),
        policy: attempt(() =>
          (
            globalThis as never as { trustedTypes: { createPolicy(name: string, rules: object): void } }
          ).trustedTypes.createPolicy('mine', { createHTML: (text: string) => text }),
        ),
      };
    });
    expect(new Set(Object.values(outcomes)), JSON.stringify(outcomes)).toEqual(new Set(['TypeError']));
  });
});
