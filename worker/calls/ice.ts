import * as z from 'zod/mini';
import { toBase64, utf8 } from '../../protocol/bytes.ts';
import { IceServers } from '../../protocol/rest/index.ts';
import { refuse } from '../problem.ts';

/** How long credentials serve, in seconds: clients ask anew before that. */
const lifetime = 600;
const day = 86_400_000;
/** Milliseconds within which Cloudflare answers, or is away: who joins a call waits for it. */
const patience = 5_000;
const cloudflare = 'https://rtc.live.cloudflare.com/v1/turn/keys';

/** The part of Cloudflare's answer that is passed on. */
const Generated = z.pick(IceServers, { iceServers: true });

/** The part of `Env` that names relays. */
export interface RelaySettings {
  readonly TURN_URLS?: string | undefined;
  readonly TURN_SECRET?: string | undefined;
  readonly TURN_CLOUDFLARE_KEY?: string | undefined;
  readonly TURN_CLOUDFLARE_TOKEN?: string | undefined;
}

/**
 * The ICE servers that `env` names, with credentials for `userId` in calls of `room` that serve for ten minutes: coturn's (`use-auth-secret`,
 * draft-uberti-behave-turn-rest), or Cloudflare's. None where none are set: calls then go by direct ways alone.
 *
 * @throws ProblemError `unavailable` when Cloudflare gives none
 */
export async function iceServers(
  env: RelaySettings,
  room: string,
  userId: string,
  now: number,
): Promise<IceServers> {
  const expiresAt = now + lifetime * 1000;
  const urls = env.TURN_URLS?.split(/\s+/).filter(Boolean) ?? [];
  if (urls.length > 0 && env.TURN_SECRET) {
    const username = `${Math.floor(expiresAt / 1000)}:${await pseudonym(env.TURN_SECRET, room, userId, now)}`;
    const credential = await sign('SHA-1', env.TURN_SECRET, username);
    return {
      iceServers: [{ urls, username, credential: btoa(String.fromCharCode(...credential)) }],
      expiresAt,
    };
  }
  if (env.TURN_CLOUDFLARE_KEY && env.TURN_CLOUDFLARE_TOKEN) {
    const servers = await fromCloudflare(env.TURN_CLOUDFLARE_KEY, env.TURN_CLOUDFLARE_TOKEN);
    return { iceServers: servers, expiresAt };
  }
  return { iceServers: [], expiresAt };
}

async function sign(hash: 'SHA-1' | 'SHA-256', secret: string, text: string): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash };
  const key = await crypto.subtle.importKey('raw', utf8(secret), algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(text)));
}

/** The same for one person in the calls of one room for a day, so that coturn's quotas are theirs, and nobody by its log. */
async function pseudonym(secret: string, room: string, userId: string, now: number): Promise<string> {
  const hash = await sign('SHA-256', secret, `turn ${room} ${userId} ${Math.floor(now / day)}`);
  return toBase64(hash.subarray(0, 12));
}

async function fromCloudflare(key: string, token: string) {
  try {
    const response = await fetch(
      `${cloudflare}/${encodeURIComponent(key)}/credentials/generate-ice-servers`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ttl: lifetime }),
        signal: AbortSignal.timeout(patience),
      },
    );
    return Generated.parse(await response.json()).iceServers;
  } catch {
    return refuse('unavailable', 'No relay for calls can be had at the moment.');
  }
}
