import { A, useLocation, useNavigate } from '@solidjs/router';
import { createEffect, createResource, createSignal, Match, on, onCleanup, Show, Switch } from 'solid-js';
import { reasonOf, sentence, useEngine } from '../../engine/solid/context.tsx';
import { isInvite, joinsAtOnce, setJoinsAtOnce } from '../../engine/solid/invite.ts';
import { EngineError, type InvitePreview, type RequestState } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { createAttempt } from '../../ui/attempt.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Mark } from '../../ui/mark.tsx';
import { Spinner } from '../../ui/spinner.tsx';

/** Who waits to be let in looks for the answer again after so many milliseconds. */
const lookEvery = 4_000;
/** Refusals that trying again does not mend. */
const final = new Set(['bad-link', 'invite-invalid']);

const explain = (error: unknown): string =>
  reasonOf(error) === 'invite-invalid' ? m.rooms_inviteOver() : sentence(error);

/** What an invite link leads to, for who is signed in. Who has just registered for it goes straight in. */
export function InviteScreen() {
  const engine = useEngine();
  const navigate = useNavigate();
  const location = useLocation();
  const [preview, { refetch }] = createResource(
    () => location.hash,
    () => {
      if (!isInvite(location)) throw new EngineError('bad-link', m.rooms_incomplete());
      return engine.readInvite(window.location.href);
    },
  );
  /** What the link was last known to lead to: who waits goes on waiting while the service can't be reached. */
  const [last, setLast] = createSignal<InvitePreview>();
  createEffect(() => {
    if (preview.state === 'ready') setLast(preview());
    else if (preview.state === 'errored' && final.has(reasonOf(preview.error) ?? '')) setLast(undefined);
  });
  /** What became of asking, where the link is one to ask by. */
  const asking = () => last()?.asking;
  const attempt = createAttempt(explain);

  // The secret leaves the address bar, and this entry of the history, with the way into the room; back from there are all rooms.
  const enter = (room: string) => {
    window.history.replaceState(window.history.state, '', '/');
    navigate(`/r/${room}`);
  };

  const ask = async () => {
    await engine.ask(window.location.href);
    await refetch();
  };
  const join = () =>
    attempt.run(async () => {
      if (asking() === 'none') return ask();
      const letIn = asking() === 'let-in';
      try {
        enter(await engine.join(window.location.href));
      } catch (error) {
        // The invitation that they were let in by is over: they ask once more.
        if (!letIn || reasonOf(error) !== 'invite-invalid') throw error;
        await ask();
      }
    });

  // While somebody waits the answer is looked for, and leads in.
  createEffect(
    on(
      () => asking(),
      (state) => {
        if (state === 'let-in') return void join();
        if (state !== 'waiting') return;
        const timer = setInterval(() => {
          if (!preview.loading) void refetch();
        }, lookEvery);
        onCleanup(() => clearInterval(timer));
      },
    ),
  );

  createEffect(
    on(
      () => preview.state === 'ready',
      (ready) => {
        if (!ready || !joinsAtOnce()) return;
        setJoinsAtOnce(false);
        void join();
      },
    ),
  );

  return (
    <main class="flex h-full flex-col items-center overflow-y-auto bg-sunken px-6 pt-[max(1.5rem,env(safe-area-inset-top))] pb-10">
      <A href="/" class="flex min-h-11 items-center gap-2.5 font-semibold tracking-tight text-accent">
        <Mark class="size-7" />
        <span class="sr-only">{m.rooms_toRooms()}</span>
      </A>
      <div class="flex w-full max-w-sm flex-1 flex-col items-center justify-center py-8 text-center">
        <Switch>
          <Match when={asking() === 'waiting' || asking() === 'declined' || asking() === 'let-in'}>
            <Asked
              name={last()?.roomName || m.rooms_aRoom()}
              state={asking()!}
              problem={attempt.problem()}
              onAgain={() => void join()}
            />
          </Match>
          <Match when={preview.state === 'errored' && !preview.loading}>
            <Empty alone title={m.rooms_inviteFailed()} text={explain(preview.error)}>
              <A
                href="/"
                class="inline-flex min-h-11 items-center rounded-lg border border-line bg-raised px-4 font-semibold hover:bg-hover"
              >
                {m.rooms_toRooms()}
              </A>
              <Show when={!final.has(reasonOf(preview.error) ?? '')}>
                <Button variant="primary" onClick={() => void refetch()}>
                  {m.rooms_tryAgain()}
                </Button>
              </Show>
            </Empty>
          </Match>
          <Match when={preview.state === 'ready' && preview()}>
            {(invite) => (
              <>
                <Avatar id={invite().roomId} name={invite().roomName} class="size-20 text-2xl" square />
                <p class="mt-6 text-[1.0625rem] text-muted">
                  {invite().alreadyMember
                    ? m.rooms_alreadyMember()
                    : invite().asking
                      ? m.rooms_askFirst()
                      : m.rooms_inviteFrom({ name: invite().invitedBy })}
                </p>
                <h1 class="mt-1 max-w-full text-3xl/9 font-semibold tracking-tight text-balance wrap-anywhere">
                  {invite().roomName}
                </h1>
                <Show when={invite().members}>
                  <p class="mt-2 text-[0.9375rem] text-muted">
                    {m.rooms_inviteMembers({ count: invite().members })}
                  </p>
                </Show>
                <Show when={attempt.problem()}>
                  <p role="alert" class="mt-6 rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-danger">
                    {attempt.problem()}
                  </p>
                </Show>
                <Button
                  variant="primary"
                  class="mt-8 min-h-12 w-full text-base"
                  busy={attempt.busy()}
                  data-testid="join"
                  onClick={() => (invite().alreadyMember ? enter(invite().roomId) : void join())}
                >
                  <Show
                    when={attempt.busy() && !invite().asking}
                    fallback={
                      invite().alreadyMember
                        ? m.rooms_open()
                        : invite().asking
                          ? m.rooms_ask()
                          : m.rooms_join()
                    }
                  >
                    <span role="status" class="truncate">
                      {m.rooms_joining({ name: invite().roomName })}
                    </span>
                  </Show>
                </Button>
              </>
            )}
          </Match>
          <Match when={preview.loading}>
            <div class="appear-late flex flex-col items-center gap-4 text-muted" role="status">
              <Spinner class="size-7 text-accent" />
              {m.rooms_inviteOpening()}
            </div>
          </Match>
        </Switch>
      </div>
    </main>
  );
}

/** Somebody has asked to come in. */
function Asked(props: {
  name: string;
  state: RequestState;
  problem: string | undefined;
  onAgain: () => void;
}) {
  const waits = () => props.state !== 'declined';
  return (
    <div role="status" data-testid="asked" data-state={props.state} class="flex flex-col items-center">
      <Show when={waits()}>
        <Spinner class="size-8 text-accent" />
      </Show>
      <h1 class="mt-6 max-w-full text-2xl/8 font-semibold tracking-tight text-balance wrap-anywhere">
        {waits() ? m.rooms_askedTitle({ room: props.name }) : m.rooms_declinedTitle({ room: props.name })}
      </h1>
      <p class="mt-3 text-[0.9375rem]/6 text-pretty text-muted">
        {waits() ? m.rooms_askedText() : m.rooms_declinedText()}
      </p>
      <Show when={props.problem}>
        <p role="alert" class="mt-6 rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-danger">
          {props.problem}
        </p>
        <Button class="mt-4" onClick={() => props.onAgain()}>
          {m.rooms_tryAgain()}
        </Button>
      </Show>
      <A
        href="/"
        class="mt-8 inline-flex min-h-11 items-center rounded-lg border border-line bg-raised px-4 font-semibold hover:bg-hover"
      >
        {m.rooms_toRooms()}
      </A>
    </div>
  );
}
