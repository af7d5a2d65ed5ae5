import { sql } from 'drizzle-orm';
import type { Context, Hono } from 'hono';
import * as z from 'zod/mini';
import { maxObjects } from '../../../protocol/manifest.ts';
import { adminRoutes, type ReportView } from '../../../protocol/rest/admin.ts';
import { Uuid } from '../../../protocol/scalars.ts';
import { requireModerator } from '../../auth/moderator.ts';
import { decide } from '../../db/admin.ts';
import { audited } from '../../db/audit.ts';
import { openDatabase } from '../../db/client.ts';
import { findDeltas, findFile } from '../../db/files.ts';
import { findReport, type ReportRow, reportsAfter } from '../../db/reports.ts';
import { endpoint } from '../../endpoint.ts';
import type { AppEnv } from '../../env.ts';
import { refuse } from '../../problem.ts';
import { openSigner } from '../../storage/store.ts';
import { paged } from './pages.ts';

/** Registers `/admin/reports`. */
export function adminReportRoutes(app: Hono<AppEnv>): void {
  endpoint(app, adminRoutes.listReports, async ({ query, caller }, c) => {
    const { userId } = await requireModerator(c, caller);
    const { state, evidence } = query;
    const page = await paged(
      c,
      ['reports', userId, state ?? '', evidence ?? ''],
      query,
      z.tuple([z.iso.datetime(), Uuid]),
      (after, limit) => reportsAfter(openDatabase(c.env), after, { state, evidence }, limit),
      ({ createdAt, id }) => [createdAt.toISOString(), id],
    );
    return { ...page, items: page.items.map(viewOf) };
  });

  endpoint(app, adminRoutes.patchReport, async ({ params, body, caller }, c) => {
    const { userId, role } = await requireModerator(c, caller);
    const { state, verdict, note } = body;
    if ((state === 'closed') !== (verdict !== undefined && note !== undefined))
      refuse('invalid-body', 'A report is closed with a verdict and a note, and only then has them.');
    const report = await reportOf(c, params.id);
    const deed = { actor: userId, action: `report.${verdict ?? state}`, target: report.id, detail: note };
    const database = openDatabase(c.env);
    const change = decide(report.id, userId, body, role === 'admin');
    if (!(await audited(database, deed, change)) && !isDone(await reportOf(c, params.id), userId, body))
      refuse('conflict', 'Somebody else has this report, or it is closed.');
    return viewOf(await reportOf(c, params.id));
  });

  endpoint(app, adminRoutes.getReportedFile, async ({ params, query, caller }, c) => {
    const { userId } = await requireModerator(c, caller);
    const report = await reportOf(c, params.id);
    // Whose key was not proven to be that file's is no way into it.
    if (report.evidence !== 'verified' || report.fileId === null || report.fileKey === null)
      return refuse('not-found');
    const database = openDatabase(c.env);
    const file = await findFile(database, report.fileId);
    if (file?.chatroomId !== report.chatroomId) return refuse('not-found');
    if (query.count === 0 && query.deltas === 0) {
      const deed = { actor: userId, action: 'report.open-file', target: report.id };
      await audited(database, deed, sql`select ${report.id} as id`);
    }
    const end = file.state === 'complete' ? file.sizes.length : maxObjects;
    const count = Math.max(0, Math.min(query.count, end - query.from));
    const signer = openSigner(c.env, new URL(c.req.url).origin);
    const objects = Array.from({ length: count }, async (_, i) => {
      const index = query.from + i;
      const { url, expiresAt } = await signer.signGet(`${file.storagePath}/${index}`);
      return { index, url, expiresAt: expiresAt.toISOString() };
    });
    return {
      fileName: file.fileName,
      state: file.state === 'complete' ? ('complete' as const) : ('uploading' as const),
      deltas: await findDeltas(database, file.id, query.deltas),
      objects: await Promise.all(objects),
    };
  });
}

const reportOf = async (c: Context<AppEnv>, id: string): Promise<ReportRow> =>
  (await findReport(openDatabase(c.env), id)) ?? refuse('not-found');

/** Whether the report is as `wanted` already: the same request again answers as the first time. */
const isDone = (
  report: ReportRow,
  by: string,
  wanted: { state: string; verdict?: string | undefined; note?: string | undefined },
): boolean =>
  report.state === wanted.state &&
  report.claimedBy === (wanted.state === 'open' ? null : by) &&
  report.verdict === (wanted.verdict ?? null) &&
  report.verdictNote === (wanted.note ?? null);

const viewOf = (row: ReportRow): ReportView => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  sentAt: row.sentAt?.toISOString() ?? null,
  closedAt: row.closedAt?.toISOString() ?? null,
});
