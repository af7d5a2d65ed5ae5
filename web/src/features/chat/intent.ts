import { createEffect, createSignal, on, type Signal } from 'solid-js';
import { inBackground } from '../../engine/background.ts';
import type { FileItem, Room, TextItem } from '../../engine/types.ts';

/** What the words in the composer are for, when they are no message of their own. */
export type Intent =
  | { readonly kind: 'reply'; readonly item: TextItem | FileItem }
  | { readonly kind: 'edit'; readonly item: TextItem };

/** What was begun in `room` goes on when its person comes back to it, be it after a reload: unless its message is gone. */
export function createIntent(room: Room): Signal<Intent | undefined> {
  const { begun } = room;
  const [intent, setIntent] = createSignal(begunIn(room));
  if (begun && !intent()) {
    const find = async () => {
      if (begun.seq !== undefined) await room.reach(begun.id, begun.seq);
      if (room.begun !== begun) return;
      setIntent(begunIn(room));
      if (!intent()) await room.begin(undefined);
    };
    inBackground(find(), 'looking for what was being answered');
  }
  createEffect(
    on(
      intent,
      (now) => {
        // The words of a change are kept as they are written.
        if (now?.kind === 'edit' && room.begun?.kind === 'edit' && room.begun.id === now.item.id) return;
        const begins = now?.kind === 'reply' && { kind: now.kind, id: now.item.id, seq: now.item.seq };
        inBackground(room.begin(begins || undefined), 'keeping what is answered');
      },
      { defer: true },
    ),
  );
  return [intent, setIntent];
}

/** The message that is being changed, as it is to read as of now. */
export const changedText = (room: Room, { id, text }: TextItem): string =>
  room.begun?.kind === 'edit' && room.begun.id === id ? room.begun.text : text;

function begunIn({ begun, view }: Room): Intent | undefined {
  const item = begun && view.get().timeline.find(({ id }) => id === begun.id);
  if (item?.kind === 'text' && begun?.kind === 'edit') return { kind: 'edit', item };
  if ((item?.kind === 'text' || item?.kind === 'file') && begun?.kind === 'reply')
    return { kind: 'reply', item };
  return undefined;
}
