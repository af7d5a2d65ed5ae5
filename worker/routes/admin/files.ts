import { sql } from 'drizzle-orm';
import type { Hono } from 'hono';
import * as z from 'zod/mini';
import { sha256, toBase64 } from '../../../protocol/bytes.ts';
import { adminRoutes } from '../../../protocol/rest/admin.ts';
import { Hash } from '../../../protocol/scalars.ts';
import { requireModerator } from '../../auth/moderator.ts';
import { blockedAfter, findFiles, takeDown } from '../../db/admin.ts';
import { audited } from '../../db/audit.ts';
import { openDatabase } from '../../db/client.ts';
import { findFile } from '../../db/files.ts';
import { endpoint } from '../../endpoint.ts';
import type { AppEnv } from '../../env.ts';
import { refuse } from '../../problem.ts';
import { openStore, removeAll } from '../../storage/store.ts';
import { ById, paged } from './pages.ts';

/** Registers `/admin/files` and `/admin/blocked`. */
export function adminFileRoutes(app: Hono<AppEnv>): void {
  endpoint(app, adminRoutes.listFiles, async ({ query, caller }, c) => {
    const { userId } = await requireModerator(c, caller);
    return paged(
      c,
      ['files', userId, query.uploader ?? '', query.room ?? ''],
      query,
      ById,
      (after, limit) => findFiles(openDatabase(c.env), { after: after?.[0], limit }, query),
      ({ id }) => [id],
    );
  });

  endpoint(app, adminRoutes.takeDownFile, async ({ params, body, caller }, c) => {
    const { userId } = await requireModerator(c, caller);
    const database = openDatabase(c.env);
    const store = openStore(c.env);
    const file = await findFile(database, params.id);
    if (!file) return refuse('not-found');
    const first = await store.read(`${file.storagePath}/0`);
    const hash = first && toBase64(await sha256(first));
    const { change, along } = takeDown(file.id, hash, body.reason);
    const deed = { actor: userId, action: 'file.take-down', target: file.id, detail: body.reason };
    if (!(await audited(database, deed, change, along))) return refuse('not-found');
    // It is gone for everybody now. What fails below is made good by the sweep.
    await Promise.allSettled([
      c.env.ROOMS.getByName(file.chatroomId).fileChanged({ fileId: file.id, state: 'deleted' }),
      removeAll(store, `${file.storagePath}/`),
    ]);
  });

  endpoint(app, adminRoutes.listBlocked, async ({ query, caller }, c) => {
    const { userId } = await requireModerator(c, caller);
    const page = await paged(
      c,
      ['blocked', userId],
      query,
      z.tuple([z.iso.datetime(), Hash]),
      (after, limit) => blockedAfter(openDatabase(c.env), after, limit),
      ({ createdAt, hash }) => [createdAt.toISOString(), hash],
    );
    return {
      ...page,
      items: page.items.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() })),
    };
  });

  endpoint(app, adminRoutes.block, async ({ body, caller }, c) => {
    const { userId } = await requireModerator(c, caller, 'admin');
    const { hash, reason } = body;
    const deed = { actor: userId, action: 'hash.block', target: hash, detail: reason };
    const change = sql`
      insert into blocked_hashes (hash, reason) values (${hash}, ${reason})
      on conflict do nothing returning hash as id`;
    await audited(openDatabase(c.env), deed, change);
  });

  endpoint(app, adminRoutes.unblock, async ({ params, body, caller }, c) => {
    const { userId } = await requireModerator(c, caller, 'admin');
    const deed = { actor: userId, action: 'hash.unblock', target: params.hash, detail: body.reason };
    const change = sql`delete from blocked_hashes where hash = ${params.hash} returning hash as id`;
    if (!(await audited(openDatabase(c.env), deed, change))) refuse('not-found');
  });
}
