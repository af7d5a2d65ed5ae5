import { eq } from 'drizzle-orm';
import type { Context } from 'hono';
import { databaseAway, openDatabase } from '../db/client.ts';
import { chatroomMembers } from '../db/schema.ts';
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

/** Closes the sockets that an ended session holds, of its account and in every room of it, after the answer has left. */
export function closeSockets(c: Context<AppEnv>, ended: Caller): void {
  c.executionCtx.waitUntil(closeEverywhere(c.env, ended));
}

async function closeEverywhere(env: AppEnv['Bindings'], ended: Caller): Promise<void> {
  await env.ACCOUNTS.getByName(ended.userId).endSession(ended.sessionId);
  const rooms = await openDatabase(env)
    .select({ id: chatroomMembers.chatroomId })
    .from(chatroomMembers)
    .where(eq(chatroomMembers.userId, ended.userId));
  for (let i = 0; i < rooms.length; i += 20) {
    await Promise.allSettled(
      rooms.slice(i, i + 20).map(({ id }) => env.ROOMS.getByName(id).endSession(ended.sessionId)),
    );
  }
}
