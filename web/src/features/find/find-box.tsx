import { useNavigate } from '@solidjs/router';
import ChevronLeft from 'lucide-solid/icons/chevron-left';
import Search from 'lucide-solid/icons/search';
import X from 'lucide-solid/icons/x';
import {
  createEffect,
  createMemo,
  createResource,
  createSignal,
  createUniqueId,
  For,
  on,
  Show,
} from 'solid-js';
import { useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { m } from '../../language/index.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Palette } from '../../ui/palette.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { opened, setOpened } from './open.ts';
import { Reach } from './reach.tsx';
import { ResultLine } from './result-line.tsx';
import { messageResults, personResults, type Result, roomResults } from './results.ts';

const hints = [
  ['from:', m.find_hint_from()],
  ['in:', m.find_hint_in()],
  ['has:file ', m.find_hint_file()],
  ['has:link ', m.find_hint_link()],
  ['after:today', m.find_hint_after()],
  ['before:', m.find_hint_before()],
] as const;

/** One box for rooms, people and all that was said: the arrows choose, Enter goes there. */
export function FindBox() {
  const engine = useEngine();
  return (
    <Palette
      open={opened() !== undefined}
      onOpenChange={(open) => {
        if (open) return;
        setOpened(undefined);
        engine.endFinding();
      }}
      label={m.find_find()}
    >
      <Inside />
    </Palette>
  );
}

function Inside() {
  const engine = useEngine();
  const navigate = useNavigate();
  const rooms = useObservable(() => engine.rooms);
  const [text, setText] = createSignal(opened() ?? '');
  const [chosen, setChosen] = createSignal(0);
  const listId = createUniqueId();
  let input!: HTMLInputElement;
  let list!: HTMLDivElement;

  const [findings, { refetch }] = createResource(text, (query) => engine.find(query));
  const asked = () => text().trim() !== '';
  const groups = createMemo(() => {
    const query = text().trim();
    const found = findings.error ? undefined : findings.latest;
    return [
      { title: asked() ? m.find_rooms() : m.find_recent(), results: roomResults(rooms(), query) },
      { title: m.find_people(), results: personResults(engine.people(), query) },
      { title: m.find_messages(), results: messageResults(asked() ? (found?.messages ?? []) : []) },
    ].filter(({ results }) => results.length > 0);
  });
  const results = createMemo(() => groups().flatMap((group) => group.results));
  createEffect(on(text, () => setChosen(0), { defer: true }));
  const idOf = (result: Result | undefined) => (result ? `${listId}-${result.key}` : undefined);

  const write = (value: string) => {
    setText(value);
    input.focus();
  };
  const go = (result: Result | undefined) => {
    if (!result) return;
    if (result.kind === 'person') return write(`from:"${result.person.name}" `);
    setOpened(undefined);
    engine.endFinding();
    if (result.kind === 'room') return navigate(`/r/${result.room.id}`);
    const { roomId, id, seq } = result.message;
    navigate(`/r/${roomId}`, { state: { message: id, seq } });
  };
  const move = (to: number) => {
    const { length } = results();
    if (length === 0) return;
    setChosen((to + length) % length);
    list.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown') move(chosen() + 1);
    else if (event.key === 'ArrowUp') move(chosen() - 1);
    else if (event.key === 'Enter') go(results()[chosen()]);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <div class="flex shrink-0 items-center gap-1 border-b border-line p-2">
        <IconButton label={m.find_close()} tip="none" class="sm:hidden" onClick={() => setOpened(undefined)}>
          <ChevronLeft class="size-6" />
        </IconButton>
        <Search class="ms-2.5 size-5 shrink-0 text-muted max-sm:hidden" />
        <input
          ref={input}
          type="text"
          class="h-11 min-w-0 flex-1 bg-transparent px-2 text-base outline-none placeholder:text-muted"
          placeholder={m.find_placeholder()}
          aria-label={m.find_find()}
          role="combobox"
          aria-expanded={results().length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={idOf(results()[chosen()])}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="go"
          data-testid="find"
          value={text()}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <Show when={text() !== ''}>
          <IconButton label={m.find_clear()} tip="none" onClick={() => write('')}>
            <X class="size-5" />
          </IconButton>
        </Show>
      </div>
      <div ref={list} class="min-h-0 flex-1 overflow-y-auto overscroll-contain p-2">
        <div id={listId} role="listbox" aria-label={m.find_results()}>
          <For each={groups()}>
            {(group) => (
              // biome-ignore lint/a11y/useSemanticElements: a listbox may own groups, but no fieldset
              <div role="group" aria-label={group.title} class="pb-2">
                <p class="px-3 pt-2 pb-1 text-[0.8125rem] font-semibold text-muted" aria-hidden="true">
                  {group.title}
                </p>
                <For each={group.results}>
                  {(result) => (
                    <ResultLine
                      id={idOf(result)!}
                      result={result}
                      words={findings.latest?.words ?? []}
                      chosen={results()[chosen()]?.key === result.key}
                      onChoose={() => go(result)}
                      onPoint={() => setChosen(results().findIndex(({ key }) => key === result.key))}
                    />
                  )}
                </For>
              </div>
            )}
          </For>
        </div>
        <Show when={findings.error}>
          <div role="alert" class="flex flex-col items-center gap-3 px-6 py-8 text-center text-pretty">
            <p>{m.find_failed()}</p>
            <Button onClick={() => void refetch()}>{m.find_retry()}</Button>
          </div>
        </Show>
        <Show when={findings.loading && !findings.latest}>
          <p role="status" class="appear-late flex items-center justify-center gap-2.5 py-8 text-muted">
            <Spinner class="size-5" />
            {m.find_looking()}
          </p>
        </Show>
        <Show when={asked() && !findings.loading && !findings.error && results().length === 0}>
          <div class="px-6 py-8 text-center">
            <p class="font-semibold">{m.find_nothing()}</p>
            <p class="mt-1 text-[0.9375rem] text-muted">{m.find_nothingText()}</p>
          </div>
        </Show>
        <Show when={!asked()}>
          <p class="px-3 pt-2 pb-2 text-[0.8125rem] font-semibold text-muted">{m.find_hints()}</p>
          <ul class="flex flex-wrap gap-2 px-3 pb-3">
            <For each={hints}>
              {([part, meaning]) => (
                <li>
                  <button
                    type="button"
                    class="min-h-9 rounded-full border border-line px-3 text-sm hover:bg-hover pointer-coarse:min-h-11"
                    onClick={() => write(part)}
                  >
                    <code class="text-accent">{part.trim()}</code>
                    <span class="text-muted"> {meaning}</span>
                  </button>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </div>
      <Show when={findings.error ? undefined : findings.latest}>
        {(found) => <Reach findings={found()} asked={asked()} />}
      </Show>
    </>
  );
}
