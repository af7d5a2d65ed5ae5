import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import * as z from 'zod/mini';
import { bytes } from '../../protocol/scalars.ts';
import type { AppEnv } from '../env.ts';
import { sessionLife } from './sessions.ts';

/** The prefix makes browsers refuse it unless it is Secure, for this host alone, and for all of its paths. */
const name = '__Host-refresh';
const attributes = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const;

/** The refresh token in the request's cookie, if there is one in its form. */
export function readRefreshCookie(c: Context<AppEnv>): string | undefined {
  const parsed = z.safeParse(bytes(32), getCookie(c, name));
  return parsed.success ? parsed.data : undefined;
}

export function setRefreshCookie(c: Context<AppEnv>, token: string): void {
  setCookie(c, name, token, { ...attributes, maxAge: sessionLife });
}

export function clearRefreshCookie(c: Context<AppEnv>): void {
  deleteCookie(c, name, attributes);
}
