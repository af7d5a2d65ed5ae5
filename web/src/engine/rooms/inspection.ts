import { fromBase64 } from '../../../../protocol/bytes.ts';
import type { RosterEntry } from '../../../../protocol/roster.ts';
import { entryHash } from '../../../../protocol/roster.ts';
import type { Session } from '../account/session.ts';
import type { AsStored, Inspection } from '../types.ts';
import type { Membership } from './membership.ts';

/** The room's keys and member list, as this device has verified them. */
export async function inspect(session: Session, membership: Membership): Promise<Inspection> {
  const { log } = membership;
  const { chain, devices } = await session.keys.keysIn(log.room);
  const refused = new Map(log.verified.refused.map(({ seq, reason }) => [seq, reason]));
  const entries = log.history.map(async (entry, i) => {
    const reason = refused.get(entry.seq);
    return {
      ...{ seq: entry.seq, at: entry.at, byName: membership.name(entry.by) },
      what: entry.kind,
      ...about(entry, membership),
      hash: await entryHash(log.entries[i]!),
      ...(reason !== undefined && { refused: reason }),
    };
  });
  return {
    entries: (await Promise.all(entries)).reverse(),
    ...(chain && { chain }),
    members: membership.members.map(({ userId, identityKey }) => ({
      ...{ id: userId, name: membership.name(userId), isMe: userId === session.account.id },
      identityKey: hex(fromBase64(identityKey)),
      ...(devices.has(userId) && { devices: devices.get(userId)!.length }),
    })),
  };
}

function about(entry: RosterEntry, membership: Membership): { about?: string } {
  if (entry.kind === 'role') return { about: `${membership.name(entry.user)}: ${entry.role}` };
  return entry.kind === 'removed' ? { about: membership.name(entry.user) } : {};
}

/** In groups of four, so that it can be read. */
const hex = (bytes: Uint8Array): string =>
  [...bytes]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .replace(/(.{4})(?=.)/g, '$1 ');

/** How many of the newest messages are looked through for one that is for everybody. */
const newest = 50;

/** What the service has of a room, in its own words. Throws EngineError when it can't be reached. */
export async function asStored({ api }: Session, id: string): Promise<AsStored> {
  const params = { id };
  const [room, { members }, { items }] = await Promise.all([
    api('getRoom', { params }),
    api('listMembers', { params, query: {} }),
    api('listMessages', { params, query: { limit: newest } }),
  ]);
  const last = items.findLast(({ recipient }) => recipient === undefined);
  return { room, members, messages: items.at(-1)?.seq ?? 0, ...(last && { last }) };
}
