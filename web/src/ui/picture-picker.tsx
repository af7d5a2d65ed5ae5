import { Show } from 'solid-js';
import { Button } from './button.tsx';
import { smallPicture } from './small-picture.ts';

export interface PicturePickerProps {
  /** Whether there is one already. */
  has: boolean;
  chooseLabel: string;
  otherLabel: string;
  removeLabel: string;
  disabled?: boolean;
  /** Has a small JPEG of what was picked; undefined: it is no picture. */
  onPick: (jpeg: Uint8Array | undefined) => unknown;
  /** Says whether it is gone. */
  onRemove: () => Promise<boolean>;
  /** The input's. */
  'data-testid'?: string;
}

/** Chooses a picture of a person or a room, another one, or none. */
export function PicturePicker(props: PicturePickerProps) {
  let input!: HTMLInputElement;
  let choose!: HTMLButtonElement;
  const pick = async () => {
    const file = input.files?.[0];
    input.value = '';
    if (file) props.onPick(await smallPicture(file));
  };
  const remove = async () => {
    const gone = await props.onRemove();
    // The button that had the focus goes with the picture, or lost it as it was disabled.
    if (gone || document.activeElement === document.body) choose.focus();
  };
  return (
    <div class="flex flex-wrap gap-2">
      <input
        ref={input}
        type="file"
        accept="image/*"
        class="hidden"
        data-testid={props['data-testid']}
        onChange={() => void pick()}
      />
      <Button ref={choose} disabled={props.disabled} onClick={() => input.click()}>
        {props.has ? props.otherLabel : props.chooseLabel}
      </Button>
      <Show when={props.has}>
        <Button disabled={props.disabled} onClick={() => void remove()}>
          {props.removeLabel}
        </Button>
      </Show>
    </div>
  );
}
