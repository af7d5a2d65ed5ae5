// Debian's or Mozilla's own Firefox, by WebDriver BiDi. Playwright drives a Firefox of its own only, so this is Puppeteer.
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type ElementHandle, type Page } from 'puppeteer-core';

/** Whether there is a Firefox to test with (`npm test` looks for one). */
export const hasFirefox = Boolean(process.env.FIREFOX);

export interface Fox {
  readonly page: Page;
  /** What the page complained about: uncaught errors, console errors and refused security policies. */
  readonly complaints: string[];
  /** Types `text` into what has this test id, in place of what is there. */
  fill(testId: string, text: string): Promise<void>;
  click(testId: string): Promise<void>;
  /** The last element with this test id whose text holds `text`, once there is one. */
  find<T extends Element = HTMLElement>(testId: string, text?: string): Promise<ElementHandle<T>>;
  /** The path of the next file that is saved, once all of it is there. */
  saved(): Promise<string>;
  close(): Promise<void>;
}

/** Clicks on it once it stands still: a card that a film above it pushes down is missed otherwise. */
export const press = (element: ElementHandle, count = 1): Promise<void> =>
  element.asLocator().click({ count });

/** Opens a new profile with one page, whose camera and microphone Firefox makes up. */
export async function openFirefox(): Promise<Fox> {
  const downloads = mkdtempSync(join(tmpdir(), 'stream-chat-saved-'));
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX!,
    headless: true,
    defaultViewport: { width: 1280, height: 800 },
    extraPrefsFirefox: {
      'media.navigator.permission.disabled': true,
      'media.navigator.streams.fake': true,
      'media.autoplay.default': 0,
      'browser.download.folderList': 2,
      'browser.download.dir': downloads,
      'browser.download.useDownloadDir': true,
      'browser.download.always_ask_before_handling_new_types': false,
    },
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  // These are in no console that WebDriver tells of.
  await page.evaluateOnNewDocument(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`refused by ${violatedDirective}: ${blockedURI}`),
    );
  });
  const find = async <T extends Element>(testId: string, text = ''): Promise<ElementHandle<T>> =>
    (await page.waitForFunction(
      (id, wanted) =>
        [...document.querySelectorAll(`[data-testid="${id}"]`)]
          .filter((each) => each.checkVisibility() || each instanceof HTMLInputElement)
          .findLast((each) => each.textContent.includes(wanted)) ?? null,
      {},
      testId,
      text,
    )) as ElementHandle<T>;
  return {
    page,
    complaints,
    find,
    async fill(testId, text) {
      const field = await find<HTMLInputElement>(testId);
      await press(field, 3);
      await field.type(text);
    },
    async click(testId) {
      await press(await find(testId));
    },
    async saved() {
      const before = new Set(readdirSync(downloads));
      // Firefox writes beside an empty file of the right name, and then puts it in its place.
      const whole = () => {
        const now = readdirSync(downloads);
        if (now.some((name) => name.endsWith('.part'))) return undefined;
        return now.find(
          (name) => !before.has(name) && statSync(join(downloads, name), { throwIfNoEntry: false })?.size,
        );
      };
      const watcher = watch(downloads);
      const late = AbortSignal.timeout(60_000);
      try {
        while (whole() === undefined) await once(watcher, 'change', { signal: late });
      } catch (error) {
        throw new Error(`Nothing was saved; there is ${readdirSync(downloads).join(', ') || 'no file'}`, {
          cause: error,
        });
      } finally {
        watcher.close();
      }
      return join(downloads, whole()!);
    },
    async close() {
      await browser.close();
      rmSync(downloads, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
