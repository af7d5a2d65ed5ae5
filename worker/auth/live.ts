import { eq } from 'drizzle-orm';
import type { Context } from 'hono';
import { openDatabase } from '../db/client.ts';
import { chatroomMembers } from '../db/schema.ts';
import type { AppEnv, Caller } from '../env.ts';

/** Closes the sockets that an ended session holds, in every room of its account, after the answer has left. */
export function closeSockets(c: Context<AppEnv>, ended: Caller): void {
  c.executionCtx.waitUntil(closeEverywhere(c.env, ended));
}

async function closeEverywhere(env: AppEnv['Bindings'], ended: Caller): Promise<void> {
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
