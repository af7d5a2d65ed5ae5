import { createSignal } from 'solid-js';

/**
 * An invite is `/invite#secret`. The fragment never leaves the browser: it stays in the address bar (so a reload
 * before registering loses nothing) and goes away when the room is entered.
 */
export const isInvite = (location: { pathname: string; hash: string }): boolean =>
  location.pathname === '/invite' && location.hash.length > 1;

/** Whether it lets nobody in at once: one asks by it (`writeFragment` of crypto/room/invite.ts). */
export const asksFirst = (location: { hash: string }): boolean => location.hash.endsWith('.ask');

/** Whether the person came by an invite and has just signed in for it: then they need not be asked again. */
export const [joinsAtOnce, setJoinsAtOnce] = createSignal(false);
