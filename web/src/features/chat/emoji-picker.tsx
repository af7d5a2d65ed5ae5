import { createMemo, createResource, createSignal, For, Show } from 'solid-js';
import { m, spoken } from '../../language/index.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type Emoji, findEmoji, loadEmoji, recentEmoji, rememberEmoji } from './emoji.ts';

/** How far the arrows go up and down: as many as stand in a row, whatever the width. */
const perRow = (first: Element): number => {
  const top = first.getBoundingClientRect().top;
  const all = [...(first.parentElement?.children ?? [])];
  const next = all.findIndex((each) => each.getBoundingClientRect().top > top + 4);
  return next < 0 ? all.length : next;
};

/** Every emoji there is, by name and by group. */
export function EmojiPicker(props: {
  open: boolean;
  onClose: () => void;
  onChoose: (emoji: string) => void;
}) {
  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      title={m.chat_emoji()}
      closeLabel={m.chat_close()}
    >
      <Inside onChoose={props.onChoose} />
    </Dialog>
  );
}

function Inside(props: { onChoose: (emoji: string) => void }) {
  const [groups] = createResource(() => loadEmoji(spoken()));
  const [text, setText] = createSignal('');
  const recent = recentEmoji();
  const shown = createMemo(() => {
    const all = groups.error ? [] : (groups() ?? []);
    if (text().trim()) return [{ name: m.chat_emojiFound(), emoji: findEmoji(all, text()).slice(0, 120) }];
    const byEmoji = new Map(all.flatMap(({ emoji }) => emoji.map((each) => [each.emoji, each] as const)));
    const last = recent.flatMap((emoji) => byEmoji.get(emoji) ?? []);
    return [...(last.length > 0 ? [{ name: m.chat_emojiRecent(), emoji: last }] : []), ...all];
  });
  const choose = (emoji: string) => {
    rememberEmoji(emoji);
    props.onChoose(emoji);
  };
  let list: HTMLDivElement | undefined;

  /** Enter takes the first of what was found; the arrow down leads there. */
  const takeFirst = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const first = text().trim() && shown()[0]?.emoji[0];
    if (event.key === 'Enter' && first) choose(first.emoji);
    else if (event.key === 'ArrowDown') list?.querySelector<HTMLElement>('button')?.focus();
    else return;
    event.preventDefault();
  };

  /** The arrows walk through the emoji as they stand. */
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    const here = document.activeElement;
    const all = [...(list?.querySelectorAll<HTMLElement>('button') ?? [])];
    const at = all.indexOf(here as HTMLElement);
    if (at < 0 || !here) return;
    const row = perRow(here.parentElement?.firstElementChild ?? here);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
  };

  return (
    <>
      <TextField
        class="mt-4"
        label={m.chat_emojiSearch()}
        autocomplete="off"
        data-testid="emoji-search"
        enterkeyhint="done"
        value={text()}
        onInput={setText}
        onKeyDown={takeFirst}
      />
      <Show
        when={groups.error || groups()}
        fallback={
          <div class="appear-late flex h-72 items-center justify-center text-accent">
            <Spinner label={m.chat_emojiLoading()} />
          </div>
        }
      >
        {/* biome-ignore lint/a11y/noStaticElementInteractions: it only moves the focus between the buttons in it */}
        <div ref={list} class="-mx-2 mt-2 h-72 overflow-y-auto px-2" onKeyDown={onKeyDown}>
          <Show when={groups.error}>
            <p role="alert" class="py-6 text-center text-muted">
              {m.chat_emojiFailed()}
            </p>
          </Show>
          <For each={shown()}>
            {(group) => (
              <section
                aria-label={group.name}
                class="[content-visibility:auto] [contain-intrinsic-size:auto_20rem]"
              >
                <h3 class="pt-3 pb-1 text-[0.8125rem] font-semibold text-muted">{group.name}</h3>
                <div class="grid grid-cols-[repeat(auto-fill,minmax(2.75rem,1fr))]">
                  <For each={group.emoji}>{(emoji) => <One emoji={emoji} onChoose={choose} />}</For>
                </div>
                <Show when={group.emoji.length === 0 && text().trim()}>
                  <p class="py-4 text-[0.9375rem] text-muted">{m.chat_emojiNone()}</p>
                </Show>
              </section>
            )}
          </For>
        </div>
      </Show>
    </>
  );
}

function One(props: { emoji: Emoji; onChoose: (emoji: string) => void }) {
  return (
    <button
      type="button"
      class="flex size-11 items-center justify-center rounded-lg text-2xl hover:bg-hover"
      aria-label={props.emoji.name}
      title={props.emoji.name}
      onClick={() => props.onChoose(props.emoji.emoji)}
    >
      {props.emoji.emoji}
    </button>
  );
}
