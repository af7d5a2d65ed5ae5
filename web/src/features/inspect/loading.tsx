import { type JSX, type Resource, Show } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Spinner } from '../../ui/spinner.tsx';

/** What is asked for, while it comes, and when it doesn't. */
export function Loading<T>(props: {
  from: Resource<T>;
  words: string;
  onRetry: () => void;
  children: (value: T) => JSX.Element;
}) {
  return (
    <Show
      when={!props.from.error}
      fallback={
        <div role="alert" class="mt-5 text-[0.9375rem]">
          <p class="text-danger">{sentence(props.from.error)}</p>
          <Button class="mt-3" onClick={() => props.onRetry()}>
            {m.inspect_retry()}
          </Button>
        </div>
      }
    >
      <Show
        when={props.from()}
        keyed
        fallback={
          <p role="status" class="appear-late mt-5 flex h-24 items-center gap-3 text-muted">
            <Spinner class="size-5 text-accent" />
            {props.words}
          </p>
        }
      >
        {(value) => props.children(value)}
      </Show>
    </Show>
  );
}
