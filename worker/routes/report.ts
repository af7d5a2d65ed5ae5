import type { Hono } from 'hono';
import { fromBase64 } from '../../protocol/bytes.ts';
import { isContent } from '../../protocol/content.ts';
import { type Attested, type Finding, judge, readEnvelope, stampKeys } from '../../protocol/franking.ts';
import type { Evidence } from '../../protocol/rest/admin.ts';
import { routes } from '../../protocol/rest/index.ts';
import { countReport } from '../auth/limits.ts';
import { requireLiveSession } from '../auth/live.ts';
import { openDatabase } from '../db/client.ts';
import { findAttested, insertReport } from '../db/reports.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv, Env } from '../env.ts';
import { tally } from '../ops/metrics.ts';
import { refuse, unwrap } from '../problem.ts';

/** Registers `POST /report`. */
export function reportRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.report, async ({ body, caller }, c) => {
    await requireLiveSession(c, caller);
    await countReport(c, caller);
    const { chatroomId, seq, fileKey } = body;
    const envelope = fromBase64(body.envelope);
    const judged = await examine(c.env, chatroomId, seq, {
      envelope,
      fileKey: fileKey === undefined ? undefined : fromBase64(fileKey),
    });
    // Who left because of what they saw can still show it; who never was there can show nothing.
    if (judged.evidence !== 'verified') unwrap(await c.env.ROOMS.getByName(chatroomId).admits(caller.userId));
    const content = readEnvelope(envelope)?.content;
    const kept = await insertReport(openDatabase(c.env), {
      id: body.id,
      reporterId: caller.userId,
      reason: body.reason,
      note: body.note ?? null,
      chatroomId,
      seq,
      evidence: judged.evidence,
      finding: judged.finding ?? null,
      senderId: judged.message?.sender ?? null,
      sentAt: judged.message ? new Date(judged.message.at) : null,
      envelope: body.envelope,
      fileId: content && isContent(content, 'file') ? content.fileId : null,
      fileKey: fileKey ?? null,
    });
    tally.count('reports_total', [judged.evidence]);
    if (!kept) return refuse('conflict', 'There is another report of this id.');
    return { id: kept.id, createdAt: kept.createdAt.toISOString() };
  });
}

interface Judged {
  readonly evidence: Evidence;
  readonly finding?: Finding | undefined;
  readonly message?: Attested;
}

/**
 * Tells whether what is revealed was sent at that place. *False* is what contradicts the room's word; without a word of the room's
 * whose stamp holds, nothing is verified, and nothing is held against anybody.
 */
async function examine(
  env: Env,
  room: string,
  seq: number,
  revealed: Parameters<typeof judge>[0],
): Promise<Judged> {
  const keys = stampKeys(env.FRANKING_KEY);
  const found =
    (await env.ROOMS.getByName(room).attest(seq)) ?? (await findAttested(openDatabase(env), room, seq));
  if (!keys || !found || !(await keys.holds(found.message, found.stamp))) return { evidence: 'unverifiable' };
  const finding = await judge(revealed, found.message);
  return { evidence: finding ? 'false' : 'verified', finding, message: found.message };
}
