import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockHolder } from './lock.ts';
import { freePort, requireFreePort } from './ports.ts';
import { type System, startSystem } from './system.ts';

describe('a system', { timeout: 120_000 }, () => {
  let directory: string;
  let dataDir: string;
  let port: number;
  let system: System;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'stream-chat-system-'));
    dataDir = join(directory, 'data');
    port = await freePort();
    system = await startSystem({ dataDir, port, web: false });
  }, 60_000);
  afterAll(async () => {
    await system.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const secrets = () => readFileSync(join(dataDir, 'secrets.json'), 'utf8');

  it('answers at the address it says, last of all that it prints', async () => {
    expect(system.url).toBe(`http://localhost:${port}`);
    expect(system.output().trimEnd().split('\n').at(-1)).toBe(
      `Stream Chat is ready at http://localhost:${port}`,
    );
    expect((await fetch(`${system.url}/healthz`)).status).toBe(200);
  });

  it('keeps its secrets where only their owner reads', () => {
    expect(Object.keys(JSON.parse(secrets()))).toContain('JWT_PRIVATE_JWK');
    for (const file of ['secrets.json', 'worker.env']) {
      expect(statSync(join(dataDir, file)).mode & 0o077).toBe(0);
    }
  });

  it("has the bucket's S3 endpoint at its own address, which checks signatures", async () => {
    const put = (secretAccessKey: string) =>
      new AwsClient({ accessKeyId: 'local', secretAccessKey, region: 'auto', service: 's3' }).sign(
        `${system.url}/cdn-cgi/local/r2/s3/stream-chat-files/files/1/0?X-Amz-Expires=60`,
        { method: 'PUT', headers: { 'content-length': '5' }, aws: { signQuery: true, allHeaders: true } },
      );
    const { url } = await put('local-secret');
    expect((await fetch(url, { method: 'PUT', body: 'longer' })).status).toBe(403);
    expect((await fetch(url, { method: 'PUT', body: 'right' })).status).toBe(200);
    const forged = await fetch((await put('a guess')).url, { method: 'PUT', body: 'right' });
    expect(forged.status).toBe(403);
    expect(await forged.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
  });

  it('refuses its port and its directory to a second one, in a sentence', async () => {
    const other = { dataDir: join(directory, 'other'), web: false };
    await expect(startSystem({ ...other, port })).rejects.toThrow(`Port ${port} is taken`);
    await expect(startSystem({ dataDir, web: false })).rejects.toThrow('is in use by another Stream Chat');
    expect((await fetch(`${system.url}/healthz`)).status).toBe(200);
  });

  it('comes back with the same secrets after it was stopped', async () => {
    const before = secrets();
    await system.stop();
    await expect(fetch(`${system.url}/healthz`)).rejects.toThrow();
    system = await startSystem({ dataDir, port, web: false });
    expect(secrets()).toBe(before);
  });

  it('leaves its port when its launcher alone is killed', async () => {
    process.kill(lockHolder(dataDir)?.pid as number, 'SIGKILL');
    await expect
      .poll(() => requireFreePort(port).then(() => 'free', String), { timeout: 10_000 })
      .toBe('free');
    system = await startSystem({ dataDir, port, web: false });
  });

  it('starts again over a Worker that a killed launcher left running', async () => {
    const left = lockHolder(dataDir);
    // Wrangler dies too, so that nothing is there to end workerd.
    process.kill(left?.pid as number, 'SIGKILL');
    process.kill(left?.worker as number, 'SIGKILL');
    system = await startSystem({ dataDir, port, web: false });
    expect((await fetch(`${system.url}/healthz`)).status).toBe(200);
  });

  it('starts again after a power cut', async () => {
    await system.kill();
    system = await startSystem({ dataDir, port, web: false });
  });

  it('says in a sentence what is wrong with a setting', async () => {
    const other = { dataDir: join(directory, 'wrong'), web: false };
    await expect(startSystem({ ...other, env: { DATABASE_URL: 'mysql://x' } })).rejects.toThrow(
      'DATABASE_URL must begin with postgres://',
    );
    const nobody = await freePort();
    const env = { DATABASE_URL: `postgres://ana:secret@127.0.0.1:${nobody}/chat` };
    const failure = await startSystem({ ...other, env }).catch((error: Error) => error.message);
    expect(failure).toContain('The database of DATABASE_URL could not be reached');
    expect(failure).not.toContain('secret');
  });
});
