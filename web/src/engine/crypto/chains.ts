import type { ChainToBackUp } from '../../../../crypto/account/index.ts';
import {
  acceptDistribution,
  createSenderKey,
  distribution,
  encryptGroup,
  parseSenderKey,
  serializeSenderKey,
  spentSenderKey,
} from '../../../../crypto/signal/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import type { Draft, Row } from '../store/store.ts';
import type { Doors } from './holder.ts';

/** Seconds since 1970: keys of messages that never came are given up after a while. */
export const seconds = (): number => Math.floor(Date.now() / 1000);

/** When a sender chain is replaced (DESIGN section 3). */
const longest = { messages: 100, life: 24 * 3_600_000 };

type OwnChain = Row<'ownChains'>;

/** Whether a chain has served long enough, or somebody has left since it was made (`departures`: how many have, by the roster). */
export const isSpent = (chain: OwnChain, departures: number): boolean =>
  chain.departures !== departures ||
  chain.count >= longest.messages ||
  Date.now() - chain.createdAt > longest.life;

/**
 * Our chain for `room`: the present one, or a new one when that is spent, or was given to a device that is none of `readers` any
 * more: it was revoked, or its keys are not to be believed.
 */
export async function ownChain(
  draft: Draft,
  room: string,
  departures: number,
  readers: ReadonlySet<string>,
): Promise<OwnChain> {
  const now = Date.now();
  const chain = await draft.get('ownChains', room);
  if (chain && !isSpent(chain, departures) && chain.sentTo.every((address) => readers.has(address)))
    return chain;
  const distributionId = crypto.randomUUID();
  const key = createSenderKey(distributionId);
  const state = toBase64(serializeSenderKey(key));
  const start = toBase64(distribution(key));
  const met = [...new Set([...(chain?.met ?? []), ...(chain?.sentTo ?? [])])];
  return {
    ...{ state, start, distributionId, createdAt: now, count: 0, departures, sentTo: [] },
    met: met.filter((address) => readers.has(address)),
  };
}

/** Whether the device at `address` has been given a chain of ours, and could open what it was given. */
export const hasMet = ({ met = [], sentTo, again = [] }: OwnChain, address: string): boolean =>
  (met.includes(address) || sentTo.includes(address)) && !again.includes(address);

/** Nothing is encrypted with the present chain any more. Whoever was given it alone may not have got it. */
export async function giveUpChain(draft: Draft, room: string): Promise<void> {
  const chain = await draft.get('ownChains', room);
  if (chain) draft.put('ownChains', room, { ...chain, count: longest.messages, sentTo: [] });
}

/** The distribution message that lets another device follow our chain from here on; base64url. */
export const distributionOf = (chain: OwnChain): string =>
  toBase64(distribution(parseSenderKey(fromBase64(chain.state))));

/**
 * Gives our chain to the device at `address`: from here on, or from where it was given it before, where that could not be opened.
 * Answers the distribution message, and the chain that remembers it.
 */
export function giveChain(chain: OwnChain, address: string): { distribution: string; chain: OwnChain } {
  const sentTo = [...chain.sentTo, address];
  const { again = [], late = {}, start } = chain;
  if (again.includes(address)) {
    const given = late[address] ?? start ?? distributionOf(chain);
    const others = again.filter((other) => other !== address);
    return { distribution: given, chain: { ...chain, sentTo, again: others } };
  }
  const given = distributionOf(chain);
  const later = chain.count > 0 ? { late: { ...late, [address]: given } } : {};
  return { distribution: given, chain: { ...chain, sentTo, ...later } };
}

/**
 * The device at `address` could not open what it was given: it is given the same again with the next message. Answers whether
 * it had been given anything.
 */
export async function giveAgain(draft: Draft, room: string, address: string): Promise<boolean> {
  const chain = await draft.get('ownChains', room);
  if (!chain?.sentTo.includes(address)) return false;
  const sentTo = chain.sentTo.filter((other) => other !== address);
  draft.put('ownChains', room, { ...chain, sentTo, again: [...(chain.again ?? []), address] });
  return true;
}

/**
 * The device at `address` does not know who we are, though it was told when it was given a chain: it is told again with our next message.
 * Answers whether it had been.
 */
export async function introduceAgain(draft: Draft, room: string, address: string): Promise<boolean> {
  if (await giveAgain(draft, room, address)) return true;
  const chain = await draft.get('ownChains', room);
  if (!chain?.met?.includes(address)) return false;
  draft.put('ownChains', room, { ...chain, met: chain.met.filter((other) => other !== address) });
  return true;
}

/** Encrypts `plaintext` with our chain and moves it on; the result is put into the draft. */
export function sealForRoom(draft: Draft, room: string, chain: OwnChain, plaintext: Uint8Array): Uint8Array {
  const { state, bytes } = encryptGroup(parseSenderKey(fromBase64(chain.state)), plaintext);
  draft.put('ownChains', room, {
    ...chain,
    state: toBase64(serializeSenderKey(state)),
    count: chain.count + 1,
  });
  return bytes;
}

/** Where a chain of the device at `address` is kept. */
export const chainKey = (room: string, address: string, id: { distributionId: string; chainId: number }) =>
  `${room}/${address}/${id.distributionId}/${id.chainId}`;

/**
 * Remembers a chain that the device at `address` distributed; answers whether that was new. A chain known already stays as it
 * is: it may be ahead. Throws SignalError for what is no distribution message.
 */
export async function learnChain(draft: Draft, chain: ChainToBackUp): Promise<boolean> {
  const { key, part } = read(chain);
  if (await draft.get('chains', key)) return false;
  draft.put('chains', key, { ...part, learnedAt: Date.now() });
  return true;
}

/**
 * Remembers a chain that another device of the account backed up; answers whether it opens anything more. Where the chain is
 * known from a later message on, what is before that opens with the earlier part: each message with one part alone.
 */
export async function restoreChain(draft: Draft, chain: ChainToBackUp): Promise<boolean> {
  const { key, part } = read(chain);
  const known = await draft.get('chains', key);
  const earlier = known?.earlier ?? [];
  if (known && [known, ...earlier].some(({ from }) => from <= part.from)) return false;
  draft.put(
    'chains',
    key,
    known ? { ...known, earlier: [...earlier, part] } : { ...part, learnedAt: Date.now() },
  );
  return true;
}

function read({ room, address, distribution }: ChainToBackUp) {
  const bytes = fromBase64(distribution);
  const state = acceptDistribution(bytes);
  const part = { state: toBase64(serializeSenderKey(state)), from: state.chain.index };
  return { key: chainKey(room, address, state), part };
}

/** How long after it was learned a chain is kept, in ms: it serves its sender for a day, and what is missing after a month is given up. */
const chainLife = 32 * 24 * 3_600_000;

/**
 * Forgets the keys of others' chains that nothing can need any more: what they opened is stored. What is left of a chain reads
 * nothing, and keeps its place: learned or restored once more, it would open repetitions of its messages as if they were new.
 */
export async function pruneChains({ store, locks }: Pick<Doors, 'store' | 'locks'>): Promise<void> {
  await locks.run('crypto', async () => {
    const draft = store.draft();
    for (const [key, { learnedAt, state }] of await store.list('chains'))
      if (learnedAt !== undefined && Date.now() - learnedAt > chainLife)
        draft.put('chains', key, { state: spent(state), from: 0 });
    await draft.commit();
  });
}

const spent = (state: string) =>
  toBase64(serializeSenderKey(spentSenderKey(parseSenderKey(fromBase64(state)))));

/** Whether the device at `address` has given us any of its chains in `room`. */
export const followsDevice = (draft: Draft, room: string, address: string): Promise<boolean> =>
  draft.any('chains', `${room}/${address}/`);
