import { type Attested, stampKeys } from '../protocol/franking.ts';
import type { Message } from '../protocol/socket.ts';
import type { RoomEnv } from './env.ts';
import type { Stamped } from './postgres.ts';

/** What the room says of a message of everybody's that carries a commitment; undefined for any other. */
export const attested = (room: string, message: Message | undefined): Attested | undefined => {
  if (message?.commitment === undefined || message.recipient !== undefined) return undefined;
  const { seq, id, sender, device, at, commitment } = message;
  return { room, seq, id, sender, device, at, commitment };
};

/**
 * `messages` with the room's stamp on each that can be reported. Stamped on their way to Postgres rather than as they come: who may
 * write there, and has no stamp key, cannot put other words into anybody's mouth, and sending costs nothing.
 */
export async function withStamps(
  env: RoomEnv,
  room: string,
  messages: readonly Message[],
): Promise<Stamped[]> {
  const keys = stampKeys(env.FRANKING_KEY);
  return Promise.all(
    messages.map(async (message) => {
      const what = keys && attested(room, message);
      return what ? { ...message, stamp: await keys.make(what) } : message;
    }),
  );
}
