import { type Accessor, type JSX, Match, type Resource, Switch } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Note } from './section.tsx';

/** What a resource has brought, also while it is read again; until then a word, and where it failed why, with a way to retry. */
export function Loaded<T>(props: {
  resource: Resource<T>;
  onRetry: () => void;
  children: (value: Accessor<T>) => JSX.Element;
}) {
  return (
    <Switch fallback={<p class="text-sm/5 text-muted">{m.settings_loading()}</p>}>
      <Match when={props.resource.error}>
        <Note bad={sentence(props.resource.error)} />
        <Button class="mt-3" onClick={props.onRetry}>
          {m.settings_retry()}
        </Button>
      </Match>
      <Match when={props.resource.latest !== undefined}>
        {props.children(() => props.resource.latest as T)}
      </Match>
    </Switch>
  );
}
