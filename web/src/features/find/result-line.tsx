import { createMemo, For, type JSX, Match, Show, Switch } from 'solid-js';
import { plain } from '../../engine/markdown.ts';
import { marksOf } from '../../engine/search/fold.ts';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { FoundMessage } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { now } from '../../ui/clock.ts';
import { formatMoment } from '../../ui/format.ts';
import { excerpt, type Result } from './results.ts';

/** One thing that was found. The focus stays where one types; the arrows and the pointer choose. */
export function ResultLine(props: {
  id: string;
  result: Result;
  words: readonly string[];
  chosen: boolean;
  onChoose: () => void;
  onPoint: () => void;
}) {
  const of = <K extends Result['kind']>(kind: K) =>
    props.result.kind === kind ? (props.result as Extract<Result, { kind: K }>) : undefined;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's, which has the focus
    <div
      id={props.id}
      role="option"
      tabIndex={-1}
      aria-selected={props.chosen}
      class="flex min-h-12 cursor-pointer items-center gap-3 rounded-xl px-3 py-2"
      classList={{ 'bg-hover': props.chosen }}
      data-testid={`found-${props.result.kind}`}
      onClick={() => props.onChoose()}
      onPointerMove={() => !props.chosen && props.onPoint()}
    >
      <Switch>
        <Match when={of('room')}>
          {(found) => (
            <>
              <Avatar
                id={found().room.id}
                name={found().room.name}
                class="size-9 text-[0.8125rem]"
                square
                picture={pictureUrl(found().room.picture)}
              />
              <span class="min-w-0 flex-1 truncate font-semibold">{found().room.name}</span>
            </>
          )}
        </Match>
        <Match when={of('person')}>
          {(found) => (
            <>
              <Avatar id={found().person.id} name={found().person.name} />
              <Lines
                first={
                  <span class="truncate font-semibold">
                    {m.find_personMessages({ name: found().person.name })}
                  </span>
                }
                second={<span class="truncate">{found().person.rooms.join(', ')}</span>}
              />
            </>
          )}
        </Match>
        <Match when={of('message')}>
          {(found) => <MessageLines message={found().message} words={props.words} />}
        </Match>
      </Switch>
    </div>
  );
}

function MessageLines(props: { message: FoundMessage; words: readonly string[] }) {
  const text = createMemo(() => plain(props.message.text));
  const part = createMemo(() => excerpt(text(), marksOf(text(), props.words)));
  return (
    <>
      <Avatar
        id={props.message.author}
        name={props.message.authorName}
        class="self-start size-9 text-[0.8125rem]"
      />
      <Lines
        first={
          <>
            <span class="max-w-[60%] truncate font-semibold">
              {props.message.mine ? m.find_you() : props.message.authorName}
            </span>
            <span class="min-w-0 flex-1 truncate text-[0.8125rem] text-muted">
              {m.find_inRoom({ room: props.message.roomName })}
            </span>
            <time
              class="shrink-0 text-[0.8125rem] text-muted tabular-nums"
              dateTime={new Date(props.message.at).toISOString()}
            >
              {formatMoment(props.message.at, now())}
            </time>
          </>
        }
        second={
          <Show when={text()} fallback={m.find_sentFile()}>
            <span class="line-clamp-2 wrap-anywhere" dir="auto">
              <Marked text={part().text} marks={part().marks} />
            </span>
          </Show>
        }
      />
    </>
  );
}

function Lines(props: { first: JSX.Element; second: JSX.Element }) {
  return (
    <span class="flex min-w-0 flex-1 flex-col">
      <span class="flex items-baseline gap-2">{props.first}</span>
      <span class="text-[0.9375rem]/5.5 text-muted">{props.second}</span>
    </span>
  );
}

/** A text with what was looked for standing out. */
function Marked(props: { text: string; marks: readonly (readonly [number, number])[] }) {
  const pieces = createMemo(() => {
    const out: { text: string; marked: boolean }[] = [];
    let from = 0;
    for (const [begin, end] of props.marks) {
      out.push({ text: props.text.slice(from, begin), marked: false });
      out.push({ text: props.text.slice(begin, end), marked: true });
      from = end;
    }
    out.push({ text: props.text.slice(from), marked: false });
    return out.filter(({ text }) => text !== '');
  });
  return (
    <For each={pieces()}>
      {({ text, marked }) => (
        <Show when={marked} fallback={text}>
          <mark class="rounded-sm bg-accent-soft text-ink">{text}</mark>
        </Show>
      )}
    </For>
  );
}
