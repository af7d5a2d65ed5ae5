import Copy from 'lucide-solid/icons/copy';
import Forward from 'lucide-solid/icons/forward';
import Trash from 'lucide-solid/icons/trash';
import X from 'lucide-solid/icons/x';
import { createMemo } from 'solid-js';
import type { FileItem, TextItem } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { isForwardable, type Selection } from './selection.ts';

/** Stands in place of the composer while messages are selected: what can be done with them together. */
export function SelectionBar(props: {
  selection: Selection;
  onCopy: (items: readonly TextItem[]) => void;
  onForward: (items: readonly (TextItem | FileItem)[]) => void;
  onDelete: (items: readonly (TextItem | FileItem)[]) => void;
}) {
  const items = () => props.selection.items();
  const texts = createMemo(() => items().filter((item) => item.kind === 'text'));
  const own = createMemo(() => items().filter((item) => item.mine));
  return (
    <div
      role="toolbar"
      aria-label={m.chat_selection()}
      class="mx-auto flex w-full max-w-3xl items-center gap-1 px-2 pt-1 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-4"
      data-testid="selection"
    >
      <IconButton label={m.chat_endSelection()} tip="above" onClick={() => props.selection.end()}>
        <X class="size-5" />
      </IconButton>
      <p role="status" class="min-w-0 flex-1 truncate font-semibold">
        {m.chat_selected({ count: items().length })}
      </p>
      <IconButton
        label={m.chat_copyText()}
        tip="above"
        disabled={texts().length === 0}
        data-testid="copy-selected"
        onClick={() => props.onCopy(texts())}
      >
        <Copy class="size-5" />
      </IconButton>
      <IconButton
        label={m.chat_forward()}
        tip="above"
        disabled={!items().every(isForwardable)}
        data-testid="forward-selected"
        onClick={() => props.onForward(items())}
      >
        <Forward class="size-5" />
      </IconButton>
      <IconButton
        label={own().length === items().length ? m.chat_delete() : m.chat_deleteOwn({ count: own().length })}
        tip="above"
        disabled={own().length === 0}
        class="text-danger!"
        data-testid="delete-selected"
        onClick={() => props.onDelete(own())}
      >
        <Trash class="size-5" />
      </IconButton>
    </div>
  );
}
