import { SignalError } from './errors.ts';
import { hmacSha256, wipe } from './primitives.ts';

/** How many messages at once may be skipped in a chain. */
export const maxJump = 2000;
/** How many keys of skipped messages are kept. */
export const maxSkipped = 2000;
/** For how many seconds the key of a skipped message is kept: 30 days. */
export const skippedLifetime = 30 * 24 * 60 * 60;

/** No message has this number. */
export const lastIndex = 0xffff_ffff;
const seedInput = Uint8Array.of(1);
const nextInput = Uint8Array.of(2);

/** A symmetric-key ratchet (Double Ratchet, section 2.2): one key for each message, and no way back. */
export interface Chain {
  /** Chain key, 32 bytes. */
  readonly key: Uint8Array;
  /** The number of the next message. */
  readonly index: number;
}

/** The seed of a message that has not arrived; its keys are derived from it when it does. */
export interface SkippedSeed {
  readonly index: number;
  /** When it was skipped, in seconds since 1970; 0 where the time was not known. */
  readonly skippedAt: number;
  /** 32 bytes. */
  readonly seed: Uint8Array;
}

/** A chain that somebody else writes to, with the seeds of what is still missing, in order. */
export interface ReceivingChain extends Chain {
  readonly skipped: readonly SkippedSeed[];
}

/**
 * The seed of the next message (32 bytes) and the chain after it.
 *
 * @throws SignalError `chain-spent` after 2^32 - 1 messages
 */
export function advance(chain: Chain): { seed: Uint8Array; chain: Chain } {
  if (chain.index >= lastIndex)
    throw new SignalError('chain-spent', 'this chain has no message numbers left');
  return {
    seed: hmacSha256(chain.key, seedInput),
    chain: { key: hmacSha256(chain.key, nextInput), index: chain.index + 1 },
  };
}

/**
 * The seeds that are not older than `skippedLifetime`. One whose time was not known counts from now.
 *
 * @param now seconds since 1970; 0 when not known, and then nothing expires
 */
export const unexpired = (skipped: readonly SkippedSeed[], now: number): readonly SkippedSeed[] =>
  skipped
    .filter(({ skippedAt }) => skippedAt === 0 || now - skippedAt <= skippedLifetime)
    .map((entry) => (entry.skippedAt === 0 ? { ...entry, skippedAt: now } : entry));

/**
 * The seed of message `index`, and the chain after it: what was skipped is remembered, what was used is forgotten.
 * The chain that was passed in stays as it was.
 *
 * @param now seconds since 1970; 0 when not known
 * @throws SignalError `duplicate-message` when the seed was used already, or given up: too old, or one of more than
 *   `maxSkipped`; `too-far-ahead` when more than `maxJump` messages would be skipped
 */
export function seedAt(
  chain: ReceivingChain,
  index: number,
  now: number,
): { seed: Uint8Array; chain: ReceivingChain } {
  const known = unexpired(chain.skipped, now);
  if (index < chain.index) {
    const found = known.find((entry) => entry.index === index);
    if (!found) throw new SignalError('duplicate-message', 'this message was read before, or it is too old');
    return {
      seed: found.seed,
      chain: { ...chain, skipped: known.filter((entry) => entry !== found) },
    };
  }
  if (index - chain.index > maxJump)
    throw new SignalError('too-far-ahead', `this message skips more than ${maxJump} others`);
  const skipped = [...known];
  let step = advance(chain);
  while (step.chain.index <= index) {
    skipped.push({ index: step.chain.index - 1, skippedAt: now, seed: step.seed });
    const passed = step.chain.key;
    step = advance(step.chain);
    wipe(passed);
  }
  return { seed: step.seed, chain: { ...step.chain, skipped: skipped.slice(-maxSkipped) } };
}
