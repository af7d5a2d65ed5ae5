import { StoredSignUp } from '../../../../protocol/stored.ts';

/** In the tab's own storage: it outlives a reload, a new version, and a phone that lets the tab go while a password is looked up. */
const key = 'stream-chat.sign-up';

/** What was written into the form before the page was loaded again; empty where nothing was. */
export function written(): StoredSignUp {
  const nothing = { name: '', email: '' };
  try {
    const found = StoredSignUp.safeParse(JSON.parse(sessionStorage.getItem(key) ?? 'null'));
    return found.success ? found.data : nothing;
  } catch {
    return nothing;
  }
}

/** Keeps it for this tab. Never the password. */
export const keepWritten = (now: StoredSignUp): void => sessionStorage.setItem(key, JSON.stringify(now));

/** They are in: the next person at this tab begins with an empty form. */
export const forgetWritten = (): void => sessionStorage.removeItem(key);
