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
import { type Forwarded, fileToForward } from '../files/index.ts';

const nameOf = (item: FileItem): string => item.name ?? m.chat_fileInQuote();

const explain = (error: unknown): string | undefined => {
  if (error instanceof DOMException && error.name === 'QuotaExceededError') return m.chat_forwardNoSpace();
  return reasonOf(error) === 'cancelled' ? undefined : sentence(error);
};

/** Resolves when the upload has been given the file: it may wait long for its turn. */
async function sendOn(room: Room, { file, handle, drop }: Forwarded): Promise<void> {
  const begun = Promise.withResolvers<void>();
  const options = { forwarded: true, handle: Promise.resolve(handle), onBegun: begun.resolve } as const;
  try {
    await Promise.race([begun.promise, room.sendFile(file, options)]);
  } catch (error) {
    await drop();
    throw error;
  }
}

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
  /** What was said where, since it opened: who tries again says nothing twice. */
  const said = new Set<string>();
  onCleanup(() => abort.abort());
  const found = createMemo(() => {
    const words = name().trim().toLowerCase();
    return rooms().filter((room) => !room.gone && room.name.toLowerCase().includes(words));
  });
  const close = () => {
    abort.abort();
    said.clear();
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
      setFetching(undefined);
    }
  };
  const forward = (roomId: string) =>
    attempt.run(async () => {
      abort = new AbortController();
      const { signal } = abort;
      const room = engine.room(roomId);
      const once = async ({ id }: TextItem | FileItem, say: () => Promise<void>) => {
        const key = `${roomId} ${id}`;
        said.add(key);
        try {
          await say();
        } catch (error) {
          said.delete(key);
          throw error;
        }
      };
      const items = (props.items ?? []).filter(({ id }) => !said.has(`${roomId} ${id}`));
      // All is there before anything is sent.
      const files = new Map<FileItem, Forwarded>();
      try {
        for (const item of items) if (item.kind === 'file') files.set(item, await fetchFile(item, signal));
        signal.throwIfAborted();
      } catch (error) {
        await Promise.all([...files.values()].map(({ drop }) => drop()));
        if (signal.aborted) return;
        throw error;
      }
      // From here on closing the dialog takes nothing back: each file is its upload's, and the words go with them.
      await Promise.all([...files].map(([item, found]) => once(item, () => sendOn(room, found))));
      for (const item of items) if (item.kind === 'text') await once(item, () => room.forward(item.text));
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
