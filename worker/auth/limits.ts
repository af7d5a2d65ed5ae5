import type { Context } from 'hono';
import type { AppEnv, Caller } from '../env.ts';
import { refuse } from '../problem.ts';

const window = 60;
const perAddress = 30;
const perEmail = 10;
/** Who is patient gets no more guesses at one person's password than this. */
const perEmailAnHour = 60;
const perTarget = 30;
const signalsASecond = 50;
const hour = 3600;
const exportsAnHour = 5;
const roomsAnHour = 300;
const reportsAnHour = 60;
const errorsAMinute = 20;
const errorsOfAllAMinute = 120;

/**
 * Counts an attempt to sign in or to register; throws `rate-limited` when the address or the email has had its share, whether or not
 * there is an account of that email.
 */
export async function countAttempt(c: Context<AppEnv>, email: string): Promise<void> {
  await countAddress(c);
  await take(c, `email:${email}`, perEmail);
  await take(c, `email-hour:${email}`, perEmailAnHour, hour);
}

/** Counts an attempt of whoever is at an address, where no email is named; throws `rate-limited`. */
export async function countAddress(c: Context<AppEnv>): Promise<void> {
  const address = networkOf(c.req.header('cf-connecting-ip') ?? '');
  await take(c, `address:${address}`, Number(c.env.LIMIT_PER_ADDRESS) || perAddress);
}

/**
 * Counts an error that an app reports, by the address that it comes from and for all addresses together: nobody signs in for it, and many
 * together must not flood the log and Sentry either. Throws `rate-limited`.
 */
export async function countErrorReport(c: Context<AppEnv>): Promise<void> {
  await take(c, `errors:${networkOf(c.req.header('cf-connecting-ip') ?? '')}`, errorsAMinute);
  await take(c, 'errors', errorsOfAllAMinute);
}

/** Whether `name` is seen for the first time within `seconds`: for what is good once. */
export async function firstTime(c: Context<AppEnv>, name: string, seconds: number): Promise<boolean> {
  return (await c.env.LIMITS.getByName(name).take(1, seconds)).allowed;
}

/** Counts a new room; throws `rate-limited` after so many within an hour that nobody could be in them. */
export const countRoom = (c: Context<AppEnv>, caller: Caller): Promise<void> =>
  take(c, `rooms:${caller.userId}`, roomsAnHour, hour);

/** Counts a request for `target`'s one-time prekeys; throws `rate-limited` where `caller` would soon use them up. */
export const countBundles = (c: Context<AppEnv>, caller: Caller, target: string): Promise<void> =>
  take(c, `bundles:${caller.userId}:${target}`, perTarget);

/** Counts a signal of a call by REST; throws `rate-limited` past what negotiating with a few people takes. */
export const countSignal = (c: Context<AppEnv>, caller: Caller): Promise<void> =>
  take(c, `signal:${caller.userId}`, signalsASecond * 10, 10);

/** Counts a question for ICE servers; throws `rate-limited`. */
export const countIce = (c: Context<AppEnv>, caller: Caller): Promise<void> =>
  take(c, `ice:${caller.userId}`, perTarget);

/** Counts a report; throws `rate-limited` past what anybody can have seen and judged within an hour. */
export const countReport = (c: Context<AppEnv>, caller: Caller): Promise<void> =>
  take(c, `reports:${caller.userId}`, reportsAnHour, hour);

/** Counts an export of the caller's account; throws `rate-limited` after a few within an hour: each reads all there is. */
export const countExport = (c: Context<AppEnv>, caller: Caller): Promise<void> =>
  take(c, `export:${caller.userId}`, exportsAnHour, hour);

async function take(c: Context<AppEnv>, name: string, limit: number, seconds = window): Promise<void> {
  const { allowed, retryAfter } = await c.env.LIMITS.getByName(name).take(limit, seconds);
  if (!allowed) refuse('rate-limited', `Try again in ${retryAfter} s.`, { retryAfter });
}

/** What stands for one subscriber: an IPv4 address, or the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const end = tail === '' ? [] : tail.split(':');
    while (groups.length + end.length < 8) groups.push('0');
    groups.push(...end);
  }
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
