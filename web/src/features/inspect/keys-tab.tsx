import { createResource, For, Show } from 'solid-js';
import type { Room } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { now } from '../../ui/clock.ts';
import { formatDay, formatTime } from '../../ui/format.ts';
import { Loading } from './loading.tsx';

const moment = (at: number) => `${formatDay(at, now())}, ${formatTime(at)}`;

/** The room's keys and its signed member list, as this device has checked them. */
export function KeysTab(props: { room: Room }) {
  const [inspection, { refetch }] = createResource(
    () => props.room,
    (room) => room.inspect(),
  );
  return (
    <Loading from={inspection} words={m.inspect_reading()} onRetry={() => void refetch()}>
      {({ chain, members, entries }) => (
        <>
          <section class="mt-5">
            <h3 class="font-semibold">{m.inspect_chain()}</h3>
            <p class="mt-1 text-[0.9375rem]/5.5 text-pretty text-muted" data-testid="chain">
              {chain
                ? m.inspect_chainIs({
                    since: moment(chain.since),
                    messages: chain.messages,
                    devices: chain.devices,
                  })
                : m.inspect_chainNone()}
            </p>
          </section>
          <section class="mt-5">
            <h3 class="font-semibold">{m.inspect_identities()}</h3>
            <ul class="mt-1 flex flex-col gap-3">
              <For each={members}>
                {(member) => (
                  <li>
                    <p class="flex items-baseline gap-2 text-[0.9375rem]">
                      <span class="truncate">
                        {member.name}
                        <Show when={member.isMe}>
                          <span class="text-muted"> ({m.inspect_you()})</span>
                        </Show>
                      </span>
                      <Show when={member.devices !== undefined}>
                        <span class="shrink-0 text-[0.8125rem] text-muted">
                          {m.inspect_devices({ count: member.devices! })}
                        </span>
                      </Show>
                    </p>
                    <code class="block font-mono text-xs/4.5 text-muted" data-testid="identity-key">
                      {member.identityKey}
                    </code>
                  </li>
                )}
              </For>
            </ul>
          </section>
          <section class="mt-5">
            <h3 class="font-semibold">{m.inspect_log()}</h3>
            <p class="mt-1 text-[0.9375rem]/5.5 text-pretty text-muted">{m.inspect_logText()}</p>
            <ol class="mt-2 flex flex-col gap-2.5" reversed>
              <For each={entries}>
                {(entry) => (
                  <li class="flex gap-3 text-[0.9375rem]/5" data-testid="roster-entry">
                    <span class="w-7 shrink-0 text-end text-[0.8125rem]/5 text-muted tabular-nums">
                      {entry.seq}
                    </span>
                    <span class="min-w-0 flex-1">
                      <span class="block">
                        <span class="font-semibold">{entry.byName}</span>{' '}
                        {m.inspect_what({ what: entry.what })}
                        <Show when={entry.about}> ({entry.about})</Show>
                      </span>
                      <span class="block text-[0.8125rem]/4.5 text-muted">{moment(entry.at)}</span>
                      <Show when={entry.refused}>
                        {(reason) => (
                          <span class="block text-[0.8125rem]/4.5 text-danger">
                            {m.inspect_refused({ reason: reason() })}
                          </span>
                        )}
                      </Show>
                      <code class="block truncate font-mono text-xs/4.5 text-muted" title={entry.hash}>
                        {entry.hash}
                      </code>
                    </span>
                  </li>
                )}
              </For>
            </ol>
          </section>
        </>
      )}
    </Loading>
  );
}
