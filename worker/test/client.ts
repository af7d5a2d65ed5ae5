import { exports } from 'cloudflare:workers';
import { expect } from 'vitest';
import type * as z from 'zod/mini';
import { toBase64, utf8 } from '../../protocol/bytes.ts';
import type { DeviceList } from '../../protocol/devices.ts';
import { Problem, type ProblemType, problems, problemType, requestHeader } from '../../protocol/problem.ts';
import { type Route, routes } from '../../protocol/rest/index.ts';
import { guestEmail } from '../../protocol/spelling.ts';

/** The origin that the tests' requests are made to. */
export const origin = 'http://stream.test';

type Given<R, K extends PropertyKey> = R extends { readonly [P in K]: infer S extends z.ZodMiniType }
  ? { readonly [P in K]: z.input<S> }
  : unknown;
type Arguments<R extends Route> = Given<R, 'params'> &
  Given<R, 'query'> &
  Given<R, 'body'> & { readonly token?: string; readonly headers?: Record<string, string> };
type Reply<R> = R extends { readonly reply: infer S extends z.ZodMiniType } ? z.output<S> : undefined;
/** What a request carries. */
export interface Call {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The routes that this test file has called. */
export const called = new Set<Route>();

/**
 * A request of a client that is no browser, from an address of its own. `path` has its parameters as a route has them (`:id`) or
 * as the OpenAPI document does (`{id}`).
 */
export function requestOf({ method, path }: { method: string; path: string }, parts: Call): Request {
  const { params = {}, query = {}, body, token, headers } = parts;
  const filled = path.replace(/:(\w+)|\{(\w+)\}/g, (_, ours, openApis) =>
    encodeURIComponent(params[ours ?? openApis] ?? ''),
  );
  const url = new URL(filled, origin);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return new Request(url, {
    method,
    headers: {
      'cf-connecting-ip': crypto.randomUUID(),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Calls `route`. */
export async function request<R extends Route>(route: R, args: Arguments<R>): Promise<Response> {
  called.add(route);
  return exports.default.fetch(requestOf(route, args as Call));
}

/** The reply of `route`, which must be the one that the contract promises. */
export async function ask<R extends Route>(route: R, args: Arguments<R>): Promise<Reply<R>> {
  const response = await request(route, args);
  const text = await response.text();
  expect(response.status, text).toBe(route.status);
  return (route.reply ? route.reply.parse(JSON.parse(text)) : undefined) as Reply<R>;
}

/** The problem that `route` answers. */
export async function refusal<R extends Route>(route: R, args: Arguments<R>): Promise<ProblemType> {
  return problemType(await problemIn(await request(route, args)));
}

/** The problem document of `response`; fails when it is none, or carries another status than its type has. */
export async function problemIn(response: Response): Promise<Problem> {
  const text = await response.text();
  expect(response.headers.get('content-type'), text).toBe('application/problem+json');
  const document = Problem.parse(JSON.parse(text));
  expect(response.status).toBe(problems[problemType(document)][0]);
  return document;
}

/** What `response` says, without the number that is its request's own: for telling two of them apart. */
export const sayingOf = async (response: Response): Promise<string> =>
  (await response.text()).replace(response.headers.get(requestHeader) ?? '', 'its own');

/** `length` random bytes, base64url. */
export const random = (length: number): string => toBase64(crypto.getRandomValues(new Uint8Array(length)));

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly refreshToken: string;
}

/** A body for `register` with an email of its own. */
export const registration = () => ({
  email: `${crypto.randomUUID()}@example.org`,
  password: random(32),
  publicKey: random(33),
  wrappedSecret: random(60),
  transport: 'body' as const,
});

/** A newly registered person. */
export const newPerson = (): Promise<Person> => newAccount(registration());

/** A guest, whose account has no email yet. */
export const newGuest = (): Promise<Person> =>
  newAccount({ ...registration(), email: guestEmail(crypto.randomUUID()) });

async function newAccount(body: ReturnType<typeof registration>): Promise<Person> {
  const { user, accessToken, refreshToken } = await ask(routes.register, { body });
  return { ...body, id: user.id, token: accessToken, refreshToken: refreshToken ?? '' };
}

/** A signed device list as far as the server looks into it. */
export function deviceList(user: string, version: number, ids: readonly number[], lastId = Math.max(...ids)) {
  const devices = ids.map((id) => ({ id, registrationId: 100 + id, addedAt: 0 }));
  const list: DeviceList = { v: 1, user, version, minHandshake: 3, devices, lastId };
  return { body: toBase64(utf8(JSON.stringify(list))), signature: random(64) };
}
