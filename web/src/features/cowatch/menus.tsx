import Minus from 'lucide-solid/icons/minus';
import PartyPopper from 'lucide-solid/icons/party-popper';
import Plus from 'lucide-solid/icons/plus';
import Settings from 'lucide-solid/icons/settings-2';
import { For, type JSX, Show } from 'solid-js';
import type { JoinedView, JoinedWatch } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { iconButton } from '../../ui/button.tsx';
import { formatList } from '../../ui/format.ts';
import { Menu, MenuChoice, MenuChoices, MenuItem, MenuLine, MenuRow, MenuRowItem } from '../../ui/menu.tsx';
import { emojis } from './reactions.tsx';

/** Seconds by which one press moves this screen against the others, and the most. */
const nudge = 0.05;
const farthest = 2;

/** Says something without words, over everybody's film. */
export function ReactionMenu(props: { onReact: (emoji: string) => void }) {
  return (
    <Menu
      label={m.cowatch_react()}
      class={iconButton('above')}
      tip
      placement="top-end"
      trigger={<PartyPopper class="size-5" />}
    >
      <MenuRow label={m.cowatch_react()}>
        <For each={emojis}>
          {(emoji) => (
            <MenuRowItem
              label={m.cowatch_reactWith({ emoji })}
              pressed={false}
              onSelect={() => props.onReact(emoji)}
            >
              {emoji}
            </MenuRowItem>
          )}
        </For>
      </MenuRow>
    </Menu>
  );
}

interface WatchSettingsProps {
  joined: JoinedWatch;
  watch: JoinedView;
  nameOf: (userId: string | undefined) => string;
  me: string;
}

/** Who may control the film, and how this screen keeps to the others. */
export function WatchSettings(props: WatchSettingsProps) {
  const host = () => props.nameOf(props.watch.host);
  const others = () => [...new Set(props.watch.others.map(({ userId }) => userId))];
  const move = (by: number) => {
    const offset = Math.round((props.watch.offset + by) * 1000) / 1000;
    props.joined.setOffset(Math.min(farthest, Math.max(-farthest, offset)));
  };
  return (
    <Menu
      label={m.cowatch_settings()}
      class={iconButton('above')}
      tip
      placement="top-end"
      trigger={<Settings class="size-5" />}
    >
      <Show when={props.watch.isHost}>
        <Control {...props} host={host()} others={others()} />
        <MenuLine />
      </Show>
      <MenuChoices
        label={m.cowatch_sync()}
        value={String(props.watch.correcting)}
        onChange={(value) => props.joined.setCorrecting(value === 'true')}
      >
        <MenuChoice value="true">{m.cowatch_syncOn()}</MenuChoice>
        <MenuChoice value="false">{m.cowatch_syncOff()}</MenuChoice>
      </MenuChoices>
      <MenuLine />
      <p class="px-3 pt-2 pb-1 text-[0.8125rem] text-muted">{m.cowatch_offset()}</p>
      <div class="flex items-center gap-1 pe-1 ps-3">
        <p class="min-w-0 flex-1 text-[0.9375rem] tabular-nums" role="status" data-testid="watch-offset">
          {offsetText(Math.round(props.watch.offset * 1000))}
        </p>
        <MenuRow label={m.cowatch_offset()}>
          <Nudge label={m.cowatch_later()} onPress={() => move(-nudge)}>
            <Minus class="size-4.5" />
          </Nudge>
          <Nudge label={m.cowatch_earlier()} onPress={() => move(nudge)}>
            <Plus class="size-4.5" />
          </Nudge>
        </MenuRow>
      </div>
    </Menu>
  );
}

function Nudge(props: { label: string; onPress: () => void; children: JSX.Element }) {
  return (
    <MenuRowItem label={props.label} pressed={false} stays onSelect={() => props.onPress()}>
      {props.children}
    </MenuRowItem>
  );
}

const named = 'named';

function Control(props: WatchSettingsProps & { host: string; others: readonly string[] }) {
  const control = () => props.watch.control;
  const names = () => (Array.isArray(control()) ? (control() as readonly string[]) : []);
  const value = () => (Array.isArray(control()) ? named : (control() as string));
  return (
    <>
      <MenuChoices
        label={m.cowatch_control()}
        value={value()}
        onChange={(choice) => {
          if (choice === 'everyone' || choice === 'host') props.joined.allow(choice);
        }}
      >
        <MenuChoice value="everyone">{m.cowatch_everyone()}</MenuChoice>
        <MenuChoice value="host">
          {props.watch.isHost ? m.cowatch_onlyYou() : m.cowatch_hostOnly({ host: props.host })}
        </MenuChoice>
        <Show when={names().length > 0}>
          <MenuChoice value={named}>{formatList([m.cowatch_you(), ...names().map(props.nameOf)])}</MenuChoice>
        </Show>
      </MenuChoices>
      <For each={props.others.filter((id) => id !== props.me)}>
        {(id) => (
          <>
            <Show when={control() !== 'everyone' && !names().includes(id)}>
              <MenuItem onSelect={() => props.joined.allow([...names(), id].slice(-8))}>
                {m.cowatch_letControl({ name: props.nameOf(id) })}
              </MenuItem>
            </Show>
            <MenuItem onSelect={() => props.joined.makeHost(id)}>
              {m.cowatch_makeHost({ name: props.nameOf(id) })}
            </MenuItem>
          </>
        )}
      </For>
    </>
  );
}

function offsetText(milliseconds: number): string {
  if (milliseconds === 0) return m.cowatch_offsetNone();
  return milliseconds > 0
    ? m.cowatch_offsetAhead({ milliseconds })
    : m.cowatch_offsetBehind({ milliseconds: -milliseconds });
}
