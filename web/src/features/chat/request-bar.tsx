import UserPlus from 'lucide-solid/icons/user-plus';
import { createSignal, For, Show } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import type { Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';

/** As many are shown at a time; the next come up as these are answered. */
const most = 3;

type Answer = 'letIn' | 'decline';

/** Who asks to come in: for owners and admins to answer. */
export function RequestBar(props: { room: Room; view: RoomView; onProblem: (sentence: string) => void }) {
  /** What is being answered, by the id of who asks. */
  const [answers, setAnswers] = createSignal<Readonly<Record<string, Answer | undefined>>>({});
  const answer = async (id: string, how: Answer) => {
    if (answers()[id]) return;
    setAnswers((old) => ({ ...old, [id]: how }));
    await props.room[how](id).catch((error) => props.onProblem(sentence(error)));
    setAnswers((old) => ({ ...old, [id]: undefined }));
  };
  return (
    <Show when={!props.view.gone && props.view.requests.length}>
      <ul class="shrink-0 border-b border-line bg-accent-soft" aria-label={m.chat_requests()}>
        <For each={props.view.requests.slice(0, most)}>
          {({ id, name }) => (
            <li
              class="flex min-h-13 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5 sm:px-6"
              data-testid="request"
            >
              <UserPlus class="size-4.5 shrink-0 text-accent" />
              <span class="min-w-40 flex-1 text-[0.9375rem]/5 text-pretty wrap-anywhere">
                {m.chat_wantsIn({ name })}
              </span>
              <span class="ms-auto flex gap-1">
                <Button
                  variant="quiet"
                  aria-label={m.chat_declineOf({ name })}
                  busy={answers()[id] === 'decline'}
                  data-testid="decline"
                  onClick={() => answer(id, 'decline')}
                >
                  {m.chat_decline()}
                </Button>
                <Button
                  variant="primary"
                  busy={answers()[id] === 'letIn'}
                  aria-label={m.chat_letInOf({ name })}
                  data-testid="let-in"
                  onClick={() => answer(id, 'letIn')}
                >
                  {m.chat_letIn()}
                </Button>
              </span>
            </li>
          )}
        </For>
        <Show when={props.view.requests.length > most}>
          <li class="px-4 pb-2 text-[0.8125rem]/5 text-muted sm:px-6">
            {m.chat_moreRequests({ count: props.view.requests.length - most })}
          </li>
        </Show>
      </ul>
    </Show>
  );
}
