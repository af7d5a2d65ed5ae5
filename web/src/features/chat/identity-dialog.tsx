import { createEffect, createSignal, on, Show } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { smallPicture } from '../../ui/small-picture.ts';
import { TextField } from '../../ui/text-field.tsx';

/** What the room is called and looks like, for everybody in it. */
export function IdentityDialog(props: { room: Room; view: RoomView; open: boolean; onClose: () => void }) {
  const [name, setName] = createSignal(props.view.name);
  const [problem, setProblem] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  let picker!: HTMLInputElement;
  let choose!: HTMLButtonElement;
  createEffect(
    on(
      () => props.open,
      (open) => {
        if (open) setName(props.view.name);
        setProblem(undefined);
      },
    ),
  );

  const attempt = async (task: () => Promise<unknown>): Promise<boolean> => {
    if (busy()) return false;
    setBusy(true);
    setProblem(undefined);
    try {
      await task();
      return true;
    } catch (error) {
      setProblem(sentence(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const words = name().trim();
    if (!words) return setProblem(m.chat_nameMissing());
    if (words === props.view.name || (await attempt(() => props.room.rename(words)))) props.onClose();
  };
  const pick = async () => {
    const file = picker.files?.[0];
    picker.value = '';
    if (!file) return;
    const jpeg = await smallPicture(file);
    if (!jpeg) return setProblem(m.chat_noPicture());
    await attempt(() => props.room.setPicture(jpeg));
  };

  const drop = async () => {
    if (await attempt(() => props.room.setPicture(undefined))) choose.focus();
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
        <div class="flex flex-wrap gap-2">
          <input
            ref={picker}
            type="file"
            accept="image/*"
            class="hidden"
            data-testid="picture-input"
            onChange={() => void pick()}
          />
          <Button ref={choose} onClick={() => picker.click()}>
            {props.view.picture ? m.chat_otherPicture() : m.chat_choosePicture()}
          </Button>
          <Show when={props.view.picture}>
            <Button variant="quiet" onClick={() => void drop()}>
              {m.chat_removePicture()}
            </Button>
          </Show>
        </div>
      </div>
      <form onSubmit={save} novalidate>
        <TextField
          class="mt-5"
          label={m.chat_roomName()}
          maxLength={80}
          autocomplete="off"
          data-testid="room-name"
          value={name()}
          problem={problem()}
          onInput={(value) => {
            setName(value);
            setProblem(undefined);
          }}
        />
        <DialogActions>
          <Button onClick={() => props.onClose()}>{m.chat_cancel()}</Button>
          <Button type="submit" variant="primary" busy={busy()} data-testid="submit">
            {m.chat_save()}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
