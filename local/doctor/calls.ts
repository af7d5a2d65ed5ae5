import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { iceServers } from '../../worker/calls/ice.ts';
import { type Check, type Finding, fault, patience, unseen, well } from './check.ts';
import { askRelay, RelayRefusal } from './turn.ts';

/** That the relay for calls takes credentials as the Worker makes them. */
export const turn: Check = {
  name: 'TURN',
  async run({ settings, now }) {
    const cloudflare = settings.TURN_CLOUDFLARE_KEY && settings.TURN_CLOUDFLARE_TOKEN;
    if (!cloudflare && !(settings.TURN_URLS && settings.TURN_SECRET))
      return [
        unseen(
          'No relay is set, so calls fail between people whose networks let nothing direct through (ops/calls.md).',
        ),
      ];
    let servers: Awaited<ReturnType<typeof iceServers>>['iceServers'];
    try {
      ({ iceServers: servers } = await iceServers(settings, randomUUID(), randomUUID(), now()));
    } catch {
      return [
        fault(
          'Cloudflare gives no credentials for TURN_CLOUDFLARE_KEY.',
          'Copy key and token again from Calls in the dashboard, or make a new key there.',
        ),
      ];
    }
    const findings: Finding[] = [];
    for (const { urls, username = '', credential = '' } of servers) {
      for (const url of urls.filter((each) => each.startsWith('turn'))) {
        findings.push(await tryRelay(url, username, credential));
      }
    }
    return findings.length > 0
      ? findings
      : [
          fault(
            'TURN_URLS names no relay.',
            'Write it as turn:turn.example.org:3478?transport=udp; several by spaces.',
          ),
        ];
  },
};

async function tryRelay(url: string, username: string, credential: string): Promise<Finding> {
  try {
    await askRelay(url, username, credential, patience / 2);
    return well(`${url} gives a relay.`);
  } catch (error) {
    if (!(error instanceof RelayRefusal))
      return fault(
        `${url} does not answer.`,
        'Start coturn, open its ports in the firewall (ops/calls.md), and look whether the name leads there.',
      );
    return error.code === 401
      ? fault(
          `${url} refuses our credentials.`,
          'TURN_SECRET must be what coturn has as static-auth-secret, and both clocks must be right.',
        )
      : fault(
          `${url} gives no relay (${error.code}).`,
          'coturn’s log says why; ops/coturn/turnserver.conf has settings that work.',
        );
  }
}

/** That LiveKit knows our key. */
export const sfu: Check = {
  name: 'SFU',
  async run({ settings, now }) {
    const { LIVEKIT_URL: url, LIVEKIT_KEY: key, LIVEKIT_SECRET: secret } = settings;
    if (!url || !key || !secret) return [unseen('None is set: calls are for few people.')];
    const address = URL.parse(url);
    const local = address !== null && ['localhost', '127.0.0.1'].includes(address.hostname);
    if (address === null || !(address.protocol === 'wss:' || (address.protocol === 'ws:' && local)))
      return [fault('LIVEKIT_URL is no wss:// address.', 'Write it as wss://sfu.example.org.')];
    const seconds = Math.floor(now() / 1000);
    const token = await new SignJWT({ video: { roomList: true } })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(key)
      .setNotBefore(seconds - 60)
      .setExpirationTime(seconds + 60)
      .sign(new TextEncoder().encode(secret));
    const answer = await fetch(
      `${url.replace(/^ws/, 'http').replace(/\/$/, '')}/twirp/livekit.RoomService/ListRooms`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{}',
        signal: AbortSignal.timeout(patience),
      },
    ).catch(() => undefined);
    if (answer?.ok) return [well('LiveKit answers, and knows our key.')];
    if (answer?.status === 401)
      return [
        fault(
          'LiveKit refuses LIVEKIT_KEY and LIVEKIT_SECRET.',
          'Set the pair that stands under keys in its configuration, on both sides the same.',
        ),
      ];
    return [
      fault(
        `LiveKit does not answer at LIVEKIT_URL${answer ? ` (${answer.status})` : ''}.`,
        'Start it, and look whether the name and its certificate lead there.',
      ),
    ];
  },
};
