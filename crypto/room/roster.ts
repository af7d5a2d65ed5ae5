import { fromBase64, toBase64, utf8 } from '../../protocol/bytes.ts';
import type { RosterEntry, SignedEntry } from '../../protocol/roster.ts';
import {
  applyEntry,
  entryHash,
  type Roster,
  type RosterRefusal,
  rosterSigned,
} from '../../protocol/roster-rules.ts';
import { readJson, type Schema } from '../schema.ts';
import { sign, verify } from '../signal/curve.ts';
import { verifyInvite } from './invite.ts';

/** An entry that has no effect, and why: shown to people, never silently skipped. */
export interface RefusedEntry {
  readonly seq: number;
  readonly kind: string;
  readonly by: string;
  readonly reason: RosterRefusal;
}

/** A roster together with what was refused on the way to it. */
export interface VerifiedRoster {
  readonly roster: Roster;
  readonly refused: readonly RefusedEntry[];
  /** The hash of each entry (`entryHash`), by its number; of those that were refused too. */
  readonly heads: readonly string[];
}

/** The log does not continue what this client has verified before: the server forked, reordered or dropped entries. */
export class RosterError extends Error {
  readonly reason: RosterRefusal | 'malformed' | 'rolled-back';
  constructor(reason: RosterError['reason'], message: string) {
    super(message);
    this.name = 'RosterError';
    this.reason = reason;
  }
}

/** Signs a roster entry with the author's identity key (XEdDSA). */
export function signEntry(entry: RosterEntry, identityPrivateKey: Uint8Array): SignedEntry {
  const body = utf8(JSON.stringify(entry));
  return { body: toBase64(body), signature: toBase64(sign(identityPrivateKey, rosterSigned(body))) };
}

const broken = new Set<RosterRefusal>(['out-of-order', 'forked']);

/**
 * Replays `entries` on top of `known`, checking hashes, signatures and rights (DESIGN section 4). An entry that its author
 * may not make, or that is badly signed, keeps its place in the hash chain and has no effect; it is listed in `refused`.
 *
 * @throws RosterError when the entries do not continue `known`, or the first is not a valid creation.
 */
export async function replay(
  room: string,
  entries: readonly SignedEntry[],
  schema: Schema<RosterEntry>,
  known?: VerifiedRoster,
): Promise<VerifiedRoster> {
  let roster = known?.roster;
  const refused = [...(known?.refused ?? [])];
  const heads = [...(known?.heads ?? [])];
  for (const signed of entries) {
    const entry = parse(signed, schema);
    if (entry.room !== room) throw new RosterError('wrong-room', 'a roster entry belongs to another room');
    const hash = await entryHash(signed);
    const next = applyEntry(roster, entry, hash);
    const signedWell = await authentic(roster, entry, signed);
    if (typeof next !== 'string' && signedWell) {
      roster = next;
      heads.push(hash);
      continue;
    }
    const reason = typeof next === 'string' ? next : 'bad-signature';
    if (!roster || broken.has(reason))
      throw new RosterError(reason, `roster entry ${entry.seq} does not follow: ${reason}`);
    refused.push({ seq: entry.seq, kind: entry.kind, by: entry.by, reason });
    roster = { ...roster, seq: entry.seq, head: hash };
    heads.push(hash);
  }
  if (!roster) throw new RosterError('malformed', 'the roster is empty');
  return { roster, refused, heads };
}

function parse(signed: SignedEntry, schema: Schema<RosterEntry>): RosterEntry {
  try {
    return readJson(schema, fromBase64(signed.body));
  } catch {
    throw new RosterError('malformed', 'a roster entry cannot be read');
  }
}

async function authentic(
  roster: Roster | undefined,
  entry: RosterEntry,
  signed: SignedEntry,
): Promise<boolean> {
  const introducesKey = entry.kind === 'created' || entry.kind === 'joined';
  const identityKey = introducesKey ? entry.identityKey : roster?.members.get(entry.by)?.identityKey;
  if (!identityKey) return false;
  const message = rosterSigned(fromBase64(signed.body));
  if (!(await verify(fromBase64(identityKey), message, fromBase64(signed.signature)))) return false;
  if (entry.kind !== 'joined') return true;
  return (
    signed.inviteSignature !== undefined && verifyInvite(entry.inviteKey, message, signed.inviteSignature)
  );
}
