import { createMemo, createSignal, For, onCleanup, Show } from 'solid-js';
import { plain } from '../../engine/markdown.ts';
import { reasonOf, sentence, useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { FileItem, Room, TextItem } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { createAttempt } from '../../ui/attempt.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { formatPercent } from '../../ui/format.ts';
import { Spinner } from '../../ui/spinner.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { fileToForward } from '../files/index.ts';

const nameOf = (item: FileItem): string => item.name ?? m.chat_fileInQuote();

const explain = (error: unknown): string | undefined => {
  if (error instanceof DOMException && error.name === 'QuotaExceededError') return m.chat_forwardNoSpace();
  return reasonOf(error) === 'cancelled' ? undefined : sentence(error);
};

/** Says in another room what was said in this one. A file is fetched, and sent again under a key of its own. */
export function ForwardDialog(props: {
  /** Where it was said. */
  room: Room;
  /** Oldest first. */
  items: readonly (TextItem | FileItem)[] | undefined;
  onClose: () => void;
  onDone: (room: string) => void;
}) {
  const engine = useEngine();
  const rooms = useObservable(() => engine.rooms);
  const [name, setName] = createSignal('');
  const [fetching, setFetching] = createSignal<{ name: string; part: number }>();
  const attempt = createAttempt(explain);
  let abort = new AbortController();
  onCleanup(() => abort.abort());
  const found = createMemo(() => {
    const words = name().trim().toLowerCase();
    return rooms().filter((room) => !room.gone && room.name.toLowerCase().includes(words));
  });
  const close = () => {
    abort.abort();
    setName('');
    attempt.say(undefined);
    props.onClose();
  };
  const fetchFile = async (item: FileItem, signal: AbortSignal) => {
    setFetching({ name: nameOf(item), part: 0 });
    const opened = await props.room.openFile(item);
    try {
      const onProgress = (part: number) => setFetching({ name: nameOf(item), part });
      return await fileToForward(opened, { signal, onProgress });
    } finally {
      opened.close();
      setFetching(undefined);
    }
  };
  const forward = (roomId: string) =>
    attempt.run(async () => {
      abort = new AbortController();
      const { signal } = abort;
      const items = props.items ?? [];
      // All is there before anything is sent, so that who tries again sends nothing twice.
      const files = new Map<FileItem, File>();
      for (const item of items) if (item.kind === 'file') files.set(item, await fetchFile(item, signal));
      if (signal.aborted) return;
      const room = engine.room(roomId);
      for (const item of items)
        await (item.kind === 'text'
          ? room.forward(item.text)
          : room.sendFile(files.get(item)!, { forwarded: true }));
      if (signal.aborted) return;
      close();
      props.onDone(roomId);
    });
  return (
    <Dialog
      open={props.items !== undefined}
      onOpenChange={(open) => !open && close()}
      title={m.chat_forwardTitle({ count: props.items?.length ?? 1 })}
      description={m.chat_forwardText()}
      closeLabel={m.chat_close()}
    >
      <p
        class="mt-4 line-clamp-3 rounded-xl bg-surface px-3.5 py-2.5 text-[0.9375rem] whitespace-pre-line wrap-anywhere"
        dir="auto"
      >
        {(props.items ?? [])
          .map((item) => (item.kind === 'text' ? plain(item.text) : nameOf(item)))
          .join('\n')}
      </p>
      <TextField
        class="mt-4"
        label={m.chat_forwardTo()}
        autocomplete="off"
        value={name()}
        problem={attempt.problem()}
        onInput={setName}
      />
      <Show when={fetching()}>
        {(file) => (
          <p class="mt-3 flex items-center gap-2.5 px-2.5 text-sm/5 text-muted" role="status">
            <Spinner class="size-5 shrink-0 text-accent" />
            <span class="min-w-0 truncate">{m.chat_forwardFetching({ name: file().name })}</span>
            <span class="shrink-0 tabular-nums" aria-hidden="true">
              {formatPercent(file().part)}
            </span>
          </p>
        )}
      </Show>
      <ul class="mt-2 max-h-72 overflow-y-auto">
        <For each={found()} fallback={<li class="px-2.5 py-3 text-muted">{m.chat_noSuchRoom()}</li>}>
          {(room) => (
            <li>
              <button
                type="button"
                class="flex min-h-13 w-full items-center gap-3 rounded-xl px-2.5 text-start hover:bg-hover disabled:opacity-50"
                disabled={attempt.busy()}
                onClick={() => void forward(room.id)}
                data-testid="forward-to"
              >
                <Avatar
                  id={room.id}
                  name={room.name}
                  class="size-9 text-[0.8125rem]"
                  square
                  picture={pictureUrl(room.picture)}
                />
                <span class="truncate">{room.name}</span>
              </button>
            </li>
          )}
        </For>
      </ul>
    </Dialog>
  );
}
