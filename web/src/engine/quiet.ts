/** Minutes of the day between which nothing is to sound. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/**
 * Where the service worker finds the quiet hours, which has no keys to open the store with: in the clear, and nothing else of what its
 * person has chosen.
 */
const cacheName = 'quiet';
const place = '/quiet';

/** Whether `at` is in the quiet hours, by this device's clock; over midnight where they end before they begin. */
export function isQuiet(quiet: QuietHours | undefined, at: Date): boolean {
  if (!quiet) return false;
  const minute = at.getHours() * 60 + at.getMinutes();
  const { from, to } = quiet;
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Leaves them there for when the app is closed; undefined: there are none. */
export async function keepQuiet(quiet: QuietHours | undefined): Promise<void> {
  // No browser, no service worker: nothing reads them.
  if (!('caches' in globalThis)) return;
  if (!quiet) await caches.delete(cacheName);
  else await (await caches.open(cacheName)).put(place, Response.json(quiet));
}

/** What `keepQuiet` left; undefined also for what is none. */
export async function readQuiet(): Promise<QuietHours | undefined> {
  const kept = await caches.match(place, { cacheName });
  const { from, to } = ((await kept?.json().catch(() => undefined)) ?? {}) as Partial<QuietHours>;
  return typeof from === 'number' && typeof to === 'number' ? { from, to } : undefined;
}
