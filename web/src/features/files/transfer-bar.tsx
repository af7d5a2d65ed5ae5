import Pause from 'lucide-solid/icons/pause';
import Play from 'lucide-solid/icons/play';
import X from 'lucide-solid/icons/x';
import { Show } from 'solid-js';
import type { Upload, UploadProgress } from '../../engine/transfers/types.ts';
import { m } from '../../language/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { formatBytes, formatPercent, formatTimeLeft } from '../../ui/format.ts';

/** How far something is, as a line. `fraction` 0 to 1. */
export function Bar(props: { fraction: number; label: string; quiet?: boolean }) {
  const percent = () => Math.round(Math.min(1, Math.max(0, props.fraction)) * 100);
  return (
    <div
      class="h-1 overflow-hidden rounded-full bg-hover"
      role="progressbar"
      aria-label={props.label}
      aria-valuenow={percent()}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <div
        class="h-full rounded-full transition-[width] duration-300"
        classList={{ 'bg-accent': !props.quiet, 'bg-muted': props.quiet ?? false }}
        style={{ width: `${percent()}%` }}
      />
    </div>
  );
}

/** Whole percents, rounded down: it says 100 only when it is. */
export const percentOf = (part: number, whole: number): string =>
  formatPercent(whole > 0 ? Math.min(100, Math.floor((part / whole) * 100)) / 100 : 0);

function describe({ state, sent, total, bytesPerSecond }: UploadProgress): string {
  const percent = percentOf(sent, total);
  if (state === 'queued') return m.files_queued();
  if (state === 'preparing') return '\u00a0';
  if (state === 'paused') return `${percent} · ${m.files_paused()}`;
  if (state === 'waiting') return `${percent} · ${m.files_waiting()}`;
  if (bytesPerSecond <= 0) return percent;
  const speed = m.files_perSecond({ amount: formatBytes(bytesPerSecond) });
  const left = (total - sent) / bytesPerSecond;
  return left > 0
    ? m.files_sendingLeft({ percent, speed, left: formatTimeLeft(left) })
    : m.files_sending({ percent, speed });
}

/** One's own upload: how far, how fast, how long, and the hand on it. */
export function UploadBar(props: { upload: Upload; progress: UploadProgress; onCancel: () => void }) {
  const paused = () => props.progress.state === 'paused';
  return (
    <div class="flex items-center gap-1" data-testid="upload" data-state={props.progress.state}>
      <div class="min-w-0 flex-1">
        <Bar
          fraction={props.progress.total ? props.progress.sent / props.progress.total : 0}
          label={m.files_progress()}
          quiet={paused() || props.progress.state === 'waiting'}
        />
        <p class="mt-1.5 truncate text-[0.8125rem]/4.5 text-muted tabular-nums">{describe(props.progress)}</p>
      </div>
      <Show when={props.progress.state !== 'preparing' && props.progress.state !== 'queued'}>
        <IconButton
          label={paused() ? m.files_resume() : m.files_pause()}
          tip="above"
          onClick={() => (paused() ? props.upload.resume() : props.upload.pause())}
        >
          <Show when={paused()} fallback={<Pause class="size-4.5" />}>
            <Play class="size-4.5" />
          </Show>
        </IconButton>
      </Show>
      <IconButton label={m.files_stop()} tip="above" onClick={props.onCancel}>
        <X class="size-4.5" />
      </IconButton>
    </div>
  );
}
