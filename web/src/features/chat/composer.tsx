import ArrowUp from 'lucide-solid/icons/arrow-up';
import Paperclip from 'lucide-solid/icons/paperclip';
import X from 'lucide-solid/icons/x';
import { createEffect, createSignal, For, on, onMount, Show } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import type { Room, RoomView } from '../../engine/types.ts';
import { IconButton } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { useFinePointer } from '../../ui/media.ts';
import { strings } from './strings.ts';

/** Characters that a message may have (protocol/content.ts). */
const longest = 16_000;

/** Unsent words of each room, for as long as the page lives; nothing of them is stored. */
const drafts = new Map<string, string>();

export interface ComposerProps {
  room: Room;
  view: RoomView;
  onProblem: (sentence: string) => void;
  /** Sends files at once. */
  onFiles: (files: readonly File[]) => void;
}

/** Where one writes. Enter sends where there is a keyboard; pasted files wait for it too. */
export function Composer(props: ComposerProps) {
  const draft = `${props.view.me}/${props.room.id}`;
  const [text, setText] = createSignal(drafts.get(draft) ?? '');
  const [pasted, setPasted] = createSignal<readonly File[]>([]);
  const keyboard = useFinePointer();
  let area!: HTMLTextAreaElement;
  let picker!: HTMLInputElement;

  const over = () => text().trim().length - longest;
  const ready = () => over() <= 0 && (text().trim() !== '' || pasted().length > 0);

  const write = (value: string) => {
    setText(value);
    if (value) drafts.set(draft, value);
    else drafts.delete(draft);
  };
  createEffect(
    on(text, () => {
      area.style.height = 'auto';
      area.style.height = `${area.scrollHeight}px`;
    }),
  );
  onMount(() => keyboard() && area.focus({ preventScroll: true }));

  const send = async () => {
    if (!ready()) return;
    const [words, files] = [text().trim(), pasted()];
    write('');
    setPasted([]);
    area.focus();
    if (files.length) props.onFiles(files);
    if (!words) return;
    try {
      await props.room.send(words);
    } catch (error) {
      if (!text()) write(words);
      props.onProblem(sentence(error));
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // an Enter that ends the composition of a character is not ours
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !keyboard()) return;
    event.preventDefault();
    void send();
  };

  const onPaste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    setPasted((old) => [...old, ...files]);
  };

  const onPick = () => {
    const files = [...(picker.files ?? [])];
    picker.value = '';
    if (files.length) props.onFiles(files);
    area.focus();
  };

  return (
    <form
      class="mx-auto w-full max-w-3xl px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6 sm:pb-5"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div class="rounded-3xl border border-edge bg-raised transition-colors focus-within:border-accent">
        <Show when={pasted().length}>
          <ul class="flex flex-wrap gap-2 px-3 pt-3">
            <For each={pasted()}>
              {(file) => (
                <li class="flex max-w-full items-center rounded-xl bg-surface pl-3.5 text-sm">
                  <span class="min-w-0 truncate">{file.name}</span>
                  <span class="ml-2 shrink-0 text-muted">{formatBytes(file.size)}</span>
                  <IconButton
                    label={strings.removeFile(file.name)}
                    tip="none"
                    onClick={() => setPasted((old) => old.filter((other) => other !== file))}
                  >
                    <X class="size-4" />
                  </IconButton>
                </li>
              )}
            </For>
          </ul>
        </Show>
        <div class="flex items-end gap-1 p-1">
          <input
            ref={picker}
            type="file"
            multiple
            class="hidden"
            data-testid="file-input"
            onChange={onPick}
          />
          <IconButton label={strings.attach} tip="above" class="rounded-full" onClick={() => picker.click()}>
            <Paperclip class="size-5" />
          </IconButton>
          <textarea
            ref={area}
            rows={1}
            // Chromium keeps the direction of what was there when the field is emptied.
            dir={text() ? 'auto' : undefined}
            class="max-h-[min(14rem,35dvh)] min-h-11 min-w-0 flex-1 resize-none self-center py-2.5 text-base/6 outline-none placeholder:text-muted"
            aria-label={strings.composer(props.view.name)}
            placeholder={strings.placeholder}
            enterkeyhint={keyboard() ? 'send' : 'enter'}
            data-testid="composer"
            value={text()}
            onInput={(event) => {
              write(event.currentTarget.value);
              props.room.writes(text().trim() !== '');
            }}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
          />
          <button
            type="submit"
            class="inline-flex size-11 shrink-0 items-center justify-center rounded-full bg-accent text-on-accent transition-[background-color,opacity] hover:bg-accent-hover disabled:bg-transparent disabled:text-muted disabled:opacity-60"
            aria-label={strings.send}
            disabled={!ready()}
            data-testid="send"
          >
            <ArrowUp class="size-5.5" stroke-width={2.25} />
          </button>
        </div>
      </div>
      <Show when={over() > 0}>
        <p role="alert" class="px-4 pt-2 text-sm/5 text-danger">
          {strings.tooLong(over())}
        </p>
      </Show>
    </form>
  );
}
