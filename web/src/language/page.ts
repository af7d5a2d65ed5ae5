/** The language of a page: which one was chosen, and what that does to the page. */
import { type Locale, locales } from './compiled/runtime.js';
import { languageKey, spoken } from './index.ts';
import { keepSpoken } from './kept.ts';

/** Chooses a language, and loads the page again in it; anything unknown counts as `system`. */
export function setLanguage(next: string): void {
  const known = locales.find((each) => each === next);
  if (known === undefined) localStorage.removeItem(languageKey);
  else localStorage.setItem(languageKey, known);
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
  page.lang = navigator.languages.find((each) => each.split('-')[0] === spoken()) ?? spoken();
  const tried = localStorage.getItem('stream-chat.direction');
  page.dir = tried === 'rtl' || rightToLeft.has(spoken()) ? 'rtl' : 'ltr';
  keepSpoken().catch((error) => console.warn('the language was not kept for notices', error));
}

/** Languages that are written from right to left, for the day that one of them is among ours. */
const rightToLeft: ReadonlySet<string> = new Set(['ar', 'fa', 'he', 'ur']);
