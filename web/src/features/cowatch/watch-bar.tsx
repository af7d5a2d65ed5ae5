import LogOut from 'lucide-solid/icons/log-out';
import { createMemo, For, Show } from 'solid-js';
import { useFaces } from '../../engine/solid/faces.tsx';
import type { JoinedView, JoinedWatch, OtherWatcher } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { formatList } from '../../ui/format.ts';
import { ReactionMenu, WatchSettings } from './menus.tsx';

interface WatchBarProps {
  joined: JoinedWatch;
  watch: JoinedView;
  nameOf: (userId: string | undefined) => string;
  /** The account's id. */
  me: string;
  /** Who sent the film. */
  uploader: string;
  /** What has to be said before anything else: that this person may not, what went wrong. */
  notice: string | undefined;
}

/** Who watches, whom all wait for, and what can be done about it. */
export function WatchBar(props: WatchBarProps) {
  const waitedFor = createMemo(() =>
    props.watch.others.filter(({ watcher }) => props.watch.waitsFor.includes(watcher)),
  );
  /** Not for the blink of an eye that all need to get ready: for those who say that they can't. */
  const holdingUp = () => (props.watch.phase === 'waiting' ? waitedFor().filter(({ ready }) => !ready) : []);
  const names = (others: readonly OtherWatcher[]) => others.map(({ userId }) => props.nameOf(userId));
  const state = () => {
    const { watch } = props;
    if (props.notice) return props.notice;
    if (watch.phase === 'joining') return m.cowatch_joining();
    if (watch.me.leftBehind) return m.cowatch_behind();
    if (watch.phase === 'waiting') {
      if (waitedFor().some(({ cause }) => cause === 'uploader'))
        return m.cowatch_waitsForUpload({ name: props.uploader });
      if (holdingUp().length > 0) return m.cowatch_waitsFor({ names: formatList(names(holdingUp())) });
      return watch.me.waitedFor ? m.cowatch_waitsForYou() : m.cowatch_waits();
    }
    if (watch.others.length === 0) return m.cowatch_alone();
    return watch.phase === 'paused'
      ? m.cowatch_paused()
      : m.cowatch_watching({ names: formatList(names(watch.others)) });
  };
  const faces = useFaces();
  return (
    <div class="flex shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-canvas px-3 py-1.5 lg:border-b-0 lg:px-4">
      <ul class="flex shrink-0 -space-x-2 pe-1" aria-label={m.cowatch_watch()}>
        <For each={props.watch.others}>
          {(other) => (
            <li
              data-testid="watcher"
              data-ready={other.ready}
              title={describe(other, props.nameOf(other.userId))}
            >
              <Avatar
                id={other.userId}
                name={props.nameOf(other.userId)}
                picture={faces(other.userId)}
                class={`size-8 text-xs ring-2 ring-canvas ${other.ready ? '' : 'opacity-50'}`}
              />
              <span class="sr-only">{describe(other, props.nameOf(other.userId))}</span>
            </li>
          )}
        </For>
      </ul>
      <p
        role="status"
        class="min-w-0 flex-1 text-[0.8125rem]/4.5 text-pretty text-muted"
        data-testid="watch-state"
      >
        {state()}
      </p>
      <Show when={props.watch.mayControl && holdingUp()[0]}>
        {(slow) => (
          <Button
            class="order-last max-sm:w-full"
            data-testid="go-on"
            onClick={() => props.joined.goOnWithout(slow().watcher)}
          >
            {m.cowatch_goOn({ name: props.nameOf(slow().userId) })}
          </Button>
        )}
      </Show>
      <div class="flex shrink-0 items-center">
        <ReactionMenu onReact={(emoji) => props.joined.react(emoji)} />
        <WatchSettings {...props} />
        <IconButton
          label={m.cowatch_leave()}
          tip="above"
          data-testid="watch-leave"
          onClick={() => props.joined.leave()}
        >
          <LogOut class="size-5" />
        </IconButton>
      </div>
    </div>
  );
}

function describe({ leftBehind, ready }: OtherWatcher, name: string): string {
  if (leftBehind) return m.cowatch_left({ name });
  return ready ? m.cowatch_ready({ name }) : m.cowatch_notReady({ name });
}
