import { A, useNavigate } from '@solidjs/router';
import File from 'lucide-solid/icons/file';
import Text from 'lucide-solid/icons/text-quote';
import { createResource, createSignal, For, type JSX, Match, Show, Switch } from 'solid-js';
import { dropShared, readShared, type Shared } from '../../engine/shared.ts';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { keyed, useObservable } from '../../engine/solid/observable.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Spinner } from '../../ui/spinner.tsx';
import { sendOptions, takeLaunched } from '../files/index.ts';

/** Files that are named; of the others only how many. */
const named = 3;

/** Where what another app has handed over by the share sheet, or the system has opened with this one, is given its room. */
export function ShareScreen() {
  const [shared] = createResource(() => readShared().catch(() => undefined));
  const [opened, setOpened] = createSignal<readonly File[]>([]);
  takeLaunched(setOpened);
  return (
    <main class="flex h-full flex-col items-center overflow-y-auto bg-sunken px-4 pt-[max(2rem,env(safe-area-inset-top))] pb-10">
      <div class="flex w-full max-w-md flex-1 flex-col">
        <Switch
          fallback={
            <Empty alone title={m.share_nothing()} text={m.share_nothingText()}>
              <ToRooms />
            </Empty>
          }
        >
          <Match when={opened().length}>
            <Choice shared={{ text: '', files: opened() }} onDone={async () => void setOpened([])} />
          </Match>
          <Match when={shared.loading}>
            <div class="appear-late m-auto text-muted" role="status">
              <Spinner class="size-7 text-accent" />
              <span class="sr-only">{m.share_opening()}</span>
            </div>
          </Match>
          <Match when={shared()}>{(what) => <Choice shared={what()} onDone={dropShared} />}</Match>
        </Switch>
      </div>
    </main>
  );
}

function Choice(props: { shared: Shared; onDone: () => Promise<void> }) {
  const engine = useEngine();
  const navigate = useNavigate();
  const rooms = keyed(
    useObservable(() => engine.rooms),
    (room) => room.id,
  );
  const [sending, setSending] = createSignal<string>();
  const [problem, setProblem] = createSignal<string>();
  const over = () => props.shared.files.length - named;

  const send = async (id: string) => {
    if (sending()) return;
    setSending(id);
    setProblem(undefined);
    try {
      const room = engine.room(id);
      const { text, files } = props.shared;
      // A text is for its person to look at and send.
      if (text) await room.keepDraft([room.draft, text].filter(Boolean).join('\n'));
      await Promise.all(files.map((file) => room.sendFile(file, sendOptions(file))));
      await props.onDone();
      navigate(`/r/${id}`, { replace: true });
    } catch (error) {
      setProblem(sentence(error));
      setSending(undefined);
    }
  };
  const throwAway = async () => {
    await props.onDone();
    navigate('/', { replace: true });
  };

  return (
    <>
      <h1 class="px-2 text-[1.375rem]/8 font-semibold tracking-tight">{m.share_title()}</h1>
      <ul class="mt-3 flex flex-col gap-2.5 rounded-2xl bg-raised px-4 py-3.5" data-testid="shared">
        <For each={props.shared.files.slice(0, named)}>
          {(file) => (
            <Line icon={<File class="size-4.5" />} note={formatBytes(file.size)}>
              {file.name}
            </Line>
          )}
        </For>
        <Show when={over() > 0}>
          <li class="ps-7.5 text-sm/5 text-muted">{m.share_more({ count: over() })}</li>
        </Show>
        <Show when={props.shared.text}>
          {(text) => <Line icon={<Text class="size-4.5" />}>{text()}</Line>}
        </Show>
      </ul>
      <p class="mt-2 px-2 text-[0.8125rem]/4.5 text-muted">{m.share_here()}</p>
      <Show when={problem()}>
        <p role="alert" class="mt-4 rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-danger">
          {problem()}
        </p>
      </Show>
      <Show
        when={rooms().length}
        fallback={
          <Empty title={m.share_noRooms()} text={m.share_noRoomsText()}>
            <ToRooms />
          </Empty>
        }
      >
        <ul class="mt-5 flex flex-col gap-0.5">
          <For each={rooms()}>
            {(room) => (
              <li>
                <button
                  type="button"
                  class="flex min-h-14 w-full items-center gap-3 rounded-xl px-2 py-1.5 text-start hover:bg-hover disabled:opacity-60"
                  disabled={sending() !== undefined}
                  data-testid="share-room"
                  onClick={() => void send(room.value().id)}
                >
                  <Avatar id={room.value().id} name={room.value().name} class="size-10 text-sm" square />
                  <span class="min-w-0 flex-1 truncate font-semibold">{room.value().name}</span>
                  <Show when={sending() === room.value().id}>
                    <Spinner class="size-5 text-accent" />
                  </Show>
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Button variant="quiet" class="mt-4 self-start" onClick={() => void throwAway()}>
        {m.share_throwAway()}
      </Button>
    </>
  );
}

function Line(props: { icon: JSX.Element; note?: string; children: JSX.Element }) {
  return (
    <li class="flex items-start gap-3 text-[0.9375rem]/5.5">
      <span class="mt-0.5 shrink-0 text-muted">{props.icon}</span>
      <span class="line-clamp-3 min-w-0 flex-1 wrap-anywhere whitespace-pre-line">{props.children}</span>
      <Show when={props.note}>
        <span class="shrink-0 text-sm/5.5 text-muted tabular-nums">{props.note}</span>
      </Show>
    </li>
  );
}

const ToRooms = () => (
  <A
    href="/"
    class="inline-flex min-h-11 items-center rounded-lg border border-line bg-raised px-4 font-semibold hover:bg-hover"
  >
    {m.share_toRooms()}
  </A>
);
