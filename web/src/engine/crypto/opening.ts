import { EnvelopeError, unpackEnvelope, unpad } from '../../../../crypto/room/index.ts';
import { SignalError, type SignalErrorReason } from '../../../../crypto/signal/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import { Content, contentKinds, Envelope, isContent } from '../../../../protocol/content.ts';
import { deviceAddress } from '../../../../protocol/scalars.ts';
import type { Message } from '../../../../protocol/socket.ts';
import { putMessage } from '../store/messages.ts';
import { keepProfile } from '../store/profiles.ts';
import { type Draft, messageKey, type Row } from '../store/store.ts';
import { backUp } from './backups.ts';
import { followsDevice, learnChain } from './chains.ts';
import { type Followed, UnknownChainError } from './followed.ts';
import type { Pairwise } from './pairwise.ts';

/** What became of one message of the log. */
export type Opened =
  /** Stored for the timeline (readable, or with the reason why not); `head`: the roster that its sender saw, `list` the version of their device list. */
  | {
      readonly kind: 'stored';
      readonly row: Row<'messages'>;
      readonly missed?: true;
      readonly head?: string;
      readonly list?: number;
      readonly lost?: string;
    }
  /**
   * A payload for this device, or for another one: nothing to show. `learned` when it brought a key, `lost` when it should have: the
   * address of the device whose key it is. `refused`: why it brought none. `introduced` when it told who its sender is.
   */
  | {
      readonly kind: 'silent';
      readonly learned?: true;
      readonly introduced?: true;
      readonly lost?: string;
      readonly refused?: PayloadRefusal;
      readonly missed?: undefined;
    }
  /** From before the account came, or (`missed`) from before this device had the sender's key. */
  | { readonly kind: 'before'; readonly missed?: true };

/** Why a payload for this device was refused; of its session, an error's own reason. */
export type PayloadRefusal =
  | SignalErrorReason
  /** Its sender never was a member, or had gone before it came. */
  | 'not-a-member'
  /** It brings a key for another room. */
  | 'wrong-room'
  /** Its chain is known: it is a repetition. */
  | 'known-chain'
  /** A newer version's, or nonsense. */
  | 'unknown-payload';

/** What opening needs to know of the room. */
export interface Place {
  readonly room: string;
  /** By the verified roster; undefined for who was never a member. */
  identityKey(userId: string): string | undefined;
  /** When somebody came (the last time); undefined for who is no member. */
  joinedAt(userId: string): number | undefined;
  /** The log's last `seq` when this device came. */
  readonly since: number;
  /** Whether somebody was a member as of this roster entry; undefined for an entry that is not known here. */
  wasMember(userId: string, head: string): boolean | undefined;
}

const missingKey = { kind: 'unreadable', reason: 'missing-key' } as const;
/** As earlier versions stored it. */
const missingKeyOnce = 'Its key never reached this device.';
/** Whether a stored message may open after all, once its key is known. */
export const lacksKey = ({ content }: Row<'messages'>): boolean =>
  content.kind === 'unreadable' &&
  'reason' in content &&
  (content.reason === missingKey.reason || content.reason === missingKeyOnce);

/**
 * Opens one message of the room's log into the draft of `followed`: learns keys, decrypts, compares the envelope with what carried it.
 * Never throws for what others sent: a bad message is stored as unreadable and the log goes on. The caller holds the lock
 * `crypto`.
 */
export async function openMessage(
  pairwise: Pairwise,
  followed: Followed,
  place: Place,
  message: Message,
): Promise<Opened> {
  const { room } = place;
  const { draft } = followed;
  const { id: me, deviceId } = pairwise.device.account;
  const identityKey = place.identityKey(message.sender);
  const own = message.sender === me && message.device === deviceId;
  if (message.recipient !== undefined) {
    if (own || message.recipient !== deviceAddress(me, deviceId)) return { kind: 'silent' };
    if (!identityKey) return { kind: 'silent', refused: 'not-a-member' };
    return openPayload(pairwise, followed, room, message, identityKey);
  }
  const { id, seq, sender, at } = message;
  const store = (content: Row<'messages'>['content'], unknownHead?: string, envelope?: string) => {
    const roster = unknownHead !== undefined && { roster: unknownHead };
    const row = { id, seq, sender, at, content, ...roster, ...(envelope !== undefined && { envelope }) };
    putMessage(draft, room, row);
    return { kind: 'stored', row } as const;
  };
  if (own) {
    const sent = await draft.get('outbox', `${room}/${id}`);
    draft.delete('outbox', `${room}/${id}`);
    if (!sent) return { kind: 'silent' };
    await erase(draft, room, sender, sent.content);
    return store(sent.content);
  }
  if (!identityKey)
    return store({
      kind: 'unreadable',
      reason: 'never-member',
    });
  const address = deviceAddress(sender, message.device);
  try {
    const { plaintext, distributionId: chain } = await followed.open(message);
    const envelope = unpackEnvelope(plaintext, { ...message, room, chain }, Envelope);
    const { roster: head, content } = envelope;
    const wasMember = place.wasMember(sender, head);
    if (wasMember === false)
      return store({
        kind: 'unreadable',
        reason: 'not-member-then',
      });
    const list = envelope.v === 1 ? undefined : envelope.list;
    const read = readContent(content);
    await erase(draft, room, sender, read);
    const evidence = reportable.has(read.kind) ? toBase64(unpad(plaintext)) : undefined;
    const stored = store(read, wasMember === undefined ? head : undefined, evidence);
    return { ...stored, head, ...(list !== undefined && { list }) };
  } catch (error) {
    if (error instanceof UnknownChainError) {
      if (at < (place.joinedAt(me) ?? at)) return { kind: 'before' };
      // From before the sender knew of this device. After that, every key of theirs should be here.
      if (seq <= place.since || !(await followsDevice(draft, room, address)))
        return { kind: 'before', missed: true };
      return { ...store(missingKey), missed: true, lost: address };
    }
    if (!(error instanceof SignalError || error instanceof EnvelopeError)) throw error;
    return store({ kind: 'unreadable', reason: shown.has(error.reason) ? error.reason : 'undecryptable' });
  }
}

/** Keeps a message that is not even opened: its sender had gone before it came. Keys of theirs leave no trace. */
export function refuseDeparted(draft: Draft, room: string, message: Message): Opened {
  if (message.recipient !== undefined) return { kind: 'silent', refused: 'not-a-member' };
  const { id, seq, sender, at } = message;
  const content = { kind: 'unreadable', reason: 'departed' } as const;
  const row = { id, seq, sender, at, content };
  putMessage(draft, room, row);
  return { kind: 'stored', row };
}

/** What a payload shows when its sender and this device do not have the same session any more. */
export const outOfStep: ReadonlySet<SignalErrorReason> = new Set([
  'bad-mac',
  'no-session',
  'unknown-prekey',
  'too-far-ahead',
]);

/** Reasons that have a sentence of their own. */
const shown: ReadonlySet<string> = new Set([
  'bad-signature',
  'duplicate-message',
  'mismatch',
  'bad-commitment',
]);

/** Kinds that can be reported: their plaintext is kept as it came, with the key of its commitment (DESIGN section 8). */
const reportable: ReadonlySet<string> = new Set(['text', 'edit', 'file']);

/** Kinds that this device alone writes, into its own store. */
const localKinds: ReadonlySet<string> = new Set(['unreadable', 'deleted']);

/** Where `content` deletes what `sender` said before, the words go from the store as well. */
export async function erase(
  draft: Draft,
  room: string,
  sender: string,
  content: Row<'messages'>['content'],
): Promise<void> {
  if (!isContent(content, 'delete')) return;
  const target = await draft.get('messages', messageKey(room, content.seq));
  if (target?.id !== content.target || target.sender !== sender) return;
  const { envelope: _, ...rest } = target;
  putMessage(draft, room, { ...rest, content: { kind: 'deleted' } });
}

/**
 * What is said: of a kind that this version knows, it must have that kind's form; others wait for a newer version, and so does what such a
 * one adds to a known kind: the store shows of it what is known.
 */
function readContent(content: { kind: string }): Row<'messages'>['content'] {
  if (Content.safeParse(content).success) return content;
  if (contentKinds.has(content.kind) || localKinds.has(content.kind))
    return { kind: 'unreadable', reason: 'malformed' };
  return content;
}

async function openPayload(
  pairwise: Pairwise,
  followed: Followed,
  room: string,
  message: Message,
  identityKey: string,
): Promise<Opened> {
  const { draft } = followed;
  const address = deviceAddress(message.sender, message.device);
  try {
    const payload = await pairwise.open(draft, address, identityKey, fromBase64(message.box));
    // A key for another room in this room's log is somebody's trick: each room's keys come by its own log.
    if (payload?.kind !== 'sender-key') return { kind: 'silent', refused: 'unknown-payload' };
    if (payload.room !== room) return { kind: 'silent', refused: 'wrong-room' };
    const { distribution, profile } = payload;
    const me = pairwise.device.account.id;
    const isNews = profile !== undefined && (await keepProfile(draft, room, me, message, profile));
    const told = isNews && ({ introduced: true } as const);
    const chain = { room, address, distribution };
    if (!(await learnChain(draft, chain))) return { kind: 'silent', ...told, refused: 'known-chain' };
    await backUp(draft, pairwise.device.keys.backupKey, chain);
    return { kind: 'silent', ...told, learned: true };
  } catch (error) {
    if (!(error instanceof SignalError)) throw error;
    const refused = error.reason;
    return { kind: 'silent', refused, ...(outOfStep.has(refused) && { lost: address }) };
  }
}
