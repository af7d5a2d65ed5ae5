import type { Context } from 'hono';
import { databaseAway, openDatabase } from '../db/client.ts';
import type { AppEnv, Caller } from '../env.ts';
import { refuse } from '../problem.ts';
import { sessionLives } from './sessions.ts';

/** How long a socket waits for the database's word on its session, in milliseconds. */
const patience = 2_000;

/**
 * Throws `session-revoked` when the caller's session is over. While the database is away its access token decides,
 * which is good for ten minutes: chat goes on without the database.
 */
export async function requireLiveSession(c: Context<AppEnv>, caller: Caller): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const silence = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), patience);
  });
  const word = sessionLives(openDatabase(c.env), caller).catch((error: unknown) => {
    if (databaseAway(error)) return true;
    throw error;
  });
  const lives = await Promise.race([word, silence]).finally(() => clearTimeout(timer));
  if (!lives) refuse('session-revoked');
}

/**
 * Closes the sockets that ended sessions of `userId` hold, of its account and in every room. Returns when the account's object has it,
 * which tells the rooms for as long as it takes: their sockets are closed already if they could be reached.
 */
export async function closeSockets(
  c: Context<AppEnv>,
  userId: string,
  sessionIds: readonly string[],
): Promise<void> {
  if (sessionIds.length > 0) await c.env.ACCOUNTS.getByName(userId).endSessions(sessionIds);
}
