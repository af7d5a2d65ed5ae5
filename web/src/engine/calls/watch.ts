import type { FrameCounts } from './frames.messages.ts';

/** How often it is looked whether connections carry what they should, in milliseconds. */
export const lookEvery = 200;
/** How long a connection may be silent before new ICE candidates are tried, in milliseconds, once it has carried something. */
const silentFor = 600;
/** At so many looks in a row, at least: a page that was held up comes to what arrived meanwhile only after its first. */
const silentLooks = 3;
/** Where silence comes again and again, each time three times as long is waited, up to this; a calm half minute makes it good. */
const silentLongest = 8_000;
const calm = 30_000;
/** As long for one that has not connected yet. */
const connectingFor = 2_500;
/** After so long without anything, in milliseconds, it is made anew; each time in a row, twice as long is waited, up to the last. */
const rebuildAfter = 5_000;
const rebuildLatest = 20_000;
/** So many looks in a row at which frames left around their encryption are no chance. */
const leakingLooks = 2;

/** What is read of a connection's statistics (webrtc-stats). */
interface Stats {
  readonly id: string;
  readonly type: string;
  readonly timestamp: number;
  readonly kind?: string;
  readonly mid?: string;
  readonly framesSent?: number;
  readonly packetsSent?: number;
  readonly selectedCandidatePairId?: string;
  readonly localCandidateId?: string;
  readonly lastPacketReceivedTimestamp?: number;
  readonly url?: string;
}
const values = (stats: RTCStatsReport) => stats.values() as Iterable<Stats>;

/** Frames (of sound: packets) that were sent, by media section. */
export function sentFrames(stats: RTCStatsReport): ReadonlyMap<string, number> {
  const sent = new Map<string, number>();
  for (const { type, kind, mid, framesSent, packetsSent } of values(stats))
    if (type === 'outbound-rtp' && mid !== undefined)
      sent.set(mid, (kind === 'video' ? framesSent : packetsSent) ?? 0);
  return sent;
}

/** Frames that came to the encryption at `end`, each counted once, whatever became of them. */
export function framesAt(counts: FrameCounts, end: number): number {
  const count = counts.get(end);
  return count ? count.came - count.copies : 0;
}

/** The path that a connection goes by now. */
export interface Path {
  /** Milliseconds since a packet came by it, other than checks whether it is open. */
  readonly quiet: number;
  /** The address of our relay, where there is one. */
  readonly relay?: string;
}

/** The path by a connection's statistics; undefined where there is none, or the browser doesn't tell. */
export function pathOf(stats: RTCStatsReport): Path | undefined {
  const all = [...values(stats)];
  const byId = (wanted: string | undefined) => all.find(({ id }) => id === wanted);
  const transport = all.find(({ type }) => type === 'transport');
  const pair = byId(transport?.selectedCandidatePairId);
  if (!pair) return undefined;
  const relay = byId(pair.localCandidateId)?.url;
  return {
    quiet: pair.timestamp - (pair.lastPacketReceivedTimestamp ?? 0),
    ...(relay !== undefined && { relay }),
  };
}

/** Whether a path that brings no frames is open all the same. */
export const stillCarries = ({ quiet }: Path): boolean => quiet < silentFor / 2;

/** What is to be done about a connection. */
export type Remedy = 'restart' | 'rebuild';

/** What a look at a connection shows. */
export interface Look {
  /** Milliseconds, on a clock that only goes forward. */
  readonly now: number;
  readonly connected: boolean;
  /** Whether the other side sends sound or pictures all the time. */
  readonly expects: boolean;
  /** Frames that came, in all. */
  readonly received: number;
}

/**
 * Sees that a connection carries nothing more, which ICE itself may say late or never (a relay that died), and what to do: first
 * new candidates, then a new connection.
 */
export class Watch {
  #since: number;
  #received = 0;
  #wait = rebuildAfter;
  #silentLooks = 0;
  #restarted = false;
  #was = false;
  #silentFor = silentFor;
  #restartedAt = 0;

  constructor(now: number) {
    this.#since = now;
  }

  /** Whether it was connected, and has been silent for too long. */
  get silent(): boolean {
    return this.#was && this.#restarted;
  }

  /** Whether it was never connected, and has been made anew for that. */
  get retrying(): boolean {
    return !this.#was && this.#wait > rebuildAfter;
  }

  /** The other side has answered, so it works at the connection too: what has been begun gets its time. */
  answered(now: number): void {
    this.#since = now;
  }

  /** The other side has made the connection anew: one of the two is enough, and the next attempt gets more time. */
  rebuilt(now: number): void {
    this.#since = now;
    this.#wait = Math.min(this.#wait * 2, rebuildLatest);
  }

  look({ now, connected, expects, received }: Look): Remedy | undefined {
    const alive = connected && (!expects || received !== this.#received);
    this.#received = received;
    if (alive) {
      this.#since = now;
      this.#silentLooks = 0;
      this.#wait = rebuildAfter;
      this.#restarted = false;
      this.#was = true;
      if (now - this.#restartedAt > calm) this.#silentFor = silentFor;
      return undefined;
    }
    if (++this.#silentLooks < silentLooks) return undefined;
    const quiet = now - this.#since;
    if (quiet >= this.#wait) {
      this.rebuilt(now);
      return 'rebuild';
    }
    if (this.#restarted || quiet < (this.#was ? this.#silentFor : connectingFor)) return undefined;
    this.#restarted = true;
    this.#restartedAt = now;
    if (this.#was) this.#silentFor = Math.min(this.#silentFor * 3, silentLongest);
    return 'restart';
  }
}

/** Sees that a sender sends frames that never were at its encryption: a browser that ignores the transform, or sets it too late. */
export class LeakWatch {
  #sent = 0;
  #seen = 0;
  #looks = 0;

  /**
   * Whether frames leave in clear.
   *
   * @param sent frames (of sound: packets) that left, in all
   * @param seen frames that came to the encryption, in all, counted after `sent`
   */
  look(sent: number, seen: number): boolean {
    const leaks = sent > this.#sent && seen === this.#seen;
    this.#looks = leaks ? this.#looks + 1 : 0;
    this.#sent = sent;
    this.#seen = seen;
    return this.#looks >= leakingLooks;
  }
}
