import { readSenderKeyMessage } from '../../../../../crypto/signal/index.ts';
import {
  decodePreKeySignalMessage,
  decodeSignalMessage,
  isPreKeySignalMessage,
} from '../../../../../crypto/signal/wire.ts';
import { fromBase64, toBase64 } from '../../../../../protocol/bytes.ts';
import type { Outgoing } from '../../../../../protocol/socket.ts';

/**
 * Which message key a frame was encrypted with, as far as its bytes tell: the same place in the same chain is the same key.
 * Starts with `chain` for what was said to the room, with `ratchet` for what was given to one device.
 */
export function keyOf({ recipient, box }: Pick<Outgoing, 'recipient' | 'box'>): string {
  const bytes = fromBase64(box);
  if (recipient === undefined) {
    const { distributionId, chainId, iteration } = readSenderKeyMessage(bytes);
    return `chain ${distributionId} ${chainId} ${iteration}`;
  }
  const inner = isPreKeySignalMessage(bytes) ? decodePreKeySignalMessage(bytes).message : bytes;
  const { ratchetKey, counter } = decodeSignalMessage(inner);
  return `ratchet ${recipient} ${toBase64(ratchetKey)} ${counter}`;
}

/** Keys (`keyOf`), and frames' ids, that stand for two different ciphertexts. */
export function usedTwice(frames: readonly Pick<Outgoing, 'id' | 'recipient' | 'box'>[]): string[] {
  const seen = new Map<string, string>();
  const twice = new Set<string>();
  for (const frame of frames)
    for (const key of [keyOf(frame), `frame ${frame.id}`])
      if ((seen.get(key) ?? frame.box) !== frame.box) twice.add(key);
      else seen.set(key, frame.box);
  return [...twice];
}
