// What every benchmark shares: ours and its anchor measured in turn in one run, compared, and printed.

/** One comparison. The metric's name carries its unit. */
export interface Row {
  readonly metric: string;
  readonly ours: number;
  /** What ours is held against: another system measured in the same run, or a limit that we promised. */
  readonly anchor: number;
  /** ours / anchor. */
  readonly ratio: number;
  /** The bound on the ratio, such as `≤ 1`; null where the row only informs. */
  readonly target: string | null;
  /** Whether the ratio keeps to it; null where there is none. */
  readonly holds: boolean | null;
}

export interface Benchmark {
  readonly name: string;
  /** Measures. What it says meanwhile goes to `say`, never to stdout. */
  run(say: (line: string) => void): Promise<Row[]>;
}

/** A bound on a ratio: what is small should stay below `atMost`, what is large above `atLeast`. */
export type Target = { readonly atMost: number } | { readonly atLeast: number };

/** Compares one measurement with its anchor. Throws a RangeError where there is nothing to compare. */
export function compare(metric: string, ours: number, anchor: number, target?: Target): Row {
  if (!(Number.isFinite(ours) && anchor > 0)) {
    throw new RangeError(`${metric}: ${ours} can't be compared with ${anchor}`);
  }
  const ratio = ours / anchor;
  const values = { metric, ours, anchor, ratio };
  if (target === undefined) return { ...values, target: null, holds: null };
  return 'atMost' in target
    ? { ...values, target: `≤ ${target.atMost}`, holds: ratio <= target.atMost }
    : { ...values, target: `≥ ${target.atLeast}`, holds: ratio >= target.atLeast };
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError('no values have no median');
  return (lower + upper) / 2;
}

/** The value that 19 of 20 don't exceed; of 20 values the second largest. */
export function p95(values: readonly number[]): number {
  const value = values.toSorted((one, other) => one - other)[Math.ceil(values.length * 0.95) - 1];
  if (value === undefined) throw new RangeError('no values have no p95');
  return value;
}

/** How long `task` takes, in seconds. */
export async function seconds(task: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await task();
  return (performance.now() - began) / 1000;
}

const columns = ['metric', 'ours', 'anchor', 'ratio', 'target', 'holds'] as const;

/** The rows as an aligned table (Markdown, so that it can be pasted into bench/README.md). */
export function table(rows: readonly Row[]): string {
  const cells = [
    [...columns],
    ...rows.map((row) => [
      row.metric,
      short(row.ours),
      short(row.anchor),
      `${short(row.ratio)} ×`,
      row.target === null ? '' : `${row.target} ×`,
      row.holds === null ? '' : row.holds ? 'yes' : 'NO',
    ]),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const line = (row: string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? `:${'-'.repeat(width + 1)}` : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  const [head = [], ...body] = cells;
  return [line(head), rule, ...body.map(line)].join('\n');
}

/** The one line of `--json`. */
export function jsonLine(name: string, rows: readonly Row[]): string {
  return JSON.stringify({ name, rows });
}

/** Three significant figures, without an exponent. */
function short(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}
