import { createMemo, For, type JSX, Match, Show, Switch } from 'solid-js';
import { type Inline, markdown } from '../../engine/markdown.ts';
import type { TextItem } from '../../engine/types.ts';
import { Words } from './words.tsx';

/** A message's words. `end` follows the last of them on their line, or below what is no line of words. */
export function RichText(props: {
  text: string;
  end: JSX.Element;
  mentions?: TextItem['mentions'];
  me: string;
}) {
  const blocks = createMemo(() => markdown(props.text));
  const last = (i: number) => i === blocks().length - 1;
  return (
    <div class="flex flex-col gap-1.5 wrap-anywhere whitespace-pre-wrap">
      <For each={blocks()}>
        {(block, i) => (
          <Switch>
            <Match when={block.kind === 'text' && block}>
              {(text) => (
                <p>
                  <Inlines of={text().inside} mentions={props.mentions} me={props.me} />
                  <Show when={last(i())}>{props.end}</Show>
                </p>
              )}
            </Match>
            <Match when={block.kind === 'quote' && block}>
              {(quote) => (
                <blockquote class="border-s-3 border-edge ps-2.5 text-muted">
                  <Inlines of={quote().inside} mentions={props.mentions} me={props.me} />
                </blockquote>
              )}
            </Match>
            <Match when={block.kind === 'code' && block}>
              {(code) => (
                <pre
                  class="overflow-x-auto rounded-lg bg-hover px-2.5 py-2 font-mono text-[0.8125rem]/5 whitespace-pre"
                  // A scrolling region must be reachable by keyboard.
                  tabindex={0}
                >
                  <code>{code().text}</code>
                </pre>
              )}
            </Match>
          </Switch>
        )}
      </For>
      <Show when={blocks().at(-1)?.kind !== 'text'}>
        <p>{props.end}</p>
      </Show>
    </div>
  );
}

function Inlines(props: { of: readonly Inline[]; mentions: TextItem['mentions']; me: string }) {
  return (
    <For each={props.of}>
      {(piece) => {
        switch (piece.kind) {
          case 'text':
            return <Words text={piece.text} mentions={props.mentions} me={props.me} />;
          case 'link':
            return (
              <a
                href={piece.href}
                target="_blank"
                rel="noopener noreferrer"
                class="text-accent underline decoration-accent/40 underline-offset-3 hover:decoration-current"
              >
                {piece.text}
              </a>
            );
          case 'code':
            return <code class="rounded-md bg-hover px-1 py-0.5 font-mono text-[0.875em]">{piece.text}</code>;
          case 'strong':
            return (
              <strong class="font-semibold">
                <Inlines of={piece.inside} mentions={props.mentions} me={props.me} />
              </strong>
            );
          case 'em':
            return (
              <em>
                <Inlines of={piece.inside} mentions={props.mentions} me={props.me} />
              </em>
            );
          case 'strike':
            return (
              <s>
                <Inlines of={piece.inside} mentions={props.mentions} me={props.me} />
              </s>
            );
        }
      }}
    </For>
  );
}
