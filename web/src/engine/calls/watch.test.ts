import { describe, expect, it } from 'vitest';
import { LeakWatch, type Look, Watch } from './watch.ts';

/** Looks each half second from `from` to `to`; answers when what was done. */
function over(watch: Watch, from: number, to: number, look: (now: number) => Omit<Look, 'now'>): string[] {
  const done: string[] = [];
  for (let now = from; now <= to; now += 500) {
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

  it('that falls silent, though it says that it is connected, is restarted after a second and made anew after five', () => {
    const watch = new Watch(0);
    over(watch, 0, 10_000, flowing);
    // The first silent look still compares with another count.
    watch.look({ now: 10_000, ...silent() });
    expect(over(watch, 10_500, 25_500, silent)).toEqual([
      'restart at 11000',
      'rebuild at 15000',
      'rebuild at 25000',
    ]);
    expect(watch.silent).toBe(true);
    over(watch, 26_000, 26_000, flowing);
    expect(watch.silent).toBe(false);
  });

  it('that falls silent again and again, on a machine that has too much to do, is restarted ever less', () => {
    const watch = new Watch(0);
    const stutters = (now: number) => ({ ...flowing(Math.floor(now / 3_000)) });
    const restarts = over(watch, 0, 60_000, stutters).map((each) => Number(each.split(' ').at(-1)));
    expect(restarts.length).toBeLessThan(6);
  });

  it('that doesn’t come about is given more time, and made anew at growing intervals', () => {
    expect(over(new Watch(0), 0, 60_000, away)).toEqual([
      'restart at 2500',
      'rebuild at 5000',
      'rebuild at 15000',
      'rebuild at 35000',
      'rebuild at 55000',
    ]);
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
