import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importJWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../protocol/bytes.ts';
import { letIn, openEngine, register, twoInARoom, untilOnline, untilText } from './headless.ts';
import { freshSystem, type TestSystem } from './system.ts';

/** A push service that checks who calls (RFC 8292), and answers what it is told to. */
class PushService {
  readonly woken: string[] = [];
  answer = 201;
  readonly server: Server;
  #look: () => void = () => {};

  constructor() {
    this.server = createServer((request, response) => {
      void this.#take(request).then((status) => response.writeHead(status).end());
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async #take(request: IncomingMessage): Promise<number> {
    const body: unknown[] = [];
    for await (const chunk of request) body.push(chunk);
    const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (!token || !key) return 401;
    const point = fromBase64(key);
    const jwk = { kty: 'EC', crv: 'P-256', x: toBase64(point.slice(1, 33)), y: toBase64(point.slice(33)) };
    await jwtVerify(token, await importJWK(jwk, 'ES256'), { audience: this.origin, algorithms: ['ES256'] });
    expect(request.method).toBe('POST');
    expect(body).toEqual([]);
    expect(Number(request.headers.ttl)).toBeGreaterThan(0);
    this.woken.push(request.url ?? '');
    this.#look();
    return this.answer;
  }

  async hasWoken(count: number): Promise<void> {
    while (this.woken.length < count)
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
  }
}

const service = new PushService();
let system: TestSystem;
beforeAll(async () => {
  await new Promise<void>((ready) => service.server.listen(0, '127.0.0.1', ready));
  system = await freshSystem({ web: false, PUSH_HOSTS: new URL(service.origin).host });
});
afterAll(async () => {
  await system?.remove();
  service.server.close();
});

it('who is away is woken once, with an empty message; who is here or has gone from the service is not', async () => {
  const { ana, ben, room } = await twoInARoom({ ana: system.url, ben: system.url });
  const key = await ben.pushKey();
  expect(fromBase64(key ?? '')).toHaveLength(65);
  await expect(ben.wakeAt('https://example.org/somewhere')).rejects.toMatchObject({
    problem: { status: 400 },
  });
  await ben.wakeAt(`${service.origin}/ben`);
  await ana.wakeAt(`${service.origin}/ana`);

  // Ben listens: he hears it himself.
  await ana.room(room).send('you are here');
  await untilText(ben, room, 'you are here');
  await ben.close();
  await ana.room(room).send('you are away');
  await service.hasWoken(1);
  await ana.room(room).send('still?');
  await untilText(ana, room, 'still?');

  // A person of two devices: the one that is away is woken by others' words, not by one's own.
  const second = await openEngine({ url: system.url });
  await second.login(ben.account);
  await untilOnline(second, room);
  await second.room(room).send('here I am');
  await untilText(ana, room, 'here I am');
  await ana.room(room).send('at last');
  await service.hasWoken(2);

  service.answer = 410;
  await second.close();
  await ana.room(room).send('gone?');
  await service.hasWoken(3);
  const carla = await register(system.url, 'Carla');
  await carla.wakeAt(`${service.origin}/carla`);
  await letIn(ana, room, carla);
  await carla.close();
  service.answer = 201;
  await ana.room(room).send('and now');
  await service.hasWoken(4);
  // Ben's subscription went with the 410; Ana's own words never woke her.
  expect(service.woken).toEqual(['/ben', '/ben', '/ben', '/carla']);
  await ana.close();
});
