import type { Context, Hono } from 'hono';
import { sha256, toBase64 } from '../../protocol/bytes.ts';
import { allowedObjectSize, maxObjects, recordsInObject, sealedRecordSize } from '../../protocol/manifest.ts';
import { type PutUrl, routes, type StoredFile } from '../../protocol/rest/index.ts';
import type { Role } from '../../protocol/roster.ts';
import { blocksAnything, isBlocked } from '../db/admin.ts';
import { openDatabase } from '../db/client.ts';
import {
  appendDelta,
  discardFile,
  type FileRow,
  findDeltas,
  findFile,
  findKey,
  insertFile,
  reserveSpace,
} from '../db/files.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv, Caller } from '../env.ts';
import { tally } from '../ops/metrics.ts';
import { refuse, unwrap } from '../problem.ts';
import { extentOf, quotaLimits, refuseQuota } from '../storage/quota.ts';
import { openSigner, openStore, removeAll } from '../storage/store.ts';

interface Wanted {
  readonly index: number;
  readonly size: number;
}

/** Registers `/files/*`. Whoever asks must be in the file's room at that moment, as the room itself has it. */
export function fileRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.startUpload, async ({ body, caller }, c) => {
    unwrap(await room(c, body.chatroomId).view(caller.userId));
    checkSizes(body.objects);
    const { objects, expiry, size = 0, ...announced } = body;
    const limits = quotaLimits(c.env);
    const wanted = Math.max(size, extentOf(objects));
    if (wanted > limits.file) refuseQuota('file', limits.file, 0, wanted);
    if (expiry !== undefined && Date.parse(expiry) <= Date.now()) {
      refuse('invalid-body', undefined, {
        errors: [{ pointer: '/expiry', detail: 'Must be in the future' }],
      });
    }
    const database = openDatabase(c.env);
    const inserted = await insertFile(database, {
      ...announced,
      uploaderId: caller.userId,
      expiry: expiry === undefined ? null : new Date(expiry),
    });
    const file = inserted ?? (await findFile(database, body.id));
    const same =
      file?.uploaderId === caller.userId &&
      file.chatroomId === body.chatroomId &&
      file.fileName === body.fileName &&
      file.encryptedKey === body.encryptedKey;
    if (!same || file.state !== 'uploading') return refuse('conflict', 'There is another file of this id.');
    await reserve(c, file, objects, size);
    return { file: storedFile(file, file.encryptedKey), objects: await signPuts(c, file, objects) };
  });

  endpoint(app, routes.moreChunks, async ({ params, body, caller }, c) => {
    checkSizes(body.objects);
    const file = await ownFile(c, params.id, caller);
    if (file.state !== 'uploading') return refuse('conflict', 'This upload is complete.');
    await reserve(c, file, body.objects);
    return { objects: await signPuts(c, file, body.objects) };
  });

  endpoint(app, routes.reportProgress, async ({ params, body: delta, caller }, c) => {
    const file = await ownFile(c, params.id, caller);
    if (!(await appendDelta(openDatabase(c.env), file.id, delta))) return refuseDelta();
    await room(c, file.chatroomId).fileChanged({ fileId: file.id, state: 'uploading', delta });
  });

  endpoint(app, routes.completeUpload, async ({ params, body, caller }, c) => {
    const file = await ownFile(c, params.id, caller);
    checkWhole(body.objects);
    if (file.state === 'uploading') {
      await requireObjects(c, file, body.objects);
      await refuseBlocked(c, file);
    }
    const database = openDatabase(c.env);
    if (!(await appendDelta(database, file.id, body.delta, body.objects))) return refuseDelta();
    await room(c, file.chatroomId).fileChanged({ fileId: file.id, state: 'complete', delta: body.delta });
    return storedFile({ ...file, state: 'complete' }, file.encryptedKey);
  });

  endpoint(app, routes.getFile, async ({ params, query, caller }, c) => {
    const { file } = await visibleFile(c, params.id, caller);
    const database = openDatabase(c.env);
    const [key, deltas] = await Promise.all([
      findKey(database, file, caller.userId),
      findDeltas(database, file.id, query.deltas),
    ]);
    const end = file.state === 'complete' ? file.sizes.length : maxObjects;
    const count = Math.max(0, Math.min(query.count, end - query.from));
    const signer = openSigner(c.env, new URL(c.req.url).origin);
    tally.count('presigned_total', ['GET'], count);
    const objects = Array.from({ length: count }, async (_, i) => {
      const index = query.from + i;
      const { url, expiresAt } = await signer.signGet(objectKey(file, index));
      return { index, url, expiresAt: expiresAt.toISOString() };
    });
    return { ...storedFile(file, key), deltas, objects: await Promise.all(objects) };
  });

  endpoint(app, routes.deleteFile, async ({ params, caller }, c) => {
    const { file, role } = await visibleFile(c, params.id, caller);
    if (file.uploaderId !== caller.userId && role === 'member') return refuse('forbidden');
    if (!(await discardFile(openDatabase(c.env), file.id))) return refuse('not-found');
    // The file is gone for everybody now. What fails below is made good: by the sweep, and when somebody asks for it.
    await Promise.allSettled([
      room(c, file.chatroomId).fileChanged({ fileId: file.id, state: 'deleted' }),
      removeAll(openStore(c.env), `${file.storagePath}/`),
    ]);
  });
}

const room = (c: Context<AppEnv>, id: string) => c.env.ROOMS.getByName(id);
const objectKey = (file: FileRow, index: number): string => `${file.storagePath}/${index}`;
const refuseDelta = (): never =>
  refuse('conflict', 'This piece of the manifest does not follow the last one.');

/** A file of a room that the caller is in, and the caller's role there; `not-found` says nothing to anybody else. */
async function visibleFile(
  c: Context<AppEnv>,
  id: string,
  caller: Caller,
): Promise<{ file: FileRow; role: Role }> {
  const file = await findFile(openDatabase(c.env), id);
  if (!file) return refuse('not-found');
  const view = await room(c, file.chatroomId).view(caller.userId);
  if (!view.ok) return refuse('not-found');
  return { file, role: view.value.role };
}

/** A file that the caller uploads; throws as `visibleFile` does, and `forbidden`. */
async function ownFile(c: Context<AppEnv>, id: string, caller: Caller): Promise<FileRow> {
  const { file } = await visibleFile(c, id, caller);
  if (file.uploaderId !== caller.userId) refuse('forbidden', 'Only who uploads a file may add to it.');
  return file;
}

/** Refuses sizes that no object at its place may have: other sizes would tell files apart. */
function checkSizes(objects: readonly Wanted[]): void {
  const errors = objects.flatMap(({ index, size }, i) =>
    allowedObjectSize(index, size)
      ? []
      : [{ pointer: `/objects/${i}/size`, detail: 'Not a size of this object' }],
  );
  if (errors.length > 0) refuse('invalid-body', undefined, { errors });
}

/** Refuses a table of objects in which any but the last is short. */
function checkWhole(sizes: readonly number[]): void {
  checkSizes(sizes.map((size, index) => ({ index, size })));
  const short = sizes.findIndex(
    (size, i) => i < sizes.length - 1 && size !== recordsInObject(i) * sealedRecordSize,
  );
  if (short < 0) return;
  const errors = [{ pointer: `/objects/${short}`, detail: 'Only the last object may be short' }];
  refuse('invalid-body', undefined, { errors });
}

/** Throws `incomplete` unless storage has every object in its size. */
async function requireObjects(c: Context<AppEnv>, file: FileRow, sizes: readonly number[]): Promise<void> {
  const stored = await openStore(c.env).sizes(`${file.storagePath}/`);
  const missing = sizes.findIndex((size, index) => stored.get(objectKey(file, index)) !== size);
  if (missing >= 0) refuse('incomplete', `Object ${missing} is not there in its size.`);
}

/** Throws `forbidden` for a file that was taken down before: the same ciphertext under another id. */
async function refuseBlocked(c: Context<AppEnv>, file: FileRow): Promise<void> {
  const database = openDatabase(c.env);
  if (!(await blocksAnything(database))) return;
  const first = await openStore(c.env).read(objectKey(file, 0));
  if (first && (await isBlocked(database, toBase64(await sha256(first)))))
    refuse('forbidden', 'This file was taken down by a moderator.');
}

/** Counts what these PUTs may bring against the quotas; throws `quota-exceeded` where it is too much. */
async function reserve(
  c: Context<AppEnv>,
  file: FileRow,
  objects: readonly Wanted[],
  size = 0,
): Promise<void> {
  const limits = quotaLimits(c.env);
  const extent = extentOf(objects);
  const wanted = Math.max(file.declared, file.signed, size, extent);
  if (wanted > limits.file) refuseQuota('file', limits.file, 0, wanted);
  const exceeded = await reserveSpace(openDatabase(c.env), file, { declared: size, signed: extent }, limits);
  if (!exceeded) return;
  const { of, used } = exceeded;
  // Of an announcement that nothing can follow, nothing is left.
  if (file.signed === 0) await discardFile(openDatabase(c.env), file.id);
  refuseQuota(of, limits[of], used, wanted);
}

async function signPuts(c: Context<AppEnv>, file: FileRow, objects: readonly Wanted[]): Promise<PutUrl[]> {
  const signer = openSigner(c.env, new URL(c.req.url).origin);
  tally.count('presigned_total', ['PUT'], objects.length);
  for (const { size } of objects) tally.count('presigned_bytes_total', [], size);
  return Promise.all(
    objects.map(async ({ index, size }) => {
      const { url, headers, expiresAt } = await signer.signPut(objectKey(file, index), size);
      return { index, url, headers, expiresAt: expiresAt.toISOString() };
    }),
  );
}

function storedFile(file: FileRow, encryptedKey: string | null): StoredFile {
  return {
    id: file.id,
    uploaderId: file.uploaderId,
    chatroomId: file.chatroomId,
    state: file.state === 'complete' ? 'complete' : 'uploading',
    fileName: file.fileName,
    encryptedKey,
    createdAt: file.createdAt.toISOString(),
    expiry: file.expiry?.toISOString() ?? null,
  };
}
