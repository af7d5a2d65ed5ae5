import type { SessionState } from '../../engine/types.ts';

/** Remembers that this browser has an account (`here`), or had one whose owner has signed out (`left`), or has one that is nowhere else (`guest`). */
const returningKey = 'stream-chat.returning';
/**
 * Says that it has one in a cookie without content. A browser that makes space deletes the store, and some (Firefox, Safari) all else
 * that a site keeps too, but cookies.
 */
const cookie = 'stream-chat-here=1';

/** Whether somebody has been here. */
export const isReturning = (): boolean => localStorage.getItem(returningKey) !== null || isMarked();

/** Whether somebody has been here with an account to sign in to: a guest's went with what the browser kept. */
export const canSignIn = (): boolean => isReturning() && localStorage.getItem(returningKey) !== 'guest';

/** Somebody has signed in, or come as a guest. */
export function remember(as: 'here' | 'guest' = 'here'): void {
  localStorage.setItem(returningKey, as);
  mark(as === 'here' ? 31_536_000 : 0);
}

/** They have signed out: what was kept here is gone because they said so. Each tab notes it; after the first there is nothing of a guest. */
export function noteLeft(): void {
  if (localStorage.getItem(returningKey) === 'guest') localStorage.removeItem(returningKey);
  else if (isReturning()) localStorage.setItem(returningKey, 'left');
  mark(0);
}

/** What the browser has deleted of what was kept here: nobody signed out, and there is no account. A guest's is gone for good. */
export function findEvicted(session: SessionState): 'account' | 'guest' | undefined {
  if (session.kind !== 'signed-out' || session.ended || session.unreadable) return undefined;
  const known = localStorage.getItem(returningKey);
  if (known === 'guest') return 'guest';
  return known === 'here' || (known === null && isMarked()) ? 'account' : undefined;
}

const isMarked = (): boolean => document.cookie.split('; ').includes(cookie);

function mark(seconds: number): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not everywhere yet
  document.cookie = `${cookie}; Max-Age=${seconds}; Path=/; SameSite=Strict; Secure`;
}
