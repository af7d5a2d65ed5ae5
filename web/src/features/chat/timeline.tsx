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
import { type Keyed, keyed } from '../../engine/solid/observable.ts';
import type { Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Spinner } from '../../ui/spinner.tsx';
import { Beginning } from './beginning.tsx';
import { Message } from './message.tsx';
import type { Deeds } from './message-actions.tsx';
import { firstUnread, type Row, type Rows, rowsOf, sameRow } from './rows.ts';
import type { Selection } from './selection.ts';

/** Pixels from the end that still count as being there. */
const nearEnd = 64;
/** Pixels that the first unread message keeps from the top, so that what was before it can be seen. */
const aboveUnread = 96;
/** Milliseconds for which a fresh room keeps its place while files and pictures appear. */
const settling = 1500;
/** Milliseconds after which a hand that moves nothing is off the scroller. */
const lifted = 500;
/** Milliseconds for which a message that was jumped to stands out: as long as its animation lasts (`found` in base.css). */
const shown = 1600;
/** Pixels from the top at which older history is fetched. */
const nearStart = 800;

export interface Target {
  readonly message: string;
  /** Where it is in the log, so that all before it can be read at once. */
  readonly seq?: number;
}

export interface TimelineProps {
  room: Room;
  view: RoomView;
  /** Messages not read before the room was opened. */
  unread: number;
  onInvite: () => void;
  onProblem: (sentence: string) => void;
  deeds: Omit<Deeds, 'jump'>;
  selection: Selection;
  /** A message to go to; each new one is gone to. */
  target: Target | undefined;
}

/**
 * What was said, newest at the bottom. Follows the end while the reader is there, stays put when they are not, and
 * does not move when older history is put in front.
 */
export function Timeline(props: TimelineProps) {
  let handle: VirtualizerHandle | undefined;
  let scroller!: HTMLDivElement;
  /** What stays in place while rows are measured and grow: the end, the first unread message, or what is in view. */
  let holds: 'end' | 'unread' | 'view' = 'end';
  let lastOffset = 0;
  /** Whether a person has a hand on the scroller. */
  let byHand = false;
  let lifting: ReturnType<typeof setTimeout> | undefined;
  let letGo = 0;
  const stopLifting = () => {
    clearTimeout(lifting);
    cancelAnimationFrame(letGo);
  };
  const touch = () => {
    byHand = true;
    stopLifting();
    // A busy machine tells late of what a hand has moved, but no later than in its next frame.
    lifting = setTimeout(() => {
      letGo = requestAnimationFrame(() => {
        byHand = false;
      });
    }, lifted);
  };
  onCleanup(stopLifting);
  let loading = false;
  const [atEnd, setAtEnd] = createSignal(true);
  const [loadingOlder, setLoadingOlder] = createSignal(false);
  const [playing, setPlaying] = createSignal<ReadonlySet<string>>(new Set<string>());

  const newFrom = firstUnread(props.view.timeline, props.unread);
  const made = createMemo<Rows>((before) =>
    rowsOf(props.view.timeline, !props.view.hasOlder, newFrom, before),
  );
  const rows = keyed<Row>(
    () => made().rows,
    (row) => row.key,
    sameRow,
  );
  const list = createMemo<{ rows: readonly Keyed<Row>[]; shift: boolean }>((before) => {
    const next = rows();
    const first = before?.rows[0];
    return { rows: next, shift: first !== undefined && next.indexOf(first) > 0 };
  });
  const keepMounted = createMemo(() =>
    playing().size > 0 ? list().rows.flatMap((row, i) => (playing().has(row.key) ? [i] : [])) : [],
  );

  // After layout: at the moment of a change the rows are measured, but the scroller is not yet as long as they are.
  let pinning = 0;
  const pin = (behavior: ScrollBehavior = 'instant') => {
    cancelAnimationFrame(pinning);
    pinning = requestAnimationFrame(() => {
      if (holds === 'end') scroller.scrollTo({ top: scroller.scrollHeight, behavior });
      else if (holds === 'unread' && handle)
        scroller.scrollTop = handle.getItemOffset(unreadAt()) - aboveUnread;
    });
  };
  onCleanup(() => cancelAnimationFrame(pinning));

  const toEnd = (behavior?: ScrollBehavior) => {
    holds = 'end';
    pin(behavior);
  };
  const unreadAt = () => list().rows.findIndex((row) => row.key === newFrom);

  const read = () => {
    if (holds !== 'unread' && atEnd() && document.visibilityState === 'visible' && document.hasFocus())
      props.room.markRead();
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
    // Rows that grow and shrink also move the scroller: only a person's own hand ends holding.
    if (byHand && holds === 'unread') holds = 'view';
    if (end && holds !== 'unread') holds = 'end';
    else if (byHand && offset < lastOffset) holds = 'view';
    lastOffset = offset;
    setAtEnd(end || holds === 'end');
    if (offset < nearStart) void loadOlder();
    if (end) read();
  };

  const onResize = () => {
    pin();
    if (handle && handle.scrollSize <= handle.viewportSize + nearStart) void loadOlder();
  };

  onMount(() => {
    if (unreadAt() > 0) {
      holds = 'unread';
      const timer = setTimeout(() => {
        if (holds !== 'unread') return;
        holds = atEnd() ? 'end' : 'view';
        read();
      }, settling);
      onCleanup(() => clearTimeout(timer));
    }
    pin();
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
        if (grown && (holds === 'end' || newest?.value().item?.mine)) toEnd();
        // What opens only after a while is new where it stands.
        read();
      },
    ),
  );

  const [found, setFound] = createSignal<string>();
  const jump = async (messageId: string, seq?: number) => {
    const at = () => list().rows.findIndex((row) => row.key === messageId);
    if (at() < 0 && !(await props.room.reach(messageId, seq).catch(() => false)))
      return props.onProblem(m.chat_quoteNotFound());
    holds = 'view';
    // What was loaded for it gets its place first.
    requestAnimationFrame(() => {
      if (at() < 0) return;
      handle?.scrollToIndex(at(), { align: 'center' });
      setFound(messageId);
    });
  };
  const deeds: Deeds = { ...props.deeds, jump: (messageId) => void jump(messageId) };
  createEffect(
    on(
      () => props.target,
      (target) => target && void jump(target.message, target.seq),
    ),
  );
  createEffect(
    on(found, (key) => {
      if (key === undefined) return;
      const timer = setTimeout(() => setFound(undefined), shown);
      onCleanup(() => clearTimeout(timer));
    }),
  );

  const newBelow = useNewBelow(() => props.view, atEnd);

  return (
    <div class="relative min-h-0 flex-1">
      <div
        ref={scroller}
        class="flex h-full flex-col overflow-x-hidden overflow-y-auto overscroll-contain pb-1 *:pointer-events-auto! [overflow-anchor:none] focus-visible:-outline-offset-2"
        tabindex={0}
        role="log"
        aria-live="off"
        onWheel={touch}
        onTouchMove={touch}
        onPointerDown={touch}
        onPointerMove={(event) => event.buttons && touch()}
        onKeyDown={touch}
        aria-label={m.chat_messages()}
      >
        <div class="grow" />
        {/* The virtualizer is deaf to pointers while it scrolls: a press on a card that a new message moves would be lost. */}
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
                deeds={deeds}
                selection={props.selection}
                pinned={props.view.pins.some(({ id }) => id === row.key)}
                found={found() === row.key}
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
            <Spinner label={m.chat_loadingOlder()} />
          </span>
        </div>
      </Show>
      <Show when={!atEnd()}>
        <button
          type="button"
          class="float-in absolute end-4 bottom-4 flex min-h-11 min-w-11 items-center justify-center gap-2 rounded-full border border-line bg-raised text-[0.9375rem] font-semibold shadow-float hover:bg-surface sm:end-6"
          classList={{ 'px-4': newBelow() > 0 }}
          aria-label={newBelow() ? undefined : m.chat_jump()}
          onClick={() => toEnd('smooth')}
        >
          <Show when={newBelow()}>{m.chat_jumpNew({ count: newBelow() })}</Show>
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
