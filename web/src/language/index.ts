/** The words of the app, in the language of this page. Sentences live in `web/messages`; Paraglide makes functions of them. */
import { getLocale, type Locale, locales, overwriteGetLocale } from './compiled/runtime.js';

export { m } from './compiled/messages.js';

/** `system` follows the browser. */
export type Language = 'system' | Locale;

const key = 'stream-chat.language';

/** What was chosen in this browser. */
export function language(): Language {
  const kept = globalThis.localStorage?.getItem(key);
  return locales.find((each) => each === kept) ?? 'system';
}

// One language as long as a page lives: every sentence asks for it.
const chosen = language();
const spoken = chosen === 'system' ? getLocale() : chosen;
overwriteGetLocale(() => spoken);

/** Chooses a language, and loads the page again in it; anything unknown counts as `system`. */
export function setLanguage(next: string): void {
  const known = locales.find((each) => each === next);
  if (known === undefined) localStorage.removeItem(key);
  else localStorage.setItem(key, known);
  window.location.reload();
}

/** Each language that there is, by its own name: `['de', 'Deutsch']`. */
export const languages = (): [Locale, string][] =>
  locales.map((each) => [each, new Intl.DisplayNames(each, { type: 'language' }).of(each) ?? each]);

/**
 * Puts the language on the page: `lang`, by which also numbers and dates are written (a region that the browser names for it counts:
 * `en-GB`), and `dir`. Under `stream-chat.direction` a tester can keep `rtl`, to see the app mirrored before a language needs it.
 */
export function applyLanguage(): void {
  const page = document.documentElement;
  page.lang = navigator.languages.find((each) => each.split('-')[0] === spoken) ?? spoken;
  const tried = localStorage.getItem('stream-chat.direction');
  page.dir = tried === 'rtl' || rightToLeft.has(spoken) ? 'rtl' : 'ltr';
}

/** Languages that are written from right to left, for the day that one of them is among ours. */
const rightToLeft: ReadonlySet<string> = new Set(['ar', 'fa', 'he', 'ur']);
