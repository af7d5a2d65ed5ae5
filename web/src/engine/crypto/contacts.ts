import { UUID } from 'uuidv7';
import { matchesScanned, safetyNumber as numberOf, SignalError } from '../../../../crypto/signal/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import { m } from '../../language/index.ts';
import type { RosterLog } from '../rooms/roster.ts';
import type { Row, Store, Table } from '../store/store.ts';
import { type CodeCheck, EngineError, type SafetyNumber, type Trust } from '../types.ts';
import type { Holder } from './holder.ts';

/** By which identity this device knows somebody. */
export interface Known {
  /** The one that was compared; it stays known where the mark was taken back. */
  readonly mark: Row<'contacts'> | undefined;
  /** The one to which it wrote first, in any room. */
  readonly peer: Pick<Row<'peers'>, 'identityKey'> | undefined;
  /** The one that they first had in the room at hand, by its verified roster. */
  readonly first: string | undefined;
}

/** An account keeps its identity for life: another one under its name is another person. */
export function trustIn(identityKey: string, { mark, peer, first }: Known): Trust {
  const known = mark?.identityKey ?? peer?.identityKey ?? first ?? identityKey;
  if (mark?.verifiedAt === undefined) return known === identityKey ? 'unverified' : 'changed';
  return known === identityKey ? 'verified' : 'contradicted';
}

/** Throws EngineError `contradicted` or `changed-identity` unless `identityKey` is the one that they are known by. */
export function mustBeKnown(identityKey: string, known: Known): void {
  const trust = trustIn(identityKey, known);
  if (trust === 'contradicted') throw new EngineError('contradicted', m.engine_someoneContradicted());
  if (trust === 'changed') throw new EngineError('changed-identity', m.engine_notWhoFirst());
}

/** Of each member of a room but oneself, whether they are who this device takes them for. */
export async function trustOfMembers(holder: Holder, log: RosterLog): Promise<Map<string, Trust>> {
  const marks = new Map(await holder.store.list('contacts'));
  const others = [...log.verified.roster.members.values()].filter(
    ({ userId }) => userId !== holder.account.id,
  );
  const trusts = others.map(async ({ userId, identityKey }): Promise<[string, Trust]> => {
    const peer = await holder.store.get('peers', userId);
    return [
      userId,
      trustIn(identityKey, { mark: marks.get(userId), peer, first: log.firstIdentity(userId) }),
    ];
  });
  return new Map(await Promise.all(trusts));
}

/**
 * The safety number of this account and a member of the room whose verified roster is `log`: of identity keys from there, and the
 * accounts' ids, 16 bytes each.
 *
 * @throws EngineError `not-a-member`
 */
export function safetyNumber(holder: Holder, log: RosterLog, userId: string): SafetyNumber {
  const { displayable, scannable } = compute(holder, log, userId);
  return { digits: displayable, code: toBase64(scannable) };
}

/** What a scanned code says of `userId`. Throws EngineError `not-a-member`. */
export function checkCode(holder: Holder, log: RosterLog, userId: string, scanned: string): CodeCheck {
  const ours = compute(holder, log, userId);
  try {
    return matchesScanned(ours, fromBase64(scanned)) ? 'match' : 'mismatch';
  } catch (error) {
    if (error instanceof SignalError || error instanceof RangeError) return 'no-code';
    throw error;
  }
}

/**
 * Keeps that a person has compared the safety number whose code is `code`.
 *
 * @throws EngineError `changed-identity`, `contradicted` where they are not who this device knows by that name, `other-number`
 *   where `code` is not theirs any more
 */
export async function markVerified(
  { store, locks, ...holder }: Holder,
  log: RosterLog,
  userId: string,
  code: string,
): Promise<void> {
  if (toBase64(compute(holder, log, userId).scannable) !== code)
    throw new EngineError('other-number', m.engine_otherNumber());
  const { identityKey } = log.verified.roster.members.get(userId)!;
  await locks.run('peers', async () => {
    const known = await knownAs(store, log, userId);
    mustBeKnown(identityKey, known);
    if (known.mark?.verifiedAt === undefined)
      await write(store, userId, { identityKey, verifiedAt: Date.now() });
  });
}

/** Takes a mark back; another identity under their name gets no keys all the same. */
export function unmark({ store, locks }: Holder, userId: string): Promise<void> {
  return locks.run('peers', async () => {
    const mark = await store.get('contacts', userId);
    if (mark) await write(store, userId, { identityKey: mark.identityKey });
  });
}

async function knownAs(store: Store<Table>, log: RosterLog, userId: string): Promise<Known> {
  const [mark, peer] = await Promise.all([store.get('contacts', userId), store.get('peers', userId)]);
  return { mark, peer, first: log.firstIdentity(userId) };
}

const write = (store: Store<Table>, userId: string, value: Row<'contacts'>) =>
  store.write([{ table: 'contacts', key: userId, value }]);

function compute({ account, keys }: Pick<Holder, 'account' | 'keys'>, log: RosterLog, userId: string) {
  const member = log.verified.roster.members.get(userId);
  if (!member || userId === account.id) throw new EngineError('not-a-member', m.engine_theyLeft());
  return numberOf(
    { id: UUID.parse(account.id).bytes, identityKey: keys.identity.publicKey },
    { id: UUID.parse(userId).bytes, identityKey: fromBase64(member.identityKey) },
  );
}
