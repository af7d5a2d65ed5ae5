import Lock from 'lucide-solid/icons/lock-keyhole';
import LockOpen from 'lucide-solid/icons/lock-keyhole-open';
import Maximize from 'lucide-solid/icons/maximize';
import MicOff from 'lucide-solid/icons/mic-off';
import Minimize from 'lucide-solid/icons/minimize';
import { createEffect, onMount, Show } from 'solid-js';
import { useFaces } from '../../engine/solid/faces.tsx';
import type { LinkState } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { useFullScreen } from '../../ui/full-screen.ts';

export interface TileProps {
  userId: string;
  name: string;
  /** What stands on the tile, where it is not the name alone. */
  label?: string;
  stream?: MediaStream | undefined;
  /** Whether the stream's picture is to be shown. */
  video: boolean;
  audio: boolean;
  speaking: boolean;
  /** One's own picture, as in a mirror. */
  mirrored?: boolean;
  /** A screen is shown whole, and fills the viewer's own on demand; a face fills its tile. */
  whole?: boolean;
  state?: LinkState;
  secure?: boolean;
  /** Given the element that shows the picture. */
  onVideo?: (video: HTMLVideoElement) => void;
}

/** Somebody in the call: their picture, or who they are. */
export function Tile(props: TileProps) {
  const faces = useFaces();
  let video!: HTMLVideoElement;
  let tile!: HTMLLIElement;
  const full = useFullScreen(
    () => tile,
    () => video,
  );
  createEffect(() => {
    const stream = props.video ? (props.stream ?? null) : null;
    // Given the same once more, it would begin anew, and be black meanwhile.
    if (video.srcObject !== stream) video.srcObject = stream;
  });
  onMount(() => props.onVideo?.(video));
  const waiting = () => props.state !== undefined && props.state !== 'connected';
  return (
    <li
      ref={tile}
      class={`@container relative flex min-h-0 min-w-0 items-center justify-center overflow-hidden rounded-xl bg-black/80 outline-2 -outline-offset-2 transition-[outline-color] ${props.speaking ? 'outline-accent' : 'outline-transparent'}`}
      data-testid="call-tile"
      data-user={props.userId}
      data-state={props.state ?? 'connected'}
      data-secure={props.secure}
    >
      {/* Sound comes from elsewhere: it goes on when this is not on the screen. */}
      <video
        ref={video}
        class={`size-full ${props.whole ? 'object-contain' : 'object-cover'} ${props.mirrored ? '-scale-x-100' : ''} ${props.video ? '' : 'hidden'}`}
        autoplay
        playsinline
        muted
        aria-label={props.name}
      />
      <Show when={!props.video}>
        <Avatar
          id={props.userId}
          name={props.name}
          picture={faces(props.userId)}
          class="size-10 text-base @min-[10rem]:size-16 @min-[10rem]:text-xl @min-[16rem]:size-20 @min-[16rem]:text-2xl"
        />
      </Show>
      <p class="absolute inset-x-1 bottom-1 flex items-center gap-1.5 @min-[10rem]:inset-x-2 @min-[10rem]:bottom-2 text-[0.8125rem]/5 font-medium text-white">
        <span class="flex max-w-full items-center gap-1 rounded-md bg-black/60 px-1.5 py-0.5">
          <Show when={props.secure !== undefined}>
            <span
              role="img"
              class="flex shrink-0"
              aria-label={props.secure ? m.call_secure() : m.call_notYetSecure()}
              title={props.secure ? m.call_secure() : m.call_notYetSecure()}
            >
              {props.secure ? <Lock class="size-3.5" /> : <LockOpen class="size-3.5 opacity-70" />}
            </span>
          </Show>
          <span class="truncate">{props.label ?? props.name}</span>
          <Show when={!props.audio && !props.whole}>
            <span role="img" class="flex shrink-0" aria-label={m.call_muted({ name: props.name })}>
              <MicOff class="size-3.5" />
            </span>
          </Show>
        </span>
      </p>
      {/* One's own would show itself in itself. */}
      <Show when={props.whole && props.secure !== undefined}>
        <button
          type="button"
          class="absolute end-1 top-1 flex size-11 items-center justify-center rounded-lg text-white *:rounded-md *:bg-black/60 *:p-1 hover:*:bg-black/80"
          aria-label={full.on() ? m.call_leaveFullScreen() : m.call_fullScreen()}
          title={full.on() ? m.call_leaveFullScreen() : m.call_fullScreen()}
          onClick={full.toggle}
        >
          <Show when={full.on()} fallback={<Maximize class="size-7" />}>
            <Minimize class="size-7" />
          </Show>
        </button>
      </Show>
      <Show when={waiting()}>
        <p class="absolute inset-x-0 top-2 text-center text-[0.8125rem]/5 text-white">
          <span class="rounded-md bg-black/60 px-2 py-0.5">
            {m.call_states({ state: props.state ?? 'connected' })}
          </span>
        </p>
      </Show>
    </li>
  );
}
