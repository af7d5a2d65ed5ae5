/** How names of things are spelled, for who checks without a schema. */

/** A UUID in lower case. */
export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** One spelling for an email: NFKC, trimmed, lower case. The password salt and the server's row depend on it. */
export const normaliseEmail = (email: string): string => email.normalize('NFKC').trim().toLowerCase();

/** Where the addresses of guests are, who gave none: no mail ever reaches it (RFC 6761, section 6.4). */
const guestDomain = '@guest.invalid';

/** What stands for the email of a guest; `name` is a fresh UUID. */
export const guestEmail = (name: string): string => `${name}${guestDomain}`;

/** Whether an account is a guest's: it is in one browser alone, until an email and a password are given to it. */
export const isGuest = (email: string): boolean => email.endsWith(guestDomain);
