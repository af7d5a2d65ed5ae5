import * as z from 'zod/mini';
import { Problem } from './problem.ts';
import { SignedEntry } from './roster.ts';
import { bytes, DeviceAddress, DeviceId, Hash, integer, Millis, Uuid } from './scalars.ts';

/** The largest frame that a room takes, in bytes. */
export const maxFrame = 65_536;
/** The largest ciphertext of one message, in bytes: a frame's worth less its base64 and envelope. */
export const maxBox = 46_080;
/** The largest box that a room keeps of each member (`keep`), in bytes. */
export const maxKept = 512;
/** Sent by clients as plain text, answered by the runtime without waking the object. */
export const ping = 'ping';
export const pong = 'pong';

/**
 * Asked of a client that was sent much: it sends the frame back at once, which tells how far it has read. Who is sent some
 * megabytes and has not read that far is too slow, and closed on (1013): it comes back, and catches up.
 */
export const Mark = z.strictObject({ t: z.literal('mark'), n: integer(0) });
export type Mark = z.infer<typeof Mark>;

/** Reads a text that came by a socket as a mark; undefined when it is something else. */
export function readMark(data: unknown): Mark | undefined {
  // Hardly anything else is as short, so nothing is parsed twice.
  if (typeof data !== 'string' || data.length > 40 || !data.startsWith('{')) return undefined;
  try {
    return Mark.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

/** A message as a client hands it over, by socket or `POST /chatrooms/:id/message`. */
export const Outgoing = z.strictObject({
  /** UUIDv7 made by the client; sending it again answers the first `seq`. */
  id: Uuid,
  /** The sending device; the ciphertext authenticates it. */
  device: DeviceId,
  /** SenderKeyMessage, or with `recipient` a SignalMessage or PreKeySignalMessage. */
  box: bytes(1, maxBox),
  /** Set on to-device payloads: they travel in the same log, so nothing that needs them overtakes them. */
  recipient: z.optional(DeviceAddress),
  /** Franking commitment: HMAC-SHA-256 over the plaintext envelope. */
  commitment: z.optional(Hash),
  /** When the server drops the ciphertext. */
  expiresAt: z.optional(Millis),
});
export type Outgoing = z.infer<typeof Outgoing>;

/** A message as the room's log has it. */
export const Message = z.strictObject({ ...Outgoing.shape, seq: integer(1), sender: Uuid, at: Millis });
export type Message = z.infer<typeof Message>;

/** What the room answers to an accepted message. */
export const Accepted = z.strictObject({ id: Uuid, seq: integer(1), at: Millis });
export type Accepted = z.infer<typeof Accepted>;

/** A piece of a file's growing manifest, sealed by the uploader. */
export const FileDelta = z.strictObject({ n: integer(0, 100_000), sealed: bytes(28, 65_536) });
export type FileDelta = z.infer<typeof FileDelta>;

/** A signal from one device to another (DESIGN section 6). What it says is sealed by their pairwise session, and not kept. */
export const Signal = z.strictObject({
  /** UUIDv7 made by the sender: one that comes twice, by socket and by REST, counts once. */
  id: Uuid,
  /** The sending device; the box authenticates it. */
  device: DeviceId,
  to: DeviceAddress,
  /** SignalMessage or PreKeySignalMessage. */
  box: bytes(1, maxBox),
});
export type Signal = z.infer<typeof Signal>;

export const ClientFrame = z.discriminatedUnion('t', [
  /** First frame of a socket: what this client has already, by `seq`. */
  z.strictObject({ t: z.literal('hello'), since: integer(0) }),
  z.strictObject({ t: z.literal('send'), ...Outgoing.shape }),
  z.strictObject({ t: z.literal('ephemeral'), box: bytes(1, 4096) }),
  /**
   * Passed on as `ephemeral`, and kept, in place of the sender's last one, for who connects later: for all members, or for the
   * sender's own devices alone.
   */
  z.strictObject({ t: z.literal('keep'), for: z.enum(['all', 'own']), box: bytes(1, maxKept) }),
  z.strictObject({ t: z.literal('signal'), ...Signal.shape }),
  /**
   * This device is in the room's call (a new one, unless there is one), or, with null, in none. `mesh`: with no
   * more than a mesh carries, direct ways would do again.
   */
  z.strictObject({
    t: z.literal('call'),
    device: DeviceId,
    id: z.nullable(Uuid),
    mesh: z.optional(z.literal(true)),
  }),
  Mark,
]);
export type ClientFrame = z.infer<typeof ClientFrame>;

export const ServerFrame = z.discriminatedUnion('t', [
  /**
   * Answer to `hello`. What follows by `message` frames starts after `from`; where that is later than what the
   * client asked for, it reads the pages between by REST.
   */
  z.object({
    t: z.literal('welcome'),
    seq: integer(0),
    from: integer(0),
    head: Hash,
    /** What members keep here for this client (`keep`). */
    kept: z.optional(z.array(z.object({ from: Uuid, box: bytes(1, maxKept) }))),
  }),
  z.object({ t: z.literal('message'), items: z.array(Message) }),
  z.object({ t: z.literal('ack'), ...Accepted.shape }),
  z.object({ t: z.literal('nack'), id: z.optional(Uuid), problem: Problem }),
  z.object({ t: z.literal('ephemeral'), from: Uuid, box: bytes(1, 4096) }),
  z.object({
    t: z.literal('signal'),
    id: Uuid,
    from: DeviceAddress,
    to: DeviceAddress,
    box: bytes(1, maxBox),
  }),
  /**
   * Which devices say that they are in the room's call, in the order of their coming; without any there is none. `mode`: by what
   * way they should send; `places`: how many there is room for.
   */
  z.object({
    t: z.literal('call'),
    id: z.nullable(Uuid),
    devices: z.array(DeviceAddress),
    mode: z.enum(['mesh', 'sfu']),
    places: integer(1),
  }),
  /** The roster grew; `seq` is the number of its last entry. */
  z.object({ t: z.literal('roster'), seq: integer(0), entries: z.array(SignedEntry) }),
  /** For owners and admins: how many ask to come in. */
  z.object({ t: z.literal('requests'), waiting: integer(0) }),
  z.object({
    t: z.literal('file'),
    fileId: Uuid,
    state: z.enum(['uploading', 'complete', 'deleted']),
    delta: z.optional(FileDelta),
  }),
  /** The room is over for this client (removed, left, deleted, signed out); the socket closes after it. */
  z.object({ t: z.literal('gone'), reason: z.enum(['removed', 'left', 'deleted', 'signed-out']) }),
  /** To be sent back as it is. */
  Mark,
]);
export type ServerFrame = z.infer<typeof ServerFrame>;
