import Captions from 'lucide-solid/icons/captions';
import FileText from 'lucide-solid/icons/file-text';
import PictureInPicture from 'lucide-solid/icons/picture-in-picture-2';
import Settings from 'lucide-solid/icons/settings';
import { For, Show } from 'solid-js';
import { Menu, MenuChoice, MenuChoices, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { choiceName } from './choice-name.ts';
import { stageControl } from './controls.tsx';
import type { usePictureInPicture } from './picture-in-picture.ts';
import { type Playback, rates, type TrackChoices } from './playback.ts';
import { strings } from './strings.ts';

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
      label={strings.captions}
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
        label={strings.captions}
        value={chosen()}
        onChange={(value) => props.choices.chooseCaption(value === off ? undefined : Number(value))}
      >
        <MenuChoice value={off}>{strings.captionsOff}</MenuChoice>
        <For each={props.choices.captions()}>
          {(choice, index) => (
            <MenuChoice value={String(choice.id)}>
              {choiceName(choice, index(), strings.captionsNumber)}
            </MenuChoice>
          )}
        </For>
      </MenuChoices>
      <MenuLine />
      <MenuItem icon={<FileText class="size-4.5" />} onSelect={props.onAdd}>
        {strings.addCaptions}
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
      label={strings.settings}
      class={stageControl}
      placement="top-end"
      mount={props.mount}
      onOpen={props.onOpen}
      trigger={<Settings class="size-5" />}
    >
      <Show when={props.choices.sounds().length > 1}>
        <MenuChoices
          label={strings.sound}
          value={String(props.choices.sound())}
          onChange={(value) => props.choices.chooseSound(Number(value))}
        >
          <For each={props.choices.sounds()}>
            {(choice, index) => (
              <MenuChoice value={String(choice.id)}>
                {choiceName(choice, index(), strings.soundNumber)}
              </MenuChoice>
            )}
          </For>
        </MenuChoices>
        <MenuLine />
      </Show>
      <MenuChoices
        label={strings.speed}
        value={String(props.playback.rate())}
        onChange={(value) => props.playback.setRate(Number(value))}
      >
        <For each={rates}>{(rate) => <MenuChoice value={String(rate)}>{strings.rate(rate)}</MenuChoice>}</For>
      </MenuChoices>
      <Show when={props.pictureInPicture.possible}>
        <MenuLine />
        <MenuItem icon={<PictureInPicture class="size-4.5" />} onSelect={props.pictureInPicture.toggle}>
          {props.pictureInPicture.on() ? strings.leavePictureInPicture : strings.pictureInPicture}
        </MenuItem>
      </Show>
    </Menu>
  );
}
