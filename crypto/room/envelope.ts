import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { equalBytes, fromBase64, toBase64, utf8 } from '../../protocol/bytes.ts';
import type { Envelope, NewEnvelope } from '../../protocol/content.ts';
import { readJson, type Schema } from '../schema.ts';
import { pad, unpad } from './padding.ts';

/** What the outer message says of itself, for comparison with what its ciphertext says. */
export interface Outer {
  readonly id: string;
  readonly room: string;
  readonly sender: string;
  readonly device: number;
  /** Distribution id of the sender chain that opened it. */
  readonly chain: string;
  readonly commitment?: string | undefined;
}

/** The plaintext of a message does not belong where it arrived. */
export class EnvelopeError extends Error {
  readonly reason: 'malformed' | 'mismatch' | 'bad-commitment';
  constructor(reason: EnvelopeError['reason'], message: string) {
    super(message);
    this.name = 'EnvelopeError';
    this.reason = reason;
  }
}

/** Padded bytes to encrypt, and the franking commitment that goes beside the ciphertext (DESIGN section 8). */
export interface PackedEnvelope {
  readonly plaintext: Uint8Array<ArrayBuffer>;
  readonly commitment: string;
}

const commit = (frankingKey: Uint8Array, bytes: Uint8Array) => hmac(sha256, frankingKey, bytes);

/** Packs an envelope with a fresh franking key. Throws TooLongError. */
export function packEnvelope(envelope: Omit<NewEnvelope, 'v' | 'frankingKey'>): PackedEnvelope {
  const frankingKey = crypto.getRandomValues(new Uint8Array(32));
  const bytes = utf8(
    JSON.stringify({ v: 2, ...envelope, frankingKey: toBase64(frankingKey) } satisfies NewEnvelope),
  );
  return { plaintext: pad(bytes), commitment: toBase64(commit(frankingKey, bytes)) };
}

/**
 * Reads a decrypted plaintext and compares it with the message that carried it. Those of the first version name no chain.
 *
 * @throws EnvelopeError when it is malformed, speaks of another room, sender, device, message or chain, or breaks the commitment.
 */
export function unpackEnvelope(plaintext: Uint8Array, outer: Outer, schema: Schema<Envelope>): Envelope {
  let bytes: Uint8Array;
  let envelope: Envelope;
  try {
    bytes = unpad(plaintext);
    envelope = readJson(schema, bytes);
  } catch {
    throw new EnvelopeError('malformed', 'the message cannot be read');
  }
  for (const field of ['id', 'room', 'sender', 'device'] as const)
    if (envelope[field] !== outer[field])
      throw new EnvelopeError('mismatch', `the message was made for another ${field}`);
  if (envelope.v !== 1 && envelope.chain !== outer.chain)
    throw new EnvelopeError('mismatch', 'the message was made for another chain');
  const commitment = commit(fromBase64(envelope.frankingKey), bytes);
  if (outer.commitment === undefined || !equalBytes(commitment, fromBase64(outer.commitment)))
    throw new EnvelopeError('bad-commitment', 'the message breaks its commitment');
  return envelope;
}
