import { createSignal, type Ref, Show } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import type { FileItem, Room } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { sendOptions } from './picked.ts';

/** What was picked to go on with, by file: while it is tried, this is not shown. */
const chosen = new Map<string, File>();

/**
 * One's own upload that stopped half-way: its file can be read again where the browser kept its place, or be picked again. One that has
 * changed since can only be sent anew, in place of what was sent of it.
 */
export function Interrupted(props: { item: FileItem; room: Room }) {
  const [problem, setProblem] = createSignal<string>();
  let input!: HTMLInputElement;
  let other!: HTMLInputElement;
  const kept = () => props.item.interrupted?.kept;
  const what = () => {
    if (props.item.interrupted?.unsent) return kept() ? m.files_unsentKept() : m.files_unsent();
    return kept() ? m.files_interruptedKept() : m.files_interrupted();
  };
  const anew = async (file: File) => {
    chosen.delete(props.item.fileId);
    await props.room.discard(props.item.id);
    await props.room.sendFile(file, sendOptions(file));
  };
  const run = (deed: Promise<void>) => deed.catch((error: unknown) => setProblem(sentence(error)));
  const goOn = (file?: File) => {
    setProblem(undefined);
    // One picked by mistake is not what would be sent in its place.
    if (file && file.name === props.item.interrupted?.name) chosen.set(props.item.fileId, file);
    else if (file) chosen.delete(props.item.fileId);
    return run(props.room.resumeFile(props.item, file));
  };
  const stopped = () => props.item.upload?.progress.get().problem ?? props.item.problem;
  return (
    <div class="flex flex-wrap items-center gap-2 pb-3" data-testid="interrupted">
      <p class="w-full text-[0.8125rem]/4.5 text-pretty text-muted">{what()}</p>
      <Show when={problem() ?? stopped()}>
        {(text) => (
          <p role="alert" class="w-full text-[0.8125rem]/4.5 text-pretty text-danger">
            {text()}
          </p>
        )}
      </Show>
      <Hidden ref={input} testId="choose-again" onPick={(file) => void goOn(file)} />
      <Hidden ref={other} testId="choose-other" onPick={(file) => run(anew(file))} />
      <Show when={kept()}>
        <Button variant="primary" class="text-sm" data-testid="go-on" onClick={() => void goOn()}>
          {m.files_resume()}
        </Button>
      </Show>
      <Button variant={kept() ? 'outline' : 'primary'} class="text-sm" onClick={() => input.click()}>
        {m.files_chooseAgain()}
      </Button>
      <Show when={problem() ?? stopped()}>
        <Button
          variant="outline"
          class="text-sm"
          data-testid="send-anew"
          onClick={() => {
            const file = chosen.get(props.item.fileId);
            if (file) run(anew(file));
            else other.click();
          }}
        >
          {m.files_sendAnew()}
        </Button>
      </Show>
      <Button variant="quiet" class="text-sm" onClick={() => void props.room.discard(props.item.id)}>
        {m.files_stop()}
      </Button>
    </div>
  );
}

/** What a button asks the browser by for a file. */
function Hidden(props: { ref: Ref<HTMLInputElement>; testId: string; onPick: (file: File) => void }) {
  return (
    <input
      ref={props.ref}
      type="file"
      class="hidden"
      tabIndex={-1}
      aria-hidden="true"
      data-testid={props.testId}
      onChange={({ currentTarget }) => {
        const file = currentTarget.files?.[0];
        // The same one may be picked once more.
        currentTarget.value = '';
        if (file) props.onPick(file);
      }}
    />
  );
}
