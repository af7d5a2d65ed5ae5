// A client that speaks REST and nothing else, as somebody with curl does.

import { uuidv7 } from 'uuidv7';
import { toBase64 } from '../protocol/bytes.ts';

const random = (bytes: number) => toBase64(crypto.getRandomValues(new Uint8Array(bytes)));

export interface RestUser {
  readonly id: string;
  readonly refreshToken: string;
  /** Calls the service with this user's token. */
  call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  /** The same user, who comes by another address. */
  at(url: string): RestUser;
}

/** Calls the service; a body goes as JSON. */
export async function call(url: string, method: string, path: string, body?: unknown, token?: string) {
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

/** Registers an account whose keys are noise: the server cannot tell, and must not care. */
export async function restUser(url: string): Promise<RestUser> {
  const { status, body } = await call(url, 'POST', '/auth/register', {
    email: `${crypto.randomUUID()}@example.org`,
    password: random(32),
    publicKey: random(33),
    wrappedSecret: random(60),
    transport: 'body',
  });
  if (status !== 201) throw new Error(`registering failed: ${JSON.stringify(body)}`);
  const { accessToken, refreshToken, user } = body as {
    accessToken: string;
    refreshToken: string;
    user: { id: string };
  };
  const comingTo = (address: string): RestUser => ({
    id: user.id,
    refreshToken,
    call: (method, path, payload) => call(address, method, path, payload, accessToken),
    at: comingTo,
  });
  return comingTo(url);
}

/** A room of this user's; the server checks an entry's form and rights, members its signatures. */
export async function restRoom(user: RestUser): Promise<string> {
  const id = uuidv7();
  const entry = {
    v: 1,
    room: id,
    seq: 0,
    prev: null,
    by: user.id,
    at: Date.now(),
    kind: 'created',
    identityKey: random(33),
    profile: '',
  };
  const { status, body } = await user.call('POST', '/chatrooms', {
    id,
    name: random(40),
    sealedKey: random(60),
    entry: { body: toBase64(new TextEncoder().encode(JSON.stringify(entry))), signature: random(64) },
  });
  if (status !== 201) throw new Error(`no room: ${JSON.stringify(body)}`);
  return id;
}

export { random };
