import { createMemo, For, Match, onCleanup, onMount, Show, Switch } from 'solid-js';
import { isOver } from '../../engine/admin/console.ts';
import { attemptsBetween, kindsBetween, type Pulse, pulsesOf } from '../../engine/admin/health.ts';
import { m } from '../../language/index.ts';
import { formatBytes, formatLife, formatNumber, pageLocale } from '../../ui/format.ts';
import { Chart, type Line } from './chart.tsx';
import { useDesk } from './state.ts';

/** Readings that are shown, and the time between two, in milliseconds: ten minutes. */
const kept = 120;
const pause = 5_000;
/** The least that a chart reaches over, in milliseconds. */
const least = 60_000;

/** How the service is: whether it answers, and what it has counted, in lines that go on while one looks. */
export function Health() {
  const { console, failed, readings, setReadings } = useDesk();
  let reading = false;
  const read = async () => {
    if (reading || document.hidden) return;
    reading = true;
    const began = performance.now();
    const ok = await fetch('/healthz', { signal: AbortSignal.timeout(pause) }).then(
      (response) => response.ok,
      () => false,
    );
    const took = performance.now() - began;
    const counts = await console.api('getServiceCounts', {}).catch((error: unknown) => {
      // That it can't be read stands on this page itself.
      if (isOver(error)) failed(error);
      return undefined;
    });
    reading = false;
    setReadings([...readings().slice(1 - kept), { at: Date.now(), ok, took, counts }]);
  };
  onMount(() => {
    void read();
    const timer = setInterval(() => void read(), pause);
    onCleanup(() => clearInterval(timer));
  });
  return (
    // A scrolling region must be reachable by keyboard.
    <section
      class="h-full overflow-y-auto -outline-offset-2"
      tabindex={0}
      aria-label={m.admin_tabs({ tab: 'health' })}
    >
      <div class="mx-auto max-w-6xl px-5 py-6">
        <Show when={readings().at(-1)} fallback={<p class="text-muted">{m.admin_loading()}</p>}>
          {(last) => (
            <>
              <p class="text-xl/7 font-semibold" classList={{ 'text-danger': !last().ok }} role="status">
                {last().ok ? m.admin_healthy() : m.admin_unhealthy()}
              </p>
              <p class="mt-1 text-[0.9375rem]/6 text-muted">
                {m.admin_checked({ time: clock(last().at), seconds: pause / 1000 })}
              </p>
              <Charts />
            </>
          )}
        </Show>
      </div>
    </section>
  );
}

const clock = (at: number) => new Date(at).toLocaleTimeString(pageLocale());
const milliseconds = (value: number) =>
  new Intl.NumberFormat(pageLocale(), {
    style: 'unit',
    unit: 'millisecond',
    maximumFractionDigits: 0,
  }).format(value);
/** `12 ms`, `1.3 s`; seconds in. */
const duration = (seconds: number) =>
  seconds < 1
    ? milliseconds(seconds * 1000)
    : new Intl.NumberFormat(pageLocale(), {
        style: 'unit',
        unit: 'second',
        maximumFractionDigits: seconds < 10 ? 1 : 0,
      }).format(seconds);
const rate = (value: number) =>
  new Intl.NumberFormat(pageLocale(), { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);

function Charts() {
  const { readings } = useDesk();
  const counts = createMemo(() => readings().flatMap((each) => (each.counts ? [each.counts] : [])));
  const pulses = createMemo(() => pulsesOf(counts()));
  const last = () => readings().at(-1);
  const to = () => last()?.at ?? 0;
  const from = () => Math.min(to() - least, readings()[0]?.at ?? 0);
  const of = <T,>(pick: (pulse: Pulse) => T) => pulses().map(pick);
  const shown = () => {
    const at = of((it) => it.at);
    const charts: { label: string; lines: Line[]; format: (value: number) => string }[] = [
      {
        label: m.admin_requestsChart(),
        lines: [
          { name: m.admin_answered(), values: of((it) => it.requests) },
          { name: m.admin_failed(), values: of((it) => it.failed), second: true, bad: true },
        ],
        format: rate,
      },
      {
        label: m.admin_timeChart(),
        lines: [
          { name: m.admin_half(), values: of((it) => it.half) },
          { name: m.admin_most(), values: of((it) => it.most), second: true },
        ],
        format: duration,
      },
      { label: m.admin_socketsChart(), lines: [{ values: of((it) => it.sockets) }], format: formatNumber },
      { label: m.admin_sentChart(), lines: [{ values: of((it) => it.sent) }], format: rate },
      {
        label: m.admin_outboxDepthChart(),
        lines: [{ values: of((it) => it.outboxDepth), bad: true }],
        format: formatNumber,
      },
      {
        label: m.admin_outboxAgeChart(),
        lines: [{ values: of((it) => it.outboxAge), bad: true }],
        format: duration,
      },
      {
        label: m.admin_uploadsChart(),
        lines: [{ values: of((it) => it.uploaded) }],
        format: (value) => formatBytes(value),
      },
      {
        label: m.admin_attemptsChart(),
        lines: [
          { name: m.admin_accepted(), values: of((it) => it.accepted) },
          { name: m.admin_refused(), values: of((it) => it.refused), second: true },
        ],
        format: rate,
      },
    ];
    return charts.map((chart) => ({ ...chart, at }));
  };
  const isStale = () => last()?.counts === undefined;
  const lastRead = () => readings().findLast(({ counts }) => counts)?.at;
  return (
    <>
      <Switch>
        <Match when={isStale() && lastRead()}>
          {(at) => (
            <p role="alert" class="mt-4 rounded-md bg-warn-soft px-4 py-2 text-[0.9375rem]/6 text-warn">
              {m.admin_stale({ time: clock(at()) })}
            </p>
          )}
        </Match>
        <Match when={isStale()}>
          <p role="alert" class="mt-4 rounded-md bg-warn-soft px-4 py-2 text-[0.9375rem]/6 text-warn">
            {m.admin_unread()}
          </p>
        </Match>
        <Match when={pulses().length === 0}>
          <p class="mt-4 text-[0.9375rem]/6 text-muted">{m.admin_firstLines()}</p>
        </Match>
      </Switch>
      <div class="mt-5 grid gap-3 sm:grid-cols-2 lg:grid-cols-3" classList={{ grayscale: isStale() }}>
        <Show when={pulses().length > 0}>
          <For each={shown()}>{(chart) => <Chart {...chart} from={from()} to={to()} />}</For>
        </Show>
        <Chart
          label={m.admin_latency()}
          lines={[{ values: readings().map(({ ok, took }) => (ok ? took : undefined)) }]}
          at={readings().map(({ at }) => at)}
          from={from()}
          to={to()}
          format={milliseconds}
        />
      </div>
      <Show when={pulses().length > 0}>
        <Tables />
      </Show>
    </>
  );
}

/** The same in figures, over all the time that is shown. */
function Tables() {
  const { readings } = useDesk();
  const span = createMemo(() => {
    const counts = readings().flatMap((each) => (each.counts ? [each.counts] : []));
    return [counts[0]!, counts.at(-1)!] as const;
  });
  const minutes = () => {
    const [first, last] = span();
    const seconds = (Date.parse(last.at) - Date.parse(first.at)) / 1000;
    return formatLife(seconds < 60 ? Math.max(1, Math.round(seconds)) : Math.round(seconds / 60) * 60);
  };
  return (
    <div class="mt-6 grid items-start gap-x-10 gap-y-6 lg:grid-cols-[3fr_2fr]">
      <Table
        caption={m.admin_kindsTable({ time: minutes() })}
        heads={[m.admin_routes(), m.admin_requestsChart(), m.admin_failed(), m.admin_half(), m.admin_most()]}
        rows={kindsBetween(...span()).map(({ kind, rate: each, failed, half, most }) => [
          m.admin_kinds({ kind }),
          rate(each),
          formatNumber(failed),
          half === undefined ? m.admin_none() : duration(half),
          most === undefined ? m.admin_none() : duration(most),
        ])}
      />
      <Table
        caption={m.admin_attemptsTable({ time: minutes() })}
        heads={[m.admin_operation(), m.admin_outcome(), m.admin_times()]}
        rows={attemptsBetween(...span()).map(({ operation, outcome, count }) => [
          m.admin_operations({ operation }),
          outcome === 'ok' ? m.admin_accepted() : outcome,
          formatNumber(count),
        ])}
      />
    </div>
  );
}

function Table(props: { caption: string; heads: readonly string[]; rows: readonly (readonly string[])[] }) {
  const isFigure = (i: number) => i >= props.heads.length - (props.heads.length > 3 ? 4 : 1);
  return (
    <div class="overflow-x-auto">
      <table class="w-full text-[0.9375rem]/6" data-testid="figures">
        <caption class="pb-1 text-start font-semibold">{props.caption}</caption>
        <thead class="text-[0.8125rem] text-muted">
          <tr>
            <For each={props.heads}>
              {(head, i) => (
                <th
                  scope="col"
                  class="border-b border-line py-1 pe-3 font-normal first-letter:uppercase last:pe-0"
                  classList={{ 'text-end': isFigure(i()), 'text-start': !isFigure(i()) }}
                >
                  {head}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For
            each={props.rows}
            fallback={
              <tr>
                <td class="py-2 text-muted" colspan={props.heads.length}>
                  {m.admin_nothingYet()}
                </td>
              </tr>
            }
          >
            {(row) => (
              <tr>
                <For each={row}>
                  {(cell, i) => (
                    <td
                      class="border-b border-line py-1.5 pe-3 last:pe-0"
                      classList={{ 'text-end tabular-nums': isFigure(i()) }}
                    >
                      {cell}
                    </td>
                  )}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}
