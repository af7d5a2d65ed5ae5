import { SignJWT } from 'jose';
import { toBase64, utf8 } from '../../protocol/bytes.ts';
import { deviceAddress } from '../../protocol/scalars.ts';
import type { Env } from '../env.ts';
import { refuse } from '../problem.ts';

/** How long a token opens the door, in seconds; who is in stays in. */
const lifetime = 600;

export interface SfuDoor {
  readonly url: string;
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * The LiveKit server that `env` names, and a token (JWT, HS256, LiveKit's `video` grant) by which one device enters the calls of one
 * room: to send, and to receive what others there send. Its name there is its address; the room's is a pseudonym.
 *
 * @throws ProblemError `not-found` where no SFU is set
 */
export async function sfuDoor(
  env: Env,
  room: string,
  userId: string,
  device: number,
  now: number,
): Promise<SfuDoor> {
  const { LIVEKIT_URL: url, LIVEKIT_KEY: key, LIVEKIT_SECRET: secret } = env;
  if (!url || !key || !secret)
    return refuse('not-found', 'This service has no SFU: calls are for few people.');
  const expiresAt = now + lifetime * 1000;
  const video = {
    room: await roomName(secret, room),
    roomJoin: true,
    canPublish: true,
    canSubscribe: true,
    canPublishData: false,
    canUpdateOwnMetadata: false,
  };
  const token = await new SignJWT({ video })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(key)
    .setSubject(deviceAddress(userId, device))
    .setNotBefore(Math.floor(now / 1000) - 60)
    .setExpirationTime(Math.floor(expiresAt / 1000))
    .sign(utf8(secret));
  return { url, token, expiresAt };
}

/** What the SFU calls the room: always the same, and nothing that leads back to it. */
async function roomName(secret: string, room: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', utf8(secret), algorithm, false, ['sign']);
  const hash = await crypto.subtle.sign('HMAC', key, utf8(`sfu room ${room}`));
  return toBase64(new Uint8Array(hash).subarray(0, 16));
}
