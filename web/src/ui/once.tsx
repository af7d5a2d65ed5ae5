import { createMemo, type JSX, Show } from 'solid-js';

/** What comes with the first time that it is wanted, and stays: a dialog that closes in its own time. */
export function Once(props: { when: unknown; children: JSX.Element }) {
  const wanted = createMemo((before: boolean) => before || Boolean(props.when), false);
  return <Show when={wanted()}>{props.children}</Show>;
}
