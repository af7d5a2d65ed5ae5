import type { Context, Hono } from 'hono';
import { type AdminUser, adminRoutes } from '../../../protocol/rest/admin.ts';
import { closeSockets } from '../../auth/live.ts';
import { type Moderator, requireModerator } from '../../auth/moderator.ts';
import { endOtherSessions } from '../../auth/sessions.ts';
import { findRooms, findUsers, giveRole, reinstate, suspend } from '../../db/admin.ts';
import { audited } from '../../db/audit.ts';
import { openDatabase } from '../../db/client.ts';
import { endpoint } from '../../endpoint.ts';
import type { AppEnv } from '../../env.ts';
import { refuse } from '../../problem.ts';
import { ById, paged } from './pages.ts';

/** Registers `/admin/users` and `/admin/rooms`. */
export function adminUserRoutes(app: Hono<AppEnv>): void {
  endpoint(app, adminRoutes.listUsers, async ({ query, caller }, c) => {
    const { userId } = await requireModerator(c, caller);
    const { email, id, status, role } = query;
    return paged(
      c,
      ['users', userId, email ?? '', id ?? '', status ?? '', role ?? ''],
      query,
      ById,
      (after, limit) => findUsers(openDatabase(c.env), { after: after?.[0], limit }, query),
      (user) => [user.id],
    );
  });

  endpoint(app, adminRoutes.patchUser, async ({ params, body, caller }, c) => {
    const by = await requireModerator(c, caller);
    const { status, role, reason } = body;
    if ((status === undefined) === (role === undefined))
      refuse('invalid-body', 'Give a status or a role, and not both.');
    const user = await userOf(c, params.id);
    if (role !== undefined && by.role !== 'admin') return refuse('forbidden', 'Admins give roles.');
    requireAbove(by, user);
    const database = openDatabase(c.env);
    const deed = { actor: by.userId, target: user.id, detail: reason };
    if (role !== undefined)
      await audited(database, { ...deed, action: `user.role.${role}` }, giveRole(user.id, role));
    else if (status === 'active')
      await audited(database, { ...deed, action: 'user.reinstate' }, reinstate(user.id));
    else {
      const { change, along } = suspend(user.id);
      await audited(database, { ...deed, action: 'user.suspend' }, change, along);
      // Also when it was suspended before: whoever lost the answer asks again, and sockets may have been left.
      await closeSockets(c, user.id, await endOtherSessions(database, user.id));
    }
    return userOf(c, params.id);
  });

  endpoint(app, adminRoutes.listAllRooms, async ({ query, caller }, c) => {
    const { userId } = await requireModerator(c, caller);
    return paged(
      c,
      ['all-rooms', userId, query.id ?? ''],
      query,
      ById,
      (after, limit) => findRooms(openDatabase(c.env), { after: after?.[0], limit }, query.id),
      ({ id }) => [id],
    );
  });
}

/** Moderators act on people, admins on everybody; nobody on themselves. Throws `forbidden`. */
function requireAbove(by: Moderator, user: AdminUser): void {
  if (by.userId === user.id) refuse('forbidden', 'Somebody else must do this to your account.');
  if (by.role !== 'admin' && user.role !== 'user')
    refuse('forbidden', 'Only an admin acts on moderators and admins.');
}

async function userOf(c: Context<AppEnv>, id: string): Promise<AdminUser> {
  const [user] = await findUsers(openDatabase(c.env), { after: undefined, limit: 1 }, { id });
  return user ?? refuse('not-found');
}
