import { createMemo, type JSX, Show, Suspense } from 'solid-js';

/** What comes with the first time that it is wanted, and stays: a dialog whose code is fetched then, and that closes in its own time. */
export function Once(props: { when: unknown; children: JSX.Element }) {
  const wanted = createMemo((before: boolean) => before || Boolean(props.when), false);
  return (
    <Show when={wanted()}>
      <Suspense>{props.children}</Suspense>
    </Show>
  );
}
