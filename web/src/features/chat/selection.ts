import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js';
import type { FileItem, RoomView, TextItem, TimelineItem } from '../../engine/types.ts';
import { onCloseRequest } from '../../ui/close-request.ts';

/** Several messages that something is to be done with. */
export interface Selection {
  /** Whether messages are being selected: a tap on one takes it in, or lets it go. */
  readonly active: Accessor<boolean>;
  has(id: string): boolean;
  /** The selected messages that are still there, oldest first. */
  readonly items: Accessor<readonly (TextItem | FileItem)[]>;
  begin(id: string): void;
  /** Takes one in, or lets it go; with `range` all from the one that was touched last to it. Without any, it is over. */
  toggle(id: string, range: boolean): void;
  end(): void;
}

/** What can be selected: what somebody said, once it is on its way. */
export const isSelectable = (item: TimelineItem): item is TextItem | FileItem =>
  (item.kind === 'text' || item.kind === 'file') && item.state !== 'failed';

/** What can be sent on: words, and files that the room has been told of. */
export const isForwardable = (item: TextItem | FileItem): boolean =>
  item.kind === 'text' || item.commitment !== '';

/** The ids after one was touched. Pure. */
export function touched(
  selected: ReadonlySet<string>,
  order: readonly string[],
  id: string,
  from: string | undefined,
): ReadonlySet<string> {
  const next = new Set(selected);
  if (from === undefined) {
    if (!next.delete(id)) next.add(id);
    return next;
  }
  const [one, other] = [order.indexOf(from), order.indexOf(id)];
  if (one < 0 || other < 0) return next.add(id);
  for (const each of order.slice(Math.min(one, other), Math.max(one, other) + 1)) next.add(each);
  return next;
}

export function createSelection(view: Accessor<RoomView>): Selection {
  const [ids, setIds] = createSignal<ReadonlySet<string>>(new Set<string>());
  let last: string | undefined;
  const active = () => ids().size > 0;
  const items = createMemo(() => {
    const selected = ids();
    if (selected.size === 0) return [];
    return view()
      .timeline.filter(isSelectable)
      .filter(({ id }) => selected.has(id));
  });
  const end = () => {
    last = undefined;
    setIds(new Set<string>());
  };
  onCloseRequest(active, end);
  createEffect(
    on(active, (now) => {
      if (!now) return;
      const onKey = (event: KeyboardEvent) => {
        if (event.key === 'Escape' && !event.defaultPrevented) end();
      };
      window.addEventListener('keydown', onKey);
      onCleanup(() => window.removeEventListener('keydown', onKey));
    }),
  );
  // What was selected may be deleted by somebody else, or disappear.
  createEffect(() => {
    if (active() && items().length === 0) end();
  });
  return {
    active,
    has: (id) => ids().has(id),
    items,
    begin: (id) => {
      last = id;
      setIds(new Set([id]));
    },
    toggle: (id, range) => {
      const order = view()
        .timeline.filter(isSelectable)
        .map((item) => item.id);
      setIds((before) => touched(before, order, id, range ? last : undefined));
      last = id;
    },
    end,
  };
}
