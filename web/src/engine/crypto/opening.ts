import { EnvelopeError, unpackEnvelope } from '../../../../crypto/room/index.ts';
import { SignalError } from '../../../../crypto/signal/index.ts';
import { fromBase64 } from '../../../../protocol/bytes.ts';
import { Content } from '../../../../protocol/content.ts';
import { deviceAddress } from '../../../../protocol/scalars.ts';
import type { Message } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { type Draft, messageKey, type Row } from '../store/store.ts';
import { EngineError } from '../types.ts';
import { learnChain, openFromRoom, UnknownChainError } from './chains.ts';
import { Pairwise } from './pairwise.ts';

/** What became of one message of the log. */
export type Opened =
  /** Stored for the timeline (readable, or with the reason why not). */
  | { readonly kind: 'stored'; readonly row: Row<'messages'> }
  /** A payload for this device, or for another one: nothing to show. */
  | { readonly kind: 'silent' }
  /** From before this device had the sender's key. */
  | { readonly kind: 'before' };

/**
 * Opens one message of the room's log into the draft: learns keys, decrypts, compares the envelope with what carried it.
 * Never throws for what others sent: a bad message is stored as unreadable and the log goes on. The caller holds the lock
 * `crypto`.
 *
 * @param identityKey the sender's, by the verified roster; undefined when the roster never knew the sender.
 */
export async function openMessage(
  session: Session,
  draft: Draft,
  room: string,
  message: Message,
  identityKey: string | undefined,
): Promise<Opened> {
  const { id: me, deviceId } = session.account;
  const own = message.sender === me && message.device === deviceId;
  if (message.recipient !== undefined) {
    if (own || message.recipient !== deviceAddress(me, deviceId) || !identityKey) return { kind: 'silent' };
    return openPayload(session, draft, room, message, identityKey);
  }
  const { id, seq, sender, at } = message;
  const store = (content: Row<'messages'>['content']): Opened => {
    const row = { id, seq, sender, at, content };
    draft.put('messages', messageKey(room, seq), row);
    return { kind: 'stored', row };
  };
  if (own) {
    const sent = await draft.get('outbox', `${room}/${id}`);
    draft.delete('outbox', `${room}/${id}`);
    return sent ? store(sent.content) : { kind: 'silent' };
  }
  if (!identityKey)
    return store({
      kind: 'unreadable',
      reason: 'It comes from somebody who was never a member of this room.',
    });
  try {
    const plaintext = await openFromRoom(
      draft,
      room,
      deviceAddress(sender, message.device),
      fromBase64(message.box),
    );
    const { content } = unpackEnvelope(plaintext, { ...message, room });
    const known = Content.safeParse(content);
    return store(known.success ? known.data : content);
  } catch (error) {
    if (error instanceof UnknownChainError) return { kind: 'before' };
    if (!(error instanceof SignalError || error instanceof EnvelopeError)) throw error;
    return store({ kind: 'unreadable', reason: reasons[error.reason] ?? 'It could not be decrypted.' });
  }
}

const reasons: Record<string, string> = {
  'bad-signature': 'Its signature is wrong: it was altered on the way.',
  'duplicate-message': 'It is a repetition of an earlier message.',
  mismatch: 'It was made for another place and was put here.',
  'bad-commitment': 'It breaks its own commitment.',
};

async function openPayload(
  session: Session,
  draft: Draft,
  room: string,
  message: Message,
  identityKey: string,
): Promise<Opened> {
  const address = deviceAddress(message.sender, message.device);
  try {
    const payload = await new Pairwise(session).open(draft, address, identityKey, fromBase64(message.box));
    // A key for another room in this room's log is somebody's trick: each room's keys come by its own log.
    if (payload.room === room) await learnChain(draft, room, address, payload.distribution);
  } catch (error) {
    if (!(error instanceof SignalError || error instanceof EngineError)) throw error;
  }
  return { kind: 'silent' };
}
