import { createSignal, Match, onCleanup, Show, Switch } from 'solid-js';
import type { FileContent } from '../../../../protocol/content.ts';
import type { ReportView } from '../../../../protocol/rest/admin.ts';
import { isOver, sentenceOf } from '../../engine/admin/console.ts';
import { openReportedFile } from '../../engine/admin/evidence.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { OpaqueFrame } from '../../ui/opaque-frame.tsx';
import { type Showing, showingOf } from '../../ui/showing.ts';
import { useDesk } from './state.ts';

/** The largest file that is put together in memory, in bytes. */
const largest = 256 << 20;

/**
 * A reported file: opened on demand with the key that was revealed, and shown in a frame of an opaque origin.
 */
export function ReportedFile(props: { report: ReportView; content: FileContent }) {
  const { console, failed } = useDesk();
  const [opening, setOpening] = createSignal(false);
  const [problem, setProblem] = createSignal<string>();
  const [shown, setShown] = createSignal<{ name: string; size: number; showing: Showing; blob: Blob }>();
  let closed = false;
  onCleanup(() => {
    closed = true;
  });
  const open = async () => {
    setOpening(true);
    setProblem(undefined);
    try {
      const file = await openReportedFile(console.api, props.report, props.content);
      try {
        const { name, type, size } = file.head;
        const showing = showingOf(file.head);
        if (!showing) return setProblem(m.admin_noPreview({ type: type || name }));
        if (size > largest) return setProblem(m.admin_tooLarge());
        const blob = await file.blob();
        if (!closed) setShown({ name, size, showing, blob });
      } finally {
        file.close();
      }
    } catch (error) {
      if (isOver(error)) failed(error);
      else setProblem(sentenceOf(error));
    } finally {
      setOpening(false);
    }
  };
  return (
    <div class="rounded-2xl border border-line bg-surface px-4 py-3">
      <Switch>
        <Match when={props.report.evidence !== 'verified' || props.report.fileKey === null}>
          <p class="text-[0.9375rem]/6 text-muted">{m.admin_noFileKey()}</p>
        </Match>
        <Match when={shown()} keyed>
          {(it) => (
            <>
              <p class="mb-2 flex gap-3 text-[0.9375rem]/6">
                <span class="min-w-0 flex-1 truncate font-semibold" data-testid="file-name">
                  {it.name}
                </span>
                <span class="text-muted">{formatBytes(it.size)}</span>
              </p>
              <OpaqueFrame
                blob={it.blob}
                showing={it.showing}
                title={m.admin_frame()}
                class="h-[60vh] w-full rounded-lg border border-line bg-canvas"
                onFail={() => setProblem(m.admin_broken())}
              />
            </>
          )}
        </Match>
        <Match when={true}>
          <p class="text-[0.9375rem]/6 text-pretty text-muted">{m.admin_openFileText()}</p>
          <Button class="mt-3" busy={opening()} onClick={open} data-testid="open-file">
            {opening() ? m.admin_opening() : m.admin_openFile()}
          </Button>
        </Match>
      </Switch>
      <Show when={problem()}>
        <p role="alert" class="mt-2 text-sm/5 text-danger">
          {problem()}
        </p>
      </Show>
    </div>
  );
}
