import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TrackKind } from '../../../../protocol/call.ts';
import type { SfuEvents, SfuProvider } from './sfu.ts';
import { SfuWay } from './sfu-way.ts';
import type { LinkState } from './types.ts';

const ben = 'ben:1';
const track = (id: string) => ({ id }) as MediaStreamTrack;
const receiver = {} as RTCRtpReceiver;

/** An SFU that does as it is told: what stands behind the seam in place of LiveKit's. */
class Visit implements SfuProvider {
  state: LinkState = 'connecting';
  readonly devices = new Set<string>();
  readonly senders = new Map<TrackKind, RTCRtpSender>();
  readonly sent = new Map<TrackKind, string>();
  hasLeft = false;
  /** What it refuses to take. */
  refuses: TrackKind | undefined;
  readonly events: SfuEvents;
  readonly #isUp: boolean;

  constructor(events: SfuEvents, isUp: boolean) {
    this.events = events;
    this.#isUp = isUp;
  }

  async join(): Promise<void> {
    if (!this.#isUp) throw new Error('connection refused');
    this.become('connected');
  }

  become(state: LinkState): void {
    this.state = state;
    this.events.onChange();
  }

  async publish(kind: TrackKind, sent: MediaStreamTrack | null): Promise<void> {
    if (kind === this.refuses) throw new Error('negotiation timed out');
    if (sent) this.sent.set(kind, sent.id);
    else this.sent.delete(kind);
  }

  leave(): void {
    this.hasLeft = true;
  }
}

describe('the way by an SFU', () => {
  const visits: Visit[] = [];
  const told: unknown[] = [];
  const tracks = new Map<TrackKind, MediaStreamTrack>();
  let isUp: boolean;
  let refuses: TrackKind | undefined;
  let way: SfuWay;
  const latest = () => visits.at(-1)!;
  /** Lets `milliseconds` pass, and what follows from them happen. */
  const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

  beforeEach(async () => {
    vi.useFakeTimers();
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    visits.length = 0;
    told.length = 0;
    isUp = true;
    refuses = undefined;
    tracks.clear();
    tracks.set('audio', track('microphone')).set('video', track('camera'));
    way = new SfuWay({
      frames: { seal: () => 1, open: () => 2 },
      door: async () => ({ url: 'wss://sfu.example.org', token: 'token' }),
      provider: async () => (events) => {
        const visit = new Visit(events, isUp);
        visit.refuses = refuses;
        visits.push(visit);
        return visit;
      },
      tracks: () => tracks,
      onTrack: (device, kind, incoming) => told.push(['comes', device, kind, incoming.track.id]),
      onTrackGone: (device, kind) => told.push(['gone', device, kind]),
      onChange: () => {},
      onAway: (away) => told.push(away ? 'away' : 'there'),
      onLeak: () => {},
    });
    await pass(0);
  });
  afterEach(() => {
    way.close();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('is entered anew when it did not take what is sent, which then all is sent', async () => {
    latest().refuses = 'screen';
    tracks.set('screen', track('screen'));
    way.publish('screen', track('screen'));
    await pass(0);
    expect(latest().hasLeft).toBe(true);
    expect(way.state).toBe('reconnecting');
    await pass(1_000);
    expect(visits).toHaveLength(2);
    expect([...latest().sent]).toEqual([
      ['audio', 'microphone'],
      ['video', 'camera'],
      ['screen', 'screen'],
    ]);
    expect(told).toEqual(['there', 'away', 'there']);
  });

  it('is tried again for as long as it is away, ever more patiently, and says so each time', async () => {
    isUp = false;
    latest().events.onEnd();
    await pass(600_000);
    const attempts = visits.length - 1;
    // Every three to six seconds, after the first few.
    expect(attempts).toBeGreaterThan(95);
    expect(attempts).toBeLessThan(205);
    expect(told.filter((each) => each === 'away')).toHaveLength(attempts + 1);
    isUp = true;
    await pass(6_000);
    expect(told.at(-1)).toBe('there');
    expect(way.state).toBe('connected');
  });

  it('is not entered twice, however often it is heard that it was lost', async () => {
    const [first] = visits as [Visit];
    first.events.onEnd();
    first.events.onEnd();
    await pass(1_000);
    first.events.onEnd();
    await pass(60_000);
    expect(visits).toHaveLength(2);
    expect(latest().hasLeft).toBe(false);
  });

  it('is tried at once when there is another network', async () => {
    isUp = false;
    latest().events.onEnd();
    await pass(60_000);
    isUp = true;
    way.hurry();
    await pass(0);
    expect(way.state).toBe('connected');
  });

  it('waits little again after it held for a while, and more where it never does', async () => {
    const entered = async () => {
      const before = visits.length;
      latest().events.onEnd();
      await pass(1_000);
      return visits.length > before;
    };
    for (let n = 0; n < 3; n++) {
      await pass(60_000);
      expect(await entered()).toBe(true);
    }
    for (let n = 0; n < 3; n++) {
      latest().events.onEnd();
      await pass(6_000);
    }
    expect(await entered()).toBe(false);
  });

  it('brings nothing any more once it is lost, and then what comes anew, whatever the old one still says', async () => {
    const [first] = visits as [Visit];
    first.events.onTrack(ben, 'video', track('old'), receiver);
    first.events.onEnd();
    expect(way.from(ben).size).toBe(0);
    await pass(1_000);
    latest().events.onTrack(ben, 'video', track('new'), receiver);
    first.events.onTrackGone(ben, 'video', track('old'));
    first.events.onTrack(ben, 'video', track('late'), receiver);
    first.become('connecting');
    expect(way.from(ben).get('video')?.track.id).toBe('new');
    expect(way.state).toBe('connected');
    expect(told).toEqual([
      'there',
      ['comes', ben, 'video', 'old'],
      ['gone', ben, 'video'],
      'away',
      'there',
      ['comes', ben, 'video', 'new'],
    ]);
  });

  it('keeps what has come anew of somebody when the old of theirs goes', async () => {
    const [old, anew] = [track('old'), track('new')];
    latest().events.onTrack(ben, 'video', old, receiver);
    latest().events.onTrack(ben, 'video', anew, receiver);
    latest().events.onTrackGone(ben, 'video', old);
    expect(way.from(ben).get('video')?.track).toBe(anew);
    latest().events.onTrackGone(ben, 'video', anew);
    expect(way.from(ben).size).toBe(0);
  });
});
