import Popcorn from 'lucide-solid/icons/popcorn';
import { createSignal, lazy, Match, Suspense, Switch } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import type { Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { formatList } from '../../ui/format.ts';
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
  const [joining, setJoining] = createSignal(false);
  const names = () =>
    props.people
      .filter((id) => id !== props.view.me)
      .map((id) => props.view.members.find((member) => member.id === id)?.name ?? '');
  const join = async () => {
    setJoining(true);
    try {
      await props.room.watch.join();
    } catch (error) {
      props.onProblem(sentence(error));
    } finally {
      setJoining(false);
    }
  };
  return (
    <section
      aria-label={m.cowatch_watch()}
      class="flex shrink-0 items-center gap-3 border-b border-line bg-accent-soft py-2 pe-2 ps-4 sm:px-6"
      data-testid="watch-invitation"
    >
      <p role="status" class="min-w-0 flex-1 text-[0.9375rem]/5 font-medium text-pretty">
        {names().length === 0
          ? m.cowatch_elsewhere()
          : m.cowatch_going({ count: names().length, names: formatList(names()) })}
      </p>
      <Button variant="primary" busy={joining()} data-testid="watch-join" onClick={() => void join()}>
        <Popcorn class="size-5" />
        {m.cowatch_join()}
      </Button>
    </section>
  );
}
