import { describe, expect, it } from 'vitest';
import { framesAt, LeakWatch, type Look, lookEvery, pathOf, stillCarries, Watch } from './watch.ts';

/** Looks as often as calls do from `from` to `to`; answers when what was done. */
function over(watch: Watch, from: number, to: number, look: (now: number) => Omit<Look, 'now'>): string[] {
  const done: string[] = [];
  for (let now = from; now <= to; now += lookEvery) {
    const remedy = watch.look({ now, ...look(now) });
    if (remedy) done.push(`${remedy} at ${now}`);
  }
  return done;
}
const flowing = (now: number) => ({ connected: true, expects: true, received: now + 1 });
const silent = () => ({ connected: true, expects: true, received: 7 });
const away = () => ({ connected: false, expects: true, received: 7 });

describe('a connection', () => {
  it('that carries frames is left alone', () => {
    expect(over(new Watch(0), 0, 60_000, flowing)).toEqual([]);
  });

  it('that is connected to somebody who sends nothing is left alone', () => {
    const nothing = () => ({ connected: true, expects: false, received: 7 });
    expect(over(new Watch(0), 0, 60_000, nothing)).toEqual([]);
  });

  it('that brings the same frames again and again falls silent', () => {
    const watch = new Watch(0);
    const count = { side: 'receive', came: 0, passed: 0, stopped: 0, copies: 0, added: 0, spent: 0 } as const;
    const replaying = (now: number) => {
      const passed = Math.min(now, 10_000);
      const end = { ...count, came: now, passed, copies: now - passed };
      return { connected: true, expects: true, received: framesAt(new Map([[3, end]]), 3) };
    };
    expect(over(watch, 200, 10_000, replaying)).toEqual([]);
    expect(over(watch, 10_200, 12_000, replaying)).toEqual(['restart at 10600']);
  });

  it('that falls silent, though it says that it is connected, is restarted within 0.8 s and made anew ever less often', () => {
    const watch = new Watch(0);
    over(watch, 0, 9_800, flowing);
    // The first silent look still compares with another count.
    watch.look({ now: 10_000, ...silent() });
    expect(over(watch, 10_200, 60_000, silent)).toEqual([
      'restart at 10600',
      'rebuild at 15000',
      'rebuild at 25000',
      'rebuild at 45000',
    ]);
    expect(watch.silent).toBe(true);
    over(watch, 60_200, 60_200, flowing);
    expect(watch.silent).toBe(false);
  });

  it('is not taken for silent because the page was held up and comes late to what arrived', () => {
    const watch = new Watch(0);
    for (let hang = 5_000; hang < 60_000; hang += 5_000) {
      over(watch, hang - 3_000, hang, flowing);
      // The look that was due is late, the next one comes at once, and only then has been counted what had queued.
      const uncounted = flowing(hang);
      expect(watch.look({ now: hang + 1_990, ...uncounted })).toBeUndefined();
      expect(watch.look({ now: hang + 2_000, ...uncounted })).toBeUndefined();
    }
  });

  it('that falls silent again and again, on a machine that has too much to do, is restarted ever less', () => {
    const watch = new Watch(0);
    const stutters = (now: number) => ({ ...flowing(Math.floor(now / 3_000)) });
    const restarts = over(watch, 0, 60_000, stutters).map((each) => Number(each.split(' ').at(-1)));
    expect(restarts.length).toBeLessThan(6);
  });

  it('that doesn’t come about is given more time, and made anew at growing intervals', () => {
    expect(over(new Watch(0), 0, 60_000, away)).toEqual([
      'restart at 2600',
      'rebuild at 5000',
      'rebuild at 15000',
      'rebuild at 35000',
      'rebuild at 55000',
    ]);
  });
});

describe('a connection that is to come about', () => {
  it('is given as much time again with each answer of the other side, and is not made anew for what the other has made anew', () => {
    const watch = new Watch(0);
    over(watch, 0, 4_800, away);
    watch.answered(4_800);
    expect(over(watch, 5_000, 9_600, away)).toEqual([]);
    expect(watch.retrying).toBe(false);
    watch.rebuilt(9_600);
    expect(watch.retrying).toBe(true);
    expect(over(watch, 9_800, 30_000, away)).toEqual(['rebuild at 19600']);
    over(watch, 30_000, 30_000, flowing);
    expect(watch.retrying).toBe(false);
  });
});

describe('a path', () => {
  const pair = { id: 'P', type: 'candidate-pair', timestamp: 5_000, localCandidateId: 'L' };
  const transport = { id: 'T', type: 'transport', timestamp: 5_000, selectedCandidatePairId: 'P' };
  const local = { id: 'L', type: 'local-candidate', timestamp: 5_000, url: 'turn:relay.example.org' };
  const report = (...all: { id: string; [of: string]: unknown }[]) =>
    new Map(all.map((each) => [each.id, each])) as RTCStatsReport;

  it('is known by its relay, and by when a packet last came', () => {
    const busy = pathOf(report(transport, { ...pair, lastPacketReceivedTimestamp: 4_950 }, local));
    expect(busy).toEqual({ quiet: 50, relay: 'turn:relay.example.org' });
    expect(stillCarries(busy!)).toBe(true);
    const dead = pathOf(report(transport, { ...pair, lastPacketReceivedTimestamp: 4_300 }, local));
    expect(stillCarries(dead!)).toBe(false);
  });

  it('of which a browser does not say when a packet came is not acquitted, nor is there one before it is chosen', () => {
    expect(stillCarries(pathOf(report(transport, pair, local))!)).toBe(false);
    expect(pathOf(report(pair, local))).toBeUndefined();
  });
});

describe('a sender', () => {
  it('whose frames all come to their encryption does not leak, nor one that sends nothing', () => {
    const watch = new LeakWatch();
    for (let n = 0; n < 20; n++) expect(watch.look(n * 10, n * 10)).toBe(false);
    for (let n = 0; n < 20; n++) expect(watch.look(200, 200)).toBe(false);
  });

  it('leaks when its frames grow and those at the encryption do not, for more than a moment', () => {
    const watch = new LeakWatch();
    watch.look(10, 10);
    expect([20, 30].map((sent) => watch.look(sent, 10))).toEqual([false, true]);
  });
});
