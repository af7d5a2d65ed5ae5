/** The words of the app, in the language of this page. Sentences live in `web/messages`; Paraglide makes functions of them. */
import { getLocale, type Locale, locales, overwriteGetLocale } from './compiled/runtime.js';

export { m } from './compiled/messages.js';
export type { Locale } from './compiled/runtime.js';

/** `system` follows the browser. */
export type Language = 'system' | Locale;

/** Where pages keep what was chosen; workers and Node have no such store. */
export const languageKey = 'stream-chat.language';
const store = (globalThis as { localStorage?: { getItem(key: string): string | null } }).localStorage;

/** What was chosen in this browser. */
export function language(): Language {
  const kept = store?.getItem(languageKey);
  return locales.find((each) => each === kept) ?? 'system';
}

// One language as long as a page lives: every sentence asks for it.
const chosen = language();
let now = chosen === 'system' ? getLocale() : chosen;
overwriteGetLocale(() => now);

/** The language that sentences are in here; English under Node. */
export const spoken = (): Locale => now;

/** Has sentences in `locale` from now on. For workers, which can't know what was chosen: whoever starts one tells it. */
export function speak(locale: Locale): void {
  now = locale;
}
