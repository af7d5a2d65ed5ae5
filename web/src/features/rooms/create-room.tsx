import { useNavigate } from '@solidjs/router';
import { createSignal } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { strings } from './strings.ts';

/** Asks for a name, makes the room and opens it. */
export function CreateRoom(props: { open: boolean; onClose: () => void }) {
  const engine = useEngine();
  const navigate = useNavigate();
  const [name, setName] = createSignal('');
  const [problem, setProblem] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);

  const close = () => {
    setName('');
    setProblem(undefined);
    props.onClose();
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy()) return;
    if (!name().trim()) return setProblem(strings.roomNameMissing);
    setBusy(true);
    setProblem(undefined);
    try {
      const room = await engine.createRoom(name().trim());
      close();
      navigate(`/r/${room}`);
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && close()}
      title={strings.createTitle}
      description={strings.createText}
      closeLabel={strings.close}
    >
      <form onSubmit={submit} novalidate>
        <TextField
          class="mt-6"
          label={strings.roomName}
          hint={strings.roomNameHint}
          placeholder={strings.roomNamePlaceholder}
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
          <Button onClick={close}>{strings.cancel}</Button>
          <Button type="submit" variant="primary" busy={busy()} data-testid="submit">
            {strings.create}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
