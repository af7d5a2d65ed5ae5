import type * as z from 'zod/mini';
import { concat, fromBase64, fromUtf8, toBase64, utf8 } from '../protocol/bytes.ts';
import { macKeys, macSize } from './auth/mac.ts';
import type { Env } from './env.ts';
import { refuse } from './problem.ts';

const purpose = 'stream-chat cursor 1';

/** The list that a cursor is for: its name, whose it is, and what else picks its rows. */
export type List = readonly [name: string, userId: string, ...rest: string[]];

const message = (list: List, body: Uint8Array<ArrayBuffer>) =>
  concat(utf8(`${JSON.stringify(list)}\n`), body);

/** Where a page of `list` ended, as `position` says it; only `readCursor` for the same list takes it. */
export async function writeCursor(env: Env, list: List, position: unknown): Promise<string> {
  const body = utf8(JSON.stringify(position));
  const [key] = await macKeys(env.JWT_PRIVATE_JWK, purpose);
  const mac = await crypto.subtle.sign('HMAC', key!, message(list, body));
  return toBase64(concat(new Uint8Array(mac), body));
}

/** The position that a cursor of `list` carries; throws `invalid-body` for what was altered, or is of another list or account. */
export async function readCursor<S extends z.ZodMiniType>(
  env: Env,
  list: List,
  cursor: string,
  position: S,
): Promise<z.output<S>> {
  const bytes = fromBase64(cursor);
  const [mac, body] = [bytes.slice(0, macSize), bytes.slice(macSize)];
  for (const key of await macKeys(env.JWT_PRIVATE_JWK, purpose)) {
    if (await crypto.subtle.verify('HMAC', key, mac, message(list, body)))
      return position.parse(JSON.parse(fromUtf8(body)));
  }
  return refuse('invalid-body', 'It is in the query of the address.', {
    errors: [{ pointer: '/cursor', detail: 'Not a cursor of this list' }],
  });
}
