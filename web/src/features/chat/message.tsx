import CircleAlert from 'lucide-solid/icons/circle-alert';
import KeyRound from 'lucide-solid/icons/key-round';
import Trash from 'lucide-solid/icons/trash';
import { type Component, createSignal, type JSX, Match, Show, Switch } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { useFaces } from '../../engine/solid/faces.tsx';
import type {
  DeletedItem,
  FileItem,
  NoticeItem,
  Room,
  TextItem,
  TimelineItem,
  UnreadableItem,
} from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { now } from '../../ui/clock.ts';
import { formatDay, formatTime } from '../../ui/format.ts';
import { longPress } from '../../ui/long-press.ts';
import { VerifiedMark } from '../../ui/verified.tsx';
import { FileCard } from '../files/index.ts';
import { ForwardedMark } from './forwarded-mark.tsx';
import { type Deeds, MessageActions } from './message-actions.tsx';
import { Meta } from './meta.tsx';
import { noticeText } from './notice-text.ts';
import { Reactions } from './reactions.tsx';
import { ReadBy } from './read-by.tsx';
import type { Row } from './rows.ts';
import { SelectBox } from './select-box.tsx';
import type { Selection } from './selection.ts';
import { TextBubble } from './text-bubble.tsx';

export interface MessageProps {
  row: Row;
  room: Room;
  /** A file of this row plays: it must stay mounted while it is scrolled away. */
  onPlaying: (playing: boolean) => void;
  deeds: Deeds;
  /** It stands above the conversation. */
  pinned: boolean;
  /** The reader was just brought here. */
  found: boolean;
  selection: Selection;
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
              {m.chat_newMessages()}
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
          <Show when={item().readBy}>{(people) => <ReadBy people={people()} />}</Show>
        </div>
      )}
    </Show>
  );
}

function Notice(props: { item: NoticeItem }) {
  return (
    <p class="py-2 text-center text-[0.8125rem]/5 text-pretty text-muted" data-testid="notice">
      {noticeText(props.item)}
    </p>
  );
}

function Spoken(props: MessageProps & { item: TextItem | FileItem | UnreadableItem | DeletedItem }) {
  const [acting, setActing] = createSignal(false);
  const faces = useFaces();
  /** What somebody said that can be read, reacted to, answered. */
  const said = () => (props.item.kind === 'text' || props.item.kind === 'file' ? props.item : undefined);
  const state = () => said()?.state ?? 'sent';
  const actable = () => (state() === 'failed' ? undefined : said());
  const selecting = () => props.selection.active();
  const selected = () => props.selection.has(props.item.id);
  const press = longPress(() => actable() && setActing(true));
  /** An interrupted upload says what to do itself. */
  const interrupted = () => props.item.kind === 'file' && props.item.interrupted !== undefined;
  const who = () => (props.item.mine ? m.chat_you() : props.item.authorName);
  return (
    <article
      class="group/message relative flex gap-2.5"
      classList={{
        'ps-11': selecting(),
        'rounded-2xl bg-hover': selected(),
        'flex-row-reverse': props.item.mine,
        'pt-3': props.row.first,
        'pt-0.75': !props.row.first,
        'pb-1': props.row.last,
        'found rounded-2xl': props.found,
      }}
      aria-label={`${who()}, ${formatTime(props.item.at)}`}
      data-testid="message"
      data-state={state()}
      data-mine={props.item.mine}
    >
      <Show when={selecting() && actable()}>
        {(item) => (
          <SelectBox
            label={m.chat_selectOne({ who: who(), time: formatTime(item().at) })}
            on={selected()}
            onToggle={(range) => props.selection.toggle(item().id, range)}
          />
        )}
      </Show>
      <Show when={!props.item.mine}>
        <span class="flex w-9 shrink-0 items-end">
          <Show when={props.row.last}>
            <Avatar id={props.item.author} name={props.item.authorName} picture={faces(props.item.author)} />
          </Show>
        </span>
      </Show>
      <div
        class="flex min-w-0 max-w-[85%] flex-col pointer-coarse:select-none sm:max-w-[78%]"
        classList={{ 'items-end': props.item.mine, 'items-start': !props.item.mine }}
        inert={selecting()}
        {...press}
      >
        <Show when={props.row.first && !props.item.mine}>
          <span class="mb-1 flex max-w-full items-center gap-1 px-1 text-[0.8125rem]/4.5 font-semibold text-muted">
            <span class="truncate">{props.item.authorName}</span>
            <Show when={props.item.verified}>
              <VerifiedMark label={m.chat_verified()} />
            </Show>
          </span>
        </Show>
        <Switch>
          <Match when={props.item.kind === 'text' && props.item}>
            {(text) => (
              <TextBubble
                item={text()}
                row={props.row}
                me={props.room.view.get().me}
                onJump={props.deeds.jump}
              />
            )}
          </Match>
          <Match when={props.item.kind === 'file' && props.item}>
            {(file) => (
              <FileCard
                item={file()}
                room={props.room}
                onPlaying={props.onPlaying}
                above={
                  <Show when={file().forwarded}>
                    <ForwardedMark />
                  </Show>
                }
                meta={<Meta item={file()} />}
              />
            )}
          </Match>
          <Match when={props.item.kind === 'deleted'}>
            <Hollow icon={Trash} testid="deleted">
              {props.item.mine ? m.chat_deletedMine() : m.chat_deletedOther()}
            </Hollow>
          </Match>
          <Match when={props.item.kind === 'unreadable' && props.item}>
            {(unreadable) => (
              <Hollow icon={KeyRound}>
                {m.chat_unreadable()} {unreadable().reason}
              </Hollow>
            )}
          </Match>
        </Switch>
        <Show when={said()?.reactions}>
          {(reactions) => (
            <Reactions
              reactions={reactions()}
              onReact={(emoji, on) => {
                const item = said();
                if (item) props.deeds.react(item, emoji, on);
              }}
            />
          )}
        </Show>
        <Show when={props.item.doubt}>
          {(doubt) => (
            <p class="mt-1 flex gap-1.5 px-1 text-[0.8125rem]/4.5 text-danger" data-testid="doubt">
              <CircleAlert class="mt-px size-4 shrink-0" />
              {doubt()}
            </p>
          )}
        </Show>
        <Show when={state() === 'failed' && !interrupted() && said()}>
          {(failed) => <Failed item={failed()} room={props.room} />}
        </Show>
      </div>
      <Show when={!selecting() && actable()}>
        {(item) => (
          <MessageActions
            item={item()}
            pinned={props.pinned}
            deeds={props.deeds}
            open={acting()}
            onOpen={setActing}
          />
        )}
      </Show>
    </article>
  );
}

/** Stands where words would. */
function Hollow(props: { icon: Component<{ class?: string }>; testid?: string; children: JSX.Element }) {
  return (
    <div
      class="flex gap-2.5 rounded-2xl border border-dashed border-edge px-3.5 py-2.5 text-sm/5 text-muted"
      data-testid={props.testid}
    >
      <Dynamic component={props.icon} class="mt-0.5 size-4 shrink-0" />
      <span>{props.children}</span>
    </div>
  );
}

function Failed(props: { item: TextItem | FileItem; room: Room }) {
  return (
    <div class="mt-1 flex flex-wrap items-center justify-end gap-x-1 text-[0.8125rem]/5">
      <span class="flex items-center gap-1.5 py-1 text-danger">
        <CircleAlert class="size-4 shrink-0" />
        {m.chat_notSent()} {props.item.problem}
      </span>
      <Show when={props.item.kind === 'text' || !props.item.upload || props.item.commitment}>
        <TextButton onClick={() => void props.room.retry(props.item.id)}>{m.chat_retry()}</TextButton>
      </Show>
      <TextButton onClick={() => void props.room.discard(props.item.id)}>{m.chat_discard()}</TextButton>
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
