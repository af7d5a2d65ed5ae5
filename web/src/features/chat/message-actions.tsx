import Copy from 'lucide-solid/icons/copy';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import SmilePlus from 'lucide-solid/icons/face-slightly-smiling-plus';
import Flag from 'lucide-solid/icons/flag';
import Forward from 'lucide-solid/icons/forward';
import ListChecks from 'lucide-solid/icons/list-checks';
import Pencil from 'lucide-solid/icons/pencil';
import Pin from 'lucide-solid/icons/pin';
import PinOff from 'lucide-solid/icons/pin-off';
import Reply from 'lucide-solid/icons/reply';
import Trash from 'lucide-solid/icons/trash';
import { For, Show } from 'solid-js';
import type { FileItem, TextItem } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { iconButton } from '../../ui/button.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { Menu, MenuItem, MenuLine, MenuNote, MenuRow, MenuRowItem } from '../../ui/menu.tsx';
import { whoReacted } from './reactions.tsx';
import { isForwardable } from './selection.ts';

/** What can be done with a message. */
export interface Deeds {
  react(item: TextItem | FileItem, emoji: string, on: boolean): void;
  reply(item: TextItem | FileItem): void;
  edit(item: TextItem): void;
  askDelete(item: TextItem | FileItem): void;
  pin(item: TextItem | FileItem, on: boolean): void;
  copy(items: readonly TextItem[]): void;
  askForward(item: TextItem | FileItem): void;
  /** Begins to select several, with this one. */
  select(item: TextItem | FileItem): void;
  /** Offers every emoji there is. */
  askEmoji(item: TextItem | FileItem): void;
  askReport(item: TextItem | FileItem): void;
  /** Goes to a message, however far back. */
  jump(messageId: string): void;
}

/** What most people answer with. */
const quick = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/**
 * The button beside a message and its menu. Seen where a pointer hovers or the keyboard is; on a touch screen a long press on the message
 * opens it.
 */
export function MessageActions(props: {
  item: TextItem | FileItem;
  pinned: boolean;
  deeds: Deeds;
  open: boolean;
  onOpen: (open: boolean) => void;
}) {
  const reacted = (emoji: string) =>
    props.item.reactions?.some((each) => each.emoji === emoji && each.mine) ?? false;
  const text = () => (props.item.kind === 'text' ? props.item : undefined);
  return (
    <Menu
      trigger={<Ellipsis class="size-4.5" />}
      label={m.chat_messageActions()}
      class={`${iconButton('none')} size-9! self-center rounded-full opacity-0 group-focus-within/message:opacity-100 group-hover/message:opacity-100 aria-expanded:opacity-100 pointer-coarse:pointer-events-none pointer-coarse:w-0!`}
      placement={props.item.mine ? 'bottom-end' : 'bottom-start'}
      open={props.open}
      onOpen={props.onOpen}
    >
      <MenuRow label={m.chat_react()}>
        <For each={quick}>
          {(emoji) => (
            <MenuRowItem
              label={m.chat_reactWith({ emoji })}
              pressed={reacted(emoji)}
              onSelect={() => props.deeds.react(props.item, emoji, !reacted(emoji))}
            >
              {emoji}
            </MenuRowItem>
          )}
        </For>
        <MenuRowItem
          label={m.chat_moreEmoji()}
          pressed={false}
          onSelect={() => props.deeds.askEmoji(props.item)}
        >
          <SmilePlus class="size-5 text-muted" />
        </MenuRowItem>
      </MenuRow>
      <MenuLine />
      <MenuItem icon={<Reply class="size-4.5" />} onSelect={() => props.deeds.reply(props.item)}>
        {m.chat_reply()}
      </MenuItem>
      <Show when={text()}>
        {(item) => (
          <>
            <MenuItem icon={<Copy class="size-4.5" />} onSelect={() => props.deeds.copy([item()])}>
              {m.chat_copyText()}
            </MenuItem>
            <Show when={item().mine}>
              <MenuItem icon={<Pencil class="size-4.5" />} onSelect={() => props.deeds.edit(item())}>
                {m.chat_edit()}
              </MenuItem>
            </Show>
          </>
        )}
      </Show>
      <Show when={isForwardable(props.item)}>
        <MenuItem icon={<Forward class="size-4.5" />} onSelect={() => props.deeds.askForward(props.item)}>
          {m.chat_forward()}
        </MenuItem>
      </Show>
      <MenuItem icon={<ListChecks class="size-4.5" />} onSelect={() => props.deeds.select(props.item)}>
        {m.chat_select()}
      </MenuItem>
      <Show when={props.item.seq !== undefined}>
        <MenuItem
          icon={
            <Show when={props.pinned} fallback={<Pin class="size-4.5" />}>
              <PinOff class="size-4.5" />
            </Show>
          }
          onSelect={() => props.deeds.pin(props.item, !props.pinned)}
        >
          {props.pinned ? m.chat_unpin() : m.chat_pin()}
        </MenuItem>
      </Show>
      <Show when={!props.item.mine}>
        <MenuItem icon={<Flag class="size-4.5" />} onSelect={() => props.deeds.askReport(props.item)}>
          {m.chat_report()}
        </MenuItem>
      </Show>
      <Show when={props.item.mine}>
        <MenuItem danger icon={<Trash class="size-4.5" />} onSelect={() => props.deeds.askDelete(props.item)}>
          {m.chat_delete()}
        </MenuItem>
      </Show>
      <MenuLine />
      {/* What a mouse finds by hovering. */}
      <For each={props.item.reactions}>
        {(reaction) => (
          <MenuNote>
            {reaction.emoji} {whoReacted(reaction)}
          </MenuNote>
        )}
      </For>
      <MenuNote>{formatDateTime(props.item.at)}</MenuNote>
    </Menu>
  );
}
