import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { decodeJwt, jwtVerify } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { newId } from '../../durable-objects/test/room.ts';
import { routes } from '../../protocol/rest/index.ts';
import { createApp } from '../app.ts';
import type { Env } from '../env.ts';
import { ask, newPerson, type Person, random, refusal } from '../test/client.ts';
import { newRoom, openSocket } from '../test/rooms.ts';

const turn = { TURN_URLS: 'turn:turn.example.org:3478 turns:turn.example.org:5349', TURN_SECRET: 'shared' };

/** What a system with these settings answers `person`. */
async function answer(person: Person, path: string, changed: Partial<Env>, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' };
  const init = { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) };
  return createApp().request(path, init, { ...env, ...changed }, createExecutionContext());
}

async function ice(person: Person, room: string, changed: Partial<Env>) {
  const response = await answer(person, `/webrtc/ice?room=${room}`, changed);
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

  describe("of Cloudflare's relay", () => {
    const reach = globalThis.fetch;
    afterEach(() => {
      globalThis.fetch = reach;
    });
    const key = { TURN_CLOUDFLARE_KEY: 'a/key', TURN_CLOUDFLARE_TOKEN: 'token of the key' };
    // As Cloudflare documents it.
    const relay = {
      urls: ['turn:turn.cloudflare.com:3478?transport=udp', 'turns:turn.cloudflare.com:5349?transport=tcp'],
      username: 'a name for ten minutes',
      credential: 'its word',
    };
    const stun = { urls: ['stun:stun.cloudflare.com:3478'] };

    /** Cloudflare answers like that; what it was asked is put into what this returns. */
    function cloudflare(answerOf: () => Response): Request[] {
      const asked: Request[] = [];
      globalThis.fetch = async (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input);
        if (url.host !== 'rtc.live.cloudflare.com') return reach(input, init);
        asked.push(new Request(input, init));
        return answerOf();
      };
      return asked;
    }

    it("are asked for with the operator's token, for ten minutes, and passed on", async () => {
      const ana = await newPerson();
      const room = await newRoom(ana);
      const asked = cloudflare(() => Response.json({ iceServers: [stun, relay] }, { status: 201 }));
      const { iceServers, expiresAt } = await ice(ana, room.id, key);
      expect(iceServers).toEqual([stun, relay]);
      expect(Math.abs(expiresAt - Date.now() - 600_000)).toBeLessThan(10_000);
      const [request] = asked;
      expect(asked).toHaveLength(1);
      expect(request!.method).toBe('POST');
      expect(request!.url).toBe(
        'https://rtc.live.cloudflare.com/v1/turn/keys/a%2Fkey/credentials/generate-ice-servers',
      );
      expect(request!.headers.get('authorization')).toBe('Bearer token of the key');
      // Nothing of who asks, or where.
      expect(await request!.json()).toEqual({ ttl: 600 });
    });

    it.each([
      ['refuses', () => Response.json({ errors: [{ message: 'no such key' }] }, { status: 403 })],
      ['answers with something else', () => Response.json({ iceServers: 'later' })],
      ['is away', () => Response.error()],
    ])('are said to be away where it %s, without what it said', async (_, answerOf) => {
      const ana = await newPerson();
      const room = await newRoom(ana);
      cloudflare(answerOf);
      const response = await answer(ana, `/webrtc/ice?room=${room.id}`, key);
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({
        type: '/problems/unavailable',
        detail: 'No relay for calls can be had at the moment.',
      });
    });
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

describe('the SFU', () => {
  const livekit = {
    LIVEKIT_URL: 'wss://sfu.example.org',
    LIVEKIT_KEY: 'key',
    LIVEKIT_SECRET: 'a secret of at least thirty-two bytes',
  };
  const secret = new TextEncoder().encode(livekit.LIVEKIT_SECRET);
  const door = async (person: Person, room: string) => {
    const response = await answer(person, '/webrtc/sfu', livekit, { room, device: 3 });
    return routes.joinSfu.reply.parse(await response.json());
  };

  it("is opened by a token for the caller's device and one room, for ten minutes, which names the room to nobody", async () => {
    const ana = await newPerson();
    const [room, other] = await Promise.all([newRoom(ana), newRoom(ana)]);
    const { url, token, expiresAt } = await door(ana, room.id);
    expect(url).toBe(livekit.LIVEKIT_URL);
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'], issuer: 'key' });
    expect(payload.sub).toBe(`${ana.id}:3`);
    expect(payload.exp).toBe(Math.floor(expiresAt / 1000));
    expect(Math.abs(expiresAt - Date.now() - 600_000)).toBeLessThan(10_000);
    const grant = payload.video as { room: string };
    expect(grant).toMatchObject({
      roomJoin: true,
      canPublish: true,
      canSubscribe: true,
      canPublishData: false,
    });
    expect(Object.keys(grant)).not.toContain('roomAdmin');
    expect(grant.room).not.toContain(room.id);
    expect(decodeJwt((await door(ana, room.id)).token).video).toEqual(grant);
    expect(decodeJwt((await door(ana, other.id)).token).video).not.toEqual(grant);
  });

  it('is for members alone', async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const room = await newRoom(ana);
    expect((await answer(ben, '/webrtc/sfu', livekit, { room: room.id, device: 1 })).status).toBe(403);
  });

  it('is said not to be there where there is none', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    const none = { ...livekit, LIVEKIT_SECRET: '' };
    expect((await answer(ana, '/webrtc/sfu', none, { room: room.id, device: 1 })).status).toBe(404);
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
