import { createSignal, onCleanup, onMount, Show } from 'solid-js';
import { m } from '../../language/index.ts';
import { pageLocale } from '../../ui/format.ts';

interface Check {
  readonly at: number;
  readonly ok: boolean;
  readonly took: number;
}
/** Checks that are shown, and the time between two, in milliseconds. */
const kept = 60;
const pause = 10_000;
const [width, height] = [600, 120];

/** Whether the service is well, as this browser sees it. */
export function Health() {
  const [checks, setChecks] = createSignal<readonly Check[]>([]);
  const check = async () => {
    const began = performance.now();
    const ok = await fetch('/healthz', { signal: AbortSignal.timeout(pause) }).then(
      (response) => response.ok,
      () => false,
    );
    const next = { at: Date.now(), ok, took: performance.now() - began };
    setChecks([...checks().slice(1 - kept), next]);
  };
  onMount(() => {
    void check();
    const timer = setInterval(() => void check(), pause);
    onCleanup(() => clearInterval(timer));
  });
  const last = () => checks().at(-1);
  const highest = () => Math.max(50, ...checks().map(({ took }) => took));
  const points = () =>
    checks()
      .map(({ took }, i) => `${(i / (kept - 1)) * width},${height - (took / highest()) * (height - 10)}`)
      .join(' ');
  return (
    <div class="mx-auto max-w-3xl px-5 py-8">
      <Show when={last()} fallback={<p class="text-muted">{m.admin_loading()}</p>}>
        {(it) => (
          <>
            <p class="text-xl/7 font-semibold" classList={{ 'text-danger': !it().ok }} role="status">
              {it().ok ? m.admin_healthy() : m.admin_unhealthy()}
            </p>
            <p class="mt-1 text-[0.9375rem]/6 text-muted">
              {m.admin_checked({ time: new Date(it().at).toLocaleTimeString(pageLocale()) })}
            </p>
            <figure class="mt-6">
              <figcaption class="text-sm text-muted">{m.admin_latency()}</figcaption>
              <svg
                viewBox={`0 0 ${width} ${height}`}
                class="mt-2 w-full rounded-lg border border-line bg-surface text-accent"
                role="img"
                aria-label={`${m.admin_latency()}: ${Math.round(it().took)}`}
              >
                <polyline points={points()} fill="none" stroke="currentColor" stroke-width="2" />
              </svg>
              <p class="mt-1 text-2xl/8 font-semibold tabular-nums">{Math.round(it().took)} ms</p>
            </figure>
          </>
        )}
      </Show>
    </div>
  );
}
