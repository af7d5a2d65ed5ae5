import type { MiddlewareHandler } from 'hono';
import { toBase64, utf8 } from '../../protocol/bytes.ts';
import { Journal, type LogLine, logsName, logsPrefix } from '../../protocol/logs.ts';
import { macKeys } from '../auth/mac.ts';
import type { AppEnv, Env } from '../env.ts';
import { openStore, removeAll } from '../storage/store.ts';
import { later, routeOf } from './requests.ts';

/** How long an isolate gathers lines before it tells, in milliseconds. */
const gathering = 3_000;
/** Days for which lines are kept. */
const defaultDays = 30;
const day = 86_400_000;

const journal = new Journal(console);
/** When an isolate was last to tell; in case that died with its request, it does not count for long. */
let asked = 0;

/** An app that is called by itself has none. */
type Settings = Pick<Partial<Env>, 'LOGS' | 'LOG_PUBLIC_KEY'> | undefined;
const isSealed = (env: Settings): boolean => Boolean(env?.LOGS && env.LOG_PUBLIC_KEY);

/** Writes a line: for the sealed log where there is one, or to the console. Never throws. */
export const log = (env: Settings, line: Omit<LogLine, 'at'>): void => journal.write(line, isSealed(env));

/** Writes a line for each request, and takes what was written to the bucket now and then. */
export const logged: MiddlewareHandler<AppEnv> = async (c, next) => {
  const began = Date.now();
  await next();
  if (!isSealed(c.env)) return;
  const caller = c.get('caller');
  const problem = c.get('problem');
  log(c.env, {
    level: c.res.status >= 500 ? 'error' : 'info',
    event: 'request',
    request: c.get('request'),
    ...(caller && { who: await pseudonym(c.env, caller.userId) }),
    method: c.req.method,
    route: routeOf(c),
    status: c.res.status,
    ms: Date.now() - began,
    ...(problem && { problem }),
  });
  if (Date.now() - asked < 2 * gathering) return;
  asked = Date.now();
  later(
    c,
    scheduler.wait(gathering).then(() => tellLogs(c.env)),
  );
};

/** An account's name in the log, another one every day (UTC). */
async function pseudonym({ JWT_PRIVATE_JWK }: Env, userId: string): Promise<string> {
  const [key] = await macKeys(JWT_PRIVATE_JWK, 'pseudonyms of the log');
  const today = new Date().toISOString().slice(0, 10);
  const mac = await crypto.subtle.sign('HMAC', key as CryptoKey, utf8(`${today}:${userId}`));
  return toBase64(new Uint8Array(mac, 0, 9));
}

/** Has what was written sealed, and puts what is due into the bucket. What fails waits for the next time: logging breaks nothing. */
export async function tellLogs(env: Env): Promise<void> {
  asked = 0;
  const { LOGS, LOG_PUBLIC_KEY } = env;
  if (!LOGS || !LOG_PUBLIC_KEY) return;
  const object = LOGS.getByName(logsName);
  const lines = journal.take();
  try {
    if (!(await object.add(LOG_PUBLIC_KEY, lines)))
      console.error(JSON.stringify({ level: 'error', event: 'log-key-is-none', count: lines.length }));
  } catch {
    journal.giveBack(lines);
    return;
  }
  try {
    const parcel = await object.due();
    if (!parcel) return;
    await openStore(env).put(parcel.key, parcel.body as Uint8Array<ArrayBuffer>);
    await object.stored(parcel.key);
  } catch {
    // Storage is away. The object keeps it.
  }
}

/** Removes the log's days that are older than LOG_DAYS. */
export async function dropOldLogs(env: Env): Promise<void> {
  const store = openStore(env);
  const days = Number(env.LOG_DAYS) || defaultDays;
  const [year = '', month = '', date = ''] = new Date(Date.now() - days * day).toISOString().split(/[-T]/);
  // A folder goes as a whole where all of it is before the first day that is kept.
  const drop = async (prefix: string, first: string) => {
    const { names } = await store.folders(prefix, undefined);
    for (const name of names.filter((each) => each < first)) await removeAll(store, `${prefix}${name}/`);
  };
  await drop(logsPrefix, year);
  await drop(`${logsPrefix}${year}/`, month);
  await drop(`${logsPrefix}${year}/${month}/`, date);
}
