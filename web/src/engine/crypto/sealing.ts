import { uuidv7 } from 'uuidv7';
import { DeviceListError } from '../../../../crypto/account/index.ts';
import { packEnvelope, TooLongError } from '../../../../crypto/room/index.ts';
import { type PreKeyBundle, type SessionVersion, SignalError } from '../../../../crypto/signal/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import type { Profile } from '../../../../protocol/content.ts';
import type { Roster, RosterMember } from '../../../../protocol/roster.ts';
import { deviceAddress } from '../../../../protocol/scalars.ts';
import type { Outgoing } from '../../../../protocol/socket.ts';
import { m } from '../../language/index.ts';
import type { Draft, Row } from '../store/store.ts';
import { EngineError } from '../types.ts';
import { backUp } from './backups.ts';
import { distributionOf, giveChain, giveUpChain, hasMet, isSpent, ownChain, sealForRoom } from './chains.ts';
import type { Holder } from './holder.ts';
import type { Verdict } from './index.ts';
import { isUsable, Pairwise } from './pairwise.ts';
import type { Peers } from './peers.ts';

/** A device that must be able to read what we send, with a bundle where there is no session with it yet. */
export interface Reader {
  readonly userId: string;
  readonly address: string;
  /** By the verified roster. */
  readonly identityKey: string;
  readonly bundle?: PreKeyBundle;
  /** The least handshake that their signed device list promises. */
  readonly minVersion: SessionVersion;
}

/** Whom a message is for. */
export interface Readers {
  readonly readers: readonly Reader[];
  /** Members whose keys are not to be believed, each with the reason, as a sentence: they get no key, the others do. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** Members to whom nothing can be given, each with the reason, as a sentence. */
  readonly unreachable: ReadonlyMap<string, string>;
  /** The version of the account's own device list. */
  readonly list: number;
}

/** A roster, and how many members have left it: a chain made before a departure is not used after it. */
export interface Audience {
  readonly roster: Roster;
  readonly departures: number;
  /** The identity with which somebody first came into the room. */
  readonly first: (userId: string) => string | undefined;
}

/**
 * All devices of the room's members but this one, ready to be written to. Asks the server (device lists, bundles), so it runs
 * before the lock `crypto` is taken. One member with bad keys does not keep the message from the others; one who is not who was
 * verified by their name does.
 *
 * @throws EngineError `contradicted`
 */
async function findReaders(
  holder: Holder,
  peers: Peers,
  { roster, departures, first }: Audience,
): Promise<Readers> {
  const me = holder.account;
  const store = holder.store;
  const chain = await store.get('ownChains', roster.room);
  const has = new Set(chain && !isSpent(chain, departures) ? chain.sentTo : []);
  const told = (await store.get('rooms', roster.room))?.lists ?? {};
  let own = 0;
  const leftOut = new Map<string, string>();
  const unreachable = new Map<string, string>();
  const readers = await Promise.all(
    [...roster.members.values()].map((member) => devicesOf(member).catch(leaveOut(leftOut, member.userId))),
  );
  return { readers: readers.flat(), leftOut, unreachable, list: own };

  async function devicesOf(member: RosterMember): Promise<Reader[]> {
    const person = { ...member, first: first(member.userId) };
    const list = await peers.devices(roster.room, person, false, told[member.userId]);
    if (member.userId === me.id) own = list.version;
    const ids = list.devices
      .map(({ id }) => id)
      .filter((id) => member.userId !== me.id || id !== me.deviceId);
    const strangers: number[] = [];
    for (const id of ids) {
      const address = deviceAddress(member.userId, id);
      if (has.has(address)) continue;
      const known = await store.get('sessions', address);
      if (!known || !isUsable(known, list.minHandshake)) strangers.push(id);
    }
    const bundles = await peers.bundles(roster.room, list, member.identityKey, strangers);
    const reached = ids.filter((id) => !strangers.includes(id) || bundles.has(id));
    if (member.userId !== me.id && reached.length === 0)
      unreachable.set(member.userId, ids.length === 0 ? m.engine_signedInNowhere() : m.engine_noDeviceKeys());
    return reached.map((id) => {
      const bundle = bundles.get(id);
      const { userId, identityKey } = member;
      const address = deviceAddress(userId, id);
      return { userId, address, identityKey, minVersion: list.minHandshake, ...(bundle && { bundle }) };
    });
  }
}

/** Reasons of errors that speak of one member: of their keys, or of an account that the service says is gone. */
const untrusted: ReadonlySet<string> = new Set(['wrong-identity', 'changed-identity', 'not-found']);

/** A handler of errors that notes what is wrong with the keys of `userId`, and throws what is not about them. */
const leaveOut = (leftOut: Map<string, string>, userId: string) => (error: unknown) => {
  if (error instanceof DeviceListError || error instanceof SignalError)
    leftOut.set(userId, `${error.message[0]!.toUpperCase()}${error.message.slice(1)}.`);
  else if (error instanceof EngineError && untrusted.has(error.reason)) leftOut.set(userId, error.message);
  else throw error;
  return [];
};

/**
 * Encrypts an outbox row: the chain's distribution for every reader that lacks it, then the message. Everything goes into the
 * draft; once that is committed, exactly these frames are sent, however often. Who is left out is noted in the stored room. The
 * caller holds the lock `crypto`.
 *
 * @throws EngineError `too-long`, and `untrusted-keys` where there is nobody else to whom it could go
 */
async function sealRow(
  holder: Holder,
  draft: Draft,
  row: Row<'outbox'>,
  audience: Audience,
  { readers, leftOut: found, unreachable, list }: Readers,
): Promise<Row<'outbox'>> {
  const { id: me, deviceId: device } = holder.account;
  const { roster, departures } = audience;
  const present = new Set(readers.map(({ address }) => address));
  let chain = await ownChain(draft, row.room, departures, present);
  const pairwise = new Pairwise(holder);
  const frames: Outgoing[] = [];
  if (chain.count === 0) {
    const address = deviceAddress(me, device);
    const own = { room: row.room, address, distribution: distributionOf(chain) };
    await backUp(draft, holder.keys.backupKey, own);
  }
  const leftOut = new Map(found);
  const profile = await introduction(draft, row, me);
  for (const reader of readers) {
    const { userId, address } = reader;
    if (chain.sentTo.includes(address)) continue;
    const { distribution, chain: given } = giveChain(chain, address);
    const payload = {
      ...({ kind: 'sender-key', v: 1, room: row.room, distribution, epoch: roster.seq } as const),
      ...(profile && !hasMet(chain, address) && { profile }),
    };
    const boxes = await pairwise
      .seal(draft, reader, payload)
      .then((box) => [toBase64(box)], leaveOut(leftOut, userId));
    for (const box of boxes) {
      frames.push({ id: uuidv7(), device, recipient: address, box });
      chain = given;
    }
  }
  const others = [...roster.members.keys()].filter((userId) => userId !== me);
  if (others.length && others.every((userId) => leftOut.has(userId)))
    throw new EngineError(
      'untrusted-keys',
      m.engine_untrustedKeys({ reasons: [...new Set(leftOut.values())].join(' ') }),
    );
  const room = await draft.get('rooms', row.room);
  const without = Object.fromEntries([...unreachable, ...leftOut]);
  if (room && Object.keys({ ...without, ...room.leftOut }).length > 0)
    draft.put('rooms', row.room, { ...room, leftOut: without });
  const { plaintext, commitment } = pack({
    id: row.id,
    room: row.room,
    sender: me,
    device,
    roster: roster.head,
    chain: chain.distributionId,
    list,
    at: row.at,
    content: row.content,
  });
  const box = sealForRoom(draft, row.room, chain, plaintext);
  const expiresAt = dropAt(row.content, Date.now());
  frames.push({
    ...{ id: row.id, device, box: toBase64(box), commitment },
    ...(expiresAt !== undefined && { expiresAt }),
  });
  const sealed = { ...row, frames, departures };
  draft.put('outbox', `${row.room}/${row.id}`, sealed);
  return sealed;
}

/**
 * What this person has said of themselves in the room, for devices that come later; undefined where they have said nothing, or are
 * about to.
 */
async function introduction(
  draft: Draft,
  { room, content }: Row<'outbox'>,
  me: string,
): Promise<Profile | undefined> {
  const said = await draft.get('profiles', `${room}/${me}`);
  if (!said || content.kind === 'profile') return undefined;
  const { seq: _, ...profile } = said;
  return profile;
}

/** How far people's clocks and the server's may be apart: receivers erase by what the message itself says. */
const clockSlack = 600_000;

/** When the server drops what disappears; undefined for what stays. */
const dropAt = (content: Row<'outbox'>['content'], now: number): number | undefined =>
  'lasts' in content && content.lasts && content.kind !== 'timer'
    ? now + content.lasts * 1000 + clockSlack
    : undefined;

function pack(envelope: Parameters<typeof packEnvelope>[0]) {
  try {
    return packEnvelope(envelope);
  } catch (error) {
    if (error instanceof TooLongError) throw new EngineError('too-long', m.engine_tooLong());
    throw error;
  }
}

/**
 * Seals the message `id` of the outbox for the room's members as of `audience`; answers the row as it is now in the store.
 * Undefined when it is gone; `later` when the store has a chain from after a departure that `audience` doesn't know of.
 *
 * @throws EngineError with a sentence for the sender
 */
export async function seal(
  holder: Holder,
  peers: Peers,
  audience: Audience,
  id: string,
): Promise<Row<'outbox'> | 'later' | undefined> {
  const { room } = audience.roster;
  const key = `${room}/${id}`;
  const readers = await findReaders(holder, peers, audience);
  return holder.locks.run('crypto', async () => {
    const draft = holder.store.draft();
    const row = await draft.get('outbox', key);
    if (!row || (row.frames && (row.departures ?? 0) >= audience.departures)) return row;
    const chain = await draft.get('ownChains', room);
    if (chain && chain.departures > audience.departures) return 'later';
    const sealed = await sealRow(holder, draft, row, audience, readers);
    await draft.commit();
    return sealed;
  });
}

/** What became of a message that does not go out as it is (`KeyHost.release`). */
export function release(
  { locks, store }: Holder,
  room: string,
  id: string,
  verdict: Verdict,
  delivered: readonly string[],
): Promise<void> {
  return locks.run('crypto', async () => {
    const draft = store.draft();
    const row = await draft.get('outbox', `${room}/${id}`);
    if (!row) return;
    if (row.frames?.some((frame) => frame.recipient !== undefined && !delivered.includes(frame.id))) {
      await giveUpChain(draft, room);
      for (const [key, other] of await store.list('outbox', `${room}/`))
        draft.put('outbox', key, unsealed(other));
    }
    const { problem: _, ...fresh } = unsealed(row);
    if (verdict.kind === 'discard') draft.delete('outbox', `${room}/${id}`);
    else
      draft.put('outbox', `${room}/${id}`, {
        ...fresh,
        ...(verdict.kind === 'fail' && { problem: verdict.problem }),
      });
    await draft.commit();
  });
}

const unsealed = ({ frames: _, departures: __, ...row }: Row<'outbox'>): Row<'outbox'> => row;
