// The storage door: what a pre-signed URL allows, and nothing beside it. The signature is checked by the S3 endpoint itself.
import { AwsClient } from 'aws4fetch';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealedRecordSize } from '../protocol/manifest.ts';
import type { FileItem } from '../web/src/engine/index.ts';
import { twoInARoom, untilView } from './headless.ts';
import { type RestUser, random, restRoom, restUser } from './rest.ts';
import { findVersitygw, howToGetVersitygw, type S3Server, startVersitygw } from './s3-server.ts';
import { freshSystem, type TestSystem } from './system.ts';

interface PutUrl {
  readonly index: number;
  readonly url: string;
  readonly headers: Record<string, string>;
}

const versitygw = findVersitygw();
if (versitygw === undefined) console.log(howToGetVersitygw);

describe.each(versitygw === undefined ? ['wrangler'] : ['wrangler', 'versitygw'])('storage by %s', (make) => {
  let server: S3Server | undefined;
  let system: TestSystem;
  let ana: RestUser;
  let room: string;
  beforeAll(async () => {
    server = make === 'versitygw' ? await startVersitygw(versitygw!) : undefined;
    system = await freshSystem({ web: false, ...server?.settings });
    ana = await restUser(system.url);
    room = await restRoom(ana);
  });
  afterAll(async () => {
    await system?.remove();
    await server?.remove();
  });

  const size = sealedRecordSize;
  const object = new Uint8Array(size).fill(7);

  async function announce(user: RestUser = ana) {
    const id = uuidv7();
    const answer = await user.call('POST', '/files/upload', {
      id,
      chatroomId: room,
      fileName: random(100),
      encryptedKey: random(80),
      keys: [],
      objects: [{ index: 0, size }],
    });
    return { id, ...answer, put: (answer.body as { objects?: PutUrl[] }).objects?.[0] as PutUrl };
  }
  /** The answer, read to its end: Node 20 throws when the other side closes while a body is left unread (nodejs/undici#5360). */
  async function ask(url: string, init?: RequestInit): Promise<Response> {
    const response = await fetch(url, init);
    return new Response(await response.arrayBuffer(), response);
  }
  const put = ({ url, headers }: PutUrl, body: Uint8Array<ArrayBuffer> = object) =>
    ask(url, { method: 'PUT', headers, body });

  /** The same door, signed at `datetime` with the bucket's own credentials, as the Worker signs. */
  async function signedByUs({ url, headers }: PutUrl, datetime: string): Promise<string> {
    const aws = new AwsClient({
      accessKeyId: server?.settings.S3_ACCESS_KEY_ID ?? 'local',
      secretAccessKey: server?.settings.S3_SECRET_ACCESS_KEY ?? 'local-secret',
      region: server?.settings.S3_REGION ?? 'auto',
      service: 's3',
    });
    const bare = new URL(url);
    bare.search = '?X-Amz-Expires=300';
    const options = {
      method: 'PUT',
      headers: { ...headers, 'content-length': String(size) },
      aws: { signQuery: true, allHeaders: true, datetime },
    };
    return (await aws.sign(bare, options)).url;
  }

  /** The refusal is S3's own: status 403 (or 412) and an XML error with its code. */
  async function refusal(response: Response): Promise<{ status: number; code: string | undefined }> {
    return { status: response.status, code: /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1] };
  }

  describe('a pre-signed PUT', () => {
    it('stores exactly what it was signed for, once', async () => {
      const { put: door } = await announce();
      expect((await put(door)).status).toBe(200);
      const again = await refusal(await put(door));
      expect(again).toEqual({ status: 412, code: 'PreconditionFailed' });
    });

    it('refuses another key', async () => {
      const { put: door } = await announce();
      const url = door.url.replace(/files\/[0-9a-f-]{36}\/0/, `files/${uuidv7()}/0`);
      expect(url).not.toBe(door.url);
      expect(await refusal(await put({ ...door, url }))).toEqual({
        status: 403,
        code: 'SignatureDoesNotMatch',
      });
    });

    it('refuses an altered signature', async () => {
      const { put: door } = await announce();
      const url = door.url.replace(
        /X-Amz-Signature=(.)/,
        (_, first) => `X-Amz-Signature=${first === '0' ? '1' : '0'}`,
      );
      expect(await refusal(await put({ ...door, url }))).toEqual({
        status: 403,
        code: 'SignatureDoesNotMatch',
      });
    });

    it('refuses a stretched life', async () => {
      const { put: door } = await announce();
      const url = door.url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=86400');
      expect(url).not.toBe(door.url);
      expect(await refusal(await put({ ...door, url }))).toEqual({
        status: 403,
        code: 'SignatureDoesNotMatch',
      });
    });

    it('refuses an expired one, however well it was signed', async () => {
      const { put: door } = await announce();
      const sixMinutesAgo = new Date(Date.now() - 360_000).toISOString().replace(/[:-]|\.\d{3}/g, '');
      const now = new Date().toISOString().replace(/[:-]|\.\d{3}/g, '');
      const old = await put({ ...door, url: await signedByUs(door, sixMinutesAgo) });
      expect(old.status).toBe(403);
      expect(await old.text()).toMatch(/<Code>\w+<\/Code>.*[Ee]xpired/s);
      // The same URL signed now is good: it was the time, and nothing else.
      expect((await put({ ...door, url: await signedByUs(door, now) })).status).toBe(200);
    });

    it('refuses another method', async () => {
      const { put: door } = await announce();
      for (const method of ['GET', 'DELETE']) expect((await ask(door.url, { method })).status).toBe(403);
    });

    it('refuses a longer and a shorter body', async () => {
      const { put: door } = await announce();
      for (const length of [size + 1, size - 1, 2 * size])
        expect((await put(door, new Uint8Array(length))).status).toBe(403);
    });

    it('lives five minutes at the most', async () => {
      const { put: door } = await announce();
      expect(Number(new URL(door.url).searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(300);
    });
  });

  describe('who gets a URL', () => {
    it('a stranger gets none, and cannot tell a file from no file', async () => {
      const { id } = await announce();
      const stranger = await restUser(system.url);
      expect((await announce(stranger)).status).toBe(403);
      const known = await stranger.call('GET', `/files/${id}`);
      const unknown = await stranger.call('GET', `/files/${uuidv7()}`);
      expect(known.status).toBeGreaterThanOrEqual(403);
      expect(unknown.status).toBeGreaterThanOrEqual(403);
      for (const [method, path] of [
        ['POST', `/files/${id}/chunks`],
        ['DELETE', `/files/${id}`],
      ] as const) {
        const body = method === 'POST' ? { objects: [{ index: 1, size }] } : undefined;
        expect((await stranger.call(method, path, body)).status).toBeGreaterThanOrEqual(403);
      }
    });

    it('sizes off the ramp are not signed', async () => {
      const { id } = await announce();
      for (const wanted of [size - 1, 3 * size, 129 * size])
        expect(
          (await ana.call('POST', `/files/${id}/chunks`, { objects: [{ index: 1, size: wanted }] })).status,
        ).toBe(400);
    });

    it('a file is complete only when every object lies there in its size', async () => {
      const { id, put: door } = await announce();
      const complete = () =>
        ana.call('POST', `/files/${id}/complete`, { objects: [size], delta: { n: 0, sealed: random(60) } });
      expect((await complete()).status).toBe(409);
      await put(door);
      expect(await complete()).toMatchObject({ status: 200, body: { state: 'complete' } });
      expect((await ana.call('POST', `/files/${id}/chunks`, { objects: [{ index: 1, size }] })).status).toBe(
        409,
      );
    });

    it('what is deleted is gone from storage at once', async () => {
      const { id, put: door } = await announce();
      await put(door);
      const { body } = await ana.call('GET', `/files/${id}?count=1`);
      const { url } = (body as { objects: { url: string }[] }).objects[0]!;
      expect((await ask(url)).status).toBe(200);
      expect((await ana.call('DELETE', `/files/${id}`)).status).toBe(204);
      expect((await ask(url)).status).toBe(404);
      expect((await ana.call('GET', `/files/${id}`)).status).toBe(404);
    });
  });

  it('carries a whole file between two people, and gives its space back when it is deleted', async () => {
    const { ana: sender, ben, room: id } = await twoInARoom({ ana: system.url, ben: system.url });
    // Five objects, the last of them padded.
    const bytes = new Uint8Array(3_000_001).map((_, i) => (i * 31) ^ (i >> 8));
    await sender.room(id).sendFile(new File([bytes], 'häuser & gärten.bin'));
    const view = await untilView(ben, id, ({ timeline }) => timeline.some(({ kind }) => kind === 'file'));
    const item = view.timeline.find((candidate): candidate is FileItem => candidate.kind === 'file')!;
    const opened = await ben.room(id).openFile(item);
    const blob = await opened.blob();
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytes);
    expect(await opened.read(1_000_000, 1000)).toEqual(bytes.slice(1_000_000, 1_001_000));
    await sender.room(id).deleteFile(item);
    await expect(
      ben
        .room(id)
        .openFile(item)
        .then((again) => again.read(0, 1)),
    ).rejects.toThrow();
    await Promise.all([sender.close(), ben.close()]);
  });
});
