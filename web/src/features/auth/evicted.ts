/** Remembers that this browser once had an account, so that its owner is greeted with the shorter form. */
const returningKey = 'stream-chat.returning';
/**
 * Says the same in a cookie without content: when a browser deletes what a site keeps, to make space, cookies stay. Where the cookie is
 * and the other is not, that has happened.
 */
const cookie = 'stream-chat-here=1';

export const isReturning = (): boolean => localStorage.getItem(returningKey) !== null || isMarked();

/** Somebody has signed in. */
export function remember(): void {
  localStorage.setItem(returningKey, '1');
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not everywhere yet
  document.cookie = `${cookie}; Max-Age=31536000; Path=/; SameSite=Strict; Secure`;
}

/** Whether the browser has deleted what was kept here. */
export const wasEvicted = (): boolean => isMarked() && localStorage.getItem(returningKey) === null;

const isMarked = (): boolean => document.cookie.split('; ').includes(cookie);
