import { concat, equalBytes, utf8 } from '../../protocol/bytes.ts';
import { openState, Writer } from './binary.ts';
import { advance, lastIndex, type ReceivingChain, seedAt } from './chain.ts';
import { generateKeyPair, publicKeyLength, sign, verify } from './curve.ts';
import { SignalError } from './errors.ts';
import { decryptCbc, encryptCbc, hkdfSha256, wipe } from './primitives.ts';
import { readSkipped, writeSkipped } from './stored.ts';
import {
  decodeSenderKeyDistributionMessage,
  decodeSenderKeyMessage,
  encodeSenderKeyDistributionMessage,
  encodeSenderKeyMessage,
  type ReadGroupMessage,
  type SenderKeyDistributionMessage,
  type SenderKeyMessage,
  uuidFromBytes,
  uuidToBytes,
} from './wire.ts';

/** A sender chain, our own or one that we follow. Never changed in place. */
export interface SenderKeyState {
  /** UUID in lower case. */
  readonly distributionId: string;
  /** 31 bits, by which chains of one distribution are told apart. */
  readonly chainId: number;
  readonly chain: ReceivingChain;
  /** 33 bytes. */
  readonly signingKey: Uint8Array;
  /** 32 bytes; only the chain's maker has it. */
  readonly signingPrivateKey?: Uint8Array;
}

const messageInfo = utf8('WhisperGroup');
const kind = 0x4b; // K
const format = 2;

/**
 * A fresh chain of our own.
 *
 * @throws RangeError when `distributionId` is no UUID
 */
export function createSenderKey(distributionId: string): SenderKeyState {
  uuidToBytes(distributionId);
  const { publicKey, privateKey } = generateKeyPair();
  return {
    distributionId: distributionId.toLowerCase(),
    chainId: crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1,
    chain: { key: crypto.getRandomValues(new Uint8Array(32)), index: 0, skipped: [] },
    signingKey: publicKey,
    signingPrivateKey: privateKey,
  };
}

/** The SenderKeyDistributionMessage with which somebody can read the chain from its present place on. */
export const distribution = ({ distributionId, chainId, chain, signingKey }: SenderKeyState): Uint8Array =>
  encodeSenderKeyDistributionMessage({
    distributionId,
    chainId,
    iteration: chain.index,
    chainKey: chain.key,
    signingKey,
  });

/**
 * The chain that a SenderKeyDistributionMessage describes.
 *
 * @throws SignalError `malformed`, `unsupported-version`, `low-order-key`
 */
export function acceptDistribution(bytes: Uint8Array): SenderKeyState {
  const { distributionId, chainId, iteration, chainKey, signingKey } =
    decodeSenderKeyDistributionMessage(bytes);
  return { distributionId, chainId, chain: { key: chainKey, index: iteration, skipped: [] }, signingKey };
}

/** Which chain a SenderKeyDistributionMessage is about. Throws SignalError as `acceptDistribution` does. */
export function readDistribution(
  bytes: Uint8Array,
): Pick<SenderKeyDistributionMessage, 'distributionId' | 'chainId' | 'iteration'> {
  const { distributionId, chainId, iteration } = decodeSenderKeyDistributionMessage(bytes);
  return { distributionId, chainId, iteration };
}

/**
 * Which chain a room message belongs to, and its number there. Nothing is verified yet.
 *
 * @throws SignalError `malformed`, `unsupported-version`
 */
export function readSenderKeyMessage(
  bytes: Uint8Array,
): Pick<SenderKeyMessage, 'distributionId' | 'chainId' | 'iteration'> {
  const { distributionId, chainId, iteration } = decodeSenderKeyMessage(bytes);
  return { distributionId, chainId, iteration };
}

/** IV 16, AES key 32. */
function messageKeys(seed: Uint8Array) {
  const keys = hkdfSha256(seed, undefined, messageInfo, 48);
  return { keys, iv: keys.subarray(0, 16), cipherKey: keys.subarray(16) };
}

/**
 * Encrypts the chain's next room message. Store `state` before `bytes` leaves.
 *
 * @throws SignalError `not-own-chain` for a chain that somebody else made, `chain-spent` after 2^32 - 1 messages
 */
export function encryptGroup(
  state: SenderKeyState,
  plaintext: Uint8Array,
): { state: SenderKeyState; bytes: Uint8Array } {
  const { distributionId, chainId, chain, signingPrivateKey } = state;
  if (!signingPrivateKey)
    throw new SignalError('not-own-chain', 'only its maker can encrypt with a sender chain');
  const { seed, chain: next } = advance(chain);
  const { keys, iv, cipherKey } = messageKeys(seed);
  const ciphertext = encryptCbc(cipherKey, iv, plaintext);
  wipe(seed, keys);
  const message = encodeSenderKeyMessage({ distributionId, chainId, iteration: chain.index, ciphertext });
  return {
    state: { ...state, chain: { ...next, skipped: [] } },
    bytes: concat(message, sign(signingPrivateKey, message)),
  };
}

/** A room message that is signed by the maker of its chain (`verifyGroup`). */
export interface VerifiedGroupMessage {
  readonly message: SenderKeyMessage;
  /** By which it is signed, 33 bytes. */
  readonly signingKey: Uint8Array;
}

/**
 * Verifies and decrypts a room message; `state` is the chain after it. The one passed in stays as it was, whatever happens.
 *
 * @param now seconds since 1970; with it, the keys of messages that have been missing for 30 days are given up
 * @throws SignalError `wrong-chain`, `bad-signature`, `duplicate-message`, `too-far-ahead`, `malformed`,
 *   `unsupported-version`
 */
export const decryptGroup = async (
  state: SenderKeyState,
  bytes: Uint8Array,
  now = 0,
): Promise<{ state: SenderKeyState; plaintext: Uint8Array }> =>
  openGroup(state, await verifyGroup(state, decodeSenderKeyMessage(bytes)), now);

/**
 * The half of `decryptGroup` that does not depend on where the chain is: of many messages, it can be done at once.
 *
 * @throws SignalError `wrong-chain`, `bad-signature`
 */
export async function verifyGroup(
  state: Pick<SenderKeyState, 'distributionId' | 'chainId' | 'signingKey'>,
  message: ReadGroupMessage,
): Promise<VerifiedGroupMessage> {
  const { signingKey } = state;
  mustBeOf(state, message);
  if (!(await verify(signingKey, message.signed, message.signature)))
    throw new SignalError('bad-signature', "the room message is not signed by its chain's maker");
  return { message, signingKey };
}

/**
 * The other half, in the messages' order.
 *
 * @throws SignalError `wrong-chain`, `duplicate-message`, `too-far-ahead`, `malformed`
 */
export async function openGroup(
  state: SenderKeyState,
  { message, signingKey }: VerifiedGroupMessage,
  now = 0,
): Promise<{ state: SenderKeyState; plaintext: Uint8Array }> {
  mustBeOf(state, message);
  if (!equalBytes(signingKey, state.signingKey))
    throw new SignalError('wrong-chain', 'the room message was verified for another sender chain');
  const { seed, chain } = seedAt(state.chain, message.iteration, now);
  const { keys, iv, cipherKey } = messageKeys(seed);
  try {
    return { state: { ...state, chain }, plaintext: await decryptCbc(cipherKey, iv, message.ciphertext) };
  } finally {
    wipe(keys);
  }
}

function mustBeOf(
  state: Pick<SenderKeyState, 'distributionId' | 'chainId'>,
  message: Pick<SenderKeyMessage, 'distributionId' | 'chainId'>,
): void {
  if (message.distributionId !== state.distributionId || message.chainId !== state.chainId)
    throw new SignalError('wrong-chain', 'the room message belongs to another sender chain');
}

/** The same chain without its keys, at its end: each of its messages is refused as a repetition (`duplicate-message`), also one that never came. */
export const spentSenderKey = ({ signingPrivateKey: _, ...state }: SenderKeyState): SenderKeyState => ({
  ...state,
  chain: { key: new Uint8Array(32), index: lastIndex, skipped: [] },
});

/** The bytes of a sender chain, to be kept encrypted: they hold its keys. */
export function serializeSenderKey(state: SenderKeyState): Uint8Array {
  const { distributionId, chainId, chain, signingKey, signingPrivateKey } = state;
  const writer = new Writer().u8(kind).u8(format).fixed(uuidToBytes(distributionId)).u32(chainId);
  writer.fixed(chain.key).u32(chain.index);
  writeSkipped(writer, chain.skipped);
  writer.fixed(signingKey).optional(signingPrivateKey, (key) => writer.fixed(key));
  return writer.finish();
}

/**
 * The sender chain in bytes that `serializeSenderKey` made, by this version or an older one.
 *
 * @throws SignalError `malformed`, `unsupported-version`
 */
export function parseSenderKey(bytes: Uint8Array): SenderKeyState {
  const { reader, format: written } = openState(bytes, kind, format);
  const state: SenderKeyState = {
    distributionId: uuidFromBytes(reader.fixed(16)),
    chainId: reader.u32(),
    chain: { key: reader.fixed(32), index: reader.u32(), skipped: readSkipped(reader, written) },
    signingKey: reader.fixed(publicKeyLength),
  };
  const signingPrivateKey = reader.optional(() => reader.fixed(32));
  reader.finish();
  return signingPrivateKey ? { ...state, signingPrivateKey } : state;
}
