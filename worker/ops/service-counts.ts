import { partsOf, type Sample, secondBounds } from '../../protocol/metrics.ts';
import { type RouteKind, routeKinds, type ServiceCounts } from '../../protocol/rest/admin-health.ts';

/** What a route is for, by the first segment of its pattern; what stands in no list is `other`. */
const kinds: Readonly<Record<string, RouteKind>> = {
  auth: 'accounts',
  users: 'accounts',
  push: 'accounts',
  chatrooms: 'rooms',
  files: 'files',
  keys: 'keys',
  webrtc: 'calls',
  admin: 'moderation',
  report: 'moderation',
};
const kindOf = (route = ''): RouteKind => kinds[route.split('/')[1] ?? ''] ?? 'other';

/** The `samples` of `/metrics` as moderators are shown them, at `at` (milliseconds). */
export function serviceCounts(samples: readonly Sample[], at: number): ServiceCounts {
  const parsed = samples.map(({ series, value }) => ({ ...partsOf(series), value }));
  const all = (name: string) => parsed.filter((sample) => sample.name === name);
  const sum = (name: string, when = (_: Record<string, string>) => true): number =>
    all(name).reduce((total, { labels, value }) => total + (when(labels) ? value : 0), 0);
  const requestsOf = (kind: RouteKind) => {
    const isOurs = ({ route }: Record<string, string>) => kindOf(route) === kind;
    const name = 'http_request_duration_seconds_bucket';
    return {
      kind,
      answered: sum('http_requests_total', isOurs),
      failed: sum('http_requests_total', (labels) => isOurs(labels) && /^5/.test(labels.status ?? '')),
      durations: secondBounds.map((limit) =>
        sum(name, (labels) => isOurs(labels) && labels.le === `${limit}`),
      ),
    };
  };
  return {
    at: new Date(at).toISOString(),
    bounds: [...secondBounds],
    requests: routeKinds.map(requestsOf),
    openSockets: Math.max(0, sum('sockets_opened_total') - sum('sockets_closed_total')),
    sent: sum('messages_total'),
    outbox: {
      depth: sum('outbox_depth'),
      age: sum('outbox_age_seconds'),
      failures: sum('outbox_failures_total'),
    },
    signedUploads: {
      addresses: sum('presigned_total', ({ method }) => method === 'PUT'),
      bytes: sum('presigned_bytes_total'),
    },
    attempts: all('auth_outcomes_total').map(
      ({ labels: { operation = '', outcome = '' }, value: count }) => ({
        operation,
        outcome,
        count,
      }),
    ),
  };
}
