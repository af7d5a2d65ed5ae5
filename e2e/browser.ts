// Real browsers for tests: each profile is a person's own machine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type APIResponse, type BrowserContext, chromium, type Page } from 'playwright-core';

/** What every Chromium here is started with. */
export const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

/** A camera that shows a moving picture, a microphone that beeps, and nobody asked whether they may be used. */
export const cameraFlags = (framesPerSecond = 10): string[] => [
  `--use-fake-device-for-media-stream=fps=${framesPerSecond}`,
  '--use-fake-ui-for-media-stream',
];

/** Whether there is a browser to test with (`npm test` looks for one). */
export const hasBrowser = Boolean(process.env.CHROMIUM);

export interface Profile {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page complained about: uncaught errors, console errors and refused security policies. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** What Chromium says of a 409, which is how the app learns that somebody else was first: it reads again, and tries again. */
const expected = /^Failed to load resource: .* status of 409 /;

/** Opens a new profile with one page. */
export async function openProfile(
  options: { width?: number; height?: number; dark?: boolean; devices?: boolean; touch?: boolean } = {},
): Promise<Profile> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-profile-'));
  const context = await chromium.launchPersistentContext(directory, {
    executablePath: process.env.CHROMIUM!,
    headless: true,
    args: options.devices ? [...flags, ...cameraFlags()] : flags,
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.dark ? 'dark' : 'light',
    hasTouch: options.touch ?? false,
    isMobile: options.touch ?? false,
    acceptDownloads: true,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(60_000);
  return {
    page,
    context,
    complaints: noteComplaints(page),
    async close() {
      await context.close();
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** What `page` complains about from now on. */
export function noteComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.test(message.text())) complaints.push(message.text());
  });
  return complaints;
}

/**
 * Has what the service answers at addresses like `url` altered on its way to a page, or to all of a context. A page that is gone waits
 * for nothing more: what was on its way to it is no failure.
 */
export const alterAnswers = (
  where: Page | BrowserContext,
  url: string | RegExp,
  alter: (answer: APIResponse) => Promise<{ json?: unknown; body?: string | Buffer }>,
): Promise<unknown> =>
  where.route(url, async (route) => {
    try {
      const response = await route.fetch();
      await route.fulfill({ response, ...(await alter(response)) });
    } catch (error) {
      if (!/disposed|closed/.test(String(error))) throw error;
    }
  });

/** Makes an account by the form that `page` shows; on an invited page that is one step behind the guest's form. */
export async function signUp(
  page: Page,
  person: { name: string; email: string; password: string },
): Promise<void> {
  await page.getByTestId('name').waitFor();
  const withAccount = page.getByTestId('with-account');
  if (await withAccount.isVisible()) await withAccount.click();
  await page.getByTestId('name').fill(person.name);
  await page.getByTestId('email').fill(person.email);
  await page.getByTestId('password').fill(person.password);
  await page.getByTestId('submit').click();
}

/** The complaints of people whose lines were cut, without what the browser says of that. */
export const complaintsOf = (people: readonly Pick<Profile, 'complaints'>[]): string[] =>
  people
    .flatMap(({ complaints }) => complaints)
    .filter((each) => !/WebSocket connection|Failed to load resource|net::ERR/.test(each));
