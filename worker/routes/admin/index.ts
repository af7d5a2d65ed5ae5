import { sql } from 'drizzle-orm';
import type { Hono } from 'hono';
import { metricsName } from '../../../protocol/metrics.ts';
import { adminRoutes } from '../../../protocol/rest/admin.ts';
import { requireAccess } from '../../auth/access.ts';
import { countAttempt } from '../../auth/limits.ts';
import { elevation, readRole, requireModerator } from '../../auth/moderator.ts';
import { passwordMatches } from '../../auth/password.ts';
import { auditAfter, audited, lastAudit } from '../../db/audit.ts';
import { openDatabase } from '../../db/client.ts';
import { endpoint } from '../../endpoint.ts';
import type { AppEnv } from '../../env.ts';
import { serviceCounts } from '../../ops/service-counts.ts';
import { refuse } from '../../problem.ts';
import { adminFileRoutes } from './files.ts';
import { adminReportRoutes } from './reports.ts';
import { adminUserRoutes } from './users.ts';

/** Registers `/admin/*`: what moderators and admins do. Whatever changes something stands in the audit log. */
export function registerAdmin(app: Hono<AppEnv>): void {
  endpoint(app, adminRoutes.stepUp, async ({ body, caller }, c) => {
    const { role, email, passwordHash } = await readRole(c, caller);
    if (role === 'user') return refuse('forbidden');
    await requireAccess(c, email);
    await countAttempt(c, email);
    if (!(await passwordMatches(body.password, passwordHash))) return refuse('wrong-password');
    const until = new Date(Date.now() + elevation * 60_000).toISOString();
    const deed = { actor: caller.userId, action: 'step-up', target: caller.sessionId };
    const change = sql`
      update sessions set elevated_until = ${until}::timestamptz
      where id = ${caller.sessionId} and revoked_at is null returning id`;
    if (!(await audited(openDatabase(c.env), deed, change))) return refuse('session-revoked');
    return { role, until };
  });

  endpoint(app, adminRoutes.listAudit, async ({ query, caller }, c) => {
    await requireModerator(c, caller, 'admin');
    const database = openDatabase(c.env);
    const [items, last] = await Promise.all([
      auditAfter(database, query.after, query.limit),
      lastAudit(database),
    ]);
    return { items, last };
  });

  endpoint(app, adminRoutes.getServiceCounts, async ({ caller }, c) => {
    await requireModerator(c, caller);
    return serviceCounts(await c.env.METRICS.getByName(metricsName).read(), Date.now());
  });

  adminReportRoutes(app);
  adminFileRoutes(app);
  adminUserRoutes(app);
}
