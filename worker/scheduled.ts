import { framesOf, nameOf, placeOf } from '../protocol/error-report.ts';
import { openDatabase } from './db/client.ts';
import { forgetReports } from './db/reports.ts';
import { dropExpired } from './db/sweep.ts';
import type { Env } from './env.ts';
import { dropOldLogs, log, tellLogs } from './ops/logs.ts';
import { tally, tell } from './ops/metrics.ts';
import { eraseDeleted } from './sweep/accounts.ts';
import { expireFiles, removeObjects, removeOrphans } from './sweep/files.ts';
import { dropOverSessions } from './sweep/sessions.ts';

/** Rows of one statement, and statements of one run for each table. */
const rowBatch = 5000;
const rounds = 20;
/** Milliseconds after which a part of the sweep leaves the rest to the next run. */
const patience = 30_000;

type Part = (env: Env, deadline: number) => Promise<void>;

const parts: readonly Part[] = [
  rows('refresh_tokens', 'expires_at < now()'),
  dropOverSessions,
  rows('one_time_prekeys', "handed_out_at < now() - interval '30 days'"),
  rows('messages', 'expires_at < now()'),
  forgetEvidence,
  expireFiles,
  removeObjects,
  removeOrphans,
  dropOldLogs,
  // Last: an account's row goes once its files' have gone.
  eraseDeleted,
];

/**
 * Removes what has expired: refresh tokens, sessions with their push addresses, spent prekeys, messages, files with their
 * objects, and what is left of deleted accounts. Can be cut short anywhere and run again, or beside itself. Each part has its own
 * time and number of steps, and goes on when another fails; throws in the end if one did.
 */
export async function sweep(env: Env): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) {
    await part(env, Date.now() + patience).catch((error: unknown) => {
      failures.push(error);
      log(env, {
        level: 'error',
        event: 'sweep-failed',
        route: part.name || 'rows',
        error: nameOf(error),
        stack: framesOf(error).map(placeOf),
      });
    });
  }
  tally.count('sweep_failures_total', [], failures.length);
  await tell(env);
  await tellLogs(env);
  if (failures.length > 0) throw new AggregateError(failures, 'parts of the sweep failed');
}

/** Forgets what decided reports have revealed, a while after. What was decided, and by whom, stays. */
async function forgetEvidence(env: Env): Promise<void> {
  await forgetReports(openDatabase(env), rowBatch);
}

/** Deletes the rows of `table` that are `expired` (both ours, as SQL). */
function rows(table: string, expired: string): Part {
  return async (env, deadline) => {
    for (let round = 0; round < rounds && Date.now() < deadline; round++) {
      if ((await dropExpired(openDatabase(env), table, expired, rowBatch)) < rowBatch) return;
    }
  };
}
