import { env } from 'cloudflare:workers';
import { AwsClient } from 'aws4fetch';
import { eq, sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { maxObjects, recordsInObject, sealedRecordSize } from '../../protocol/manifest.ts';
import { type PutUrl, routes } from '../../protocol/rest/index.ts';
import { createApp } from '../app.ts';
import { openDatabase } from '../db/client.ts';
import { fileDeltas, fileKeys, files } from '../db/schema.ts';
import { sweep } from '../scheduled.ts';
import { openStore } from '../storage/store.ts';
import { ask, newPerson, type Person, problemIn, random, refusal, request } from '../test/client.ts';
import { newRoom, openSocket, type PeoplesRoom } from '../test/rooms.ts';

const database = openDatabase(env);
const store = openStore(env);

let ana: Person;
let ben: Person;
let stranger: Person;
let room: PeoplesRoom;
beforeAll(async () => {
  [ana, ben, stranger] = await Promise.all([newPerson(), newPerson(), newPerson()]);
  room = await newRoom(ana);
  await room.join(ben);
});

const fullSize = (index: number) => recordsInObject(index) * sealedRecordSize;
const delta = (n: number) => ({ n, sealed: random(100) });
const upload = (changed: object = {}) => ({
  id: crypto.randomUUID(),
  chatroomId: room.id,
  fileName: random(200),
  encryptedKey: random(80),
  keys: [{ userId: ben.id, encryptedKey: random(80) }],
  objects: [{ index: 0, size: sealedRecordSize }],
  ...changed,
});
const start = (body = upload(), by = ana) => ask(routes.startUpload, { token: by.token, body });
const put = (signed: PutUrl, size: number) =>
  fetch(signed.url, { method: 'PUT', headers: signed.headers, body: new Uint8Array(size) });
/** Statuses that S3 gives to a refused request, with its own error document. */
const s3Refusal = async (send: () => Promise<Response>) => {
  // Who refuses without having read the body may close the line while its answer is on the way (RFC 9112 section 9.6): asked again.
  const once = async () => {
    const response = await send();
    return { status: response.status, text: await response.text() };
  };
  const { status, text } = await once().catch(once);
  expect(text).toMatch(/<Error><Code>\w+<\/Code>/);
  return [status, /<Code>(\w+)</.exec(text)?.[1]];
};
/** A file of one object that is complete. */
async function completeFile(changed: object = {}) {
  const { file, objects } = await start(upload(changed));
  expect((await put(objects[0]!, sealedRecordSize)).status).toBe(200);
  const body = { objects: [sealedRecordSize], delta: delta(0) };
  return ask(routes.completeUpload, { params: { id: file.id }, token: ana.token, body });
}

describe('the life of a file', () => {
  it('is announced, put, followed, completed, read and deleted', async () => {
    const body = upload({ objects: [0, 1].map((index) => ({ index, size: fullSize(index) })) });
    const { file, objects } = await start(body);
    const params = { id: file.id };
    expect(file).toMatchObject({ state: 'uploading', uploaderId: ana.id, encryptedKey: body.encryptedKey });
    for (const signed of objects) expect((await put(signed, fullSize(signed.index))).status).toBe(200);

    const first = delta(0);
    await ask(routes.reportProgress, { params, token: ana.token, body: first });
    const followed = await ask(routes.getFile, { params, query: { count: 2 }, token: ben.token });
    expect(followed).toMatchObject({ state: 'uploading', fileName: body.fileName, deltas: [first] });
    expect(followed.encryptedKey).toBe(body.keys[0]?.encryptedKey);
    const response = await fetch(followed.objects[1]!.url, { headers: { range: 'bytes=10-19' } });
    expect(response.status).toBe(206);
    expect((await response.arrayBuffer()).byteLength).toBe(10);

    const more = { objects: [{ index: 2, size: sealedRecordSize * 2 }] };
    const {
      objects: [third],
    } = await ask(routes.moreChunks, { params, token: ana.token, body: more });
    const last = delta(1);
    const end = {
      params,
      token: ana.token,
      body: { objects: [fullSize(0), fullSize(1), sealedRecordSize * 2], delta: last },
    };
    expect(await refusal(routes.completeUpload, end)).toBe('incomplete');
    expect((await put(third!, sealedRecordSize * 2)).status).toBe(200);
    expect((await ask(routes.completeUpload, end)).state).toBe('complete');
    expect((await ask(routes.completeUpload, end)).state).toBe('complete');

    const complete = await ask(routes.getFile, {
      params,
      query: { from: 1, count: 64, deltas: 1 },
      token: ben.token,
    });
    expect(complete).toMatchObject({ state: 'complete', deltas: [last] });
    expect(complete.objects.map(({ index }) => index)).toEqual([1, 2]);

    await ask(routes.deleteFile, { params, token: ana.token });
    expect(await refusal(routes.getFile, { params, query: {}, token: ana.token })).toBe('not-found');
    expect(await refusal(routes.deleteFile, { params, token: ana.token })).toBe('not-found');
    expect((await store.sizes(`files/${file.id}/`)).size).toBe(0);
    expect((await fetch(complete.objects[0]!.url)).status).toBe(404);
    expect(await database.$count(fileKeys, eq(fileKeys.fileId, file.id))).toBe(0);
    expect(await database.$count(fileDeltas, eq(fileDeltas.fileId, file.id))).toBe(0);
    const [row] = await database.select().from(files).where(eq(files.id, file.id));
    expect(row).toMatchObject({ fileName: '', encryptedKey: '' });
  });

  it('tells the sockets of the room about each step', async () => {
    const socket = await openSocket(room.id, ben);
    const body = upload();
    const params = { id: body.id };
    const { objects } = await start(body);
    const [first, last] = [delta(0), delta(1)];
    await ask(routes.reportProgress, { params, token: ana.token, body: first });
    await put(objects[0]!, sealedRecordSize);
    await ask(routes.completeUpload, {
      params,
      token: ana.token,
      body: { objects: [sealedRecordSize], delta: last },
    });
    await ask(routes.deleteFile, { params, token: ana.token });
    await socket.frame('file', 3);
    socket.close();
    expect(socket.received.filter(({ t }) => t === 'file')).toEqual([
      { t: 'file', fileId: body.id, state: 'uploading', delta: first },
      { t: 'file', fileId: body.id, state: 'complete', delta: last },
      { t: 'file', fileId: body.id, state: 'deleted' },
    ]);
  });

  it('answers a repeated announcement, and refuses another one of the same id', async () => {
    const body = upload();
    const first = await start(body);
    expect((await start(body)).file).toEqual(first.file);
    const refused = (changed: object, by = ana) =>
      refusal(routes.startUpload, { token: by.token, body: { ...body, ...changed } });
    expect(await refused({ fileName: random(200) })).toBe('conflict');
    expect(await refused({ encryptedKey: random(80) })).toBe('conflict');
    expect(await refused({}, ben)).toBe('conflict');
    await ask(routes.deleteFile, { params: { id: body.id }, token: ana.token });
    expect(await refused({})).toBe('conflict');
  });

  it("leaves out keys for people that aren't there, and lets nobody replace one", async () => {
    const body = upload();
    await start({ ...body, keys: [...body.keys, { userId: crypto.randomUUID(), encryptedKey: random(80) }] });
    await start({ ...body, keys: [{ userId: ben.id, encryptedKey: random(80) }] });
    const read = await ask(routes.getFile, { params: { id: body.id }, query: {}, token: ben.token });
    expect(read.encryptedKey).toBe(body.keys[0]?.encryptedKey);
    expect(await database.$count(fileKeys, eq(fileKeys.fileId, body.id))).toBe(1);
  });
});

describe('the manifest', () => {
  it('takes each piece once, in turn, and nothing after the end', async () => {
    const { file } = await start();
    const progress = (body: { n: number; sealed: string }) => ({
      params: { id: file.id },
      token: ana.token,
      body,
    });
    const [first, second] = [delta(0), delta(1)];
    expect(await refusal(routes.reportProgress, progress(second))).toBe('conflict');
    await ask(routes.reportProgress, progress(first));
    await ask(routes.reportProgress, progress(first));
    expect(await refusal(routes.reportProgress, progress(delta(0)))).toBe('conflict');
    await ask(routes.reportProgress, progress(second));
    const { deltas } = await ask(routes.getFile, { params: { id: file.id }, query: {}, token: ben.token });
    expect(deltas).toEqual([first, second]);

    const complete = await completeFile();
    const late = { params: { id: complete.id }, token: ana.token };
    expect(await refusal(routes.reportProgress, { ...late, body: delta(1) })).toBe('conflict');
    expect(
      await refusal(routes.moreChunks, {
        ...late,
        body: { objects: [{ index: 1, size: sealedRecordSize }] },
      }),
    ).toBe('conflict');
    const other = { objects: [sealedRecordSize], delta: delta(0) };
    expect(await refusal(routes.completeUpload, { ...late, body: other })).toBe('conflict');
  });

  it('comes in pages where it is long, without a hole', async () => {
    const { file } = await start();
    const sealed = random(65_000);
    await database.execute(sql`
      insert into file_deltas (file_id, n, sealed) select ${file.id}::uuid, n, ${sealed} from generate_series(0, 59) n`);
    const numbers: number[] = [];
    for (let pages = 0; ; pages++) {
      const query = { deltas: numbers.length };
      const { deltas } = await ask(routes.getFile, { params: { id: file.id }, query, token: ben.token });
      if (deltas.length === 0) break;
      expect(pages).toBeLessThan(5);
      numbers.push(...deltas.map(({ n }) => n));
    }
    expect(numbers).toEqual(Array.from({ length: 60 }, (_, n) => n));
  });

  it('refuses objects of other sizes than the ramp has', async () => {
    const token = ana.token;
    for (const [index, size] of [
      [0, sealedRecordSize - 1],
      [0, 3 * sealedRecordSize],
      [0, 8 * sealedRecordSize],
      [6, 256 * sealedRecordSize],
    ]) {
      const body = upload({ objects: [{ index, size }] });
      expect(await refusal(routes.startUpload, { token, body }), `${index}: ${size}`).toBe('invalid-body');
    }
    const { file } = await start();
    const body = { objects: [sealedRecordSize, sealedRecordSize], delta: delta(0) };
    const problem = await problemIn(
      await request(routes.completeUpload, { params: { id: file.id }, token, body }),
    );
    expect(problem.errors?.[0]?.pointer).toBe('/objects/0');
    const beyond = { objects: [{ index: maxObjects, size: sealedRecordSize }] };
    expect(await refusal(routes.moreChunks, { params: { id: file.id }, token, body: beyond })).toBe(
      'invalid-body',
    );
  });
});

describe('who may', () => {
  it('is a member of the room, at that moment, and for some things the uploader', async () => {
    const friend = await newPerson();
    const { file } = await start(upload({ keys: [{ userId: friend.id, encryptedKey: random(80) }] }));
    const params = { id: file.id };
    const doors = {
      start: (token: string) => refusal(routes.startUpload, { token, body: upload() }),
      more: (token: string) =>
        refusal(routes.moreChunks, {
          params,
          token,
          body: { objects: [{ index: 1, size: sealedRecordSize }] },
        }),
      progress: (token: string) => refusal(routes.reportProgress, { params, token, body: delta(0) }),
      complete: (token: string) =>
        refusal(routes.completeUpload, {
          params,
          token,
          body: { objects: [sealedRecordSize], delta: delta(0) },
        }),
      read: (token: string) => refusal(routes.getFile, { params, query: {}, token }),
      delete: (token: string) => refusal(routes.deleteFile, { params, token }),
    };
    const answersTo = (token: string, some = Object.values(doors)) =>
      Promise.all(some.map((door) => door(token)));
    const closed = ['not-a-member', ...Array(5).fill('not-found')];
    expect(await answersTo(stranger.token)).toEqual(closed);
    expect(await answersTo(friend.token)).toEqual(closed);
    await room.join(friend);
    expect(
      (await ask(routes.getFile, { params, query: {}, token: friend.token })).encryptedKey,
    ).not.toBeNull();
    const { more, progress, complete, delete: remove } = doors;
    expect(await answersTo(friend.token, [more, progress, complete, remove])).toEqual(
      Array(4).fill('forbidden'),
    );
    await room.remove(friend);
    expect(await answersTo(friend.token)).toEqual(closed);
    expect(await answersTo('not.a.token')).toEqual(Array(6).fill('unauthenticated'));
  });

  it('is also the owner of the room, who may delete what others uploaded', async () => {
    const { file } = await start(upload({ keys: [] }), ben);
    await ask(routes.deleteFile, { params: { id: file.id }, token: ana.token });
  });

  it('is nobody for a file that never was', async () => {
    const gone = { params: { id: crypto.randomUUID() }, query: {}, token: ana.token };
    expect(await refusal(routes.getFile, gone)).toBe('not-found');
    expect(await refusal(routes.getFile, { ...gone, params: { id: 'nonsense' } })).toBe('invalid-body');
  });
});

it('is refused an expiry that has passed, or that the database has no date for', async () => {
  for (const expiry of ['0000-01-01T00:00:00Z', '2020-01-01T00:00:00Z']) {
    const body = upload({ expiry });
    const problem = await problemIn(await request(routes.startUpload, { token: ana.token, body }));
    expect(problem.errors?.[0]?.pointer).toBe('/expiry');
  }
});

describe('quotas', () => {
  const fileSize = 4 * sealedRecordSize;
  const big = (chatroomId: string) =>
    upload({ chatroomId, size: fileSize, objects: [{ index: 0, size: fileSize }] });
  const tiny = { QUOTA_FILE: '1 MB', QUOTA_ROOM: String(2 * fileSize), QUOTA_ACCOUNT: String(3 * fileSize) };
  /** The service with these limits. */
  const limited = (limits: object, person: Person) => async (path: string, body: object) => {
    const response = await createApp().request(
      `https://localhost${path}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${person.token}` },
        body: JSON.stringify(body),
      },
      { ...env, ...limits },
    );
    return { status: response.status, body: (await response.json()) as Record<string, never> };
  };

  it('refuse a file, a room, an account that would be too much, each with its numbers', async () => {
    const person = await newPerson();
    const rooms = [await newRoom(person), await newRoom(person)];
    const post = limited(tiny, person);
    const begin = (index: number, body = big(rooms[index]!.id)) => post('/files/upload', body);
    expect(await begin(0, Object.assign(big(rooms[0]!.id), { size: 1_000_001 }))).toMatchObject({
      status: 403,
      body: { type: '/problems/quota-exceeded', quota: { of: 'file', limit: 1_000_000, wanted: 1_000_001 } },
    });
    const first = await begin(0);
    expect(first.status).toBe(201);
    expect((await begin(0)).status).toBe(201);
    expect(await begin(0)).toMatchObject({
      status: 403,
      body: { quota: { of: 'room', limit: 2 * fileSize, used: 2 * fileSize, wanted: fileSize } },
    });
    expect((await begin(1)).status).toBe(201);
    const full = await begin(1);
    expect(full).toMatchObject({ body: { quota: { of: 'account', used: 3 * fileSize } } });
    expect(full.body.detail).toBe(
      'All that you have sent may take 787 kB: 787 kB are in use and this file needs 262 kB. ' +
        'Delete files that nobody needs, in any of your rooms, then try again.',
    );
    // What is deleted gives its space back at once.
    const { file } = first.body as unknown as { file: { id: string } };
    await ask(routes.deleteFile, { params: { id: file.id }, token: person.token });
    expect((await begin(0)).status).toBe(201);
  });

  it('count what PUTs are signed for, whatever was said at first', async () => {
    const person = await newPerson();
    const { id: chatroomId } = await newRoom(person);
    const post = limited(tiny, person);
    const objects = [{ index: 0, size: sealedRecordSize }];
    const { body } = await post('/files/upload', upload({ chatroomId, size: 1, objects }));
    const { file } = body as unknown as { file: { id: string } };
    const more = (index: number) =>
      post(`/files/${file.id}/chunks`, { objects: [{ index, size: sealedRecordSize }] });
    expect((await more(1)).status).toBe(200);
    expect(await more(2)).toMatchObject({ status: 403, body: { quota: { of: 'room' } } });
    expect((await more(1)).status).toBe(200);
    expect(await more(4)).toMatchObject({ status: 403, body: { quota: { of: 'file' } } });
  });

  it('let no more through when all come at once', async () => {
    const person = await newPerson();
    const rooms = await Promise.all(Array.from({ length: 4 }, () => newRoom(person)));
    const post = limited(tiny, person);
    const answers = await Promise.all(
      rooms.flatMap(({ id }) => [1, 2, 3].map(() => post('/files/upload', big(id)))),
    );
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(3);
  });
});

describe('a signed PUT', () => {
  const signed = async () => (await start()).objects[0]!;
  const send = (url: string, { headers }: PutUrl, size = sealedRecordSize, method = 'PUT') =>
    fetch(url, { method, headers, body: method === 'GET' ? null : new Uint8Array(size) });

  it('is good for one object of its exact size, once, and for five minutes at most', async () => {
    const one = await signed();
    expect(Date.parse(one.expiresAt) - Date.now()).toBeLessThanOrEqual(300_000);
    expect(await s3Refusal(() => send(one.url, one, sealedRecordSize + 1))).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
    expect(await s3Refusal(() => send(one.url, one, sealedRecordSize - 1))).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
    expect(await s3Refusal(() => send(one.url, { ...one, headers: {} }))).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
    expect((await send(one.url, one)).status).toBe(200);
    expect(await s3Refusal(() => send(one.url, one))).toEqual([412, 'PreconditionFailed']);
  });

  it('is refused with another method, another key, an altered or an expired URL', async () => {
    const one = await signed();
    const altered = (change: (url: URL) => void) => {
      const url = new URL(one.url);
      change(url);
      return send(url.href, one);
    };
    expect((await s3Refusal(() => send(one.url, one, 0, 'GET')))[0]).toBe(403);
    expect((await s3Refusal(() => send(one.url, one, 0, 'DELETE')))[0]).toBe(403);
    expect(
      (await s3Refusal(() => altered((url) => (url.pathname = url.pathname.replace(/0$/, '1')))))[0],
    ).toBe(403);
    expect(
      (await s3Refusal(() => altered((url) => url.searchParams.set('X-Amz-Expires', '604800'))))[0],
    ).toBe(403);
    expect(
      (await s3Refusal(() => altered((url) => url.searchParams.delete('X-Amz-Signature'))))[0],
    ).toBeGreaterThanOrEqual(400);
    const bare = new URL(one.url);
    bare.search = '?X-Amz-Expires=300';
    const client = new AwsClient({
      accessKeyId: env.S3_ACCESS_KEY_ID,
      secretAccessKey: env.S3_SECRET_ACCESS_KEY,
      service: 's3',
      region: env.S3_REGION,
    });
    const signedAgo = async (seconds: number) => {
      const datetime = new Date(Date.now() - seconds * 1000).toISOString().replace(/[:-]|\.\d{3}/g, '');
      const headers = { ...one.headers, 'content-length': String(sealedRecordSize) };
      return (
        await client.sign(bare, {
          method: 'PUT',
          headers,
          aws: { signQuery: true, allHeaders: true, datetime },
        })
      ).url;
    };
    expect((await s3Refusal(async () => send(await signedAgo(301), one)))[0]).toBe(403);
    expect((await send(await signedAgo(290), one)).status).toBe(200);
  });
});

describe('the sweep', () => {
  const expire = (id: string) =>
    database.update(files).set({ expiry: sql`now() - interval '1 second'` }).where(eq(files.id, id));

  it('deletes files whose time has come, and forgets them when no signed PUT is left', async () => {
    const { id } = await completeFile({ expiry: new Date(Date.now() + 3_600_000).toISOString() });
    const other = await completeFile();
    await expire(id);
    expect(await refusal(routes.getFile, { params: { id }, query: {}, token: ben.token })).toBe('not-found');
    await sweep(env);
    expect((await store.sizes(`files/${id}/`)).size).toBe(0);
    expect(await database.$count(files, eq(files.id, id))).toBe(1);
    await database
      .update(files)
      .set({ deletedAt: sql`now() - interval '11 minutes'` })
      .where(eq(files.id, id));
    await sweep(env);
    expect(await database.$count(files, eq(files.id, id))).toBe(0);
    expect((await ask(routes.getFile, { params: { id: other.id }, query: {}, token: ben.token })).state).toBe(
      'complete',
    );
  });

  it('gives up on uploads that nobody finished in a week, and on no others', async () => {
    const [{ file: old }, { file: young }, done] = [await start(), await start(), await completeFile()];
    const begun = (id: string, ago: string) =>
      database
        .update(files)
        .set({ createdAt: sql`now() - ${ago}::interval` })
        .where(eq(files.id, id));
    await begun(old.id, '7 days 1 minute');
    await begun(young.id, '6 days 23 hours');
    await begun(done.id, '8 days');
    await sweep(env);
    const read = (id: string) => request(routes.getFile, { params: { id }, query: {}, token: ben.token });
    expect((await read(old.id)).status).toBe(404);
    expect((await read(young.id)).status).toBe(200);
    expect((await read(done.id)).status).toBe(200);
  });

  it('goes on past a file whose objects storage keeps, and says so in the end', async () => {
    const ids = [(await start()).file.id, (await start()).file.id];
    for (const [i, id] of ids.entries()) {
      await env.FILES.put(`files/${id}/0`, 'object');
      const deletedAt = new Date(Date.now() - 3_600_000 + i);
      await database.update(files).set({ state: 'deleted', deletedAt }).where(eq(files.id, id));
    }
    const [stuck, other] = ids as [string, string];
    const FILES = new Proxy(env.FILES, {
      get: (bucket, name: keyof R2Bucket) =>
        name === 'list'
          ? (options: R2ListOptions) =>
              options.prefix?.includes(stuck) ? Promise.reject(new Error('broken')) : bucket.list(options)
          : bucket[name].bind(bucket),
    });
    const local = { ...env, FILES, S3_ENDPOINT: '/local' };
    await expect(sweep(local)).rejects.toThrow('sweep');
    expect(await env.FILES.head(`files/${other}/0`)).toBeNull();
    expect(await database.$count(files, eq(files.id, other))).toBe(0);
    expect(await env.FILES.head(`files/${stuck}/0`)).not.toBeNull();
    await sweep({ ...env, S3_ENDPOINT: '/local' });
    expect(await env.FILES.head(`files/${stuck}/0`)).toBeNull();
  });

  it('finds what a signed PUT brought after the deletion', async () => {
    const { file, objects } = await start();
    await ask(routes.deleteFile, { params: { id: file.id }, token: ana.token });
    expect((await put(objects[0]!, sealedRecordSize)).status).toBe(200);
    await sweep(env);
    expect((await store.sizes(`files/${file.id}/`)).size).toBe(0);
  });

  it('removes the files of a deleted room', async () => {
    const { id: chatroomId } = await newRoom(ana);
    const { id } = await completeFile({ chatroomId });
    await ask(routes.deleteRoom, { params: { id: chatroomId }, token: ana.token });
    expect(await refusal(routes.getFile, { params: { id }, query: {}, token: ana.token })).toBe('not-found');
    await sweep(env);
    expect((await store.sizes(`files/${id}/`)).size).toBe(0);
  });
});

it('uses the bucket by its binding where the S3 endpoint is a path, with the same results', async () => {
  const local = { ...env, S3_ENDPOINT: '/cdn-cgi/local/r2/s3/stream-chat-files' };
  const bound = openStore(local);
  const prefix = `files/${crypto.randomUUID()}/`;
  for (const index of [0, 1]) await env.FILES.put(`${prefix}${index}`, new Uint8Array(5 + index));
  expect([...(await bound.sizes(prefix))]).toEqual([
    [`${prefix}0`, 5],
    [`${prefix}1`, 6],
  ]);
  await bound.remove([`${prefix}0`, `${prefix}7`]);
  expect([...(await bound.sizes(prefix)).keys()]).toEqual([`${prefix}1`]);
});
