import * as z from 'zod/mini';
import { DeviceId, Millis, Uuid } from '../scalars.ts';
import { Signal } from '../socket.ts';
import { route } from './route.ts';

/** As RTCIceServer has it; none where the operator has set none. */
export const IceServers = z.object({
  iceServers: z.array(
    z.object({
      urls: z.array(z.string()),
      username: z.optional(z.string()),
      credential: z.optional(z.string()),
    }),
  ),
  expiresAt: Millis,
});
export type IceServers = z.infer<typeof IceServers>;

export const getIce = route({
  method: 'GET',
  path: '/webrtc/ice',
  summary: "ICE servers for a call in a room of the caller's; TURN credentials are theirs alone and end soon",
  auth: true,
  query: z.strictObject({ room: Uuid }),
  status: 200,
  reply: IceServers,
  problems: ['not-a-member'],
});

/** The socket's `signal` frame for who has no socket; what each says is sealed, so the three differ in name only. */
const signal = <const P extends string>(what: P) =>
  route({
    method: 'POST',
    path: `/webrtc/${what}`,
    summary: `Hand a call's ${what} to another member's device, if it listens; the box is sealed for it`,
    auth: true,
    body: z.strictObject({ room: Uuid, ...Signal.shape }),
    status: 204,
    problems: ['not-a-member'],
  });

export const sendOffer = signal('offer');
export const sendAnswer = signal('answer');
export const sendCandidate = signal('candidate');

export const joinSfu = route({
  method: 'POST',
  path: '/webrtc/sfu',
  summary:
    "A token for the SFU that carries large calls: one device's, one room's, for ten minutes; it sees sealed frames alone",
  auth: true,
  body: z.strictObject({ room: Uuid, device: DeviceId }),
  status: 200,
  reply: z.object({ url: z.string(), token: z.string(), expiresAt: Millis }),
  problems: ['not-a-member', 'not-found'],
});
