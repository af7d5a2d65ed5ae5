import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedClock } from './clock.ts';

/** A clock that is `skew` milliseconds behind the leader's and runs `drift` slower, asks by a line, and so often. */
function asked(
  line: { there: () => number; back: () => number },
  skew: number,
  drift: number,
  times: number[],
) {
  const clock = new SharedClock();
  let time = 0;
  const local = () => time * (1 - drift) - skew;
  for (const wait of times) {
    time += wait;
    const from = local();
    time += line.there();
    const got = time;
    time += 1;
    const sent = time;
    time += line.back();
    clock.add(from, got, sent, local());
  }
  return { clock, wrong: () => clock.at(local()) - time, pass: (by: number) => (time += by) };
}

const early = Array(10).fill(60);

describe('the shared clock', () => {
  it('is known after a few answers, and not before', () => {
    const line = { there: () => 20, back: () => 20 };
    expect(asked(line, 5_000, 0, early.slice(0, 4)).clock.known).toBe(false);
    const { clock, wrong } = asked(line, 5_000, 0, early);
    expect(clock.known).toBe(true);
    expect(Math.abs(wrong())).toBeLessThan(0.5);
    expect(clock.rtt).toBeCloseTo(40, 0);
  });

  it('does not believe answers that were held up', () => {
    let count = 0;
    const line = { there: () => (++count % 3 === 0 ? 400 : 20), back: () => 20 };
    expect(Math.abs(asked(line, -3_000, 0, early).wrong())).toBeLessThan(1);
  });

  it('is wrong by half of what a route takes longer one way, which nobody can tell', () => {
    const { wrong } = asked({ there: () => 60, back: () => 20 }, 0, 0, early);
    expect(wrong()).toBeCloseTo(20, 0);
  });

  it('reads a drift once it has listened for long enough', () => {
    const line = { there: () => 20, back: () => 20 };
    const { wrong, pass } = asked(line, 0, 2e-4, [...early, ...Array(40).fill(1_000)]);
    pass(20_000);
    expect(Math.abs(wrong())).toBeLessThan(1.5);
  });

  it('goes on without a step when this page takes the lead', () => {
    const clock = new SharedClock();
    for (let i = 0; i < 10; i++) clock.add(i * 60, i * 60 + 720, i * 60 + 720, i * 60 + 40);
    const before = clock.at(1_000);
    clock.lead(1_000);
    expect(clock.at(1_000)).toBeCloseTo(before, 6);
    expect(clock.localAt(clock.at(1_234))).toBeCloseTo(1_234, 3);
  });

  it('is right to a few milliseconds on any line that is as quick there as back', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 0.4, noNaN: true }),
        fc.integer({ min: -1e6, max: 1e6 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 100, maxLength: 100 }),
        (delay, jitter, skew, dice) => {
          let turn = 0;
          const some = () => delay * (1 + jitter * (2 * dice[turn++ % dice.length]! - 1));
          const { wrong } = asked({ there: some, back: some }, skew, 0, [...early, ...Array(30).fill(250)]);
          expect(Math.abs(wrong())).toBeLessThanOrEqual(delay * jitter + 0.5);
        },
      ),
    ));
});
