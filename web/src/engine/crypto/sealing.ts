import { uuidv7 } from 'uuidv7';
import { packEnvelope, TooLongError } from '../../../../crypto/room/index.ts';
import type { PreKeyBundle } from '../../../../crypto/signal/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import type { Roster } from '../../../../protocol/roster.ts';
import { deviceAddress } from '../../../../protocol/scalars.ts';
import type { Outgoing } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import type { Draft, Row } from '../store/store.ts';
import { EngineError } from '../types.ts';
import { distributionOf, ownChain, sealForRoom } from './chains.ts';
import { Pairwise } from './pairwise.ts';
import type { Peers } from './peers.ts';

/** A device that must be able to read what we send, with a bundle where there is no session with it yet. */
interface Reader {
  readonly address: string;
  /** By the verified roster. */
  readonly identityKey: string;
  readonly bundle?: PreKeyBundle;
}

/** A roster, and how many members have left it: a chain made before a departure is not used after it. */
export interface Audience {
  readonly roster: Roster;
  readonly departures: number;
}

/**
 * All devices of the room's members but this one, ready to be written to. Asks the server (device lists, bundles), so it runs
 * before the lock `crypto` is taken.
 */
export async function findReaders(
  session: Session,
  peers: Peers,
  { roster, departures }: Audience,
): Promise<Reader[]> {
  const me = session.account;
  const store = session.store;
  const chain = await store.get('ownChains', roster.room);
  const has = new Set(chain?.departures === departures ? chain.sentTo : []);
  const readers = await Promise.all(
    [...roster.members.values()].map(async (member): Promise<Reader[]> => {
      const list = await peers.devices(roster.room, member.userId, member.identityKey);
      const ids = list.devices
        .map(({ id }) => id)
        .filter((id) => member.userId !== me.id || id !== me.deviceId);
      const strangers: number[] = [];
      for (const id of ids) {
        const address = deviceAddress(member.userId, id);
        if (!has.has(address) && !(await store.get('sessions', address))) strangers.push(id);
      }
      const bundles = await peers.bundles(roster.room, list, member.identityKey, strangers);
      return ids
        .filter((id) => !strangers.includes(id) || bundles.has(id))
        .map((id) => {
          const bundle = bundles.get(id);
          const { identityKey } = member;
          return { address: deviceAddress(member.userId, id), identityKey, ...(bundle && { bundle }) };
        });
    }),
  );
  return readers.flat();
}

/**
 * Encrypts an outbox row: the chain's distribution for every reader that lacks it, then the message. Everything goes into the
 * draft; once that is committed, exactly these frames are sent, however often. The caller holds the lock `crypto`.
 *
 * @throws EngineError `too-long`
 */
export async function sealRow(
  session: Session,
  draft: Draft,
  row: Row<'outbox'>,
  audience: Audience,
  readers: readonly Reader[],
): Promise<Row<'outbox'>> {
  const { id: me, deviceId: device } = session.account;
  const { roster, departures } = audience;
  const chain = await ownChain(draft, row.room, departures);
  const pairwise = new Pairwise(session);
  const frames: Outgoing[] = [];
  const sentTo = new Set(chain.sentTo);
  const distribution = distributionOf(chain);
  for (const { address, identityKey, bundle } of readers) {
    if (sentTo.has(address)) continue;
    const payload = { kind: 'sender-key', v: 1, room: row.room, distribution, epoch: roster.seq } as const;
    frames.push({
      id: uuidv7(),
      device,
      recipient: address,
      box: toBase64(await pairwise.seal(draft, address, identityKey, payload, bundle)),
    });
    sentTo.add(address);
  }
  const { plaintext, commitment } = pack({
    id: row.id,
    room: row.room,
    sender: me,
    device,
    roster: roster.head,
    at: row.at,
    content: row.content,
  });
  const box = sealForRoom(draft, row.room, { ...chain, sentTo: [...sentTo] }, plaintext);
  frames.push({ id: row.id, device, box: toBase64(box), commitment });
  const sealed = { ...row, frames, departures };
  draft.put('outbox', `${row.room}/${row.id}`, sealed);
  return sealed;
}

function pack(envelope: Parameters<typeof packEnvelope>[0]) {
  try {
    return packEnvelope(envelope);
  } catch (error) {
    if (error instanceof TooLongError)
      throw new EngineError('too-long', 'This message is too long. Send it as a file instead.');
    throw error;
  }
}
