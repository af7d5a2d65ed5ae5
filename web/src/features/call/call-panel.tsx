import Phone from 'lucide-solid/icons/phone';
import ShieldAlert from 'lucide-solid/icons/shield-alert';
import Video from 'lucide-solid/icons/video';
import { For, Match, Show, Switch } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import { othersOf } from '../../engine/solid/members.ts';
import { useObservable } from '../../engine/solid/observable.ts';
import type { CallView, Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { createAttempt } from '../../ui/attempt.tsx';
import { Button } from '../../ui/button.tsx';
import { formatList } from '../../ui/format.ts';
import { Ongoing } from '../../ui/ongoing.tsx';
import { alarmTexts } from './alarm-texts.ts';
import { CallControls } from './controls.tsx';
import { createPictureInPicture } from './picture-in-picture.ts';
import { Tiles } from './tiles.tsx';

/** The room's call, above its talk: who is in it, and, once one has joined, their pictures and what one can do. */
export function CallPanel(props: {
  room: Room;
  view: RoomView;
  /** Beside a film: faces in a row, or, on a desktop, in what it leaves. */
  small?: boolean;
  onProblem: (text: string) => void;
}) {
  const call = useObservable(() => props.room.call.view);
  return (
    <Switch>
      <Match when={call().joined}>
        <Stage
          room={props.room}
          view={props.view}
          call={call()}
          small={props.small ?? false}
          onProblem={props.onProblem}
        />
      </Match>
      <Match when={call().people.length > 0 && !props.view.gone}>
        <Invitation room={props.room} view={props.view} call={call()} onProblem={props.onProblem} />
      </Match>
    </Switch>
  );
}

interface PartProps {
  room: Room;
  view: RoomView;
  call: CallView;
  onProblem: (text: string) => void;
}

function Invitation(props: PartProps) {
  const attempt = createAttempt((error) => void props.onProblem(sentence(error)));
  const names = () => othersOf(props.view, props.call.people);
  const join = (video: boolean) => attempt.run(() => props.room.call.join({ audio: true, video }));
  return (
    <Ongoing
      label={m.call_call()}
      testId="call-invitation"
      text={
        <>
          {props.call.elsewhere && names().length === 0
            ? m.call_elsewhere()
            : m.call_going({ count: names().length, names: formatList(names()) })}
          <Show when={props.call.problem}>
            {(text) => <span class="block text-[0.8125rem]/4.5 font-normal text-muted">{text()}</span>}
          </Show>
        </>
      }
    >
      <Button
        variant="primary"
        busy={attempt.busy()}
        aria-label={m.call_joinVideo()}
        class="max-sm:hidden"
        onClick={() => void join(true)}
      >
        <Video class="size-5" />
      </Button>
      <Button
        variant="primary"
        busy={attempt.busy()}
        data-testid="call-join"
        onClick={() => void join(false)}
      >
        <Phone class="size-5" />
        {m.call_join()}
      </Button>
    </Ongoing>
  );
}

function Stage(props: PartProps & { small: boolean }) {
  const pip = createPictureInPicture(() => props.call);
  const name = () => props.view.members.find(({ isMe }) => isMe)?.name ?? m.call_you();
  // With what else stands here, it leaves half of the window to the talk.
  const height = () =>
    props.call.alarms.length > 0
      ? 'h-[min(19dvh,36dvh_-_5rem)] sm:h-[min(27dvh,43dvh_-_5rem)]'
      : 'h-[min(28dvh,45dvh_-_5rem)] sm:h-[min(36dvh,52dvh_-_5rem)]';
  return (
    <section
      aria-label={m.call_call()}
      class="flex shrink-0 border-b border-line bg-sunken p-2"
      classList={{
        'flex-col gap-2 sm:p-3': !props.small,
        'flex-wrap items-center justify-center gap-x-3 gap-y-2 lg:min-h-40 lg:flex-1 lg:flex-col lg:flex-nowrap lg:items-stretch':
          props.small,
      }}
      data-testid="call-stage"
    >
      <div class={props.small ? 'min-w-0 flex-1 max-sm:basis-full lg:min-h-0' : 'contents'}>
        <Tiles
          call={props.call}
          me={props.view.me}
          name={name()}
          pip={pip}
          height={props.small ? 'h-16 lg:h-full' : height()}
        />
      </div>
      <Show when={props.call.problem ?? (props.call.others.length === 0 ? m.call_alone() : undefined)}>
        {(text) => (
          <p role="status" class="text-center text-sm/5 text-pretty text-muted">
            {text()}
          </p>
        )}
      </Show>
      <Show when={props.call.alarms.length > 0}>
        <ul
          role="alert"
          class="flex max-h-[9dvh] min-h-9 flex-col gap-1 overflow-y-auto"
          data-testid="call-alarms"
        >
          <For each={alarmTexts(props.call.alarms)}>
            {(text) => (
              <li class="flex items-start gap-2 rounded-lg bg-danger-soft px-3 py-2 text-sm/5 text-pretty text-danger">
                <ShieldAlert class="mt-0.5 size-4 shrink-0" />
                {text}
              </li>
            )}
          </For>
        </ul>
      </Show>
      <CallControls call={props.room.call} view={props.call} pip={pip} onProblem={props.onProblem} />
    </section>
  );
}
