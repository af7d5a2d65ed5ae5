import Eye from 'lucide-solid/icons/eye';
import EyeOff from 'lucide-solid/icons/eye-off';
import { type Component, createResource, For, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import type { Room } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Loading } from './loading.tsx';

/** What the server knows of the room and what not, with its own words as the proof. */
export function ServerTab(props: { room: Room }) {
  const [stored, { refetch }] = createResource(
    () => props.room,
    (room) => room.asStored(),
  );
  return (
    <Loading from={stored} words={m.inspect_loading()} onRetry={() => void refetch()}>
      {({ room, members, messages, last }) => (
        <>
          <List
            title={m.inspect_knows()}
            icon={Eye}
            lines={[
              m.inspect_known_members({ count: members.length }),
              m.inspect_known_messages({ count: messages }),
              m.inspect_known_files(),
              m.inspect_known_network(),
            ]}
          />
          <List
            title={m.inspect_knowsNot()}
            icon={EyeOff}
            lines={[
              m.inspect_unknown_said(),
              m.inspect_unknown_names(),
              m.inspect_unknown_files(),
              m.inspect_unknown_search(),
            ]}
          />
          <Raw title={m.inspect_name()} value={room.name} />
          <Show when={last} fallback={<p class="mt-5 text-[0.9375rem] text-muted">{m.inspect_noLast()}</p>}>
            <Raw title={m.inspect_last()} value={JSON.stringify(last, undefined, 2)} />
          </Show>
          <Raw title={m.inspect_members()} value={JSON.stringify(members, undefined, 2)} />
        </>
      )}
    </Loading>
  );
}

function List(props: { title: string; icon: Component<{ class?: string }>; lines: readonly string[] }) {
  return (
    <section class="mt-5">
      <h3 class="font-semibold">{props.title}</h3>
      <ul class="mt-1.5 flex flex-col gap-1.5 text-[0.9375rem]/5.5 text-pretty">
        <For each={props.lines}>
          {(line) => (
            <li class="flex gap-2.5">
              <Dynamic component={props.icon} class="mt-0.75 size-4 shrink-0 text-muted" />
              {line}
            </li>
          )}
        </For>
      </ul>
    </section>
  );
}

/** Something as it stands, in its own letters. */
function Raw(props: { title: string; value: string }) {
  return (
    <section class="mt-5">
      <h3 class="text-sm font-semibold text-muted">{props.title}</h3>
      <pre
        class="mt-1.5 max-h-40 overflow-auto rounded-lg bg-surface px-3 py-2.5 font-mono text-xs/4.5 break-all whitespace-pre-wrap"
        data-testid="raw"
        // A scrolling region must be reachable by keyboard.
        tabindex={0}
      >
        {props.value}
      </pre>
    </section>
  );
}
