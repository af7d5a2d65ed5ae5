import Phone from 'lucide-solid/icons/phone';
import ShieldAlert from 'lucide-solid/icons/shield-alert';
import Video from 'lucide-solid/icons/video';
import { For, Match, Show, Switch } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import { othersOf } from '../../engine/solid/members.ts';
import { keyed, useObservable } from '../../engine/solid/observable.ts';
import type { CallView, Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { createAttempt } from '../../ui/attempt.tsx';
import { Button } from '../../ui/button.tsx';
import { formatList } from '../../ui/format.ts';
import { Ongoing } from '../../ui/ongoing.tsx';
import { alarmTexts } from './alarm-texts.ts';
import { CallControls } from './controls.tsx';
import { createPictureInPicture } from './picture-in-picture.ts';
import { Tile } from './tile.tsx';

/** The room's call, above its talk: who is in it, and, once one has joined, their pictures and what one can do. */
export function CallPanel(props: {
  room: Room;
  view: RoomView;
  /** Beside a film: faces in a row, no larger than they must be. */
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

/** How many columns so many tiles take on a phone, and beside a wide talk, where a screen takes two. */
const narrow = ['grid-cols-1', 'grid-cols-1', 'grid-cols-2', 'grid-cols-2', 'grid-cols-2', 'grid-cols-3'];
const wide = [
  '',
  '',
  'lg:grid-cols-2',
  'lg:grid-cols-3',
  'lg:grid-cols-4',
  'lg:grid-cols-5',
  'lg:grid-cols-3',
];
const many = 'lg:grid-cols-5';

function columns(tiles: number, screens: number): string {
  return `${narrow[tiles] ?? narrow.at(-1)} ${wide[tiles + screens] ?? many}`;
}

function Stage(props: PartProps & { small: boolean }) {
  const others = keyed(
    () => props.call.others,
    ({ id }) => id,
  );
  const screens = () =>
    props.call.others.filter(({ screen }) => screen).length + (props.call.me.screen ? 1 : 0);
  const tiles = () => 1 + props.call.others.length + screens();
  const pip = createPictureInPicture(() => props.call);
  const name = () => props.view.members.find(({ isMe }) => isMe)?.name ?? m.call_you();
  return (
    <section
      aria-label={m.call_call()}
      class="flex shrink-0 border-b border-line bg-sunken p-2"
      classList={{
        'max-h-[45dvh] flex-col gap-2 sm:max-h-[52dvh] sm:p-3': !props.small,
        'items-center justify-between gap-x-3 gap-y-2 flex-wrap lg:justify-center': props.small,
      }}
      data-testid="call-stage"
    >
      <ul
        class={
          props.small
            ? 'flex h-16 min-w-0 flex-1 gap-2 overflow-x-auto max-sm:basis-full *:aspect-[4/3] *:h-full *:shrink-0 lg:h-24 lg:basis-full lg:justify-center-safe'
            : `grid h-[28dvh] min-h-0 auto-rows-fr gap-2 sm:h-[36dvh] ${columns(tiles(), screens())}`
        }
      >
        <For each={others()}>
          {({ value }) => (
            <>
              <Tile
                userId={value().userId}
                name={value().name}
                stream={value().stream}
                video={value().video && value().opens}
                audio={value().audio}
                speaking={value().speaking}
                state={value().state}
                secure={value().secure}
                onVideo={(video) => pip.put(value().id, video)}
              />
              <Show when={value().screen}>
                <Tile
                  userId={value().userId}
                  name={m.call_screenOf({ name: value().name })}
                  stream={value().display}
                  video={value().opens}
                  audio
                  speaking={false}
                  whole
                  secure={value().secure}
                  onVideo={(video) => pip.put(`${value().id} screen`, video)}
                />
              </Show>
            </>
          )}
        </For>
        <Tile
          userId={props.view.me}
          name={name()}
          label={m.call_own({ name: name() })}
          stream={props.call.me.camera}
          video={props.call.me.video}
          audio={props.call.me.audio}
          speaking={false}
          mirrored
        />
        <Show when={props.call.me.screen}>
          <Tile
            userId={props.view.me}
            name={m.call_yourScreen()}
            stream={props.call.me.display}
            video
            audio
            speaking={false}
            whole
          />
        </Show>
      </ul>
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
