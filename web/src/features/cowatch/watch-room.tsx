import Popcorn from 'lucide-solid/icons/popcorn';
import {
  createEffect,
  createMemo,
  createResource,
  createSignal,
  type JSX,
  Match,
  on,
  onCleanup,
  Switch,
} from 'solid-js';
import { useObservable } from '../../engine/solid/observable.ts';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import type { CallView, FileItem, JoinedView, JoinedWatch, Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import type { Saving } from '../files/index.ts';
import { Player } from '../player/index.ts';
import { FloatingReactions, useReactions } from './reactions.tsx';
import { steeringOf } from './steering.ts';
import { WatchBar } from './watch-bar.tsx';

interface WatchRoomProps {
  room: Room;
  view: RoomView;
  joined: JoinedWatch;
  saving: Saving;
}

/** Milliseconds for which it is said that somebody else decides. */
const saidFor = 4_000;

/** The film that is watched together, who watches, and what can be done. */
export function WatchRoom(props: WatchRoomProps) {
  // One watch, as long as this is there.
  const { joined } = props;
  const view = useObservable(() => joined.view);
  const call = useObservable(() => props.room.call.view);
  const nameOf = (userId: string | undefined) =>
    props.view.members.find(({ id }) => id === userId)?.name ?? m.cowatch_you();
  const reactions = useReactions(joined, nameOf);
  const messageId = createMemo(() => view().messageId);
  const [refused, setRefused] = createSignal(false);
  const refuse = () => setRefused(true);
  createEffect(
    on(refused, (now) => {
      if (!now) return;
      const timer = setTimeout(() => setRefused(false), saidFor);
      onCleanup(() => clearTimeout(timer));
    }),
  );
  const item = createMemo<FileItem | undefined>((before) => {
    const found = props.view.timeline.find(({ id }) => id === messageId());
    if (found?.kind === 'file') return found;
    return before?.id === messageId() ? before : undefined;
  });
  const [film, { refetch }] = createResource(messageId, async (id) => {
    await props.room.reach(id);
    const message = item();
    return message && { id, file: await props.room.openFile(message) };
  });
  const opened = () => (film.state === 'ready' && film()?.id === messageId() ? film() : undefined);
  const notThere = () => film.state === 'errored' || (film.state === 'ready' && film() === undefined);
  // Whoever goes elsewhere watches no more.
  onCleanup(() => joined.leave());

  return (
    <section
      aria-label={m.cowatch_watch()}
      class="flex min-h-0 shrink-0 flex-col bg-sunken [--film-height:38dvh]"
      classList={{
        'lg:flex-1 lg:justify-center lg:[--film-height:calc(100dvh-15rem)]': !call().joined,
        // The faces stand below it, as large as it leaves them.
        'lg:[--film-height:calc(100dvh-18.5rem)]': call().joined,
      }}
      data-testid="watch-room"
      data-phase={view().phase}
    >
      <div class="flex min-h-0 justify-center bg-black">
        <Switch>
          <Match when={opened()} keyed>
            {({ id, file }) => (
              <Film
                {...props}
                call={call()}
                messageId={id}
                file={file}
                watch={view()}
                uploader={item()?.authorName ?? ''}
                onRefused={refuse}
                over={<FloatingReactions shown={reactions.shown()} />}
              />
            )}
          </Match>
          <Match when={notThere()}>
            <Message>
              <p role="alert">{m.cowatch_gone()}</p>
              <Button onClick={() => void refetch()}>{m.cowatch_retry()}</Button>
            </Message>
          </Match>
          <Match when={true}>
            <Message>
              <Spinner class="size-8" />
              <p role="status">{messageId() ? m.cowatch_loading() : m.cowatch_joining()}</p>
            </Message>
          </Match>
        </Switch>
      </div>
      <WatchBar
        joined={joined}
        watch={view()}
        nameOf={nameOf}
        me={props.view.me}
        uploader={item()?.authorName ?? ''}
        notice={
          props.saving.problem() ?? (refused() ? m.cowatch_mayNot({ host: nameOf(view().host) }) : undefined)
        }
      />
      <p class="sr-only" role="status">
        {reactions.said()}
      </p>
    </section>
  );
}

function Message(props: { children: JSX.Element }) {
  return (
    <div class="flex aspect-video max-h-(--film-height) w-full flex-col items-center justify-center gap-3 p-4 text-center text-sm/5 text-white">
      <Popcorn class="size-8 opacity-60" />
      {props.children}
    </div>
  );
}

function Film(
  props: WatchRoomProps & {
    messageId: string;
    file: OpenedFile;
    watch: JoinedView;
    call: CallView;
    uploader: string;
    onRefused: () => void;
    over: JSX.Element;
  },
) {
  const talking = createMemo(() => props.call.joined && props.call.others.some(({ speaking }) => speaking));
  const { width, height } = props.file.head;
  const ratio = width && height ? Math.min(2.4, Math.max(0.8, width / height)) : 16 / 9;
  const steering = steeringOf(
    props.messageId,
    props.joined,
    () => props.watch,
    talking,
    () => props.onRefused(),
  );
  return (
    <div class="w-full" style={{ 'max-width': `calc(var(--film-height) * ${ratio})` }}>
      <Player
        file={props.file}
        uploaderName={props.uploader}
        place={{ startAt: 0, keep: () => undefined }}
        steering={steering}
        over={props.over}
        onSave={() => void props.saving.save(props.file)}
      />
    </div>
  );
}
