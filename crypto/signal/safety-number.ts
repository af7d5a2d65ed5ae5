import { sha512 } from '@noble/hashes/sha2.js';
import { concat, equalBytes } from '../../protocol/bytes.ts';
import { checkPublicKey } from './curve.ts';
import { SignalError } from './errors.ts';
import { decodeFields, encodeFields, requiredBytes, requiredNumber } from './protobuf.ts';

const iterations = 5200;
const codeVersion = 2;
const fingerprintLength = 32;

/** One side of a conversation. */
export interface Party {
  /** A stable name of the account that both sides know in the same bytes. */
  readonly id: Uint8Array;
  /** 33 bytes. */
  readonly identityKey: Uint8Array;
}

/** What two people compare to be sure that nobody sits between them. */
export interface SafetyNumber {
  /** 60 digits, the same on both sides. */
  readonly displayable: string;
  /** What our QR code holds; the other side gives it to `matchesScanned` together with its own. */
  readonly scannable: Uint8Array;
}

function fingerprint({ id, identityKey }: Party): Uint8Array {
  checkPublicKey(identityKey);
  let hash: Uint8Array = concat(Uint8Array.of(0, 0), identityKey, id);
  for (let i = 0; i < iterations; i++) hash = sha512(concat(hash, identityKey));
  return hash.slice(0, fingerprintLength);
}

/** 30 digits: six numbers of five, each from five bytes. */
function digits(hash: Uint8Array): string {
  let out = '';
  for (let at = 0; at < 30; at += 5) {
    const number = hash.subarray(at, at + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    out += String(number % 100_000).padStart(5, '0');
  }
  return out;
}

/**
 * The safety number of two identities, as Signal computes it (some 20 ms of hashing).
 *
 * @throws SignalError `malformed` or `low-order-key` when a key is none
 */
export function safetyNumber(local: Party, remote: Party): SafetyNumber {
  const ours = fingerprint(local);
  const theirs = fingerprint(remote);
  return {
    displayable: [digits(ours), digits(theirs)].sort().join(''),
    scannable: encodeFields([1, codeVersion], [2, encodeFields([1, ours])], [3, encodeFields([1, theirs])]),
  };
}

function readCode(bytes: Uint8Array): { local: Uint8Array; remote: Uint8Array } {
  const fields = decodeFields(bytes);
  if (requiredNumber(fields, 1) !== codeVersion)
    throw new SignalError('unsupported-version', 'the code has a version that is not known here');
  const side = (number: number) =>
    requiredBytes(decodeFields(requiredBytes(fields, number)), 1, fingerprintLength);
  return { local: side(2), remote: side(3) };
}

/**
 * Whether the code scanned from the other person's screen shows the same two identities as `ours`.
 *
 * @throws SignalError `malformed` when what was scanned is no such code, `unsupported-version` when it is another kind
 */
export function matchesScanned(ours: SafetyNumber, scanned: Uint8Array): boolean {
  const here = readCode(ours.scannable);
  const there = readCode(scanned);
  const localMatches = equalBytes(here.local, there.remote);
  const remoteMatches = equalBytes(here.remote, there.local);
  return localMatches && remoteMatches;
}
