import * as z from 'zod/mini';
import { bytes, integer, Uuid } from './scalars.ts';

/** How many devices call each other directly: each sends everything to each. More are carried by an SFU, where there is one. */
export const meshSize = 4;
/** How many an SFU carries. */
export const sfuSize = 32;

/** What a device sends in a call: each has keys of its own. */
export const TrackKind = z.enum(['audio', 'video', 'screen', 'screen-audio']);
export type TrackKind = z.infer<typeof TrackKind>;
/** Whether it is seen, and not heard. */
export const isPicture = (kind: TrackKind): boolean => kind === 'video' || kind === 'screen';

/** Which of its devices somebody has on. */
export const MediaState = z.object({ audio: z.boolean(), video: z.boolean(), screen: z.boolean() });
export type MediaState = z.infer<typeof MediaState>;

/** What two devices of a call tell each other, inside their pairwise session: the server sees neither addresses nor fingerprints. */
export const CallSignal = z.discriminatedUnion('t', [
  /**
   * RTCSessionDescription. `link`: the sender's connection, which it makes anew when the old one can't be mended; `for`: the
   * receiver's that it belongs to, when one is known; `n`: which of the sender's offers on that connection it is, or which of the
   * receiver's it answers; `tracks`: what it sends in which media section, by its `mid`.
   */
  z.object({
    t: z.literal('description'),
    link: Uuid,
    for: z.optional(Uuid),
    n: z.optional(integer(1, 1_000_000)),
    type: z.enum(['offer', 'answer']),
    sdp: z.string().check(z.maxLength(32_000)),
    tracks: z.record(z.string().check(z.maxLength(16)), TrackKind),
  }),
  /** RTCIceCandidateInit; null says that there are no more. */
  z.object({
    t: z.literal('candidate'),
    link: Uuid,
    candidate: z.nullable(
      z.object({
        candidate: z.string().check(z.maxLength(1024)),
        sdpMid: z.nullable(z.string().check(z.maxLength(16))),
        sdpMLineIndex: z.nullable(integer(0, 64)),
        usernameFragment: z.nullable(z.string().check(z.maxLength(256))),
      }),
    ),
  }),
  /** The sender's secret for an epoch (`crypto/call`); epochs begin anew with each `stay`, from joining to leaving. */
  z.object({ t: z.literal('key'), stay: Uuid, epoch: integer(0, 1_000_000), secret: bytes(32) }),
  /** The receiver has that key. */
  z.object({ t: z.literal('key-ack'), stay: Uuid, epoch: integer(0, 1_000_000) }),
  /** Frames come under a key that the sender of this has not: the newest is asked for. */
  z.object({ t: z.literal('key-ask') }),
  /** From where the sender takes what the receiver sends: what comes the other way may end. */
  z.object({ t: z.literal('takes'), from: z.enum(['mesh', 'sfu']) }),
  z.object({ t: z.literal('media'), ...MediaState.shape }),
  /** The sender has left the call. */
  z.object({ t: z.literal('bye') }),
]);
export type CallSignal = z.infer<typeof CallSignal>;
