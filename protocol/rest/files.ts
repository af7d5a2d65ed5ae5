import * as z from 'zod/mini';
import { maxObjects, sealedRecordSize } from '../manifest.ts';
import { bytes, Instant, integer, queryInteger, Uuid } from '../scalars.ts';
import { FileDelta } from '../socket.ts';
import { route } from './route.ts';

const params = z.strictObject({ id: Uuid });
/** The file key, wrapped to one person by HPKE (`crypto/file`). */
const WrappedKey = bytes(32 + 32 + 16, 256);
const objectIndex = integer(0, maxObjects - 1);
/** Stored bytes of an object: `allowedObjectSize` knows which may stand where. */
const ObjectSize = z.literal(Array.from({ length: 8 }, (_, i) => sealedRecordSize * 2 ** i));
/** Objects to sign a PUT for, in their exact sizes. */
const WantedObjects = z
  .array(z.strictObject({ index: objectIndex, size: ObjectSize }))
  .check(z.maxLength(16));

export const PutUrl = z.object({
  index: objectIndex,
  url: z.string(),
  /** Headers that the PUT must carry besides Content-Length; they are part of the signature. */
  headers: z.record(z.string(), z.string()),
  expiresAt: Instant,
});
export type PutUrl = z.infer<typeof PutUrl>;

export const FileState = z.enum(['uploading', 'complete']);
export const StoredFile = z.object({
  id: Uuid,
  uploaderId: Uuid,
  chatroomId: Uuid,
  state: FileState,
  /** The sealed manifest head (name, type, size, tracks). */
  fileName: bytes(28, 65_536),
  /** The file key as wrapped to the caller; null where the caller has none. */
  encryptedKey: z.nullable(WrappedKey),
  createdAt: Instant,
  expiry: z.nullable(Instant),
});
export type StoredFile = z.infer<typeof StoredFile>;

export const startUpload = route({
  method: 'POST',
  path: '/files/upload',
  summary:
    'Announce a file: sealed manifest head, wrapped keys; answers pre-signed PUTs for its first objects',
  auth: true,
  body: z.strictObject({
    id: Uuid,
    chatroomId: Uuid,
    fileName: bytes(28, 65_536),
    /** The file key wrapped for the uploader. */
    encryptedKey: WrappedKey,
    /** And for every other member. */
    keys: z.array(z.strictObject({ userId: Uuid, encryptedKey: WrappedKey })).check(z.maxLength(1000)),
    objects: WantedObjects,
    /** Stored bytes that it will have in all, or about: what is too much is refused now rather than near its end. */
    size: z.optional(z.number().check(z.int(), z.minimum(0), z.maximum(2 ** 40))),
    expiry: z.optional(Instant),
  }),
  status: 201,
  reply: z.object({ file: StoredFile, objects: z.array(PutUrl) }),
  problems: ['not-a-member', 'conflict', 'quota-exceeded'],
});

export const moreChunks = route({
  method: 'POST',
  path: '/files/:id/chunks',
  summary: 'Pre-signed PUTs for more objects',
  auth: true,
  params,
  body: z.strictObject({ objects: WantedObjects.check(z.minLength(1)) }),
  status: 200,
  reply: z.object({ objects: z.array(PutUrl) }),
  problems: ['not-found', 'forbidden', 'conflict', 'quota-exceeded'],
});

export const reportProgress = route({
  method: 'POST',
  path: '/files/:id/progress',
  summary: 'Append a sealed piece of the manifest; the room hears of it at once',
  auth: true,
  params,
  body: FileDelta,
  status: 204,
  problems: ['not-found', 'forbidden', 'conflict'],
});

export const completeUpload = route({
  method: 'POST',
  path: '/files/:id/complete',
  summary: 'Close the upload with the final piece; every object is checked to be there in its size',
  auth: true,
  params,
  body: z.strictObject({
    objects: z.array(ObjectSize).check(z.minLength(1), z.maxLength(maxObjects)),
    delta: FileDelta,
  }),
  status: 200,
  reply: StoredFile,
  problems: ['not-found', 'forbidden', 'incomplete'],
});

const from = (maximum: number) => z._default(queryInteger(0, maximum), 0);
export const getFile = route({
  method: 'GET',
  path: '/files/:id',
  summary: 'A file: sealed manifest, the caller’s wrapped key, and pre-signed GETs for a range of objects',
  auth: true,
  params,
  query: z.strictObject({
    /** First object, and how many, to sign GETs for. */
    from: from(maxObjects),
    count: from(64),
    /** First manifest piece wanted; a long manifest comes in several answers, the last of which has no pieces. */
    deltas: from(100_001),
  }),
  status: 200,
  reply: z.object({
    ...StoredFile.shape,
    deltas: z.array(FileDelta),
    objects: z.array(z.object({ index: objectIndex, url: z.string(), expiresAt: Instant })),
  }),
  problems: ['not-found'],
});

export const deleteFile = route({
  method: 'DELETE',
  path: '/files/:id',
  summary: 'Delete a file and its objects (uploader, or an admin of the room)',
  auth: true,
  params,
  status: 204,
  problems: ['not-found', 'forbidden'],
});
