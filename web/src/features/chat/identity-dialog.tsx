import { createEffect, createSignal, on } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { AttemptProblem, createAttempt } from '../../ui/attempt.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { PicturePicker } from '../../ui/picture-picker.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** What the room is called and looks like, for everybody in it. */
export function IdentityDialog(props: { room: Room; view: RoomView; open: boolean; onClose: () => void }) {
  const [name, setName] = createSignal(props.view.name);
  const [nameless, setNameless] = createSignal(false);
  const attempt = createAttempt(sentence);
  createEffect(
    on(
      () => props.open,
      (open) => {
        if (open) setName(props.view.name);
        setNameless(false);
        attempt.say(undefined);
      },
    ),
  );

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const words = name().trim();
    setNameless(!words);
    if (!words) return;
    if (words === props.view.name || (await attempt.run(() => props.room.rename(words)))) props.onClose();
  };
  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      title={m.chat_identity()}
      description={m.chat_identityText()}
      closeLabel={m.chat_close()}
    >
      <div class="mt-5 flex items-center gap-4">
        <Avatar
          id={props.view.id}
          name={props.view.name}
          class="size-20 text-2xl"
          square
          picture={pictureUrl(props.view.picture)}
        />
        <PicturePicker
          has={Boolean(props.view.picture)}
          chooseLabel={m.chat_choosePicture()}
          otherLabel={m.chat_otherPicture()}
          removeLabel={m.chat_removePicture()}
          onPick={(jpeg) =>
            jpeg ? attempt.run(() => props.room.setPicture(jpeg)) : attempt.say(m.chat_noPicture())
          }
          onRemove={() => attempt.run(() => props.room.setPicture(undefined))}
          data-testid="picture-input"
        />
      </div>
      <form onSubmit={save} novalidate>
        <TextField
          class="mt-5"
          label={m.chat_roomName()}
          maxLength={80}
          autocomplete="off"
          data-testid="room-name"
          value={name()}
          problem={nameless() ? m.chat_nameMissing() : undefined}
          onInput={(value) => {
            setName(value);
            setNameless(false);
          }}
        />
        <AttemptProblem attempt={attempt} />
        <DialogActions>
          <Button onClick={() => props.onClose()}>{m.chat_cancel()}</Button>
          <Button type="submit" variant="primary" busy={attempt.busy()} data-testid="submit">
            {m.chat_save()}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
