import { A, useMatch } from '@solidjs/router';
import Phone from 'lucide-solid/icons/phone';
import PhoneOff from 'lucide-solid/icons/phone-off';
import { createEffect, createMemo, For, onCleanup, Show } from 'solid-js';
import { useEngine } from '../../engine/solid/context.tsx';
import { keyed, useObservable } from '../../engine/solid/observable.ts';
import type { Room } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { canChooseSpeaker, chooseSpeaker, followSpeakers, speaker } from './speaker.ts';

/** Keeps the call that one is in: its sound, whatever is on the screen, and the way back to it. */
export function CallKeeper() {
  const engine = useEngine();
  const room = useObservable(() => engine.inCall);
  return <Show when={room()}>{(id) => <Kept room={engine.room(id())} />}</Show>;
}

function Kept(props: { room: Room }) {
  const call = useObservable(() => props.room.call.view);
  const view = useObservable(() => props.room.view);
  const match = useMatch(() => `/r/${props.room.id}`);
  const sounds = keyed(
    createMemo(() =>
      call().others.flatMap(({ id, stream, display, screen }) => [
        ...(stream ? [{ id: `${id} voice`, stream }] : []),
        ...(display && screen ? [{ id: `${id} screen`, stream: display }] : []),
      ]),
    ),
    ({ id }) => id,
    (a, b) => a.stream === b.stream,
  );
  if (canChooseSpeaker) followSpeakers();
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  window.addEventListener('beforeunload', warn);
  onCleanup(() => window.removeEventListener('beforeunload', warn));
  return (
    <>
      <For each={sounds()}>{({ value }) => <Sound stream={value().stream} />}</For>
      <Show when={!match()}>
        <div
          class="flex items-center gap-2 bg-accent-soft py-1 pe-1 ps-4 text-sm/5"
          data-testid="call-elsewhere"
        >
          <Phone class="size-4.5 shrink-0" />
          <p class="min-w-0 flex-1 truncate font-medium">{m.call_back({ room: view().name })}</p>
          <A
            href={`/r/${props.room.id}`}
            class="inline-flex min-h-11 items-center rounded-lg px-3 font-semibold hover:bg-hover"
          >
            {m.call_return()}
          </A>
          <IconButton label={m.call_leave()} tip="none" onClick={() => props.room.call.leave()}>
            <PhoneOff class="size-5" />
          </IconButton>
        </div>
      </Show>
    </>
  );
}

function Sound(props: { stream: MediaStream }) {
  let audio!: HTMLAudioElement;
  createEffect(() => {
    if (audio.srcObject !== props.stream) audio.srcObject = props.stream;
  });
  createEffect(() => {
    const wanted = speaker();
    // One that can't be used any more: better heard elsewhere than not at all.
    if (canChooseSpeaker && audio.sinkId !== wanted)
      audio.setSinkId(wanted).catch(() => wanted !== '' && chooseSpeaker(''));
  });
  // biome-ignore lint/a11y/useMediaCaption: people who talk have no captions
  return <audio ref={audio} autoplay />;
}
