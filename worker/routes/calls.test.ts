import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { newId } from '../../durable-objects/test/room.ts';
import { routes } from '../../protocol/rest/index.ts';
import { createApp } from '../app.ts';
import type { Env } from '../env.ts';
import { ask, newPerson, type Person, random, refusal } from '../test/client.ts';
import { newRoom, openSocket } from '../test/rooms.ts';

const turn = { TURN_URLS: 'turn:turn.example.org:3478 turns:turn.example.org:5349', TURN_SECRET: 'shared' };

/** What a system with these settings answers `person`. */
async function ice(person: Person, room: string, changed: Partial<Env>) {
  const init = { headers: { authorization: `Bearer ${person.token}` } };
  const app = createApp();
  const response = await app.request(
    `/webrtc/ice?room=${room}`,
    init,
    { ...env, ...changed },
    createExecutionContext(),
  );
  return routes.getIce.reply.parse(await response.json());
}

async function hmacSha1(secret: string, text: string): Promise<string> {
  const [key, bytes] = [secret, text].map((part) => new TextEncoder().encode(part));
  const algorithm = { name: 'HMAC', hash: 'SHA-1' };
  const imported = await crypto.subtle.importKey('raw', key!, algorithm, false, ['sign']);
  const signed = await crypto.subtle.sign('HMAC', imported, bytes!);
  return btoa(String.fromCharCode(...new Uint8Array(signed)));
}

describe('ICE servers', () => {
  it("have coturn's credentials of the caller, for ten minutes", async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const room = await newRoom(ana);
    await room.join(ben);
    const { iceServers, expiresAt } = await ice(ana, room.id, turn);
    const [{ urls, username = '', credential } = { urls: [] }] = iceServers;
    expect(urls).toEqual(['turn:turn.example.org:3478', 'turns:turn.example.org:5349']);
    expect(credential).toBe(await hmacSha1('shared', username));
    const [expiry, name] = username.split(':');
    expect(Number(expiry)).toBe(Math.floor(expiresAt / 1000));
    expect(Math.abs(expiresAt - Date.now() - 600_000)).toBeLessThan(10_000);
    expect(username).not.toContain(ana.id);
    const again = await ice(ana, room.id, turn);
    expect(again.iceServers[0]?.username?.split(':')[1]).toBe(name);
    const others = await ice(ben, room.id, turn);
    expect(others.iceServers[0]?.username?.split(':')[1]).not.toBe(name);
    const elsewhere = await ice(ana, (await newRoom(ana)).id, turn);
    expect(elsewhere.iceServers[0]?.username?.split(':')[1]).not.toBe(name);
  });

  it('are none where none are set', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    const args = { token: ana.token, query: { room: room.id } };
    expect((await ask(routes.getIce, args)).iceServers).toEqual([]);
  });

  it('are for members alone, not for who was one', async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const room = await newRoom(ana);
    const args = { token: ben.token, query: { room: room.id } };
    expect(await refusal(routes.getIce, args)).toBe('not-a-member');
    await room.join(ben);
    await ask(routes.getIce, args);
    await room.remove(ben);
    expect(await refusal(routes.getIce, args)).toBe('not-a-member');
    expect(await refusal(routes.getIce, { ...args, query: { room: newId() } })).toBe('not-a-member');
  });
});

describe('a signal by REST', () => {
  it('comes by the socket of whom it is for', async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const room = await newRoom(ana);
    await room.join(ben);
    const socket = await openSocket(room.id, ben);
    for (const route of [routes.sendOffer, routes.sendAnswer, routes.sendCandidate]) {
      const signal = { id: newId(), device: 1, to: `${ben.id}:1`, box: random(60) };
      await ask(route, { token: ana.token, body: { room: room.id, ...signal } });
      const found = await socket.until((frames) =>
        frames.find((frame) => frame.t === 'signal' && frame.id === signal.id),
      );
      expect(found).toMatchObject({ from: `${ana.id}:1`, to: signal.to, box: signal.box });
    }
  });

  it('is refused from who is no member', async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const room = await newRoom(ana);
    const body = { room: room.id, id: newId(), device: 1, to: `${ana.id}:1`, box: random(60) };
    expect(await refusal(routes.sendOffer, { token: ben.token, body })).toBe('not-a-member');
  });
});
