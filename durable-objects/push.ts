import { importJWK, SignJWT } from 'jose';
import { concat, fromBase64, toBase64 } from '../protocol/bytes.ts';
import type { AccountEnv } from './env.ts';

/** Hosts of the browsers' push services; `*.` stands for any host below. */
const services = [
  'fcm.googleapis.com',
  '*.push.services.mozilla.com',
  '*.push.apple.com',
  '*.notify.windows.com',
];
/** How long a push service keeps a wake-up for a device that is off, in seconds. */
const timeToLive = 24 * 3600;
/** A newer wake-up takes the place of one that waits (RFC 8030 section 5.4). */
const topic = 'new';
const patience = 10_000;
/** Pauses between attempts, in milliseconds: doubling from the first to the longest; and how often there is another. */
const firstPause = 30_000;
const longestPause = 3_600_000;
const attempts = 24;
/** How many clients of one account are woken. */
const subscriptionsEach = 50;

type Due = { session_id: string; endpoint: string; attempts: number };

/**
 * The account's clients that want to be woken when nobody listens: Web Push (RFC 8030) with an empty body. There is nothing to
 * encrypt and nothing to tell: whoever is woken asks for what is new.
 */
export class Push {
  readonly #storage: DurableObjectStorage;
  readonly #env: AccountEnv;
  readonly #setAlarm: (at: number) => Promise<void>;
  #running: Promise<void> | undefined;

  constructor(storage: DurableObjectStorage, env: AccountEnv, setAlarm: (at: number) => Promise<void>) {
    this.#storage = storage;
    this.#env = env;
    this.#setAlarm = setAlarm;
  }

  /** Keeps the subscription of a session, in place of an earlier one; says whether `endpoint` is a push service's. */
  subscribe(sessionId: string, endpoint: string): boolean {
    if (!this.#isService(new URL(endpoint))) return false;
    const { sql } = this.#storage;
    sql.exec('delete from subscription where endpoint = ?', endpoint);
    sql.exec('insert or replace into subscription (session_id, endpoint) values (?, ?)', sessionId, endpoint);
    sql.exec(
      'delete from subscription where rowid not in (select rowid from subscription order by rowid desc limit ?)',
      subscriptionsEach,
    );
    return true;
  }

  /** A made-up endpoint would have this server call whatever address somebody likes. */
  #isService({ protocol, host, username, password }: URL): boolean {
    if (username || password) return false;
    if (this.#env.PUSH_HOSTS?.split(',').includes(host)) return true;
    const known = (name: string) => (name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name);
    return protocol === 'https:' && services.some(known);
  }

  unsubscribe(sessionId: string): void {
    this.#storage.sql.exec('delete from subscription where session_id = ?', sessionId);
  }

  /** There is news: wakes the clients of all sessions but those that are `listening`. */
  wake(listening: ReadonlySet<string>): void {
    const { sql } = this.#storage;
    const all = sql
      .exec<{ session_id: string }>('select session_id from subscription where not due')
      .toArray();
    for (const { session_id } of all) {
      if (listening.has(session_id)) continue;
      sql.exec('update subscription set due = 1, attempts = 0, next_at = 0 where session_id = ?', session_id);
      // In case this object dies before it has sent it.
      void this.#setAlarm(Date.now() + firstPause);
    }
    void this.deliver();
  }

  /** Sends every wake-up that is due; what could not be sent comes again by the alarm. Never rejects. */
  deliver(): Promise<void> {
    this.#running ??= this.#deliver().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #deliver(): Promise<void> {
    const { sql } = this.#storage;
    const query = 'select session_id, endpoint, attempts from subscription where due and next_at <= ?';
    for (;;) {
      const due = sql.exec<Due>(query, Date.now()).toArray();
      if (due.length === 0) break;
      await Promise.all(due.map((each) => this.#send(each)));
    }
    const { next } = sql
      .exec<{ next: number | null }>('select min(next_at) as next from subscription where due')
      .one();
    if (next !== null) await this.#setAlarm(next);
  }

  async #send({ session_id, endpoint, attempts: before }: Due): Promise<void> {
    const status = await this.#post(endpoint).catch(() => 0);
    const { sql } = this.#storage;
    if (status >= 200 && status < 300)
      sql.exec('update subscription set due = 0 where session_id = ? and endpoint = ?', session_id, endpoint);
    else if (status >= 400 && status < 500 && status !== 429)
      // Unsubscribed at the browser, or made for another key of ours.
      sql.exec('delete from subscription where session_id = ? and endpoint = ?', session_id, endpoint);
    else
      sql.exec(
        'update subscription set due = ?, attempts = ?, next_at = ? where session_id = ? and endpoint = ?',
        before + 1 < attempts ? 1 : 0,
        before + 1,
        Date.now() + Math.min(longestPause, firstPause * 2 ** before),
        session_id,
        endpoint,
      );
  }

  async #post(endpoint: string): Promise<number> {
    const authorization = await vapid(this.#env, new URL(endpoint).origin);
    if (authorization === undefined) return 0;
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization, ttl: String(timeToLive), topic, urgency: 'high' },
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
    });
    await response.body?.cancel();
    return response.status;
  }
}

type Jwk = { x: string; y: string; d: string };

/** The public key that browsers subscribe with: an uncompressed point of P-256 (65 bytes), base64url. Undefined without a key. */
export function applicationServerKey({ VAPID_PRIVATE_JWK: setting }: AccountEnv): string | undefined {
  if (!setting) return undefined;
  const { x, y } = JSON.parse(setting) as Jwk;
  return toBase64(concat(new Uint8Array([4]), fromBase64(x), fromBase64(y)));
}

/** Who we are to the push service at `audience` (RFC 8292). */
async function vapid(env: AccountEnv, audience: string): Promise<string | undefined> {
  const publicKey = applicationServerKey(env);
  if (publicKey === undefined || !env.VAPID_PRIVATE_JWK) return undefined;
  const key = await importJWK(JSON.parse(env.VAPID_PRIVATE_JWK), 'ES256');
  const token = await new SignJWT(env.VAPID_SUBJECT ? { sub: env.VAPID_SUBJECT } : {})
    .setProtectedHeader({ typ: 'JWT', alg: 'ES256' })
    .setAudience(audience)
    .setExpirationTime('12h')
    .sign(key);
  return `vapid t=${token}, k=${publicKey}`;
}
