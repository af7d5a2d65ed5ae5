import * as z from 'zod/mini';
import { bytes, Hash, integer } from './scalars.ts';

export * from './records.ts';

/** The most objects a file may have (about 32 GiB). */
export const maxObjects = 4096;
/** The most objects, and seek points, that one piece of the manifest tells of. */
export const maxObjectsInDelta = 256;
export const maxSeekPointsInDelta = 1500;

/** Bytes of a poster, at most: every sealed head has room for one, so its size does not tell whether there is. */
export const largestPoster = 4800;
/** Bytes up to which a `raw` film whose `duration` is told is fetched as a whole to be played. */
export const largestWhole = 2 ** 30;

/** Pixels of a picture that is drawn, at most: each takes four bytes of memory, however small the file. */
export const mostPixels = 2 ** 27;

export const Track = z.object({
  kind: z.enum(['video', 'audio', 'subtitles']),
  /** Full MSE type, such as `video/mp4; codecs="avc1.64001f"`. */
  mime: z.string().check(z.maxLength(200)),
  language: z.optional(z.string().check(z.maxLength(35))),
  /** As its maker called it. */
  name: z.optional(z.string().check(z.maxLength(200))),
});
export type Track = z.infer<typeof Track>;

/** What the uploader knows when the upload starts. Stored sealed as `files.file_name`; its hash stands in the file message. */
export const ManifestHead = z.object({
  v: z.literal(1),
  name: z.string().check(z.minLength(1), z.maxLength(1024)),
  type: z.string().check(z.maxLength(255)),
  /** Bytes of the source file. */
  size: integer(0),
  /** Nonce prefix of the record stream. */
  prefix: bytes(7),
  /** `raw`: the file's own bytes. `tracks`: one fragmented stream per track, interleaved as (track, length, bytes) items. */
  layout: z.enum(['raw', 'tracks']),
  /** Seconds. */
  duration: z.optional(z.number()),
  width: z.optional(integer(1, 65_535)),
  height: z.optional(integer(1, 65_535)),
  tracks: z.optional(z.array(Track).check(z.maxLength(32))),
  /** After the tracks comes the source file itself, byte for byte; the last piece of the manifest tells where. */
  original: z.optional(z.literal(true)),
  /**
   * What was wrong with a film, sound or picture before it was sent. `cut`: its end is missing; `no-index`: so is all that says where
   * the pictures and sounds of a film lie. What a later version tells besides is passed over.
   */
  flaw: z.catch(z.optional(z.enum(['cut', 'no-index'])), undefined),
  /** A small picture of it (WebP or JPEG), to be seen before anything of the file has come. */
  poster: z.optional(bytes(1, largestPoster)),
});
export type ManifestHead = z.infer<typeof ManifestHead>;

/** A piece of the growing tail: what has reached storage since the piece before. */
export const ManifestDelta = z.object({
  v: z.literal(1),
  n: integer(0),
  /** Objects in storage now, counted from the first without a hole. */
  objects: integer(0, maxObjects),
  /** Plaintext bytes that these objects hold (without padding). */
  available: integer(0),
  /** New seek points: [time in ms, plaintext offset of the first item at or after it], ascending. */
  index: z.array(z.tuple([integer(0), integer(0)])).check(z.maxLength(maxSeekPointsInDelta)),
  /** SHA-256 of the stored bytes of each object that is new in this piece: one piece stays small however long the file. */
  hashes: z.array(Hash).check(z.maxLength(maxObjectsInDelta)),
  /**
   * Only in the last piece: the totals, and SHA-256 over the hashes of all objects in turn. Without it a client never
   * says complete. `original` is the plaintext offset of the source file, where it was sent besides its tracks.
   */
  final: z.optional(
    z.object({
      length: integer(0),
      objects: integer(1, maxObjects),
      digest: Hash,
      original: z.optional(integer(1)),
    }),
  ),
});
export type ManifestDelta = z.infer<typeof ManifestDelta>;
