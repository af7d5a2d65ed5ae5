import type { ServiceCounts } from '../../../../protocol/rest/admin-health.ts';

/** One look at the service: whether it answered at all, how long that took here (ms), and what it has counted. */
export interface Reading {
  readonly at: number;
  readonly ok: boolean;
  readonly took: number;
  /** None where it could not be read. */
  readonly counts: ServiceCounts | undefined;
}

/** How the service was in the time before `at` (ms). Rates are a second; times are seconds, of half the requests and of 95 %. */
export interface Pulse {
  readonly at: number;
  readonly requests: number;
  readonly failed: number;
  readonly half: number | undefined;
  readonly most: number | undefined;
  readonly sockets: number;
  readonly sent: number;
  readonly outboxDepth: number;
  readonly outboxAge: number;
  readonly uploaded: number;
  /** Attempts to register, sign in or step up, a minute. */
  readonly accepted: number;
  readonly refused: number;
}

/** What rates are taken over, in milliseconds: isolates tell what they have counted every ten seconds. */
const window = 30_000;

/** What was counted between two readings. A sum that went back began anew. */
const between = (before = 0, after = 0): number => (after < before ? after : after - before);

/** The time within which `part` of those requests were answered, as Prometheus' `histogram_quantile` has it. */
function quantile(
  part: number,
  bounds: readonly number[],
  durations: readonly number[],
  answered: number,
): number | undefined {
  if (answered <= 0) return undefined;
  const rank = part * answered;
  const i = durations.findIndex((count) => count >= rank);
  const [from, to] = [bounds[i - 1] ?? 0, bounds[i]];
  if (to === undefined) return bounds.at(-1);
  const [low, high] = [durations[i - 1] ?? 0, durations[i] ?? 0];
  return high === low ? to : from + ((to - from) * (rank - low)) / (high - low);
}

/** What came between two counts, by the kind of routes. */
const requestsBetween = (before: ServiceCounts, after: ServiceCounts) =>
  after.requests.map(({ kind, answered, failed, durations }) => {
    const earlier = before.requests.find((each) => each.kind === kind);
    return {
      kind,
      answered: between(earlier?.answered, answered),
      failed: between(earlier?.failed, failed),
      durations: durations.map((count, i) => between(earlier?.durations[i], count)),
    };
  });

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const secondsBetween = (before: ServiceCounts, after: ServiceCounts) =>
  (Date.parse(after.at) - Date.parse(before.at)) / 1000;

/** What each kind of routes answered between two counts; those that answered nothing are left out. */
export function kindsBetween(before: ServiceCounts, after: ServiceCounts) {
  const seconds = secondsBetween(before, after);
  return requestsBetween(before, after).flatMap(({ kind, answered, failed, durations }) => {
    if (answered === 0 || seconds <= 0) return [];
    const within = (part: number) => quantile(part, after.bounds, durations, answered);
    return [{ kind, rate: answered / seconds, failed, half: within(0.5), most: within(0.95) }];
  });
}

/** What became of attempts to get in between two counts, the most frequent first. */
export const attemptsBetween = (before: ServiceCounts, after: ServiceCounts) =>
  after.attempts
    .map(({ operation, outcome, count }) => {
      const earlier = before.attempts.find((it) => it.operation === operation && it.outcome === outcome);
      return { operation, outcome, count: between(earlier?.count, count) };
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);

/** How the service was at each of `counts` but the first, over the half minute before. */
export function pulsesOf(counts: readonly ServiceCounts[]): Pulse[] {
  return counts.flatMap((after, i) => {
    const at = Date.parse(after.at);
    const before = counts.slice(0, i).findLast((each) => at - Date.parse(each.at) >= window) ?? counts[0];
    return before === undefined || i === 0 ? [] : [pulseOf(before, after)];
  });
}

function pulseOf(before: ServiceCounts, after: ServiceCounts): Pulse {
  // Two counts of one millisecond have no rate.
  const seconds = Math.max(0.001, secondsBetween(before, after));
  const requests = requestsBetween(before, after);
  const answered = sum(requests.map((each) => each.answered));
  const durations = after.bounds.map((_, i) => sum(requests.map((each) => each.durations[i] ?? 0)));
  const within = (part: number) => quantile(part, after.bounds, durations, answered);
  // That a session is renewed, or has run out, is no attempt of a person's.
  const attempts = attemptsBetween(before, after).filter(({ operation }) => operation !== 'refresh');
  const countOf = (accepted: boolean) =>
    sum(attempts.filter(({ outcome }) => (outcome === 'ok') === accepted).map(({ count }) => count));
  return {
    at: Date.parse(after.at),
    requests: answered / seconds,
    failed: sum(requests.map((each) => each.failed)) / seconds,
    half: within(0.5),
    most: within(0.95),
    sockets: after.openSockets,
    sent: between(before.sent, after.sent) / seconds,
    outboxDepth: after.outbox.depth,
    outboxAge: after.outbox.age,
    uploaded: between(before.signedUploads.bytes, after.signedUploads.bytes) / seconds,
    accepted: (countOf(true) / seconds) * 60,
    refused: (countOf(false) / seconds) * 60,
  };
}
