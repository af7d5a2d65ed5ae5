import CircleAlert from 'lucide-solid/icons/circle-alert';
import Clock from 'lucide-solid/icons/clock';
import KeyRound from 'lucide-solid/icons/key-round';
import { createSignal, For, type JSX, Match, onMount, Show, Switch } from 'solid-js';
import type {
  FileItem,
  NoticeItem,
  Room,
  TextItem,
  TimelineItem,
  UnreadableItem,
} from '../../engine/types.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { now } from '../../ui/clock.ts';
import { formatDay, formatTime } from '../../ui/format.ts';
import { VerifiedMark } from '../../ui/verified.tsx';
import { FileCard } from '../files/index.ts';
import type { Row } from './rows.ts';
import { strings } from './strings.ts';
import { isEmojiOnly, pieces } from './text.ts';

export interface MessageProps {
  row: Row;
  room: Room;
  /** A file of this row plays: it must stay mounted while it is scrolled away. */
  onPlaying: (playing: boolean) => void;
}

/** One row of the timeline: its day, who speaks, what is said. */
export function Message(props: MessageProps) {
  return (
    <Show when={props.row.item}>
      {(item) => (
        <div class="mx-auto w-full max-w-3xl px-4 sm:px-6">
          <Show when={props.row.newDay}>
            <p class="pt-6 pb-3 text-center text-[0.8125rem] font-semibold text-muted">
              <time dateTime={new Date(item().at).toISOString()}>{formatDay(item().at, now())}</time>
            </p>
          </Show>
          <Show when={props.row.firstNew}>
            <div class="flex items-center gap-3 pt-4 pb-2 text-[0.8125rem] font-semibold text-accent">
              <span class="h-px flex-1 bg-accent/35" />
              {strings.newMessages}
              <span class="h-px flex-1 bg-accent/35" />
            </div>
          </Show>
          <Switch>
            <Match when={item().kind === 'notice'}>
              <Notice item={item() as NoticeItem} />
            </Match>
            <Match when={item().kind !== 'notice'}>
              <Spoken {...props} item={item() as Exclude<TimelineItem, NoticeItem>} />
            </Match>
          </Switch>
        </div>
      )}
    </Show>
  );
}

function Notice(props: { item: NoticeItem }) {
  return (
    <p class="py-2 text-center text-[0.8125rem]/5 text-pretty text-muted" data-testid="notice">
      {props.item.text}
    </p>
  );
}

function Spoken(props: MessageProps & { item: TextItem | FileItem | UnreadableItem }) {
  const state = () => (props.item.kind === 'unreadable' ? 'sent' : props.item.state);
  /** An interrupted upload says what to do itself. */
  const interrupted = () => props.item.kind === 'file' && props.item.interrupted !== undefined;
  const who = () => (props.item.mine ? strings.you : props.item.authorName);
  return (
    <article
      class="flex gap-2.5"
      classList={{
        'flex-row-reverse': props.item.mine,
        'pt-3': props.row.first,
        'pt-0.75': !props.row.first,
        'pb-1': props.row.last,
      }}
      aria-label={`${who()}, ${formatTime(props.item.at)}`}
      data-testid="message"
      data-state={state()}
      data-mine={props.item.mine}
    >
      <Show when={!props.item.mine}>
        <span class="flex w-9 shrink-0 items-end">
          <Show when={props.row.last}>
            <Avatar id={props.item.author} name={props.item.authorName} />
          </Show>
        </span>
      </Show>
      <div
        class="flex min-w-0 max-w-[85%] flex-col sm:max-w-[78%]"
        classList={{ 'items-end': props.item.mine, 'items-start': !props.item.mine }}
      >
        <Show when={props.row.first && !props.item.mine}>
          <span class="mb-1 flex max-w-full items-center gap-1 px-1 text-[0.8125rem]/4.5 font-semibold text-muted">
            <span class="truncate">{props.item.authorName}</span>
            <Show when={props.item.verified}>
              <VerifiedMark label={strings.verified} />
            </Show>
          </span>
        </Show>
        <Switch>
          <Match when={props.item.kind === 'text' && props.item}>
            {(text) => <Text item={text()} row={props.row} />}
          </Match>
          <Match when={props.item.kind === 'file' && props.item}>
            {(file) => (
              <FileCard
                item={file()}
                room={props.room}
                onPlaying={props.onPlaying}
                meta={<Meta item={file()} />}
              />
            )}
          </Match>
          <Match when={props.item.kind === 'unreadable' && props.item}>
            {(unreadable) => (
              <div class="flex gap-2.5 rounded-2xl border border-dashed border-edge px-3.5 py-2.5 text-sm/5 text-muted">
                <KeyRound class="mt-0.5 size-4 shrink-0" />
                <span>
                  {strings.unreadable} {unreadable().reason}
                </span>
              </div>
            )}
          </Match>
        </Switch>
        <Show when={props.item.doubt}>
          {(doubt) => (
            <p class="mt-1 flex gap-1.5 px-1 text-[0.8125rem]/4.5 text-danger" data-testid="doubt">
              <CircleAlert class="mt-px size-4 shrink-0" />
              {doubt()}
            </p>
          )}
        </Show>
        <Show when={state() === 'failed' && props.item.kind !== 'unreadable' && !interrupted() && props.item}>
          {(failed) => <Failed item={failed()} room={props.room} />}
        </Show>
      </div>
    </article>
  );
}

/** The corner next to a neighbour of the same run is tighter. */
const corners = (row: Row, mine: boolean): string =>
  mine
    ? `${row.first ? '' : 'rounded-tr-sm'} ${row.last ? '' : 'rounded-br-sm'}`
    : `${row.first ? '' : 'rounded-tl-sm'} ${row.last ? '' : 'rounded-bl-sm'}`;

function Text(props: { item: TextItem; row: Row }) {
  // One string: a class that changes would wipe out what classList had set.
  const look = () => {
    const { mine, state } = props.item;
    const ground = mine ? 'bg-accent-soft' : 'bg-surface';
    return `${ground} ${corners(props.row, mine)} ${state === 'failed' ? 'opacity-65' : ''}`;
  };
  const meta = () => props.row.last || props.item.state !== 'sent';
  return (
    <Show
      when={!isEmojiOnly(props.item.text)}
      fallback={
        <div class="flex items-end gap-2" classList={{ 'flex-row-reverse': props.item.mine }}>
          <p class="text-[2.5rem]/[1.2]">{props.item.text}</p>
          <Show when={meta()}>
            <Meta item={props.item} />
          </Show>
        </div>
      }
    >
      <div
        class={`relative max-w-full rounded-2xl px-3.5 py-2 text-base/[1.45] sm:text-[0.9375rem]/[1.5] ${look()}`}
        dir="auto"
        title={new Date(props.item.at).toLocaleString()}
      >
        <Clamped long={props.item.text.length > 1200 || props.item.text.split('\n').length > 24}>
          <p class="wrap-anywhere whitespace-pre-wrap">
            <For each={pieces(props.item.text)}>
              {(piece) =>
                piece.kind === 'text' ? (
                  piece.text
                ) : (
                  <a
                    href={piece.href}
                    target="_blank"
                    rel="noopener noreferrer"
                    class="text-accent underline decoration-accent/40 underline-offset-3 hover:decoration-current"
                  >
                    {piece.text}
                  </a>
                )
              }
            </For>
            {/* keeps room for the time on the last line, however the locale writes it */}
            <Show when={meta()}>
              <span class="invisible ms-2.5" aria-hidden="true">
                <Meta item={props.item} />
              </span>
            </Show>
          </p>
        </Clamped>
        <Show when={meta()}>
          <Meta item={props.item} class="absolute end-3.5 bottom-2" />
        </Show>
      </div>
    </Show>
  );
}

/** The time, and for one's own messages how far they have come. */
function Meta(props: { item: TextItem | FileItem; class?: string }) {
  return (
    <span
      class={`inline-flex items-center gap-1 text-[0.6875rem]/4 text-muted tabular-nums select-none ${props.class ?? ''}`}
    >
      <time dir="auto" dateTime={new Date(props.item.at).toISOString()}>
        {formatTime(props.item.at)}
      </time>
      <Show when={props.item.mine}>
        <Switch>
          <Match when={props.item.state === 'waiting'}>
            <Clock class="size-3" aria-label={strings.waiting} />
          </Match>
          <Match when={props.item.state === 'sent'}>
            <Tick />
          </Match>
        </Switch>
      </Show>
    </span>
  );
}

function Tick() {
  return (
    <svg
      viewBox="0 0 12 12"
      class="size-3"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      role="img"
      aria-label={strings.sent}
    >
      <path d="m2 6.5 2.75 2.75L10 3.25" />
    </svg>
  );
}

function Failed(props: { item: TextItem | FileItem; room: Room }) {
  return (
    <div class="mt-1 flex flex-wrap items-center justify-end gap-x-1 text-[0.8125rem]/5">
      <span class="flex items-center gap-1.5 py-1 text-danger">
        <CircleAlert class="size-4 shrink-0" />
        {strings.notSent} {props.item.problem}
      </span>
      <Show when={props.item.kind === 'text' || !props.item.upload || props.item.commitment}>
        <TextButton onClick={() => void props.room.retry(props.item.id)}>{strings.retry}</TextButton>
      </Show>
      <TextButton onClick={() => void props.room.discard(props.item.id)}>{strings.discard}</TextButton>
    </div>
  );
}

function TextButton(props: { onClick: () => void; children: JSX.Element }) {
  return (
    <button
      type="button"
      class="-my-1 min-h-9 rounded-md px-2 font-semibold text-ink hover:bg-hover pointer-coarse:min-h-11"
      onClick={() => props.onClick()}
    >
      {props.children}
    </button>
  );
}

/** Very long texts are cut until asked for. */
function Clamped(props: { long: boolean; children: JSX.Element }) {
  const [open, setOpen] = createSignal(false);
  let box!: HTMLDivElement;
  onMount(() => {
    if (props.long && box.scrollHeight <= box.clientHeight) setOpen(true);
  });
  return (
    <>
      <div ref={box} classList={{ 'max-h-80 overflow-hidden fade-end': props.long && !open() }}>
        {props.children}
      </div>
      <Show when={props.long && !open()}>
        <button
          type="button"
          class="-ms-2 min-h-9 rounded-md px-2 font-semibold text-accent hover:bg-hover pointer-coarse:min-h-11"
          onClick={() => setOpen(true)}
        >
          {strings.showAll}
        </button>
      </Show>
    </>
  );
}
