import { DurableObject } from 'cloudflare:workers';
import type { RateLimitRpc } from './rpc.ts';

/**
 * An exact sliding-window limit: one object for each thing that is limited, so no two places can count past each
 * other. What it counted is in SQLite, or somebody patient would gain from an eviction; an alarm empties it.
 */
export class RateLimit extends DurableObject<object> implements RateLimitRpc {
  /**
   * Counts one use if that makes no more than `limit` within the last `windowSeconds`; a refused one isn't counted.
   * `retryAfter` is in seconds, 0 where allowed.
   */
  async take(limit: number, windowSeconds: number): Promise<{ allowed: boolean; retryAfter: number }> {
    const { sql } = this.ctx.storage;
    const now = Date.now();
    sql.exec('create table if not exists uses (ends integer not null)');
    sql.exec('delete from uses where ends <= ?', now);
    // A clock that jumped ahead and back again must shut nobody out for as long as it jumped.
    sql.exec('update uses set ends = ?1 where ends > ?1', now + windowSeconds * 1000);
    const uses = sql.exec<{ ends: number }>('select ends from uses order by ends').toArray();
    const blocking = uses[uses.length - limit];
    if (blocking) return { allowed: false, retryAfter: Math.ceil((blocking.ends - now) / 1000) };
    const ends = now + windowSeconds * 1000;
    sql.exec('insert into uses (ends) values (?)', ends);
    await this.ctx.storage.setAlarm(ends);
    return { allowed: true, retryAfter: 0 };
  }

  /** Leaves no storage behind once the last use is out of its window. */
  override async alarm(): Promise<void> {
    const { sql } = this.ctx.storage;
    const { ends } = sql.exec<{ ends: number | null }>('select max(ends) as ends from uses').one();
    if (ends !== null && ends > Date.now()) return this.ctx.storage.setAlarm(ends);
    await this.ctx.storage.deleteAll();
  }
}
