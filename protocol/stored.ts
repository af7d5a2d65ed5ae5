import * as z from 'zod/mini';
import { Content, contentKinds } from './content.ts';
import { SignedDeviceList } from './devices.ts';
import { Role, SignedEntry } from './roster.ts';
import { bytes, DeviceAddress, DeviceId, Email, Hash, integer, Millis, PublicKey, Uuid } from './scalars.ts';
import { Outgoing } from './socket.ts';

/** What a client keeps in IndexedDB: each value is sealed there (DESIGN section 3, "At rest in the browser"). */

/** The signed-in account of this browser. */
export const StoredAccount = z.object({
  id: Uuid,
  email: Email,
  name: z.string(),
  /** Its public half; absent in what earlier versions kept. */
  identityKey: z.optional(PublicKey),
  /** Where earlier versions kept what is now `StoredSecret`. */
  secret: z.optional(bytes(32)),
  deviceId: DeviceId,
  registrationId: integer(1, 16380),
  /** Whether the server has this device's keys. */
  published: z.boolean(),
  nextPreKeyId: integer(1),
  /** When this device's signed and last-resort prekeys were made. */
  rotatedAt: z.optional(Millis),
  /** Whether the service has ended the session: what is here waits for its person to sign in again. */
  ended: z.optional(z.boolean()),
  /** Only where the refresh token is no cookie (headless clients). */
  refreshToken: z.optional(bytes(32)),
});
export type StoredAccount = z.infer<typeof StoredAccount>;

/** The account's secret, from which its keys follow. */
export const StoredSecret = z.object({ secret: bytes(32) });

/** A private prekey; `signature` where the public half was signed. */
export const StoredPreKey = z.object({
  kind: z.enum(['signed', 'ec', 'kyber', 'kyber-last']),
  id: integer(1),
  publicKey: bytes(33, 1569),
  /** Of a Kyber key the seed; older versions kept all that follows from it. */
  privateKey: bytes(32, 4096),
  signature: z.optional(bytes(64)),
  /** When a newer one took its place: handshakes that are under way may still name it. */
  retiredAt: z.optional(Millis),
});
export type StoredPreKey = z.infer<typeof StoredPreKey>;

/** A pairwise session with one device, as `crypto/signal` serialises it. */
export const StoredSession = z.object({
  record: bytes(1, 1 << 20),
  /** What came by it could not be opened: the next message begins a new one. */
  stale: z.optional(z.boolean()),
});

/** Another account's newest device list, and when it was read. */
export const StoredPeer = z.object({
  identityKey: PublicKey,
  list: SignedDeviceList,
  version: integer(1),
  readAt: Millis,
});
export type StoredPeer = z.infer<typeof StoredPeer>;

/** Somebody whose safety number was compared here: the identity key that it was made of, and when, unless that was taken back. */
export const StoredContact = z.object({ identityKey: PublicKey, verifiedAt: z.optional(Millis) });
export type StoredContact = z.infer<typeof StoredContact>;

/** What somebody calls themselves, and looks like, and since when. */
export const StoredProfile = z.object({
  name: z.string(),
  picture: z.optional(bytes(1, 16_384)),
  since: Millis,
  /** Of the room's message that said it last. */
  seq: z.optional(integer(1)),
});
export type StoredProfile = z.infer<typeof StoredProfile>;

/** Our own sender chain in a room. */
export const StoredOwnChain = z.object({
  state: bytes(1, 1 << 20),
  distributionId: Uuid,
  createdAt: Millis,
  /** Messages encrypted with it. */
  count: integer(0),
  /** The roster's number of departures when it was made; another number means that it must be replaced. */
  departures: integer(0),
  /** Addresses of the devices that have it. */
  sentTo: z.array(z.string()),
  /** Its distribution from the first message on; and from where on devices have it that were given it later. */
  start: z.optional(bytes(1, 512)),
  late: z.optional(z.record(z.string(), bytes(1, 512))),
  /** Of the devices that have it, or are to get it, those that were given an earlier one: they know who we are. */
  met: z.optional(z.array(z.string())),
  /** Devices that could not open what they were given: they get the same again. */
  again: z.optional(z.array(z.string())),
});
export type StoredOwnChain = z.infer<typeof StoredOwnChain>;

const ChainPart = {
  state: bytes(1, 1 << 20),
  /** The first message that it opens. */
  from: z._default(integer(0), 0),
};
/** A chain of another device in a room. */
export const StoredChain = z.object({
  ...ChainPart,
  learnedAt: z.optional(Millis),
  /** Where other devices of the account knew it from earlier on: for what comes before `from`. */
  earlier: z.optional(z.array(z.object(ChainPart))),
});

/** What is inside a sealed backup of a sender chain: whose it is, and its SenderKeyDistributionMessage. */
export const BackedUpChain = z.strictObject({
  v: z.literal(1),
  address: DeviceAddress,
  distribution: bytes(1, 512),
});
export type BackedUpChain = z.infer<typeof BackedUpChain>;

/** A sealed backup of a sender chain that the server does not have yet. */
export const StoredBackup = z.object({ id: Hash, chatroomId: Uuid, sealed: bytes(29, 1024) });
export type StoredBackup = z.infer<typeof StoredBackup>;

export const StoredRoom = z.object({
  id: Uuid,
  name: z.string(),
  secret: bytes(32),
  /** Everything up to this `seq` has been processed. */
  cursor: integer(0),
  /** Messages up to here have been read by the person. */
  readSeq: integer(0),
  /** This device has told the others how far the person has read. */
  readTold: z.optional(z.boolean()),
  /** Whether there were messages from before the person joined. */
  before: z.boolean(),
  /** The log's last `seq` when this device came to the room: earlier messages open with backups of keys, or not at all. */
  since: z.optional(integer(0)),
  /** The first message whose key this device lacks, and another of the account's may have. */
  missed: z.optional(integer(1)),
  /** The newest such one. */
  lastMissed: z.optional(integer(0)),
  /** `cursor` when a key came last, while messages that lack theirs wait to be tried again. */
  learned: z.optional(integer(1)),
  /** How often messages between those taken in were opened after all: tabs read them again. */
  repairs: z.optional(integer(0)),
  /** Whether the service handed out backups of keys that this account did not make. */
  forged: z.optional(z.boolean()),
  roster: z.array(SignedEntry),
  /** Of who has gone: the number of the roster entry by which they went, and the log's `seq` when this device heard of it. */
  departed: z.optional(z.record(z.string(), z.object({ entry: integer(1), seq: integer(0) }))),
  /** Roster heads that messages named and the service does not tell this device of, each with who named it. */
  unknownHeads: z.optional(z.record(Hash, Uuid)),
  /** The newest version of each account's device list that a message of theirs named. */
  lists: z.optional(z.record(Uuid, integer(0))),
  /** Members who could not be given the last message's key, each with the reason, as a sentence. */
  leftOut: z.optional(z.record(Uuid, z.string())),
  /** When this device last asked others for keys that it lacks, and answered such a question, by address. */
  asked: z.optional(z.record(z.string(), Millis)),
  answered: z.optional(z.record(z.string(), Millis)),
  activeAt: Millis,
  /** Absent from what earlier versions kept: `id`. */
  last: z.optional(z.object({ id: z.optional(Uuid), author: z.string(), text: z.string(), at: Millis })),
  unread: integer(0),
  /** How many of these name this account. */
  mentioned: z.optional(integer(0)),
  /** How often somebody's profile has changed here: tabs read them again. */
  profiles: z.optional(integer(0)),
  /** Kinds of content of which all messages here have been taken in; absent from what earlier versions kept (`store/kinds.ts`). */
  kinds: z.optional(z.array(z.string())),
  /** What is pinned, the newest last. */
  pins: z.optional(z.array(z.object({ id: Uuid, seq: integer(1), by: Uuid }))),
  /** Its picture, a small JPEG. */
  picture: z.optional(bytes(1, 16_384)),
  /** How its person wants it in the list, on this device: above all others, away from them, quiet. */
  placing: z.optional(z.enum(['top', 'archive'])),
  muted: z.optional(z.boolean()),
  /** Seconds that messages last here; 0: for good. Absent as long as nothing told. */
  lasts: z.optional(integer(0)),
  gone: z.optional(z.enum(['removed', 'left', 'deleted'])),
  role: Role,
});
export type StoredRoom = z.infer<typeof StoredRoom>;

/** A message of the log that this device could read, or the reason why not. */
export const StoredMessage = z.object({
  id: Uuid,
  seq: integer(1),
  sender: Uuid,
  at: Millis,
  /** The roster head that its sender saw, where this device did not know it. */
  roster: z.optional(Hash),
  /** The unpadded plaintext, byte for byte: what a report reveals. Of others' messages. */
  envelope: z.optional(bytes(2, 40_960)),
  /** Of a profile: whether its sender was called otherwise here until then. Absent where nothing was known of them. */
  renamed: z.optional(z.boolean()),
  content: z.union([
    Content,
    z.object({ kind: z.literal('unreadable'), reason: z.string() }),
    /** Its author deleted it. */
    z.object({ kind: z.literal('deleted') }),
    /** Of a kind that was not known when it came: by now it may be, and must have that kind's form. */
    z.pipe(
      z.looseObject({ kind: z.string() }),
      z.transform((content) =>
        contentKinds.has(content.kind) ? ({ kind: 'unreadable', reason: 'malformed' } as const) : content,
      ),
    ),
  ]),
});
export type StoredMessage = z.infer<typeof StoredMessage>;

/** What a search must know of neighbouring messages, gathered: it follows from them, and goes when one of them changes. */
export const StoredStretch = z.object({
  said: z.array(
    z.object({
      id: Uuid,
      seq: integer(1),
      at: Millis,
      sender: Uuid,
      kind: z.enum(['text', 'file', 'edit', 'delete']),
      text: z.optional(z.string()),
      /** Of an edit or a deletion. */
      target: z.optional(Uuid),
    }),
  ),
});

/** A message that is to be erased; its key says when. */
export const StoredExpiry = z.object({ room: Uuid, seq: integer(1) });

/** An upload that is not finished: enough to go on with the same bytes (`UploadPlan`). */
export const StoredUpload = z.object({
  fileId: Uuid,
  messageId: Uuid,
  room: Uuid,
  at: Millis,
  /** Of the file, as it was picked. */
  name: z.string(),
  size: integer(0),
  /** The plan: all three, once it has been begun. */
  dek: z.optional(bytes(32)),
  sealedHead: z.optional(bytes(28, 65_536)),
  encryptedKey: z.optional(bytes(1, 1024)),
  /** Whether the room has been told of the file, or will be by the outbox. */
  announced: z.boolean(),
  /** Whether it goes with the source file besides its tracks. */
  keepOriginal: z.optional(z.boolean()),
  /** Whether it was said aloud here. */
  voice: z.optional(z.literal(true)),
  /** Whether it was sent elsewhere before. */
  forwarded: z.optional(z.literal(true)),
});
export type StoredUpload = z.infer<typeof StoredUpload>;
/** The file of an upload, where the browser could not find it again; base64url. */
export const StoredFile = z.object({ type: z.string(), bytes: z.string() });
/** An object of an upload that may have left: SHA-256 of its bytes. */
export const StoredUploadObject = z.object({ hash: Hash });

/** How much of a room a person wants to be told of. */
export const NotifyLevel = z.enum(['all', 'mentions', 'nothing']);
export type NotifyLevel = z.infer<typeof NotifyLevel>;
const MinuteOfDay = integer(0, 24 * 60 - 1);
/** A switch that is on unless somebody has turned it off. */
const on = z._default(z.boolean(), true);

/** What a person has chosen on this device. Whatever is missing is as it is for who never chose. */
export const StoredPreferences = z.object({
  /** Whether others see that one is typing, and has their room in front of them; who doesn't say it doesn't see it either. So with `reads`. */
  typing: on,
  presence: on,
  /** Whether others see how far one has read. */
  reads: on,
  /** A short sound with what one is told of, while the app is open. */
  sounds: on,
  /** A notice of the system's, where it lets us. */
  notices: z._default(z.boolean(), false),
  /** The rooms of which one wants to hear less than all. */
  rooms: z._default(z.record(Uuid, NotifyLevel), {}),
  /** Between these minutes of the day nothing sounds or shows up; over midnight where `from` is the later one. */
  quiet: z.optional(z.object({ from: MinuteOfDay, to: MinuteOfDay })),
});
export type StoredPreferences = z.infer<typeof StoredPreferences>;

const MessageRef = z.object({ id: Uuid, seq: z.optional(integer(1)) });

/** What somebody has begun to write in a room: words of their own, with what they answer, or new words for what they said. */
export const StoredDraft = z.object({
  text: z.string().check(z.minLength(1)),
  answers: z.optional(MessageRef),
  changes: z.optional(MessageRef),
});

/** Where somebody stopped playing a film or sound. */
export const StoredPlace = z.object({ seconds: z.number().check(z.nonnegative()) });

/** A message on its way out. With `frames` it is encrypted, and exactly these bytes are sent until the room has them. */
export const StoredOutgoing = z.object({
  id: Uuid,
  room: Uuid,
  at: Millis,
  content: Content,
  frames: z.optional(z.array(Outgoing)),
  /** `departures` of the roster that `frames` were encrypted for. */
  departures: z.optional(integer(0)),
  problem: z.optional(z.string()),
});
export type StoredOutgoing = z.infer<typeof StoredOutgoing>;

/** What somebody has written to sign up or in, but for the password: in the tab's own storage, unsealed, until they are in. */
export const StoredSignUp = z.object({ name: z.string(), email: z.string() });
export type StoredSignUp = z.infer<typeof StoredSignUp>;
