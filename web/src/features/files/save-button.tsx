import Check from 'lucide-solid/icons/check';
import Download from 'lucide-solid/icons/download';
import { Show } from 'solid-js';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import { m } from '../../language/index.ts';
import { IconButton, iconButton } from '../../ui/button.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { typeLabel } from './kinds.ts';
import type { Saving } from './use-saving.ts';

/** Saves a file; where the original was sent besides what is played, asks which of the two. */
export function SaveButton(props: { file: OpenedFile; name: string; saving: Saving }) {
  const icon = () => (
    <Show when={props.saving.done()} fallback={<Download class="size-5" />}>
      <Check class="size-5 text-accent" />
    </Show>
  );
  return (
    <Show
      when={props.file.head.original}
      fallback={
        <IconButton
          label={m.files_saveFile({ name: props.name })}
          tip="none"
          disabled={props.saving.progress() !== undefined}
          data-testid="save"
          onClick={() => void props.saving.save(props.file)}
        >
          {icon()}
        </IconButton>
      }
    >
      <Menu label={m.files_saveFile({ name: props.name })} class={iconButton('none')} trigger={icon()}>
        <MenuItem onSelect={() => void props.saving.save(props.file)}>
          <Choice title={saveFilmLabel(typeLabel(props.file.head))} text={m.files_saveFilmText()} />
        </MenuItem>
        <MenuItem onSelect={() => void props.saving.save(props.file, true)}>
          <Choice title={m.files_saveOriginal()} text={m.files_saveOriginalText()} />
        </MenuItem>
      </Menu>
    </Show>
  );
}

const Choice = (props: { title: string; text: string }) => (
  <span class="py-1.5">
    <span class="block leading-5">{props.title}</span>
    <span class="block text-[0.8125rem]/4.5 text-muted">{props.text}</span>
  </span>
);

const saveFilmLabel = (type: string) => (type ? m.files_saveFilmType({ type }) : m.files_saveFilm());
