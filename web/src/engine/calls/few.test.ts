import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Few } from './few.ts';

describe('going back to direct ways', () => {
  let asked: number;
  let few: Few;
  beforeEach(() => {
    vi.useFakeTimers();
    asked = 0;
    few = new Few(() => asked++);
  });
  afterEach(() => {
    few.close();
    vi.useRealTimers();
  });

  it('is asked for when three have been left for half a minute, and again until it is so', () => {
    few.count(3);
    vi.advanceTimersByTime(600_000);
    expect(asked).toBe(0);
    few.count(2);
    vi.advanceTimersByTime(29_000);
    // Somebody is named again, though nobody came: it goes on.
    few.count(2);
    expect(asked).toBe(0);
    vi.advanceTimersByTime(31_000);
    expect(asked).toBe(2);
    few.count(undefined);
    vi.advanceTimersByTime(600_000);
    expect(asked).toBe(2);
  });

  it('is not asked for when somebody came meanwhile', () => {
    few.count(2);
    vi.advanceTimersByTime(20_000);
    few.count(3);
    few.count(2);
    vi.advanceTimersByTime(20_000);
    expect(asked).toBe(0);
  });

  it('is asked for at each attempt at an SFU that is away, once a mesh carries who is left', () => {
    few.count(4);
    few.away(true);
    expect(asked).toBe(0);
    few.count(3);
    expect(asked).toBe(1);
    // The room has not granted it, and names the same ones again.
    few.count(3);
    expect(asked).toBe(1);
    few.away(true);
    expect(asked).toBe(2);
    few.away(false);
    few.count(3);
    expect(asked).toBe(2);
    few.count(undefined);
    few.away(true);
    expect(asked).toBe(2);
  });
});
