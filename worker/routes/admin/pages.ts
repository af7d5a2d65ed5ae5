import type { Context } from 'hono';
import * as z from 'zod/mini';
import { Uuid } from '../../../protocol/scalars.ts';
import { type List, readCursor, writeCursor } from '../../cursor.ts';
import type { AppEnv } from '../../env.ts';

/**
 * A page of `list` whose position is `positionOf` its last item: `read` gets where to begin and how many to bring, which is one more
 * than are shown.
 */
export async function paged<T, P extends readonly string[]>(
  c: Context<AppEnv>,
  list: List,
  query: { readonly cursor?: string | undefined; readonly limit: number },
  position: z.ZodMiniType<P>,
  read: (after: P | undefined, limit: number) => Promise<T[]>,
  positionOf: (item: T) => readonly string[],
): Promise<{ items: T[]; next: string | null }> {
  const after =
    query.cursor === undefined ? undefined : await readCursor(c.env, list, query.cursor, position);
  const found = await read(after, query.limit + 1);
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  const more = found.length > items.length && last !== undefined;
  return { items, next: more ? await writeCursor(c.env, list, positionOf(last)) : null };
}

/** Where a page in order of ids ended. */
export const ById = z.tuple([Uuid]);
