import { useNavigate } from '@solidjs/router';
import { createSignal, onCleanup } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { m } from '../../language/index.ts';
import { AttemptProblem, createAttempt } from '../../ui/attempt.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** Whether it is asked for: the list leads there, and what stands beside it. */
const [creating, setCreating] = createSignal(false);
export const beginRoom = (): void => void setCreating(true);

/** Asks for a name, makes the room and opens it. */
export function CreateRoom() {
  const engine = useEngine();
  const navigate = useNavigate();
  const [name, setName] = createSignal('');
  const [nameless, setNameless] = createSignal(false);
  const attempt = createAttempt(sentence);

  const close = () => {
    setName('');
    setNameless(false);
    attempt.say(undefined);
    setCreating(false);
  };
  onCleanup(close);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (attempt.busy()) return;
    setNameless(!name().trim());
    if (nameless()) return;
    await attempt.run(async () => {
      const room = await engine.createRoom(name().trim());
      close();
      navigate(`/r/${room}`);
    });
  };

  return (
    <Dialog
      open={creating()}
      onOpenChange={(open) => !open && close()}
      title={m.rooms_createTitle()}
      description={m.rooms_createText()}
      closeLabel={m.rooms_close()}
    >
      <form onSubmit={submit} novalidate>
        <TextField
          class="mt-6"
          label={m.rooms_roomName()}
          hint={m.rooms_roomNameHint()}
          placeholder={m.rooms_roomNamePlaceholder()}
          maxLength={80}
          autocomplete="off"
          data-testid="room-name"
          value={name()}
          problem={nameless() ? m.rooms_roomNameMissing() : undefined}
          onInput={(value) => {
            setName(value);
            setNameless(false);
          }}
        />
        <AttemptProblem attempt={attempt} />
        <DialogActions>
          <Button onClick={close}>{m.rooms_cancel()}</Button>
          <Button type="submit" variant="primary" busy={attempt.busy()} data-testid="submit">
            {m.rooms_create()}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
