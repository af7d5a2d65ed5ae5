import { openState, type Reader, Writer } from './binary.ts';
import type { SkippedSeed } from './chain.ts';
import { publicKeyLength } from './curve.ts';
import { SignalError } from './errors.ts';
import type { PendingHandshake, SessionRecord, SessionState } from './state.ts';

const kind = 0x53; // S
/**
 * The format that is written; older ones are read too. Format 1, also of sender chains, did not say when a message was
 * skipped.
 */
const format = 2;

/** The bytes of a session record, to be kept encrypted: they hold its keys. */
export function serializeSession(record: SessionRecord): Uint8Array {
  const writer = new Writer().u8(kind).u8(format);
  writeSession(writer, record.current);
  writer.list(record.archived, (session) => writeSession(writer, session));
  return writer.finish();
}

/**
 * The session record in bytes that `serializeSession` made, by this version or an older one.
 *
 * @throws SignalError `malformed`, `unsupported-version`
 */
export function parseSession(bytes: Uint8Array): SessionRecord {
  const { reader, format: written } = openState(bytes, kind, format);
  const record = {
    current: readSession(reader, written),
    archived: reader.list(() => readSession(reader, written)),
  };
  reader.finish();
  return record;
}

/** Writes the seeds of skipped messages, of a session's chain or of a sender's. */
export function writeSkipped(writer: Writer, skipped: readonly SkippedSeed[]): void {
  writer.list(skipped, ({ index, skippedAt, seed }) => writer.u32(index).u32(skippedAt).fixed(seed));
}

/** Reads what `writeSkipped` wrote in one of its formats. Throws SignalError `malformed`. */
export const readSkipped = (reader: Reader, written: number): SkippedSeed[] =>
  reader.list(() => ({
    index: reader.u32(),
    skippedAt: written < 2 ? 0 : reader.u32(),
    seed: reader.fixed(32),
  }));

function writeSession(writer: Writer, session: SessionState): void {
  const {
    version,
    localIdentity,
    remoteIdentity,
    baseKey,
    rootKey,
    sending,
    previousCounter,
    receiving,
    pending,
  } = session;
  writer.u8(version).fixed(localIdentity).fixed(remoteIdentity).fixed(baseKey).fixed(rootKey);
  writer
    .fixed(sending.ratchet.publicKey)
    .fixed(sending.ratchet.privateKey)
    .fixed(sending.key)
    .u32(sending.index);
  writer.u32(previousCounter);
  writer.list(receiving, (chain) => {
    writer.fixed(chain.ratchetKey).fixed(chain.key).u32(chain.index);
    writeSkipped(writer, chain.skipped);
  });
  writer.optional(pending, (handshake) => {
    writer.u32(handshake.registrationId).u32(handshake.signedPreKeyId);
    writer.optional(handshake.preKeyId, (id) => writer.u32(id));
    writer.optional(handshake.kyber, ({ preKeyId, ciphertext }) => writer.u32(preKeyId).bytes(ciphertext));
  });
}

function readSession(reader: Reader, written: number): SessionState {
  const version = reader.u8();
  if (version !== 3 && version !== 4)
    throw new SignalError('malformed', 'the stored session has no known version');
  const publicKey = () => reader.fixed(publicKeyLength);
  const key = () => reader.fixed(32);
  const session: SessionState = {
    version,
    localIdentity: publicKey(),
    remoteIdentity: publicKey(),
    baseKey: publicKey(),
    rootKey: key(),
    sending: { ratchet: { publicKey: publicKey(), privateKey: key() }, key: key(), index: reader.u32() },
    previousCounter: reader.u32(),
    receiving: reader.list(() => ({
      ratchetKey: publicKey(),
      key: key(),
      index: reader.u32(),
      skipped: readSkipped(reader, written),
    })),
  };
  const pending = reader.optional(() => readPending(reader));
  return pending ? { ...session, pending } : session;
}

function readPending(reader: Reader): PendingHandshake {
  const registrationId = reader.u32();
  const signedPreKeyId = reader.u32();
  const preKeyId = reader.optional(() => reader.u32());
  const kyber = reader.optional(() => ({ preKeyId: reader.u32(), ciphertext: reader.bytes() }));
  return {
    registrationId,
    signedPreKeyId,
    ...(preKeyId !== undefined && { preKeyId }),
    ...(kyber && { kyber }),
  };
}
