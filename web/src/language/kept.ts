/** The language, where the service worker finds it, which sees no `localStorage`, and works when no page is open. */
import { type Locale, locales } from './compiled/runtime.js';
import { spoken } from './index.ts';

const cacheName = 'language';

/** Keeps the language that this page is in. */
export async function keepSpoken(): Promise<void> {
  // There are none but at secure addresses.
  if (!('caches' in globalThis)) return;
  await (await caches.open(cacheName)).put('/language', new Response(spoken()));
}

/** The language that pages were in last; what the browser asks for where none was yet. */
export async function lastSpoken(): Promise<Locale> {
  const kept = await (await caches.match('/language', { cacheName }))?.text();
  return locales.find((each) => each === kept) ?? spoken();
}
