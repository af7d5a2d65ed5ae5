import { type Accessor, createMemo, createSignal, type JSX, onMount, Show } from 'solid-js';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { AskWhy, type Deed } from './ask-why.tsx';
import { List, type Pages, TwoPanes } from './list.tsx';

/** A list, what is picked of it, and what is done with that, for a reason. */
export function PickList<T extends { readonly id: string }>(props: {
  pages: Pages<T>;
  label: string;
  empty: string;
  bar?: JSX.Element;
  row: (item: T) => JSX.Element;
  /** What is shown of the picked one. */
  detail: (item: Accessor<T>) => JSX.Element;
  /** Buttons of what may be done with it, each by asking why first. */
  deeds?: (item: Accessor<T>, ask: (deed: Deed) => void) => JSX.Element;
}) {
  const [selected, setSelected] = createSignal<string>();
  const [deed, setDeed] = createSignal<Deed>();
  onMount(() => void props.pages.reload());
  const picked = createMemo(() => props.pages.items().find(({ id }) => id === selected()));
  return (
    <>
      <TwoPanes
        open={picked() !== undefined}
        bar={props.bar}
        list={
          <List
            pages={props.pages}
            label={props.label}
            empty={props.empty}
            selected={selected()}
            onSelect={(item) => setSelected(item?.id)}
            row={props.row}
          />
        }
        detail={
          <Show when={picked()} fallback={<p class="p-10 text-center text-muted">{m.admin_pickOne()}</p>}>
            {(it) => (
              <div class="mx-auto max-w-3xl px-5 py-5" data-testid="picked">
                {props.detail(it)}
                <div class="mt-6 flex flex-wrap gap-2.5">
                  <Button class="lg:hidden" onClick={() => setSelected(undefined)}>
                    {m.admin_close()}
                  </Button>
                  {props.deeds?.(it, setDeed)}
                </div>
              </div>
            )}
          </Show>
        }
      />
      <AskWhy deed={deed()} onClose={() => setDeed(undefined)} />
    </>
  );
}
