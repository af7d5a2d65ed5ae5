import { openDatabase } from '../db/client.ts';
import { dropSessions, overSessions } from '../db/sweep.ts';
import type { Env } from '../env.ts';

/** Sessions of either kind in one round, and rounds of one run. */
const batch = 50;
const rounds = 3;

/**
 * Removes sessions that are over. Their accounts' objects hear of it first: a client that never signed out would be woken by
 * push for ever, and who died between ending a session and telling so is made good for.
 */
export async function dropOverSessions(env: Env, deadline: number): Promise<void> {
  const database = openDatabase(env);
  for (let round = 0; round < rounds && Date.now() < deadline; round++) {
    const over = await overSessions(database, batch);
    if (over.length === 0) return;
    await Promise.all(
      over.map(({ userId, sessionId }) => env.ACCOUNTS.getByName(userId).endSessions([sessionId])),
    );
    await dropSessions(database, over);
  }
}
