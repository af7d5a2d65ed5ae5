/** How names of things are spelled, for who checks without a schema. */

/** A UUID in lower case. */
export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** One spelling for an email: NFKC, trimmed, lower case. The password salt and the server's row depend on it. */
export const normaliseEmail = (email: string): string => email.normalize('NFKC').trim().toLowerCase();
