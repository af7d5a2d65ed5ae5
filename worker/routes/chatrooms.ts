import type { Hono } from 'hono';
import * as z from 'zod/mini';
import { type Room, routes } from '../../protocol/rest/index.ts';
import { type RosterEntry, type RosterKind, readEntry, type SignedEntry } from '../../protocol/roster.ts';
import { Uuid } from '../../protocol/scalars.ts';
import type { Message } from '../../protocol/socket.ts';
import { countRoom } from '../auth/limits.ts';
import { requireLiveSession } from '../auth/live.ts';
import { refuseForeignSocket } from '../auth/origin.ts';
import { type List, readCursor, writeCursor } from '../cursor.ts';
import { openDatabase } from '../db/client.ts';
import { archivedMessages, type MembershipCursor, roomsOf } from '../db/rooms.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv, Env } from '../env.ts';
import { forwarded } from '../ops/requests.ts';
import { refuse, unwrap } from '../problem.ts';

/** Registers `/chatrooms` and all below it. Who may do what is for the room's object to say, at every door. */
export function chatroomRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.createRoom, async ({ body, caller }, c) => {
    await countRoom(c, caller);
    unwrap(await room(c.env, body.id).create(caller.userId, body));
    return viewOf(c.env, body.id, caller.userId);
  });

  endpoint(app, routes.listRooms, async ({ query, caller }, c) => {
    const list: List = ['rooms', caller.userId];
    const from =
      query.cursor === undefined ? undefined : await readCursor(c.env, list, query.cursor, Position);
    const cursor = from && { joinedAt: new Date(from[0]), roomId: from[1] };
    const rows = await roomsOf(openDatabase(c.env), caller.userId, cursor, query.limit + 1);
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    return {
      items: page.map(({ room }) => room),
      next:
        rows.length > page.length && last ? await writeCursor(c.env, list, positionOf(last.cursor)) : null,
    };
  });

  endpoint(app, routes.getRoom, ({ params, caller }, c) => viewOf(c.env, params.id, caller.userId));

  endpoint(app, routes.patchRoom, async ({ params, body, caller }, c) => {
    if (body.name === undefined && body.entry === undefined) {
      refuse('invalid-body', 'Give a name, an entry, or both.');
    }
    if (body.entry !== undefined) {
      requireKind(body.entry, 'invite', 'revoked', 'role');
      unwrap(await room(c.env, params.id).append(caller.userId, body.entry));
    }
    if (body.name !== undefined) unwrap(await room(c.env, params.id).rename(caller.userId, body.name));
    return viewOf(c.env, params.id, caller.userId);
  });

  endpoint(app, routes.deleteRoom, async ({ params, caller }, c) => {
    unwrap(await room(c.env, params.id).destroy(caller.userId));
  });

  endpoint(app, routes.joinRoom, async ({ params, body, caller }, c) => {
    requireKind(body.entry, 'joined');
    unwrap(await room(c.env, params.id).append(caller.userId, body.entry, body.sealedKey));
    return viewOf(c.env, params.id, caller.userId);
  });

  endpoint(app, routes.leaveRoom, async ({ params, body, caller }, c) => {
    requireKind(body.entry, 'left');
    unwrap(await room(c.env, params.id).append(caller.userId, body.entry));
  });

  endpoint(app, routes.listMembers, async ({ params, query, caller }, c) => {
    const { invite, proof } = query;
    if ((invite === undefined) !== (proof === undefined)) {
      refuse('invalid-body', '`invite` and `proof` come together.');
    }
    const look = invite === undefined || proof === undefined ? undefined : { invite, proof };
    const { name, entries, members } = unwrap(await room(c.env, params.id).roster(caller.userId, look));
    return {
      name,
      members: members.map(({ joinedAt, ...member }) => ({ ...member, joinedAt: instant(joinedAt) })),
      roster: entries,
    };
  });

  endpoint(app, routes.removeMember, async ({ params, body, caller }, c) => {
    const entry = requireKind(body.entry, 'removed');
    if (entry.user !== params.userId) refuse('invalid-body', 'The entry removes somebody else.');
    unwrap(await room(c.env, params.id).append(caller.userId, body.entry));
  });

  endpoint(app, routes.listMessages, async ({ params, query, caller }, c) => {
    if (query.after !== undefined && query.before !== undefined) {
      refuse('invalid-body', 'Give `after` or `before`, not both.');
    }
    return query.after === undefined
      ? pageBefore(c.env, params.id, caller.userId, query.before, query.limit)
      : pageAfter(c.env, params.id, caller.userId, query.after, query.limit);
  });

  endpoint(app, routes.sendMessage, async ({ params, body, caller }, c) =>
    unwrap(await room(c.env, params.id).send(caller.userId, body, c.get('request'))),
  );

  endpoint(app, routes.getTicket, async ({ params, caller }, c) => {
    const { userId, sessionId } = caller;
    const ticket = unwrap(await room(c.env, params.id).ticket(userId, sessionId));
    unwrap(await c.env.ACCOUNTS.getByName(userId).visits(sessionId, params.id));
    // Only now: a session that ends after this question finds the ticket in the room, and takes it back.
    await requireLiveSession(c, caller);
    return ticket;
  });

  endpoint(app, routes.openSocket, async ({ params }, c) => {
    refuseForeignSocket(c);
    return room(c.env, params.id).fetch(forwarded(c));
  });
}

const room = (env: Env, id: string) => env.ROOMS.getByName(id);

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The room as `userId` has it; throws `not-a-member`. */
async function viewOf(env: Env, id: string, userId: string): Promise<Room> {
  const { createdAt, ...view } = unwrap(await room(env, id).view(userId));
  return { id, ...view, createdAt: instant(createdAt) };
}

/** The entry inside its signed bytes; throws unless it is of one of `kinds`. */
function requireKind<K extends RosterKind>(
  signed: SignedEntry,
  ...kinds: readonly K[]
): Extract<RosterEntry, { kind: K }> {
  const fault = (detail: string) =>
    refuse('invalid-body', undefined, { errors: [{ pointer: '/entry', detail }] });
  let entry: RosterEntry;
  try {
    entry = readEntry(signed);
  } catch {
    return fault('Not a roster entry');
  }
  const fits = (one: RosterEntry): one is Extract<RosterEntry, { kind: K }> =>
    (kinds as readonly RosterKind[]).includes(one.kind);
  return fits(entry) ? entry : fault(`Must be of kind ${kinds.join(', ')}`);
}

interface Page {
  readonly items: Message[];
  readonly next: number | null;
}

/**
 * The messages after `after`. The object holds the newest of the log without a gap, and drops only what Postgres has:
 * asked in this order, the two always meet.
 */
async function pageAfter(env: Env, id: string, userId: string, after: number, limit: number): Promise<Page> {
  const wanted = limit + 1;
  const held = unwrap(await room(env, id).held(userId, { after, limit: wanted }));
  const page = { after, before: held.oldest, limit: wanted };
  const older = after + 1 < held.oldest ? await archivedMessages(openDatabase(env), id, userId, page) : [];
  const found = [...older, ...held.items];
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? (items.at(-1)?.seq ?? null) : null };
}

/** The messages before `before`, or the newest. */
async function pageBefore(
  env: Env,
  id: string,
  userId: string,
  before: number | undefined,
  limit: number,
): Promise<Page> {
  const wanted = limit + 1;
  const ask = before === undefined ? { limit: wanted } : { before, limit: wanted };
  const held = unwrap(await room(env, id).held(userId, ask));
  const page = { before: Math.min(before ?? held.oldest, held.oldest), limit: wanted - held.items.length };
  const older =
    page.limit > 0 && page.before > 1 ? await archivedMessages(openDatabase(env), id, userId, page) : [];
  const found = [...older, ...held.items];
  const items = found.slice(-limit);
  return { items, next: found.length > limit ? (items[0]?.seq ?? null) : null };
}

const Position = z.tuple([z.number(), Uuid]);
const positionOf = ({ joinedAt, roomId }: MembershipCursor): z.infer<typeof Position> => [
  joinedAt.getTime(),
  roomId,
];
