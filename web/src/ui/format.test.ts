import { describe, expect, it } from 'vitest';
import {
  dayInSentence,
  formatBytes,
  formatDay,
  formatDuration,
  formatMoment,
  formatTimeLeft,
} from './format.ts';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [312_400, '312 kB'],
    [999_600, '1 MB'],
    [4_250_000_000, '4.3 GB'],
    [250_000_000, '250 MB'],
    [2e15, '2,000 TB'],
  ])('%d reads %s', (bytes, text) => expect(formatBytes(bytes, 'en')).toBe(text));
});

describe('formatDuration', () => {
  it.each([
    [0, '0:00'],
    [59.9, '0:59'],
    [247, '4:07'],
    [3753, '1:02:33'],
    [Number.NaN, '0:00'],
    [Number.POSITIVE_INFINITY, '0:00'],
  ])('%d s reads %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe('formatTimeLeft', () => {
  it.each([
    [0.2, '1 sec'],
    [9.1, '10 sec'],
    [43, '45 sec'],
    [58, '1 min'],
    [179, '3 min'],
    [3600, '1 hr'],
    [4800, '1 hr 20 min'],
  ])('%d s reads %s', (seconds, text) => expect(formatTimeLeft(seconds, 'en')).toBe(text));
});

describe('days', () => {
  const now = new Date(2026, 10, 22, 0, 30).getTime();
  it.each([
    [new Date(2026, 10, 22, 0, 1), 'Today'],
    [new Date(2026, 10, 21, 23, 59), 'Yesterday'],
    [new Date(2026, 10, 20, 12), 'Friday'],
    [new Date(2026, 10, 15, 12), '15 November'],
    [new Date(2025, 10, 22, 12), '22 November 2025'],
  ])('%s is called %s', (at, text) => expect(formatDay(at.getTime(), now, 'en-GB')).toBe(text));

  it('in the middle of a sentence a day that has no name of its own begins small', () => {
    expect(dayInSentence(new Date(2026, 10, 22, 0, 1).getTime(), now, 'de')).toBe('heute');
    expect(dayInSentence(new Date(2026, 10, 20, 12).getTime(), now, 'de')).toBe('Freitag');
  });

  it('lists show the time today, the weekday this week, then the date', () => {
    expect(formatMoment(new Date(2026, 10, 22, 0, 1).getTime(), now, 'en-GB')).toBe('0:01');
    expect(formatMoment(new Date(2026, 10, 21, 23, 59).getTime(), now, 'en-GB')).toBe('Sat');
    expect(formatMoment(new Date(2026, 8, 3).getTime(), now, 'en-GB')).toMatch(/^3 Sep/);
  });
});
