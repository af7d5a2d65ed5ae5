import * as z from 'zod/mini';
import { integer, Uuid } from './scalars.ts';
import { Mark } from './socket.ts';

/**
 * What an account's socket tells: which rooms have something new, so that a client needs a room's own socket only where there is
 * something to read. Clients say nothing but `ping`, and send marks back.
 */
export const AccountFrame = z.discriminatedUnion('t', [
  /** The first frame: for each room that has ever stirred, the newest message that this account was told of. */
  z.object({ t: z.literal('welcome'), rooms: z.array(z.object({ id: Uuid, seq: integer(0) })) }),
  /** A room has messages up to `seq`; with 0, the account has come into it. */
  z.object({ t: z.literal('stirred'), id: Uuid, seq: integer(0) }),
  /** The room is over for this account. */
  z.object({ t: z.literal('dropped'), id: Uuid }),
  /** The session has ended; the socket closes after it. */
  z.object({ t: z.literal('gone'), reason: z.enum(['signed-out']) }),
  Mark,
]);
export type AccountFrame = z.infer<typeof AccountFrame>;
