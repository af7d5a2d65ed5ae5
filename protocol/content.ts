import * as z from 'zod/mini';
import { CallSignal } from './call.ts';
import { bytes, DeviceAddress, DeviceId, Hash, integer, Millis, Uuid } from './scalars.ts';

/** Members whom a text names with an @, so that it reaches them first. */
const mentions = z.optional(z.array(Uuid).check(z.maxLength(50)));
/** The longest that a message of a room with a timer lasts, in seconds. */
export const longestLife = 4 * 7 * 86_400;
/** Seconds from when the room had it until every device erases it. */
const lasts = z.optional(integer(1, longestLife));

/** What somebody is called and looks like. */
const profile = {
  name: z.string().check(z.minLength(1), z.maxLength(80)),
  /** A small JPEG. */
  picture: z.optional(bytes(1, 16_384)),
  /** When they chose it: of what several of their devices say the last counts. */
  since: Millis,
};
export const Profile = z.object(profile);
export type Profile = z.infer<typeof Profile>;

/** What people say, inside the ciphertext. Unknown kinds of a newer version are kept and shown as such. */
export const Content = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('text'),
    body: z.string().check(z.minLength(1), z.maxLength(16_000)),
    replyTo: z.optional(Uuid),
    mentions,
    /** Somebody said it elsewhere; whom the sender doesn't tell. */
    forwarded: z.optional(z.literal(true)),
    lasts,
  }),
  /** Of one's own text; the last one counts. */
  z.object({
    kind: z.literal('edit'),
    target: Uuid,
    body: z.string().check(z.minLength(1), z.maxLength(16_000)),
    mentions,
    /** As long as what it changes still has. */
    lasts,
  }),
  /** Of what one said oneself; `seq` is the target's in the log, so that devices find and erase what they have stored. */
  z.object({ kind: z.literal('delete'), target: Uuid, seq: integer(1) }),
  z.object({
    kind: z.literal('reaction'),
    target: Uuid,
    emoji: z.string().check(z.maxLength(64), z.regex(/^\p{RGI_Emoji}$/v)),
    remove: z.optional(z.boolean()),
  }),
  z.object({
    kind: z.literal('file'),
    fileId: Uuid,
    /** Commitment to the file's key (`crypto/file`), so that the server cannot hand out another key or file. */
    commitment: Hash,
    /** SHA-256 of the sealed manifest head as stored. */
    manifestHash: Hash,
    /** What it is called, as its manifest says too: to be found by it without that. */
    name: z.optional(z.string().check(z.maxLength(255))),
    /** What somebody has just said aloud: shown as that, not by its name. */
    voice: z.optional(z.literal(true)),
    /** Somebody sent it elsewhere; whom the sender doesn't tell. */
    forwarded: z.optional(z.literal(true)),
    lasts,
  }),
  /** Puts a message where everybody finds it, or takes it away from there; `seq` is the target's. */
  z.object({ kind: z.literal('pin'), target: Uuid, seq: integer(1), remove: z.optional(z.boolean()) }),
  /** How long what is said from now on lasts, in seconds; 0: for good. */
  z.object({ kind: z.literal('timer'), lasts: integer(0, longestLife) }),
  /**
   * What the room is called and looks like; of owners and admins. `again`: nothing new, for somebody who has just come, with the
   * timer that holds.
   */
  z.object({
    kind: z.literal('room'),
    name: z.optional(z.string().check(z.minLength(1), z.maxLength(80))),
    /** A small JPEG; null: none any more. */
    picture: z.optional(z.nullable(bytes(1, 16_384))),
    lasts: z.optional(integer(0, longestLife)),
    again: z.optional(z.literal(true)),
  }),
  /** What its sender is called and looks like: of nobody else, and as a whole. */
  z.object({
    kind: z.literal('profile'),
    ...profile,
    /** Nothing new, for somebody who has just come: as earlier versions said it. */
    again: z.optional(z.literal(true)),
  }),
  /** A device of the sender's is new, or gone, so that others read its device list again. */
  z.object({
    kind: z.literal('device'),
    deviceId: DeviceId,
    /** Devices whose keys this one could not open or never got: it has begun a new session with each, and asks for their keys. */
    lost: z.optional(z.array(DeviceAddress).check(z.maxLength(100))),
    /** It has just come, and would know who is here. */
    fresh: z.optional(z.literal(true)),
    /** It was given keys by a version that did not hear who the others are, and asks for that once more. */
    unheard: z.optional(z.literal(true)),
  }),
]);
export type Content = z.infer<typeof Content>;
/** The kinds that this version knows. */
export const contentKinds: ReadonlySet<string> = new Set(
  Content.def.options.flatMap((option) => option.shape.kind.def.values),
);
/** Tells known kinds apart where others may be among them. */
export const isContent = <K extends Content['kind']>(
  content: { kind: string },
  kind: K,
): content is Extract<Content, { kind: K }> => content.kind === kind;
export type FileContent = Extract<Content, { kind: 'file' }>;

/**
 * What is no part of the log: sealed under a key of the room secret, for its sender (`crypto/room/secret.ts`). The first two count
 * for a moment, go by `ephemeral` frames and are kept nowhere; their `at` grows with each that a person sends, so that none counts
 * twice. How far somebody has read goes by `keep` frames: the room has everybody's last one.
 */
export const Passing = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['typing', 'presence']), on: z.boolean(), at: Millis }),
  z.object({
    kind: z.literal('read'),
    /** When they said so: what is taken back stays so, should what was said before come again. */
    at: Millis,
    /** All up to here; absent where they don't say. */
    seq: z.optional(integer(1)),
    /** The same for the sender's own devices, sealed under a key of the account: nobody else can say it. */
    own: bytes(28, 96),
  }),
]);
export type Passing = z.infer<typeof Passing>;

const said = {
  id: Uuid,
  room: Uuid,
  sender: Uuid,
  device: DeviceId,
  /** Hash of the roster entry that was the last one for the sender. */
  roster: Hash,
  at: Millis,
  /** Franking key (DESIGN section 8): the commitment outside is HMAC-SHA-256(frankingKey, unpadded envelope). */
  frankingKey: bytes(32),
  content: z.looseObject({ kind: z.string().check(z.maxLength(64)) }),
};
/**
 * The plaintext of a room message: binds what it says to where and by whom it was said. A receiver refuses it when
 * any of this differs from the outer message.
 */
export const Envelope = z.discriminatedUnion('v', [
  /** As written at first: it opens as long as there is history, and is not written any more. */
  z.object({ v: z.literal(1), ...said }),
  z.object({
    v: z.literal(2),
    ...said,
    /** The distribution id of the sender chain that it is encrypted with. */
    chain: Uuid,
    /**
     * The version of the sender's own device list as the sending device knew it; 0 where it knew none. Who has an older one has not
     * been shown a device that came, or one that was revoked.
     */
    list: integer(0),
  }),
]);
export type Envelope = z.infer<typeof Envelope>;
/** What is written now. */
export type NewEnvelope = Extract<Envelope, { v: 2 }>;

/** The plaintext of a to-device payload, inside a pairwise session. */
export const DevicePayload = z.discriminatedUnion('kind', [
  /** A sender key distribution message (SIGNAL.md) for `room`. */
  z.object({
    kind: z.literal('sender-key'),
    v: z.literal(1),
    room: Uuid,
    distribution: bytes(1, 512),
    epoch: integer(0),
    /** Of the sender, for a device that has not been told. The key counts whatever becomes of it. */
    profile: z.catch(z.optional(Profile), undefined),
  }),
  /** A signal of `room`'s call: it goes by no log, so it says where it belongs. */
  z.object({
    kind: z.literal('call'),
    v: z.literal(1),
    room: Uuid,
    call: Uuid,
    signal: CallSignal,
  }),
]);
export type DevicePayload = z.infer<typeof DevicePayload>;
export type CallPayload = Extract<DevicePayload, { kind: 'call' }>;
