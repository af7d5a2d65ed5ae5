import Popcorn from 'lucide-solid/icons/popcorn';
import { lazy, Match, Suspense, Switch } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import { othersOf } from '../../engine/solid/members.ts';
import { useObservable } from '../../engine/solid/observable.ts';
import type { Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { createAttempt } from '../../ui/attempt.tsx';
import { Button } from '../../ui/button.tsx';
import { formatList } from '../../ui/format.ts';
import { Ongoing } from '../../ui/ongoing.tsx';
import { useSaving } from '../files/index.ts';

const WatchRoom = lazy(async () => ({ default: (await import('./watch-room.tsx')).WatchRoom }));

interface WatchPanelProps {
  room: Room;
  view: RoomView;
  onProblem: (text: string) => void;
}

/** What is watched together in the room: that one may join, or, once one has, the film. */
export function WatchPanel(props: WatchPanelProps) {
  const watch = useObservable(() => props.room.watch.view);
  const saving = useSaving();
  return (
    <Switch>
      <Match when={watch().joined} keyed>
        {(joined) => (
          <Suspense fallback={<div class="aspect-video w-full shrink-0 bg-black" />}>
            <WatchRoom room={props.room} view={props.view} joined={joined} saving={saving} />
          </Suspense>
        )}
      </Match>
      <Match when={!props.view.gone && watch().running}>
        {(running) => <Invitation {...props} people={running().people} />}
      </Match>
    </Switch>
  );
}

function Invitation(props: WatchPanelProps & { people: readonly string[] }) {
  const attempt = createAttempt((error) => void props.onProblem(sentence(error)));
  const names = () => othersOf(props.view, props.people);
  return (
    <Ongoing
      label={m.cowatch_watch()}
      testId="watch-invitation"
      text={
        names().length === 0
          ? m.cowatch_elsewhere()
          : m.cowatch_going({ count: names().length, names: formatList(names()) })
      }
    >
      <Button
        variant="primary"
        busy={attempt.busy()}
        data-testid="watch-join"
        onClick={() => void attempt.run(() => props.room.watch.join())}
      >
        <Popcorn class="size-5" />
        {m.cowatch_join()}
      </Button>
    </Ongoing>
  );
}
