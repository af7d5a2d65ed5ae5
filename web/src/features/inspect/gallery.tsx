import { createSignal, For, onMount, Show } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import type { FileItem, Room } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { now } from '../../ui/clock.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Empty } from '../../ui/empty.tsx';
import { formatMoment } from '../../ui/format.ts';
import { FileCard } from '../files/index.ts';

const pageSize = 12;

/** Everything that was sent here as a file, the newest first: to look at, play, save, or find in the conversation. */
export function Gallery(props: {
  room: Room;
  open: boolean;
  onClose: () => void;
  onShow: (item: FileItem) => void;
}) {
  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      title={m.inspect_gallery()}
      closeLabel={m.inspect_close()}
    >
      <Inside room={props.room} onShow={props.onShow} />
    </Dialog>
  );
}

function Inside(props: { room: Room; onShow: (item: FileItem) => void }) {
  const [items, setItems] = createSignal<readonly FileItem[]>();
  const [more, setMore] = createSignal(false);
  const [problem, setProblem] = createSignal<string>();
  const load = async () => {
    try {
      const known = items() ?? [];
      const page = await props.room.files(known.at(-1)?.seq, pageSize);
      setItems([...known, ...page]);
      setMore(page.length === pageSize);
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  onMount(() => void load());
  return (
    <>
      <Show when={problem()}>
        <p role="alert" class="mt-4 rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-danger">
          {problem()}
        </p>
      </Show>
      <Show when={items()?.length === 0}>
        <div class="h-56">
          <Empty title={m.inspect_galleryNone()} text={m.inspect_galleryNoneText()} />
        </div>
      </Show>
      <ul class="mt-4 flex flex-col gap-5" data-testid="gallery">
        <For each={items()}>
          {(item) => (
            <li>
              <div class="mb-1 flex items-baseline gap-2 text-[0.8125rem] text-muted">
                <span class="min-w-0 flex-1 truncate">
                  {m.inspect_sent({
                    who: item.mine ? m.inspect_youSent() : item.authorName,
                    when: formatMoment(item.at, now()),
                  })}
                </span>
                <button
                  type="button"
                  class="-my-1 min-h-9 shrink-0 rounded-md px-1.5 font-semibold text-accent hover:bg-hover pointer-coarse:min-h-11"
                  onClick={() => props.onShow(item)}
                >
                  {m.inspect_inRoom()}
                </button>
              </div>
              <FileCard item={item} room={props.room} meta={null} onPlaying={() => {}} />
            </li>
          )}
        </For>
      </ul>
      <Show when={more()}>
        <Button class="mt-5 w-full" onClick={load}>
          {m.inspect_more()}
        </Button>
      </Show>
    </>
  );
}
