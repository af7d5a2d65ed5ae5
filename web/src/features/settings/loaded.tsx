import { type Accessor, type JSX, Match, onCleanup, onMount, type Resource, Switch } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Note } from './section.tsx';

/**
 * What a resource has brought, also while it is read again; until then a word, and where it failed why, with a way to retry. Once there is a
 * network again it is, by itself.
 */
export function Loaded<T>(props: {
  resource: Resource<T>;
  onRetry: () => void;
  children: (value: Accessor<T>) => JSX.Element;
}) {
  const retry = () => props.resource.error && props.onRetry();
  onMount(() => window.addEventListener('online', retry));
  onCleanup(() => window.removeEventListener('online', retry));
  return (
    <Switch fallback={<p class="text-sm/5 text-muted">{m.settings_loading()}</p>}>
      <Match when={props.resource.error}>
        <Note bad={sentence(props.resource.error)} />
        <div class="my-3">
          <Button onClick={props.onRetry}>{m.settings_retry()}</Button>
        </div>
      </Match>
      <Match when={props.resource.latest !== undefined}>
        {props.children(() => props.resource.latest as T)}
      </Match>
    </Switch>
  );
}
