import { createExecutionContext } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { routes } from '../protocol/rest/index.ts';
import { createApp } from './app.ts';
import type { Env } from './env.ts';
import { newPerson, origin, type Person, problemIn, random, registration, request } from './test/client.ts';
import { newRoom } from './test/rooms.ts';

const fetchPath = (path: string, init?: RequestInit) => exports.default.fetch(`${origin}${path}`, init);
/** A port where nothing listens. */
const nowhere = 'http://127.0.0.1:9';
const within = (changed: Partial<Env>, path: string, init: RequestInit = {}) =>
  createApp().request(path, init, { ...env, ...changed }, createExecutionContext());

describe('every answer', () => {
  it('carries the security headers, on success and on refusal', async () => {
    for (const path of ['/healthz', '/auth/me', '/nothing', '/docs', '/openapi.json']) {
      const { headers } = await fetchPath(path);
      expect(headers.get('content-security-policy'), path).toMatch(
        /default-src 'none'.*frame-ancestors 'none'/,
      );
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/);
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('is a problem document where there is nothing, or not by this method', async () => {
    expect((await problemIn(await fetchPath('/nothing'))).type).toBe('/problems/not-found');
    const response = await fetchPath('/auth/login');
    expect(response.headers.get('allow')).toBe('POST');
    expect((await problemIn(response)).type).toBe('/problems/method-not-allowed');
    const room = await fetchPath(`/chatrooms/${crypto.randomUUID()}`, { method: 'PUT' });
    expect(room.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'PATCH']);
    await room.body?.cancel();
  });

  it('is a problem document for bodies that are too large or no JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    const send = async (body: string) =>
      (await problemIn(await fetchPath('/auth/login', { method: 'POST', headers, body }))).type;
    expect(await send('{')).toBe('/problems/bad-request');
    expect(await send(`{"x":"${'x'.repeat(1 << 20)}"}`)).toBe('/problems/too-large');
    expect(await send('[]')).toBe('/problems/invalid-body');
    // No text takes the time of its length squared.
    const email = `a@${'.'.repeat(900_000)} `;
    const began = performance.now();
    expect(await send(JSON.stringify({ email, password: random(32) }))).toBe('/problems/invalid-body');
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('refuses a change that another site asks for, with an access token too', async () => {
    const { token } = await newPerson();
    const headers = { origin: 'https://evil.example' };
    const response = await request(routes.addPreKeys, { token, headers, body: { deviceId: 1 } });
    expect((await problemIn(response)).type).toBe('/problems/foreign-origin');
    expect((await request(routes.me, { token, headers })).status).toBe(200);
  });
});

describe('what is away', () => {
  it('is said when it is the database, without a word about it', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const response = await within(
      { NEON_ENDPOINT: nowhere, DATABASE_URL: 'postgresql://u:secret@h/d' },
      '/healthz',
    );
    const text = await response.clone().text();
    expect((await problemIn(response)).type).toBe('/problems/unavailable');
    const body = JSON.stringify(registration());
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'cf-connecting-ip': '192.0.2.9' },
      body,
    };
    const refused = await within({ NEON_ENDPOINT: nowhere }, '/auth/register', init);
    expect((await problemIn(refused)).type).toBe('/problems/unavailable');
    const logged = JSON.stringify(log.mock.calls);
    log.mockRestore();
    for (const secret of [
      'secret',
      nowhere,
      '127.0.0.1',
      JSON.parse(body).email,
      JSON.parse(body).password,
    ]) {
      expect(text + logged).not.toContain(secret);
    }
    expect((await within({}, '/healthz')).status).toBe(200);
  });

  it('is said when it is storage', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const ana: Person = await newPerson();
    const { id: chatroomId } = await newRoom(ana);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${ana.token}` };
    const post = (path: string, body: object) =>
      within({ S3_ENDPOINT: nowhere }, path, { method: 'POST', headers, body: JSON.stringify(body) });
    const id = crypto.randomUUID();
    const file = { id, chatroomId, fileName: random(100), encryptedKey: random(80), keys: [], objects: [] };
    expect((await post('/files/upload', file)).status).toBe(201);
    const refused = await post(`/files/${id}/complete`, {
      objects: [65_552],
      delta: { n: 0, sealed: random(40) },
    });
    expect((await problemIn(refused)).type).toBe('/problems/unavailable');
    log.mockRestore();
  });
});

describe('an account whose object is away', () => {
  /** `/auth/me`, where the account's object can't say what it is asked the first `times`: as one of the version before. */
  const meAfter = async (token: string, times: number) => {
    let asked = 0;
    const getByName = (name: string) =>
      asked++ < times ? env.LIMITS.getByName(name) : env.ACCOUNTS.getByName(name);
    const print = vi.spyOn(console, 'error').mockImplementation(() => {});
    const response = await within({ ACCOUNTS: { getByName } as unknown as Env['ACCOUNTS'] }, '/auth/me', {
      headers: { authorization: `Bearer ${token}` },
    });
    const printed = print.mock.calls.flat().map((text) => JSON.parse(text));
    print.mockRestore();
    return { response, printed };
  };

  it('is asked again, and then lets nobody through, which is no mistake of the service', async () => {
    const { token } = await newPerson();
    expect((await meAfter(token, 1)).response.status).toBe(200);
    const { response, printed } = await meAfter(token, 2);
    expect((await problemIn(response)).type).toBe('/problems/unavailable');
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(printed).toMatchObject([{ event: 'account-away', error: 'TypeError' }]);
  });

  it('still knows on the second try that the session has been ended', async () => {
    const { id, token } = await newPerson();
    const { sid } = JSON.parse(atob(token.split('.')[1] as string));
    await env.ACCOUNTS.getByName(id).endSessions([sid]);
    const { response } = await meAfter(token, 1);
    expect((await problemIn(response)).type).toBe('/problems/session-revoked');
  });
});

describe('the OpenAPI document', () => {
  const Document = z.object({
    openapi: z.literal('3.1.0'),
    paths: z.record(
      z.string(),
      z.record(
        z.string(),
        z.object({ operationId: z.string(), responses: z.record(z.string(), z.unknown()) }),
      ),
    ),
  });

  it('has every operation of the contract, and the Worker serves each', async () => {
    const { paths } = Document.parse(await (await fetchPath('/openapi.json')).json());
    for (const [name, route] of Object.entries(routes)) {
      const operation = paths[route.path.replace(/:(\w+)/g, '{$1}')]?.[route.method.toLowerCase()];
      expect(operation?.operationId).toBe(name);
      const response = await fetchPath(route.path.replace(/:\w+/g, crypto.randomUUID()), {
        method: route.method,
        headers: { 'content-type': 'application/json' },
        ...(route.method === 'GET' ? {} : { body: '{"unknown":1}' }),
      });
      expect(operation?.responses, name).toHaveProperty(String(response.status));
      expect([404, 405, 500]).not.toContain(response.status);
      await response.body?.cancel();
    }
  });

  it('can be read at /docs without any script', async () => {
    const text = await (await fetchPath('/docs')).text();
    for (const { method, path } of Object.values(routes)) expect(text).toContain(`${method} ${path}`);
    expect(text).not.toMatch(/<script|javascript:/);
  });
});
