import type { SessionState } from '../../engine/types.ts';

/** Remembers that this browser has an account (`here`), or had one whose owner has signed out (`left`). */
const returningKey = 'stream-chat.returning';
/**
 * Says that it has one in a cookie without content. A browser that makes space deletes the store, and some (Firefox, Safari) all else
 * that a site keeps too, but cookies.
 */
const cookie = 'stream-chat-here=1';

/** Whether somebody has been here: they are greeted with the shorter form. */
export const isReturning = (): boolean => localStorage.getItem(returningKey) !== null || isMarked();

/** Somebody has signed in. */
export function remember(): void {
  localStorage.setItem(returningKey, 'here');
  mark(31_536_000);
}

/** They have signed out: what was kept here is gone because they said so. */
export function noteLeft(): void {
  localStorage.setItem(returningKey, 'left');
  mark(0);
}

/** Whether the browser has deleted what was kept here: nobody signed out, and there is no account. */
export function wasEvicted(session: SessionState): boolean {
  if (session.kind !== 'signed-out' || session.ended || session.unreadable) return false;
  const known = localStorage.getItem(returningKey);
  return known === 'here' || (known === null && isMarked());
}

const isMarked = (): boolean => document.cookie.split('; ').includes(cookie);

function mark(seconds: number): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not everywhere yet
  document.cookie = `${cookie}; Max-Age=${seconds}; Path=/; SameSite=Strict; Secure`;
}
