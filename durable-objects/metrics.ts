import { DurableObject } from 'cloudflare:workers';
import { metricsName, type Sample, Tally } from '../protocol/metrics.ts';
import type { MetricsRpc } from './rpc.ts';

/** How often an isolate tells, at the most, in milliseconds; and for how long a room's word on itself counts. */
const pause = 10_000;
const gaugeLife = 10 * 60_000;

/** What this isolate's rooms have counted. */
export const tally = new Tally();

/** Tells what was counted, now and then. Never throws: measuring must not break what is measured. */
export async function tell(metrics: DurableObjectNamespace<Metrics> | undefined): Promise<void> {
  const counts = metrics && tally.take(Date.now(), pause);
  if (!counts) return;
  await metrics
    .getByName(metricsName)
    .add(counts)
    .catch(() => tally.giveBack(counts));
}

/** Sums over all isolates and rooms, kept over restarts: counters never go back. */
export class Metrics extends DurableObject<object> implements MetricsRpc {
  constructor(context: DurableObjectState, env: object) {
    super(context, env);
    context.storage.sql.exec(`
      create table if not exists sample (series text primary key, value real not null) without rowid;
      create table if not exists gauge (
        room text primary key, depth integer not null, since integer not null, at integer not null
      ) without rowid`);
  }

  async add(counts: readonly (readonly [series: string, by: number])[]): Promise<void> {
    const { sql } = this.ctx.storage;
    for (const [series, by] of counts)
      sql.exec(
        'insert into sample values (?, ?) on conflict do update set value = value + excluded.value',
        series,
        by,
      );
  }

  async backlog(room: string, depth: number, since: number): Promise<void> {
    const { sql } = this.ctx.storage;
    if (depth === 0) sql.exec('delete from gauge where room = ?', room);
    else sql.exec('insert or replace into gauge values (?, ?, ?, ?)', room, depth, since, Date.now());
  }

  async read(): Promise<Sample[]> {
    const { sql } = this.ctx.storage;
    const now = Date.now();
    sql.exec('delete from gauge where at < ?', now - gaugeLife);
    const { depth, since } = sql
      .exec<{ depth: number | null; since: number | null }>(
        'select sum(depth) as depth, min(since) as since from gauge',
      )
      .one();
    const samples = sql.exec<{ series: string; value: number }>('select series, value from sample').toArray();
    return [
      ...samples,
      { series: 'outbox_depth', value: depth ?? 0 },
      { series: 'outbox_age_seconds', value: since === null ? 0 : Math.max(0, now - since) / 1000 },
    ];
  }
}
