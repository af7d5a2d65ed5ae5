import { createSignal, Show } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import type { FileItem, Room } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';

/** One's own upload that stopped half-way: its file can be read again where the browser kept its place, or be picked again. */
export function Interrupted(props: { item: FileItem; room: Room }) {
  const [problem, setProblem] = createSignal<string>();
  let input!: HTMLInputElement;
  const kept = () => props.item.interrupted?.kept;
  const goOn = async (file?: File) => {
    setProblem(undefined);
    await props.room
      .resumeFile(props.item, file)
      .catch((error: unknown) => setProblem(sentence(error)))
      .finally(() => {
        input.value = '';
      });
  };
  const stopped = () => props.item.upload?.progress.get().problem ?? props.item.problem;
  return (
    <div class="flex flex-wrap items-center gap-2 pb-3" data-testid="interrupted">
      <p class="w-full text-[0.8125rem]/4.5 text-pretty text-muted">
        {kept() ? m.files_interruptedKept() : m.files_interrupted()}
      </p>
      <Show when={problem() ?? stopped()}>
        {(text) => (
          <p role="alert" class="w-full text-[0.8125rem]/4.5 text-pretty text-danger">
            {text()}
          </p>
        )}
      </Show>
      <input
        ref={input}
        type="file"
        class="hidden"
        tabIndex={-1}
        aria-hidden="true"
        data-testid="choose-again"
        onChange={() => input.files?.[0] && void goOn(input.files[0])}
      />
      <Show when={kept()}>
        <Button variant="primary" class="text-sm" data-testid="go-on" onClick={() => void goOn()}>
          {m.files_resume()}
        </Button>
      </Show>
      <Button variant={kept() ? 'outline' : 'primary'} class="text-sm" onClick={() => input.click()}>
        {m.files_chooseAgain()}
      </Button>
      <Button variant="quiet" class="text-sm" onClick={() => void props.room.discard(props.item.id)}>
        {m.files_stop()}
      </Button>
    </div>
  );
}
