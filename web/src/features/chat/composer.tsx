import ArrowUp from 'lucide-solid/icons/arrow-up';
import Smile from 'lucide-solid/icons/face-slightly-smiling';
import Mic from 'lucide-solid/icons/mic';
import Paperclip from 'lucide-solid/icons/paperclip';
import Pencil from 'lucide-solid/icons/pencil';
import Reply from 'lucide-solid/icons/reply';
import X from 'lucide-solid/icons/x';
import { createEffect, createMemo, createSignal, createUniqueId, For, on, onMount, Show } from 'solid-js';
import { inBackground } from '../../engine/background.ts';
import { endsInCode, plain } from '../../engine/markdown.ts';
import { sentence } from '../../engine/solid/context.tsx';
import type { Member, Room, RoomView, TextItem } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { formatBytes, formatLife } from '../../ui/format.ts';
import { later } from '../../ui/later.ts';
import { useCoarsePointer } from '../../ui/media.ts';
import { Once } from '../../ui/once.tsx';
import { changedText, type Intent } from './intent.ts';
import { MentionList, mentionOption } from './mention-list.tsx';
import { membersNamed, nameBefore } from './mention-typing.ts';
import { canRecord } from './recorder.ts';

const VoiceBar = later(async () => (await import('./voice-bar.tsx')).VoiceBar);
const EmojiPicker = later(async () => (await import('./emoji-picker.tsx')).EmojiPicker);

/** Characters that a message may have (protocol/content.ts). */
const longest = 16_000;

export interface ComposerProps {
  room: Room;
  view: RoomView;
  intent: Intent | undefined;
  onIntent: (intent: Intent | undefined) => void;
  onProblem: (sentence: string) => void;
  /** Sends files at once. */
  onFiles: (files: readonly File[], voice?: true) => void;
}

/** Where one writes. Enter sends where there is a keyboard; pasted files wait for it too. */
export function Composer(props: ComposerProps) {
  const editing = () => (props.intent?.kind === 'edit' ? props.intent.item : undefined);
  /** The words that stand here for what is being done. */
  const begun = () => {
    const item = editing();
    return item ? changedText(props.room, item) : props.room.draft;
  };
  const [text, setText] = createSignal(begun());
  const [pasted, setPasted] = createSignal<readonly File[]>([]);
  const coarse = useCoarsePointer();
  const keyboard = () => !coarse();
  let area!: HTMLTextAreaElement;
  let picker!: HTMLInputElement;

  const over = () => text().trim().length - longest;
  const ready = () => over() <= 0 && (text().trim() !== '' || pasted().length > 0);

  const write = (value: string) => {
    setText(value);
    const item = editing();
    // What was begun waits while a message is edited.
    const kept = item
      ? props.room.begin({ kind: 'edit', id: item.id, seq: item.seq, text: value })
      : props.room.keepDraft(value);
    inBackground(kept, 'keeping a draft');
  };
  // `on` knows no value from before the first change.
  let edited = editing();
  createEffect(
    on(
      () => props.intent,
      (intent) => {
        if (editing() || edited) setText(begun());
        if (edited && !editing()) props.room.writes(false);
        edited = editing();
        if (intent) area.focus();
      },
      { defer: true },
    ),
  );
  createEffect(
    on(text, () => {
      area.style.height = 'auto';
      area.style.height = `${area.scrollHeight}px`;
    }),
  );
  onMount(() => keyboard() && area.focus({ preventScroll: true }));

  const send = async () => {
    if (!ready()) return;
    const [words, files, { intent }] = [text().trim(), pasted(), props];
    if (intent?.kind !== 'edit') write('');
    setPasted([]);
    props.onIntent(undefined);
    area.focus();
    if (files.length) props.onFiles(files);
    if (!words) return;
    try {
      if (intent?.kind !== 'edit') await props.room.send(words, intent?.item.id);
      else if (words !== intent.item.text) await props.room.edit(intent.item.id, words);
    } catch (error) {
      // What was begun meanwhile is kept; while a message is edited, what was begun waits.
      if (intent?.kind === 'edit' || !text()) {
        props.onIntent(intent);
        write(words);
      }
      props.onProblem(sentence(error));
    }
  };

  /** The newest text of one's own that can still be changed. */
  const editLast = (): boolean => {
    const item = props.view.timeline.findLast(
      (each): each is TextItem => each.kind === 'text' && each.mine && each.state !== 'failed',
    );
    if (item) props.onIntent({ kind: 'edit', item });
    return item !== undefined;
  };

  const listId = createUniqueId();
  const [caret, setCaret] = createSignal(0);
  const [chosen, setChosen] = createSignal(0);
  const [dismissed, setDismissed] = createSignal<number>();
  const typed = createMemo(() => nameBefore(text(), caret()));
  const offered = createMemo(() => {
    const name = typed();
    return name && name.at !== dismissed() ? membersNamed(props.view.members, name.name) : [];
  });
  createEffect(on(offered, () => setChosen(0)));
  const follow = () => setCaret(area.selectionEnd);
  /** Puts words in the place of what stands between, and the caret behind them. */
  const insert = (words: string, from = area.selectionStart, to = area.selectionEnd) => {
    write(text().slice(0, from) + words + text().slice(to));
    area.focus();
    area.setSelectionRange(from + words.length, from + words.length);
    follow();
  };
  const mention = ({ name }: Member) => {
    const at = typed()?.at;
    if (at !== undefined) insert(`@${name} `, at, caret());
  };
  /** Whether the key was the list's. */
  const choosing = (event: KeyboardEvent): boolean => {
    const { length } = offered();
    if (length === 0 || event.isComposing) return false;
    if (event.key === 'ArrowDown') setChosen((chosen() + 1) % length);
    else if (event.key === 'ArrowUp') setChosen((chosen() + length - 1) % length);
    else if (event.key === 'Escape') setDismissed(typed()?.at);
    else if (event.key === 'Enter' || event.key === 'Tab') mention(offered()[chosen()]!);
    else return false;
    event.preventDefault();
    return true;
  };
  const [picking, setPicking] = createSignal(false);
  const [speaking, setSpeaking] = createSignal(false);

  const onKeyDown = (event: KeyboardEvent) => {
    if (choosing(event)) return;
    if (event.key === 'Escape' && props.intent) {
      event.preventDefault();
      return props.onIntent(undefined);
    }
    if (event.key === 'ArrowUp' && !text() && !event.isComposing && !props.intent && editLast())
      return event.preventDefault();
    // an Enter that ends the composition of a character is not ours
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !keyboard()) return;
    // What begins with ``` has lines; with ⌘ or Ctrl it is sent all the same.
    if (endsInCode(text().slice(0, area.selectionStart)) && !event.metaKey && !event.ctrlKey) return;
    event.preventDefault();
    void send();
  };

  const onPaste = (event: ClipboardEvent) => {
    const clipboard = event.clipboardData;
    const files = [...(clipboard?.files ?? [])];
    // Text of an office program comes with a picture of itself; a picture of a page, and files, come without text of their own.
    if (!files.length || (clipboard!.getData('text/html') && clipboard!.getData('text/plain').trim())) return;
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
      class="relative mx-auto w-full max-w-3xl px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6 sm:pb-5"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Show when={offered().length}>
        <MentionList id={listId} members={offered()} chosen={chosen()} onChoose={mention} />
      </Show>
      <div class="rounded-3xl border border-edge bg-raised transition-colors focus-within:border-accent">
        <Show when={props.intent}>
          {(intent) => <IntentBar intent={intent()} onEnd={() => props.onIntent(undefined)} />}
        </Show>
        <Show when={pasted().length}>
          <ul class="flex flex-wrap gap-2 px-3 pt-3">
            <For each={pasted()}>
              {(file) => (
                <li class="flex max-w-full items-center rounded-xl bg-surface ps-3.5 text-sm">
                  <span class="min-w-0 truncate">{file.name}</span>
                  <span class="ms-2 shrink-0 text-muted">{formatBytes(file.size)}</span>
                  <IconButton
                    label={m.chat_removeFile({ name: file.name })}
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
        <Show
          when={!speaking()}
          fallback={
            <VoiceBar
              onSend={(file) => props.onFiles([file], true)}
              onEnd={() => {
                setSpeaking(false);
                queueMicrotask(() => area.focus());
              }}
              onProblem={(text) => props.onProblem(text)}
            />
          }
        >
          <div class="flex items-end gap-1 p-1">
            <input
              ref={picker}
              type="file"
              multiple
              class="hidden"
              data-testid="file-input"
              onChange={onPick}
            />
            <IconButton
              label={m.chat_attach()}
              tip="above"
              class="rounded-full"
              onClick={() => picker.click()}
            >
              <Paperclip class="size-5" />
            </IconButton>
            <textarea
              ref={area}
              rows={1}
              // Chromium keeps the direction of what was there when the field is emptied.
              dir={text() ? 'auto' : undefined}
              class="max-h-[min(14rem,35dvh)] min-h-11 min-w-0 flex-1 resize-none self-center py-2.5 text-base/6 outline-none placeholder:text-muted"
              aria-label={m.chat_composer({ room: props.view.name })}
              aria-autocomplete="list"
              aria-controls={offered().length ? listId : undefined}
              aria-activedescendant={mentionOption(listId, offered()[chosen()])}
              placeholder={
                props.view.lasts
                  ? m.chat_placeholderLasting({ life: formatLife(props.view.lasts) })
                  : m.chat_placeholder()
              }
              enterkeyhint={keyboard() ? 'send' : 'enter'}
              data-testid="composer"
              value={text()}
              onInput={(event) => {
                write(event.currentTarget.value);
                follow();
                if (dismissed() !== typed()?.at) setDismissed(undefined);
                props.room.writes(text().trim() !== '');
              }}
              onKeyDown={onKeyDown}
              onKeyUp={follow}
              onClick={follow}
              onPaste={onPaste}
            />
            <IconButton
              label={m.chat_addEmoji()}
              tip="above"
              class="rounded-full max-sm:hidden"
              data-testid="emoji"
              onClick={() => setPicking(true)}
            >
              <Smile class="size-5" />
            </IconButton>
            <Show
              when={text().trim() === '' && pasted().length === 0 && canRecord()}
              fallback={
                <button
                  type="submit"
                  class="inline-flex size-11 shrink-0 items-center justify-center rounded-full bg-accent text-on-accent transition-[background-color,opacity] hover:bg-accent-hover disabled:bg-transparent disabled:text-muted disabled:opacity-60"
                  aria-label={m.chat_send()}
                  disabled={!ready()}
                  data-testid="send"
                >
                  <ArrowUp class="size-5.5" stroke-width={2.25} />
                </button>
              }
            >
              <IconButton
                label={m.chat_record()}
                tip="above"
                class="rounded-full"
                data-testid="record"
                onClick={() => setSpeaking(true)}
              >
                <Mic class="size-5" />
              </IconButton>
            </Show>
          </div>
        </Show>
      </div>
      <Once when={picking()}>
        <EmojiPicker
          open={picking()}
          onClose={() => setPicking(false)}
          onChoose={(emoji) => {
            setPicking(false);
            insert(emoji);
          }}
        />
      </Once>
      <Show when={over() > 0}>
        <p role="alert" class="px-4 pt-2 text-sm/5 text-danger">
          {m.chat_tooLong({ count: over() })}
        </p>
      </Show>
    </form>
  );
}

/** Says what the words are for. */
function IntentBar(props: { intent: Intent; onEnd: () => void }) {
  const isEdit = () => props.intent.kind === 'edit';
  const title = () => {
    if (isEdit()) return m.chat_editing();
    const { item } = props.intent;
    return item.mine ? m.chat_replyingToSelf() : m.chat_replyingTo({ name: item.authorName });
  };
  return (
    <div class="flex items-center gap-2.5 ps-4 pe-1 pt-1 text-sm/5" data-testid="intent">
      <Show when={isEdit()} fallback={<Reply class="size-4.5 shrink-0 text-accent" />}>
        <Pencil class="size-4.5 shrink-0 text-accent" />
      </Show>
      <div class="min-w-0 flex-1">
        <p class="truncate font-semibold text-accent">{title()}</p>
        <p class="truncate text-muted" dir="auto">
          {props.intent.item.kind === 'text'
            ? plain(props.intent.item.text)
            : (props.intent.item.name ?? m.chat_fileInQuote())}
        </p>
      </div>
      <IconButton
        label={isEdit() ? m.chat_stopEdit() : m.chat_stopReply()}
        tip="none"
        class="rounded-full"
        onClick={() => props.onEnd()}
      >
        <X class="size-4.5" />
      </IconButton>
    </div>
  );
}
