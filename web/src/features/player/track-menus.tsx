import Captions from 'lucide-solid/icons/captions';
import FileText from 'lucide-solid/icons/file-text';
import PictureInPicture from 'lucide-solid/icons/picture-in-picture-2';
import Settings from 'lucide-solid/icons/settings';
import { For, Show } from 'solid-js';
import { m } from '../../language/index.ts';
import { formatNumber } from '../../ui/format.ts';
import { Menu, MenuChoice, MenuChoices, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { choiceName } from './choice-name.ts';
import { stageControl } from './controls.tsx';
import type { usePictureInPicture } from './picture-in-picture.ts';
import { type Playback, rates, type TrackChoices } from './playback.ts';

interface MenuProps {
  choices: TrackChoices;
  /** Set while the film fills the screen. */
  mount: Node | undefined;
  onOpen: (open: boolean) => void;
}

const off = 'off';

/** Which subtitles, if any. */
export function CaptionsMenu(props: MenuProps & { onAdd: () => void }) {
  const chosen = () => String(props.choices.caption() ?? off);
  return (
    <Menu
      label={m.player_captions()}
      class={`${stageControl} ${chosen() === off ? '' : 'underline decoration-2 underline-offset-4'}`}
      placement="top-end"
      mount={props.mount}
      onOpen={props.onOpen}
      trigger={
        <span class="relative">
          <Captions class="size-5" />
          <Show when={chosen() !== off}>
            <span class="absolute inset-x-0 -bottom-1.5 h-0.5 rounded-full bg-white" />
          </Show>
        </span>
      }
    >
      <MenuChoices
        label={m.player_captions()}
        value={chosen()}
        onChange={(value) => props.choices.chooseCaption(value === off ? undefined : Number(value))}
      >
        <MenuChoice value={off}>{m.player_captionsOff()}</MenuChoice>
        <For each={props.choices.captions()}>
          {(choice, index) => (
            <MenuChoice value={String(choice.id)}>
              {choiceName(choice, index(), (number) => m.player_captionsNumber({ number }))}
            </MenuChoice>
          )}
        </For>
      </MenuChoices>
      <MenuLine />
      <MenuItem icon={<FileText class="size-4.5" />} onSelect={props.onAdd}>
        {m.player_addCaptions()}
      </MenuItem>
    </Menu>
  );
}

/** How fast, which sound, and a window of its own. */
export function SettingsMenu(
  props: MenuProps & { playback: Playback; pictureInPicture: ReturnType<typeof usePictureInPicture> },
) {
  return (
    <Menu
      label={m.player_settings()}
      class={stageControl}
      placement="top-end"
      mount={props.mount}
      onOpen={props.onOpen}
      trigger={<Settings class="size-5" />}
    >
      <Show when={props.choices.sounds().length > 1}>
        <MenuChoices
          label={m.player_sound()}
          value={String(props.choices.sound())}
          onChange={(value) => props.choices.chooseSound(Number(value))}
        >
          <For each={props.choices.sounds()}>
            {(choice, index) => (
              <MenuChoice value={String(choice.id)}>
                {choiceName(choice, index(), (number) => m.player_soundNumber({ number }))}
              </MenuChoice>
            )}
          </For>
        </MenuChoices>
        <MenuLine />
      </Show>
      <MenuChoices
        label={m.player_speed()}
        value={String(props.playback.rate())}
        onChange={(value) => props.playback.setRate(Number(value))}
      >
        <For each={rates}>
          {(rate) => (
            <MenuChoice value={String(rate)}>
              {rate === 1 ? m.player_rateNormal() : m.player_rate({ rate: formatNumber(rate) })}
            </MenuChoice>
          )}
        </For>
      </MenuChoices>
      <Show when={props.pictureInPicture.possible}>
        <MenuLine />
        <MenuItem icon={<PictureInPicture class="size-4.5" />} onSelect={props.pictureInPicture.toggle}>
          {props.pictureInPicture.on() ? m.player_leavePictureInPicture() : m.player_pictureInPicture()}
        </MenuItem>
      </Show>
    </Menu>
  );
}
