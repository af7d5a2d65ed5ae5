import { createMemo, createSignal, For } from 'solid-js';
import { plain } from '../../engine/markdown.ts';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { TextItem } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** Says in another room what was said in this one. */
export function ForwardDialog(props: {
  /** Oldest first. */
  items: readonly TextItem[] | undefined;
  onClose: () => void;
  onDone: (room: string) => void;
}) {
  const engine = useEngine();
  const rooms = useObservable(() => engine.rooms);
  const [name, setName] = createSignal('');
  const [problem, setProblem] = createSignal<string>();
  const found = createMemo(() => {
    const words = name().trim().toLowerCase();
    return rooms().filter((room) => !room.gone && room.name.toLowerCase().includes(words));
  });
  const close = () => {
    setName('');
    setProblem(undefined);
    props.onClose();
  };
  const forward = async (roomId: string) => {
    try {
      for (const { text } of props.items ?? []) await engine.room(roomId).forward(text);
      close();
      props.onDone(roomId);
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  return (
    <Dialog
      open={props.items !== undefined}
      onOpenChange={(open) => !open && close()}
      title={m.chat_forwardTitle()}
      description={m.chat_forwardText()}
      closeLabel={m.chat_close()}
    >
      <p
        class="mt-4 line-clamp-3 rounded-xl bg-surface px-3.5 py-2.5 text-[0.9375rem] wrap-anywhere"
        dir="auto"
      >
        {(props.items ?? []).map(({ text }) => plain(text)).join('\n')}
      </p>
      <TextField
        class="mt-4"
        label={m.chat_forwardTo()}
        autocomplete="off"
        value={name()}
        problem={problem()}
        onInput={setName}
      />
      <ul class="mt-2 max-h-72 overflow-y-auto">
        <For each={found()} fallback={<li class="px-2.5 py-3 text-muted">{m.chat_noSuchRoom()}</li>}>
          {(room) => (
            <li>
              <button
                type="button"
                class="flex min-h-13 w-full items-center gap-3 rounded-xl px-2.5 text-start hover:bg-hover"
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
