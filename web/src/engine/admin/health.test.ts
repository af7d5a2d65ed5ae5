import { expect, it } from 'vitest';
import { routeKinds, type ServiceCounts } from '../../../../protocol/rest/admin-health.ts';
import { attemptsBetween, kindsBetween, pulsesOf } from './health.ts';

const bounds = [0.1, 0.5, 1];
/** Counts `seconds` after the beginning, with `answered` requests to rooms of which `failed` failed and `durations` is the histogram. */
function counts(
  seconds: number,
  answered: number,
  durations: number[],
  more: Partial<ServiceCounts> = {},
): ServiceCounts {
  return {
    at: new Date(seconds * 1000).toISOString(),
    bounds,
    requests: routeKinds.map((kind) =>
      kind === 'rooms'
        ? { kind, answered, failed: answered / 10, durations }
        : { kind, answered: 0, failed: 0, durations: [0, 0, 0] },
    ),
    openSockets: 0,
    sent: 0,
    outbox: { depth: 0, age: 0, failures: 0 },
    signedUploads: { addresses: 0, bytes: 0 },
    attempts: [],
    ...more,
  };
}

it('has rates and times of what came between, not of all that ever was', () => {
  const before = counts(0, 1000, [1000, 1000, 1000], { sent: 50 });
  // A hundred more: half of them within 0.1 s, 90 within 0.5 s, 98 within 1 s, two slower than any bound.
  const after = counts(20, 1100, [1050, 1090, 1098], { sent: 90, openSockets: 3 });
  const [pulse, ...rest] = pulsesOf([before, after]);
  expect(rest).toEqual([]);
  expect(pulse).toMatchObject({ requests: 5, failed: 0.5, sent: 2, sockets: 3, half: 0.1 });
  // 95 lies five eighths of the way from 90 to 98, between 0.5 and 1 s.
  expect(pulse?.most).toBeCloseTo(0.8125);
  expect(kindsBetween(before, after)).toEqual([
    { kind: 'rooms', rate: 5, failed: 10, half: 0.1, most: expect.closeTo(0.8125) },
  ]);
});

it('says no time where nothing was asked, and the last bound where all was slower', () => {
  const [idle, slow] = pulsesOf([
    counts(0, 10, [10, 10, 10]),
    counts(40, 10, [10, 10, 10]),
    counts(80, 20, [10, 10, 10]),
  ]);
  expect([idle?.requests, idle?.half, slow?.half, slow?.most]).toEqual([0, undefined, 1, 1]);
});

it('takes rates over half a minute, since isolates tell in lumps', () => {
  const series = [0, 10, 20, 30, 40, 50].map((at) => {
    const answered = at >= 20 ? 60 : 0;
    return counts(at, answered, [answered, answered, answered]);
  });
  expect(pulsesOf(series).map(({ requests }) => requests)).toEqual([0, 3, 2, 2, 0]);
});

it('takes a sum that went back for one that began anew', () => {
  const [pulse] = pulsesOf([counts(0, 1000, [1000, 1000, 1000]), counts(10, 20, [20, 20, 20])]);
  expect(pulse?.requests).toBe(2);
});

it('tells attempts that were refused from those that were not; renewals are neither', () => {
  const attempt = (operation: string, outcome: string, count: number) => ({ operation, outcome, count });
  const before = counts(0, 0, [0, 0, 0], { attempts: [attempt('login', 'ok', 5)] });
  const after = counts(30, 0, [0, 0, 0], {
    attempts: [
      attempt('login', 'ok', 6),
      attempt('login', 'wrong-credentials', 4),
      attempt('refresh', 'session-expired', 9),
    ],
  });
  expect(pulsesOf([before, after])[0]).toMatchObject({ accepted: 2, refused: 8 });
  expect(attemptsBetween(before, after)).toEqual([
    attempt('refresh', 'session-expired', 9),
    attempt('login', 'wrong-credentials', 4),
    attempt('login', 'ok', 1),
  ]);
});
