import { For, Show } from 'solid-js';
import { m } from '../../language/index.ts';

/** One line of a chart. Where it has no value, it has a gap. */
export interface Line {
  /** Left out where there is only one. */
  readonly name?: string;
  readonly values: readonly (number | undefined)[];
  /** The second of two is told from the first by dashes, not by colour alone. */
  readonly second?: boolean;
  /** What nobody wants to see above zero. */
  readonly bad?: boolean;
}

/** The drawing's own units: it is stretched to whatever room there is. */
const [width, height] = [300, 64];

/** Lines over time: a small one, with what it is now in figures, and all that it shows in words for who can't see it. */
export function Chart(props: {
  label: string;
  /** When each value was, in milliseconds; and what the drawing reaches from and to. */
  at: readonly number[];
  from: number;
  to: number;
  lines: readonly Line[];
  format: (value: number) => string;
}) {
  const known = () => props.lines.flatMap(({ values }) => values.filter((value) => value !== undefined));
  const highest = () => Math.max(0, ...known());
  const now = ({ values }: Line) => {
    const last = values.at(-1);
    return last === undefined ? m.admin_none() : props.format(last);
  };
  const words = () =>
    props.lines
      .map((line) => {
        const values = line.values.filter((value) => value !== undefined);
        const [least, most] = [Math.min(...values), Math.max(...values)];
        const said =
          values.length === 0
            ? m.admin_none()
            : m.admin_lineWords({
                now: now(line),
                least: props.format(least),
                most: props.format(most),
              });
        return line.name === undefined ? said : `${line.name}: ${said}`;
      })
      .join(' ');
  const tone = (line: Line) =>
    line.bad && line.values.some((value) => value)
      ? 'text-danger'
      : line.second
        ? 'text-muted'
        : 'text-accent';
  return (
    <figure class="flex flex-col rounded-lg border border-line bg-surface px-4 pt-3 pb-4" data-testid="chart">
      <figcaption class="flex items-baseline gap-2 text-sm text-muted">
        <span class="flex-1">{props.label}</span>
        <Show when={highest() > 0}>
          <span class="text-[0.8125rem] tabular-nums" aria-hidden="true">
            {m.admin_highest({ value: props.format(highest()) })}
          </span>
        </Show>
      </figcaption>
      <p class="mt-1 mb-2.5 flex flex-wrap items-baseline gap-x-4" aria-hidden="true">
        <For each={props.lines}>
          {(line) => (
            <span class="flex items-baseline gap-1.5">
              <span
                class="text-xl/7 font-semibold tabular-nums"
                classList={{ 'text-danger': tone(line) === 'text-danger' }}
              >
                {now(line)}
              </span>
              <Show when={line.name}>
                <span class="flex items-center gap-1.5 text-[0.8125rem] text-muted">
                  {line.name}
                  <svg viewBox="0 0 16 4" aria-hidden="true" class={`h-1 w-4 ${tone(line)}`}>
                    <path d="M0 2H16" {...stroke(line)} />
                  </svg>
                </span>
              </Show>
            </span>
          )}
        </For>
      </p>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        class="mt-auto h-12 w-full sm:h-16 overflow-visible"
        role="img"
        aria-label={`${props.label}. ${words()}`}
      >
        <path d={`M0 ${height}H${width}`} class="text-edge" {...stroke({ values: [] })} stroke-width="1" />
        <For each={props.lines.toReversed()}>
          {(line) => (
            <path
              class={tone(line)}
              d={pathOf(line, props.at, props.from, props.to, highest())}
              {...stroke(line)}
            />
          )}
        </For>
      </svg>
    </figure>
  );
}

const stroke = ({ second }: Line) =>
  ({
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': 2,
    'stroke-linejoin': 'round',
    'stroke-linecap': second ? 'butt' : 'round',
    'vector-effect': 'non-scaling-stroke',
    ...(second && { 'stroke-dasharray': '4 3' }),
  }) as const;

/** The line through its values, begun anew after each gap. */
function pathOf({ values }: Line, at: readonly number[], from: number, to: number, highest: number): string {
  let pen = 'M';
  return values
    .map((value, i) => {
      if (value === undefined) {
        pen = 'M';
        return '';
      }
      const x = ((at[i] ?? from) - from) / Math.max(1, to - from);
      const y = highest === 0 ? 0 : value / highest;
      const point = `${pen}${(x * width).toFixed(1)} ${((1 - y) * (height - 2) + 1).toFixed(1)}`;
      // One point alone is a dot.
      const step = pen === 'M' ? `${point}h0` : point;
      pen = 'L';
      return step;
    })
    .join('');
}
