import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionState } from '../../engine/types.ts';
import { canSignIn, findEvicted, isReturning, noteLeft, remember } from './evicted.ts';

/** What a browser keeps beside the store: `localStorage`, and cookies, which some leave when they delete all else. */
function openBrowser() {
  const kept = new Map<string, string>();
  const cookies = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  vi.stubGlobal('document', {
    get cookie() {
      return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    },
    set cookie(written: string) {
      const [pair = '', ...terms] = written.split('; ');
      const [name = '', value = ''] = pair.split('=');
      if (terms.includes('Max-Age=0')) cookies.delete(name);
      else cookies.set(name, value);
    },
  });
  // Some other cookie of the site.
  cookies.set('a', 'stream-chat-here');
  const makeSpace = () => kept.clear();
  const clearAll = () => {
    kept.clear();
    cookies.clear();
  };
  return { makeSpace, clearAll };
}

const signedOut: SessionState = { kind: 'signed-out' };
let browser: ReturnType<typeof openBrowser>;
beforeEach(() => {
  browser = openBrowser();
});
afterEach(() => vi.unstubAllGlobals());

describe('who comes to a browser', () => {
  it('for the first time is offered to begin, and told of nothing', () => {
    expect([isReturning(), canSignIn(), findEvicted(signedOut)]).toEqual([false, false, undefined]);
  });

  it('after signing out is offered to sign in, and told of nothing', () => {
    remember();
    noteLeft();
    browser.makeSpace();
    expect(findEvicted(signedOut)).toBeUndefined();
    remember();
    noteLeft();
    expect([isReturning(), canSignIn(), findEvicted(signedOut)]).toEqual([true, true, undefined]);
  });

  it('whose store the browser has deleted is told so, and offered to sign in', () => {
    remember();
    expect([canSignIn(), findEvicted(signedOut)]).toEqual([true, 'account']);
  });

  it('is told so also where the browser has deleted all but cookies', () => {
    remember();
    browser.makeSpace();
    expect([isReturning(), canSignIn(), findEvicted(signedOut)]).toEqual([true, true, 'account']);
  });

  it('as a guest is told that the account is gone, and not offered to sign in to it', () => {
    remember('guest');
    expect([isReturning(), canSignIn(), findEvicted(signedOut)]).toEqual([true, false, 'guest']);
  });

  it('as a guest of whom nothing is left is somebody new: there is nothing to be told of', () => {
    remember('guest');
    browser.makeSpace();
    expect([isReturning(), canSignIn(), findEvicted(signedOut)]).toEqual([false, false, undefined]);
  });

  it('as a guest who signed out is somebody new', () => {
    remember('guest');
    noteLeft();
    expect([isReturning(), canSignIn(), findEvicted(signedOut)]).toEqual([false, false, undefined]);
  });

  it('as a guest who has kept the account since is told like anybody else', () => {
    remember('guest');
    remember();
    expect([canSignIn(), findEvicted(signedOut)]).toEqual([true, 'account']);
    browser.makeSpace();
    expect(findEvicted(signedOut)).toBe('account');
  });

  it('as a guest where somebody with an account was before leaves no mark of theirs', () => {
    remember();
    noteLeft();
    remember('guest');
    browser.makeSpace();
    expect([isReturning(), findEvicted(signedOut)]).toEqual([false, undefined]);
  });

  it.each([
    ['is signed in', { kind: 'signed-in', me: {} } as SessionState],
    ['is looked for', { kind: 'starting' } as SessionState],
    ['was signed out from elsewhere', { kind: 'signed-out', ended: true } as SessionState],
    ['has a store that does not open', { kind: 'signed-out', unreadable: true } as SessionState],
  ])('and %s has lost nothing', (_, session) => {
    for (const as of ['here', 'guest'] as const) {
      remember(as);
      expect(findEvicted(session)).toBeUndefined();
    }
  });

  it('after all was cleared by its owner is somebody new', () => {
    remember();
    browser.clearAll();
    expect([isReturning(), canSignIn(), findEvicted(signedOut)]).toEqual([false, false, undefined]);
  });
});
