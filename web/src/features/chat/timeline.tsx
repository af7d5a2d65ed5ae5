import ArrowDown from 'lucide-solid/icons/arrow-down';
import {
  type Accessor,
  createEffect,
  createMemo,
  createSignal,
  on,
  onCleanup,
  onMount,
  Show,
} from 'solid-js';
import { Virtualizer, type VirtualizerHandle } from 'virtua/solid';
import { type Keyed, keyed } from '../../app/observable.ts';
import type { Room, RoomView } from '../../engine/types.ts';
import { Spinner } from '../../ui/spinner.tsx';
import { Beginning } from './beginning.tsx';
import { Message } from './message.tsx';
import { firstUnread, type Row, rowsOf, sameRow } from './rows.ts';
import { strings } from './strings.ts';

/** Pixels from the end that still count as being there. */
const nearEnd = 64;
/** Pixels from the top at which older history is fetched. */
const nearStart = 800;

export interface TimelineProps {
  room: Room;
  view: RoomView;
  /** Messages not read before the room was opened. */
  unread: number;
  onInvite: () => void;
}

/**
 * What was said, newest at the bottom. Follows the end while the reader is there, stays put when they are not, and
 * does not move when older history is put in front.
 */
export function Timeline(props: TimelineProps) {
  let handle: VirtualizerHandle | undefined;
  let scroller!: HTMLDivElement;
  /** Whether the end is followed. */
  let follows = true;
  let lastOffset = 0;
  let loading = false;
  const [atEnd, setAtEnd] = createSignal(true);
  const [loadingOlder, setLoadingOlder] = createSignal(false);
  const [playing, setPlaying] = createSignal<ReadonlySet<string>>(new Set<string>());

  const newFrom = firstUnread(props.view.timeline, props.unread);
  const rows = keyed<Row>(
    () => rowsOf(props.view.timeline, !props.view.hasOlder, newFrom),
    (row) => row.key,
    sameRow,
  );
  const list = createMemo<{ rows: readonly Keyed<Row>[]; shift: boolean }>((before) => {
    const next = rows();
    const first = before?.rows[0];
    return { rows: next, shift: first !== undefined && next.indexOf(first) > 0 };
  });
  const keepMounted = createMemo(() => list().rows.flatMap((row, i) => (playing().has(row.key) ? [i] : [])));

  const toEnd = (smooth = false) => {
    follows = true;
    handle?.scrollToIndex(list().rows.length - 1, { align: 'end', smooth });
  };

  const read = () => {
    if (atEnd() && document.visibilityState === 'visible' && document.hasFocus()) props.room.markRead();
  };

  const loadOlder = async () => {
    if (loading || !props.view.hasOlder) return;
    loading = true;
    const timer = setTimeout(() => setLoadingOlder(true), 250);
    // A failed page is asked for again by the next scroll.
    await props.room.loadOlder().catch(() => false);
    clearTimeout(timer);
    setLoadingOlder(false);
    loading = false;
  };

  const onScroll = (offset: number) => {
    if (!handle) return;
    const end = offset + handle.viewportSize >= handle.scrollSize - nearEnd;
    // Growing content never moves the reader up: only a person does.
    if (end) follows = true;
    else if (offset < lastOffset) follows = false;
    lastOffset = offset;
    setAtEnd(end || follows);
    if (offset < nearStart) void loadOlder();
    if (end) read();
  };

  const onResize = () => {
    if (follows) toEnd();
    if (handle && handle.scrollSize <= handle.viewportSize + nearStart) void loadOlder();
  };

  onMount(() => {
    const unreadAt = newFrom ? list().rows.findIndex((row) => row.key === newFrom) : -1;
    if (unreadAt > 0) {
      follows = false;
      handle?.scrollToIndex(unreadAt, { align: 'start', offset: -96 });
    } else toEnd();
    const onFocus = () => read();
    window.addEventListener('focus', onFocus);
    document.addEventListener('visibilitychange', onFocus);
    onCleanup(() => {
      window.removeEventListener('focus', onFocus);
      document.removeEventListener('visibilitychange', onFocus);
    });
    read();
  });

  createEffect(
    on(
      () => list().rows,
      (now, before) => {
        if (!before) return;
        const newest = now.at(-1);
        const grown = newest !== before.at(-1);
        if (grown && (follows || newest?.value().item?.mine)) toEnd();
        if (grown) read();
      },
    ),
  );

  const newBelow = useNewBelow(() => props.view, atEnd);

  return (
    <div class="relative min-h-0 flex-1">
      <div
        ref={scroller}
        class="flex h-full flex-col overflow-x-hidden overflow-y-auto overscroll-contain pb-3 [overflow-anchor:none] focus-visible:-outline-offset-2"
        tabindex={0}
        role="log"
        aria-live="off"
        aria-label={strings.messages}
      >
        <div class="grow" />
        <Virtualizer
          ref={(value) => {
            handle = value;
          }}
          data={list().rows}
          shift={list().shift}
          keepMounted={keepMounted()}
          bufferSize={600}
          onScroll={onScroll}
          onResize={onResize}
        >
          {(row) => (
            <Show
              when={row.value().item}
              fallback={<Beginning view={props.view} onInvite={props.onInvite} />}
            >
              <Message
                row={row.value()}
                room={props.room}
                onPlaying={(on) =>
                  setPlaying((old) => {
                    const next = new Set(old);
                    if (on) next.add(row.key);
                    else next.delete(row.key);
                    return next;
                  })
                }
              />
            </Show>
          )}
        </Virtualizer>
      </div>
      <Show when={loadingOlder()}>
        <div class="pointer-events-none absolute inset-x-0 top-3 flex justify-center">
          <span class="rounded-full bg-raised p-2 text-accent shadow-float">
            <Spinner label={strings.loadingOlder} />
          </span>
        </div>
      </Show>
      <Show when={!atEnd()}>
        <button
          type="button"
          class="float-in absolute right-4 bottom-4 flex min-h-11 min-w-11 items-center justify-center gap-2 rounded-full border border-line bg-raised text-[0.9375rem] font-medium shadow-float hover:bg-surface sm:right-6"
          classList={{ 'px-4': newBelow() > 0 }}
          aria-label={newBelow() ? undefined : strings.jump}
          onClick={() => toEnd(true)}
        >
          <Show when={newBelow()}>{strings.jumpNew(newBelow())}</Show>
          <ArrowDown class="size-5" />
        </button>
      </Show>
    </div>
  );
}

/** How many messages of others came while the reader was further up. */
function useNewBelow(view: Accessor<RoomView>, atEnd: Accessor<boolean>): Accessor<number> {
  const [since, setSince] = createSignal(Number.POSITIVE_INFINITY);
  createEffect(
    on(atEnd, (there) => setSince(there ? Number.POSITIVE_INFINITY : (view().timeline.at(-1)?.seq ?? 0))),
  );
  return createMemo(() => {
    let count = 0;
    const { timeline } = view();
    for (let i = timeline.length - 1; i >= 0; i--) {
      const item = timeline[i]!;
      if (item.seq === undefined) continue;
      if (item.seq <= since()) break;
      if (!item.mine) count++;
    }
    return count;
  });
}
