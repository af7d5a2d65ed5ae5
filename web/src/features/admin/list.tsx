import { createSignal, For, type JSX, onCleanup, onMount, Show } from 'solid-js';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { useDesk } from './state.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** A list that is read page by page. */
export function createPages<T extends { readonly id: string }>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
) {
  const { failed } = useDesk();
  const [items, setItems] = createSignal<readonly T[]>([]);
  const [next, setNext] = createSignal<string | null>(null);
  const [busy, setBusy] = createSignal(true);
  let turn = 0;
  const load = async (cursor?: string) => {
    const mine = ++turn;
    setBusy(true);
    try {
      const page = await read(cursor);
      // Other filters were chosen meanwhile.
      if (mine !== turn) return;
      setItems(cursor === undefined ? page.items : [...items(), ...page.items]);
      setNext(page.next);
    } catch (error) {
      if (mine === turn) failed(error);
    } finally {
      if (mine === turn) setBusy(false);
    }
  };
  return {
    items,
    busy,
    more: () => next() !== null,
    reload: () => load(),
    loadMore: () => load(next() ?? undefined),
    /** Puts a changed item in its place. */
    replace: (item: T) => setItems(items().map((each) => (each.id === item.id ? item : each))),
  };
}

export type Pages<T extends { readonly id: string }> = ReturnType<typeof createPages<T>>;

/** Rows to go through by mouse or keys. */
export function List<T extends { readonly id: string }>(props: {
  pages: Pages<T>;
  label: string;
  empty: string;
  selected: string | undefined;
  onSelect: (item: T | undefined) => void;
  row: (item: T) => JSX.Element;
}) {
  let list!: HTMLUListElement;
  const move = (by: number) => {
    const items = props.pages.items();
    const at = items.findIndex(({ id }) => id === props.selected);
    const to = items[at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + by))];
    if (!to) return;
    props.onSelect(to);
    list.querySelector<HTMLElement>(`[data-id="${to.id}"]`)?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    const busy =
      event.target instanceof Element &&
      event.target.closest('input, textarea, select, dialog, [role=dialog]');
    if (busy || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'j') move(1);
    else if (event.key === 'k') move(-1);
    else if (event.key === 'Escape') props.onSelect(undefined);
    else return;
    event.preventDefault();
  };
  onMount(() => window.addEventListener('keydown', onKey));
  onCleanup(() => window.removeEventListener('keydown', onKey));
  return (
    <div class="min-h-0 flex-1 overflow-y-auto">
      <ul ref={list} aria-label={props.label}>
        <For each={props.pages.items()}>
          {(item) => (
            <li class="border-b border-line">
              <button
                type="button"
                class="block w-full px-4 py-2.5 text-start text-[0.9375rem]/5.5 -outline-offset-2 hover:bg-hover aria-[current=true]:bg-accent-soft"
                data-id={item.id}
                data-testid="row"
                aria-current={props.selected === item.id}
                onClick={() => props.onSelect(item)}
              >
                {props.row(item)}
              </button>
            </li>
          )}
        </For>
      </ul>
      <Show when={!props.pages.busy() && props.pages.items().length === 0}>
        <p class="p-6 text-center text-[0.9375rem]/6 text-pretty text-muted">{props.empty}</p>
      </Show>
      <Show when={props.pages.busy()}>
        <p class="flex justify-center p-6 text-muted" role="status">
          <Spinner class="size-5" />
          <span class="sr-only">{m.admin_loading()}</span>
        </p>
      </Show>
      <Show when={!props.pages.busy() && props.pages.more()}>
        <div class="flex justify-center p-3">
          <Button onClick={() => void props.pages.loadMore()}>{m.admin_more()}</Button>
        </div>
      </Show>
    </div>
  );
}

/** A list, and beside it (on a phone over it) what is picked. */
export function TwoPanes(props: {
  bar?: JSX.Element;
  list: JSX.Element;
  open: boolean;
  detail: JSX.Element;
}) {
  return (
    <div class="flex h-full">
      <div
        class="flex min-w-0 flex-1 flex-col lg:max-w-md lg:border-e lg:border-line"
        classList={{ 'max-lg:hidden': props.open }}
      >
        <Show when={props.bar}>
          <div class="flex flex-wrap items-end gap-3 border-b border-line px-4 py-2">{props.bar}</div>
        </Show>
        {props.list}
        <p class="border-t border-line px-4 py-1.5 text-[0.8125rem] text-muted pointer-coarse:hidden">
          {m.admin_keys()}
        </p>
      </div>
      <div class="min-w-0 flex-1 overflow-y-auto" classList={{ 'max-lg:hidden': !props.open }}>
        {props.detail}
      </div>
    </div>
  );
}

/** A choice in a bar of filters. */
export function Filter(props: {
  label: string;
  value: string;
  options: Readonly<Record<string, string>>;
  onChange: (value: string) => void;
}) {
  return (
    <label class="text-[0.8125rem] font-semibold text-muted">
      {props.label}
      <select
        class="mt-0.5 block h-9 rounded-md border border-edge bg-raised px-2 text-[0.9375rem] font-normal text-ink pointer-coarse:h-11"
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        <For each={Object.entries(props.options)}>
          {([value, words]) => <option value={value}>{words}</option>}
        </For>
      </select>
    </label>
  );
}

/** Facts in two columns. */
export function Facts(props: { facts: readonly (readonly [string, JSX.Element])[] }) {
  return (
    <dl class="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1 text-[0.9375rem]/6">
      <For each={props.facts}>
        {([name, value]) => (
          <>
            <dt class="text-muted">{name}</dt>
            <dd class="min-w-0 wrap-anywhere">{value}</dd>
          </>
        )}
      </For>
    </dl>
  );
}
