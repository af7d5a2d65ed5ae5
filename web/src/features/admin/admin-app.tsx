import { createEffect, createSignal, For, Match, onCleanup, onMount, Show, Switch } from 'solid-js';
import { type Console, isOver, sentenceOf } from '../../engine/admin/console.ts';
import type { Reading } from '../../engine/admin/health.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Mark } from '../../ui/mark.tsx';
import { Audit } from './audit.tsx';
import { BlockedHashes } from './blocked.tsx';
import { Files } from './files.tsx';
import { Health } from './health.tsx';
import { Reports } from './reports.tsx';
import { Rooms } from './rooms.tsx';
import { SignIn } from './sign-in.tsx';
import { DeskContext } from './state.ts';
import { Users } from './users.tsx';

const tabs = ['reports', 'files', 'blocked', 'users', 'rooms', 'audit', 'health'] as const;
type Tab = (typeof tabs)[number];
const tabOfAddress = (): Tab => tabs.find((tab) => `#${tab}` === location.hash) ?? 'reports';

/** The admin page: the way in, and the desk behind it. */
export function AdminApp() {
  const [console, setConsole] = createSignal<Console>();
  const [over, setOver] = createSignal(false);
  const end = (isTimeout: boolean) => {
    setOver(isTimeout);
    setConsole(undefined);
  };
  return (
    <Show
      when={console()}
      keyed
      fallback={<SignIn notice={over() ? m.admin_over() : undefined} onOpen={setConsole} />}
    >
      {(open) => <DeskPage console={open} onEnd={end} />}
    </Show>
  );
}

function DeskPage(props: { console: Console; onEnd: (isTimeout: boolean) => void }) {
  const [tab, setTab] = createSignal<Tab>(tabOfAddress());
  const [problem, setProblem] = createSignal<string>();
  const [readings, setReadings] = createSignal<readonly Reading[]>([]);
  const onHash = () => setTab(tabOfAddress());
  onMount(() => window.addEventListener('hashchange', onHash));
  onCleanup(() => window.removeEventListener('hashchange', onHash));
  const failed = (error: unknown) => {
    if (isOver(error)) props.onEnd(true);
    else setProblem(sentenceOf(error));
  };
  const leave = async () => {
    await props.console.leave();
    props.onEnd(false);
  };
  return (
    <DeskContext.Provider value={{ console: props.console, failed, readings, setReadings }}>
      <div class="flex h-full flex-col">
        <header class="flex flex-wrap items-center gap-x-5 gap-y-1 border-b border-line bg-surface px-4 py-1.5">
          <h1 class="flex items-center gap-2 font-semibold">
            <Mark class="size-6 text-accent" />
            {m.admin_title()}
          </h1>
          <nav
            class="-mx-1 flex flex-1 overflow-x-auto max-sm:order-last max-sm:basis-full"
            aria-label={m.admin_title()}
          >
            <For each={tabs}>
              {(each) => (
                <a
                  ref={(link) => {
                    // On a phone not all of them fit.
                    createEffect(() => {
                      if (tab() === each) link.scrollIntoView?.({ inline: 'nearest', block: 'nearest' });
                    });
                  }}
                  href={`#${each}`}
                  class="flex min-h-11 items-center rounded-md px-3 max-sm:px-2.5 text-[0.9375rem] whitespace-nowrap text-muted -outline-offset-2 hover:text-ink aria-[current=page]:font-semibold aria-[current=page]:text-ink"
                  aria-current={tab() === each ? 'page' : undefined}
                >
                  {m.admin_tabs({ tab: each })}
                </a>
              )}
            </For>
          </nav>
          <span class="text-sm text-muted max-sm:hidden">
            {props.console.me.email} · {m.admin_roles({ role: props.console.me.role })}
          </span>
          <Button variant="quiet" class="-me-3 ms-auto" onClick={leave}>
            {m.admin_signOut()}
          </Button>
        </header>
        <Show when={problem()}>
          {(text) => (
            <div role="alert" class="flex items-center gap-3 bg-danger-soft px-4 py-1.5 text-sm text-danger">
              <span class="flex-1">{text()}</span>
              <Button variant="quiet" onClick={() => setProblem(undefined)}>
                {m.admin_close()}
              </Button>
            </div>
          )}
        </Show>
        <main class="min-h-0 flex-1">
          <Switch>
            <Match when={tab() === 'reports'}>
              <Reports />
            </Match>
            <Match when={tab() === 'files'}>
              <Files />
            </Match>
            <Match when={tab() === 'blocked'}>
              <BlockedHashes />
            </Match>
            <Match when={tab() === 'users'}>
              <Users />
            </Match>
            <Match when={tab() === 'rooms'}>
              <Rooms />
            </Match>
            <Match when={tab() === 'audit'}>
              <Audit />
            </Match>
            <Match when={tab() === 'health'}>
              <Health />
            </Match>
          </Switch>
        </main>
      </div>
    </DeskContext.Provider>
  );
}
