/** The words of the app, in the language of this page. Sentences live in `web/messages`; Paraglide makes functions of them. */
import { getLocale, overwriteGetLocale } from './compiled/runtime.js';

export { m } from './compiled/messages.js';

// One language as long as a page lives: every sentence asks for it.
const chosen = getLocale();
overwriteGetLocale(() => chosen);
