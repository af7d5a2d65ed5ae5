import { createMemo, createSignal, For, type JSX, onCleanup, onMount, Show } from 'solid-js';
import { keyed } from '../../engine/solid/observable.ts';
import type { CallView, RemotePart } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { type Box, type Grid, gap, layoutOf } from './layout.ts';
import type { PictureInPicture } from './picture-in-picture.ts';
import { Tile } from './tile.tsx';

/** The pictures of all in the call, and the screens that they share, as large as their place allows. */
export function Tiles(props: {
  call: CallView;
  me: string;
  name: string;
  pip: PictureInPicture;
  /** The height that they may take, as a class; what they don't need, they don't take. */
  height: string;
}) {
  const [box, setBox] = createSignal<Box>({ width: 0, height: 0 });
  let place!: HTMLDivElement;
  onMount(() => {
    const observer = new ResizeObserver(([entry]) => setBox(entry!.contentRect));
    observer.observe(place);
    onCleanup(() => observer.disconnect());
  });
  const others = keyed(
    () => props.call.others,
    ({ id }) => id,
  );
  const sharing = keyed(
    () => props.call.others.filter(({ screen }) => screen),
    ({ id }) => id,
  );
  const screens = () => sharing().length + (props.call.me.screen ? 1 : 0);
  const layout = createMemo(() => layoutOf(1 + props.call.others.length, screens(), box()));
  return (
    <div class="relative h-full">
      <div
        ref={place}
        class={`pointer-events-none invisible absolute inset-x-0 top-0 ${props.height}`}
        aria-hidden="true"
      />
      <div
        class="flex h-full items-center justify-center"
        classList={{ 'flex-col': !layout().beside }}
        style={{ gap: `${gap}px` }}
      >
        <Show when={layout().screens}>
          {(grid) => (
            <Rows grid={grid()} class="shrink-0">
              <For each={sharing()}>
                {({ value }) => (
                  <Screen of={value()} onVideo={(video) => props.pip.put(`${value().id} screen`, video)} />
                )}
              </For>
              <Show when={props.call.me.screen}>
                <Tile
                  userId={props.me}
                  name={m.call_yourScreen()}
                  stream={props.call.me.display}
                  video
                  audio
                  speaking={false}
                  whole
                />
              </Show>
            </Rows>
          )}
        </Show>
        <Rows grid={layout().faces} class="min-w-0">
          <For each={others()}>
            {({ value }) => <Face of={value()} onVideo={(video) => props.pip.put(value().id, video)} />}
          </For>
          <Tile
            userId={props.me}
            name={props.name}
            label={m.call_own({ name: props.name })}
            stream={props.call.me.camera}
            video={props.call.me.video}
            audio={props.call.me.audio}
            speaking={false}
            mirrored
          />
        </Rows>
      </div>
    </div>
  );
}

/** Tiles in rows, the last one in the middle; more than fit are scrolled to. */
function Rows(props: { grid: Grid; class: string; children: JSX.Element }) {
  return (
    <div class={`flex max-w-full justify-center-safe overflow-x-auto ${props.class}`}>
      <ul
        class="flex shrink-0 flex-wrap justify-center *:h-(--tile-height) *:w-(--tile-width)"
        style={{
          gap: `${gap}px`,
          width: `${props.grid.size.width}px`,
          '--tile-width': `${props.grid.tile.width}px`,
          '--tile-height': `${props.grid.tile.height}px`,
        }}
      >
        {props.children}
      </ul>
    </div>
  );
}

interface OfProps {
  of: RemotePart;
  onVideo: (video: HTMLVideoElement) => void;
}

function Face(props: OfProps) {
  return (
    <Tile
      userId={props.of.userId}
      name={props.of.name}
      stream={props.of.stream}
      video={props.of.video && props.of.opens}
      audio={props.of.audio}
      speaking={props.of.speaking}
      state={props.of.state}
      secure={props.of.secure}
      onVideo={props.onVideo}
    />
  );
}

function Screen(props: OfProps) {
  return (
    <Tile
      userId={props.of.userId}
      name={m.call_screenOf({ name: props.of.name })}
      stream={props.of.display}
      video={props.of.opens}
      audio
      speaking={false}
      whole
      secure={props.of.secure}
      onVideo={props.onVideo}
    />
  );
}
