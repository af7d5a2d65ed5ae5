import * as z from 'zod/mini';
import { utf8 } from './bytes.ts';
import { bytes, integer, Signature, Uuid } from './scalars.ts';

/**
 * What people who watch a film together say to each other (DESIGN section 6). It goes by the room's `ephemeral` frames and by a call's
 * data channels alike, as the same bytes: sealed under a key of the room secret, signed by the watcher (`crypto/room/watch.ts`).
 */

/** A page that watches: the Ed25519 key that its frames are signed with, made when it comes. */
export const WatcherId = bytes(32);
/** Milliseconds of the shared clock: about those since 1970, with fractions. */
const Moment = z.number().check(z.minimum(0), z.maximum(1e14));
/** Seconds in a film. */
const Place = z.number().check(z.minimum(0), z.maximum(1e7));

/** How many people may be named for control, how many watchers may be gone on without, or waited for by name. */
export const mostNamed = 8;
export const slowestRate = 0.25;
export const fastestRate = 4;

/** Who plays, pauses and seeks: everyone, the host, or the host and those named. */
export const Control = z.union([
  z.enum(['everyone', 'host']),
  z.array(Uuid).check(z.minLength(1), z.maxLength(mostNamed)),
]);
export type Control = z.infer<typeof Control>;

/** A signature by a watcher's key, and the word of their person's identity that the key is theirs. */
export const Mark = z.object({ by: Uuid, watcher: WatcherId, proof: Signature, signature: Signature });
export type Mark = z.infer<typeof Mark>;

/** Who may control the film; signed by the host. */
export const Rules = z.object({
  /** One more than that of the rules that they replace. */
  n: integer(1, 1_000_000_000),
  host: Uuid,
  control: Control,
  mark: Mark,
});
export type Rules = z.infer<typeof Rules>;

/** What is watched, and how: one state, replaced as a whole by whoever may, and signed by them. Anybody may pass it on. */
export const Timeline = z.object({
  /** One more than that of the state it replaces. */
  rev: integer(1, 1_000_000_000),
  /** The message that brought the film. */
  mediaId: Uuid,
  pos: Place,
  /** When its author pressed; with `pos`, `rate` and `paused` it tells a new wish from a change of who may do what. */
  at: Moment,
  rate: z.number().check(z.minimum(slowestRate), z.maximum(fastestRate)),
  paused: z.boolean(),
  /** Who is not waited for. */
  without: z.array(WatcherId).check(z.maxLength(mostNamed)),
  rules: Rules,
  mark: Mark,
});
export type Timeline = z.infer<typeof Timeline>;

/** What the leader makes of the state: `hold` while it is paused, `gather` until all are ready, then `run` from a moment on. */
export const Run = z.object({
  /** Of the state that this is a run of. */
  rev: integer(1),
  /** Grows with each that this leader says for `rev`. */
  seq: integer(0),
  phase: z.enum(['gather', 'run', 'hold']),
  pos: Place,
  /** When `pos` is, or (not running) was said. */
  at: Moment,
  /** Who is waited for. */
  waiting: z.array(WatcherId).check(z.maxLength(mostNamed)),
});
export type Run = z.infer<typeof Run>;

/** How a watcher is doing. */
export const Report = z.object({
  /** The run that it has heard of. */
  rev: integer(0),
  seq: integer(0),
  /** It stands at the place and could play on, or plays. */
  ready: z.boolean(),
  pos: Place,
  /** Round trip to the leader, in milliseconds. */
  rtt: z.number().check(z.minimum(0), z.maximum(60_000)),
  /** What it waits for. */
  cause: z.optional(z.enum(['loading', 'uploader'])),
});
export type Report = z.infer<typeof Report>;

export const Said = z.discriminatedUnion('t', [
  /** I am here, since then by my own clock; said when coming, when the report changes, and every second. */
  z.object({ t: z.literal('here'), since: Moment, report: Report }),
  z.object({ t: z.literal('bye') }),
  z.object({ t: z.literal('ping'), to: WatcherId, id: integer(0) }),
  /** When the leader got the ping and answered it, by the shared clock. */
  z.object({ t: z.literal('pong'), to: WatcherId, id: integer(0), got: Moment, sent: Moment }),
  z.object({ t: z.literal('tl'), tl: Timeline }),
  /** The leader, twice a second and at each change. A later term replaces an earlier leader. */
  z.object({ t: z.literal('beat'), term: integer(1), run: Run, tl: Timeline }),
  z.object({ t: z.literal('react'), emoji: z.string().check(z.maxLength(64), z.regex(/^\p{RGI_Emoji}$/v)) }),
]);
export type Said = z.infer<typeof Said>;

/** What is sealed: something said, by whom, in which watch. */
export const WatchFrame = z.object({
  v: z.literal(1),
  watch: Uuid,
  watcher: WatcherId,
  proof: Signature,
  /** Grows with each frame of a watcher: the same one by two ways counts once, and so does one that the service repeats. */
  n: integer(1),
  /** JSON of a `Said`. */
  text: z.string().check(z.maxLength(2700)),
  signature: Signature,
});
export type WatchFrame = z.infer<typeof WatchFrame>;

/** What a mark on `rules` signs: where they hold, too, so that they can't be put into another watch. */
export const rulesSigned = (room: string, watch: string, { n, host, control }: Omit<Rules, 'mark'>) =>
  utf8(`Stream Chat watch rules v1\0${JSON.stringify([room, watch, n, host, control])}`);

/** What a mark on a state signs. */
export const timelineSigned = (room: string, watch: string, state: Omit<Timeline, 'mark'>) => {
  const { rev, mediaId, pos, at, rate, paused, without, rules } = state;
  const said = [room, watch, rev, mediaId, pos, at, rate, paused, without, rules.n, rules.mark.signature];
  return utf8(`Stream Chat watch state v1\0${JSON.stringify(said)}`);
};

/** Whether `userId` may play, pause and seek. */
export const mayControl = ({ host, control }: Pick<Rules, 'host' | 'control'>, userId: string): boolean =>
  userId === host || control === 'everyone' || (control !== 'host' && control.includes(userId));

/**
 * Whether `next` may take the place of `now` (undefined: nothing is known yet), both genuine. Its author may control the film by its
 * rules, and these are the ones known, or newer ones by the host; by somebody else only to take the place of a host who is gone.
 */
export function mayFollow(
  now: Timeline | undefined,
  next: Timeline,
  isGone: (userId: string) => boolean,
): boolean {
  const { rules } = next;
  if (!mayControl(rules, next.mark.by)) return false;
  if (!now) return true;
  if (rules.n === now.rules.n) return rules.mark.signature === now.rules.mark.signature;
  if (rules.n < now.rules.n) return false;
  return rules.mark.by === now.rules.host || (isGone(now.rules.host) && rules.host === rules.mark.by);
}

/** Whether both want the same of the film, and differ at most in who may control it and who is waited for. */
export const playsTheSame = (one: Timeline, other: Timeline): boolean =>
  one.mediaId === other.mediaId &&
  one.pos === other.pos &&
  one.at === other.at &&
  one.rate === other.rate &&
  one.paused === other.paused;

/** The film's place at `moment` of the shared clock, in seconds. */
export const placeAt = (run: Pick<Run, 'phase' | 'pos' | 'at'>, rate: number, moment: number): number =>
  run.phase === 'run' ? run.pos + (Math.max(0, moment - run.at) / 1000) * rate : run.pos;
