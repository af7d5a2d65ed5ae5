import CircleAlert from 'lucide-solid/icons/circle-alert';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import X from 'lucide-solid/icons/x';
import { createMemo, For, Show } from 'solid-js';
import type { Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { IconButton } from '../../ui/button.tsx';

/** What the roster check found. */
export function WarningBar(props: { warnings: readonly string[] }) {
  return (
    <div role="alert" class="flex shrink-0 gap-3 bg-warn-soft px-4 py-3 text-sm/5 sm:px-6">
      <TriangleAlert class="mt-0.5 size-4.5 shrink-0 text-warn" />
      <div class="min-w-0 flex-1">
        <p class="font-semibold">{m.chat_warning()}</p>
        <p class="text-pretty">{props.warnings[0]}</p>
        <Show when={props.warnings.length > 1}>
          <details>
            <summary class="w-fit rounded-sm py-1 font-semibold text-warn">
              {m.chat_moreWarnings({ count: props.warnings.length - 1 })}
            </summary>
            <ul class="flex list-disc flex-col gap-1 ps-4">
              <For each={props.warnings.slice(1)}>{(warning) => <li class="text-pretty">{warning}</li>}</For>
            </ul>
          </details>
        </Show>
      </div>
    </div>
  );
}

/** Gathers what was not sent, so that one press tries all of it again. */
export function FailedBar(props: { room: Room; view: RoomView }) {
  const failed = createMemo(() =>
    props.view.gone
      ? []
      : props.view.timeline.filter((item) => item.kind === 'text' && item.state === 'failed'),
  );
  const retryAll = () => {
    for (const item of failed()) void props.room.retry(item.id);
  };
  return (
    <Show when={failed().length > 1}>
      <div class="mx-auto w-full max-w-3xl px-3 pb-2 sm:px-6">
        <div
          role="status"
          class="flex items-center gap-3 rounded-2xl bg-danger-soft py-1 pe-1 ps-4 text-sm/5 text-danger"
        >
          <CircleAlert class="size-4.5 shrink-0" />
          <span class="flex-1 py-2">{m.chat_failedMany({ count: failed().length })}</span>
          <button
            type="button"
            class="min-h-11 rounded-xl px-3 font-semibold text-ink hover:bg-hover"
            onClick={retryAll}
          >
            {m.chat_retryAll()}
          </button>
        </div>
      </div>
    </Show>
  );
}

/** Something that could not be done, until it is read. */
export function ProblemBar(props: { text: string; onDismiss: () => void }) {
  return (
    <div class="mx-auto w-full max-w-3xl px-3 pb-2 sm:px-6">
      <div
        role="alert"
        class="flex items-center gap-3 rounded-2xl bg-danger-soft py-1 pe-1 ps-4 text-sm/5 text-danger"
      >
        <CircleAlert class="size-4.5 shrink-0" />
        <span class="flex-1 py-2">{props.text}</span>
        <IconButton label={m.chat_dismiss()} tip="none" class="text-danger" onClick={props.onDismiss}>
          <X class="size-4.5" />
        </IconButton>
      </div>
    </div>
  );
}

/** Stands in the composer's place while somebody is in the room who is not who was verified by their name. */
export function BlockedBar(props: { name: string; onWhy: () => void }) {
  return (
    <div
      class="flex shrink-0 items-center gap-3 border-t border-line bg-danger-soft px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] text-sm/5 sm:px-6"
      data-testid="blocked"
    >
      <CircleAlert class="size-4.5 shrink-0 text-danger" />
      <p class="min-w-0 flex-1 text-pretty">{m.chat_blocked({ name: props.name })}</p>
      <button
        type="button"
        class="-my-1 min-h-11 shrink-0 rounded-xl px-3 font-semibold text-ink hover:bg-hover"
        onClick={() => props.onWhy()}
      >
        {m.chat_why()}
      </button>
    </div>
  );
}

/** Stands in the composer's place when nothing can be sent any more. */
export function GoneBar(props: { text: string }) {
  return (
    <p
      role="status"
      class="shrink-0 border-t border-line bg-sunken px-6 pt-4 pb-[max(1rem,env(safe-area-inset-bottom))] text-center text-[0.9375rem]/6 text-pretty text-muted"
      data-testid="gone"
    >
      {props.text}
    </p>
  );
}
