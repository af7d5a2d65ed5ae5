/** The words of the app, in the language of this page. Sentences live in `web/messages`; Paraglide makes functions of them. */
import {
  baseLocale,
  getLocale,
  type Locale,
  overwriteGetLocale,
  overwriteSetLocale,
} from './compiled/runtime.js';

export { m } from './compiled/messages.js';
export type { Locale } from './compiled/runtime.js';

// It would keep what it finds as if that had been chosen.
overwriteSetLocale(() => {});
// One language as long as a page lives: every sentence asks for it.
let now = 'window' in globalThis ? getLocale() : baseLocale;
overwriteGetLocale(() => now);

/** The language that sentences are in here; English outside of browsers. */
export const spoken = (): Locale => now;

/** Has sentences in `locale` from now on. For workers, which can't know what was chosen: whoever starts one tells it. */
export function speak(locale: Locale): void {
  now = locale;
}
