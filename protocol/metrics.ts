/** What is measured: each with its type, its labels in order, and what it means. A name is never given another meaning. */
export const metrics = {
  http_requests_total: ['counter', ['method', 'route', 'status'], 'Requests answered, by route.'],
  http_request_duration_seconds: ['histogram', ['route'], 'Time to answer a request, waiting included.'],
  problems_total: ['counter', ['type'], 'Problem documents answered, by their type.'],
  auth_outcomes_total: [
    'counter',
    ['operation', 'outcome'],
    'Attempts to register, sign in, refresh or step up.',
  ],
  presigned_total: ['counter', ['method'], 'Addresses signed for storage.'],
  presigned_bytes_total: ['counter', [], 'Bytes that signed uploads may store.'],
  reports_total: ['counter', ['evidence'], 'Reports taken, by what their evidence is worth.'],
  sockets_opened_total: ['counter', [], 'Sockets of rooms that were opened.'],
  sockets_closed_total: ['counter', [], 'Sockets of rooms that were closed.'],
  messages_total: ['counter', [], 'Messages that rooms took.'],
  fan_out_recipients: ['histogram', [], 'Sockets that a turn of a room was sent to.'],
  outbox_duration_seconds: ['histogram', [], 'Time for one transaction of a room to reach Postgres.'],
  outbox_failures_total: ['counter', [], 'Attempts to reach Postgres that failed.'],
  outbox_depth: ['gauge', [], 'Messages that Postgres lacks, in rooms that could not reach it.'],
  outbox_age_seconds: ['gauge', [], 'Age of the oldest message that Postgres lacks, in such rooms.'],
  sweep_failures_total: ['counter', [], 'Parts of the sweep that failed.'],
} as const satisfies Readonly<
  Record<string, readonly ['counter' | 'histogram' | 'gauge', readonly string[], string]>
>;
export type Metric = keyof typeof metrics;
/** The name of the one object that adds up what all isolates tell. */
export const metricsName = 'service';
/** Names on the wire carry the service's own. */
export const prefix = 'streamchat_';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const people = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 3000];
/** The upper bounds of the buckets that a histogram of seconds has, and one more for what is beyond. */
export const secondBounds: readonly number[] = seconds;
const bucketsOf = (metric: Metric): readonly number[] => (metric === 'fan_out_recipients' ? people : seconds);

/** A series' key: its name, and its labels as Prometheus writes them. */
function seriesOf(name: string, labels: readonly string[], values: readonly string[]): string {
  if (labels.length === 0) return name;
  const escaped = (value: string) => value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
  return `${name}{${labels.map((label, i) => `${label}="${escaped(values[i] ?? '')}"`).join(',')}}`;
}

/** The name and the labels of a series, as it was written. */
export function partsOf(series: string): { readonly name: string; readonly labels: Record<string, string> } {
  const labels: Record<string, string> = {};
  for (const [, label = '', value = ''] of series.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
    labels[label] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  return { name: series.split('{', 1)[0] ?? '', labels };
}

/** What one isolate has counted since it last told. Labels are few and known: never an id, an address or a name. */
export class Tally {
  #counts = new Map<string, number>();
  #told = 0;

  #add(series: string, by: number): void {
    this.#counts.set(series, (this.#counts.get(series) ?? 0) + by);
  }

  /** Counts `by` more; `values` are its labels' in order. */
  count(metric: Metric, values: readonly string[] = [], by = 1): void {
    this.#add(seriesOf(metric, metrics[metric][1], values), by);
  }

  /** Puts `value` into a histogram. */
  observe(metric: Metric, value: number, values: readonly string[] = []): void {
    const labels = metrics[metric][1];
    for (const limit of bucketsOf(metric))
      if (value <= limit)
        this.#add(seriesOf(`${metric}_bucket`, [...labels, 'le'], [...values, `${limit}`]), 1);
    this.#add(seriesOf(`${metric}_bucket`, [...labels, 'le'], [...values, '+Inf']), 1);
    this.#add(seriesOf(`${metric}_sum`, labels, values), value);
    this.#add(seriesOf(`${metric}_count`, labels, values), 1);
  }

  /** What is to be told now, which it then forgets: nothing more often than every `pause` ms, or when there is nothing. */
  take(now: number, pause: number): [series: string, by: number][] | undefined {
    if (this.#counts.size === 0 || now - this.#told < pause) return undefined;
    const counts = [...this.#counts];
    this.#counts = new Map();
    this.#told = now;
    return counts;
  }

  /** What could not be told is told with the next. */
  giveBack(counts: readonly (readonly [series: string, by: number])[]): void {
    for (const [series, by] of counts) this.#add(series, by);
  }
}

export interface Sample {
  readonly series: string;
  readonly value: number;
}

/** The text that Prometheus reads (exposition format 0.0.4) of `samples`. */
export function exposition(samples: readonly Sample[]): string {
  const lines: string[] = [];
  const sorted = [...samples].sort((a, b) => (a.series < b.series ? -1 : 1));
  for (const [name, [type, , help]] of Object.entries(metrics)) {
    const own = new Set(type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]);
    const found = sorted.filter(({ series }) => own.has(series.split('{', 1)[0] ?? ''));
    lines.push(`# HELP ${prefix}${name} ${help}`, `# TYPE ${prefix}${name} ${type}`);
    for (const { series, value } of found) lines.push(`${prefix}${series} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}
