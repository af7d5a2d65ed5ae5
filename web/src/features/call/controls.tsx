import ChevronUp from 'lucide-solid/icons/chevron-up';
import Mic from 'lucide-solid/icons/mic';
import MicOff from 'lucide-solid/icons/mic-off';
import PhoneOff from 'lucide-solid/icons/phone-off';
import PictureInPicture2 from 'lucide-solid/icons/picture-in-picture-2';
import ScreenShare from 'lucide-solid/icons/screen-share';
import ScreenShareOff from 'lucide-solid/icons/screen-share-off';
import Video from 'lucide-solid/icons/video';
import VideoOff from 'lucide-solid/icons/video-off';
import { createResource, For, type JSX, onCleanup, Show } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import type { Call, CallView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Menu, MenuChoice, MenuChoices, MenuLine } from '../../ui/menu.tsx';
import type { PictureInPicture } from './picture-in-picture.ts';
import { canChooseSpeaker, chooseSpeaker, speaker } from './speaker.ts';

const round =
  'tip tip-above inline-flex size-11 shrink-0 items-center justify-center rounded-full transition-colors';
const on = 'bg-surface text-ink hover:bg-hover';
const off = 'bg-danger-soft text-danger hover:bg-hover';

function Toggle(props: {
  label: string;
  pressed: boolean;
  /** Whether being off is worth to be seen at a glance. */
  loud?: boolean;
  testid: string;
  class?: string;
  onClick: () => void;
  children: JSX.Element;
}) {
  return (
    <button
      type="button"
      class={`${round} ${props.loud && !props.pressed ? off : props.pressed && !props.loud ? 'bg-accent-soft text-ink' : on} ${props.class ?? ''}`}
      aria-label={props.label}
      data-tip={props.label}
      data-testid={props.testid}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

/** What one does in a call. */
export function CallControls(props: {
  call: Call;
  view: CallView;
  pip: PictureInPicture;
  onProblem: (text: string) => void;
}) {
  const me = () => props.view.me;
  const attempt = (task: Promise<void>) => {
    task.catch((error) => props.onProblem(sentence(error)));
  };
  const sharing = 'getDisplayMedia' in (navigator.mediaDevices ?? {});
  return (
    <div class="flex items-center justify-center gap-2">
      <Toggle
        label={me().audio ? m.call_mute() : m.call_unmute()}
        pressed={me().audio}
        loud
        testid="call-mic"
        onClick={() => attempt(props.call.setAudio(!me().audio))}
      >
        {me().audio ? <Mic class="size-5" /> : <MicOff class="size-5" />}
      </Toggle>
      <Toggle
        label={me().video ? m.call_cameraOff() : m.call_cameraOn()}
        pressed={me().video}
        loud
        testid="call-camera"
        onClick={() => attempt(props.call.setVideo(!me().video))}
      >
        {me().video ? <Video class="size-5" /> : <VideoOff class="size-5" />}
      </Toggle>
      <Show when={sharing}>
        <Toggle
          label={me().screen ? m.call_unshare() : m.call_share()}
          pressed={me().screen}
          testid="call-screen"
          onClick={() => attempt(props.call.setScreen(!me().screen))}
        >
          {me().screen ? <ScreenShareOff class="size-5" /> : <ScreenShare class="size-5" />}
        </Toggle>
      </Show>
      <Show when={props.pip.available()}>
        <Toggle
          label={props.pip.open() ? m.call_leavePip() : m.call_pip()}
          pressed={props.pip.open()}
          testid="call-pip"
          onClick={() => attempt(props.pip.toggle())}
        >
          <PictureInPicture2 class="size-5" />
        </Toggle>
      </Show>
      <Menu
        trigger={<ChevronUp class="size-5" />}
        label={m.call_devices()}
        class={`${round} ${on}`}
        tip
        placement="top-end"
      >
        <Devices call={props.call} view={props.view} onProblem={props.onProblem} />
      </Menu>
      <button
        type="button"
        class={`${round} bg-danger text-on-danger hover:bg-danger-hover`}
        aria-label={m.call_leave()}
        data-tip={m.call_leave()}
        data-testid="call-leave"
        onClick={() => props.call.leave()}
      >
        <PhoneOff class="size-5" />
      </button>
    </div>
  );
}

/** Which camera, microphone and speaker; follows what is plugged in. */
function Devices(props: { call: Call; view: CallView; onProblem: (text: string) => void }) {
  const [found, { refetch }] = createResource(() => navigator.mediaDevices.enumerateDevices());
  const follow = () => void refetch();
  navigator.mediaDevices.addEventListener('devicechange', follow);
  onCleanup(() => navigator.mediaDevices.removeEventListener('devicechange', follow));
  const of = (kind: MediaDeviceKind) =>
    (found() ?? []).filter((device) => device.kind === kind && device.deviceId);
  const choose = (kind: 'audioinput' | 'videoinput', id: string) => {
    props.call.choose(kind, id).catch((error) => props.onProblem(sentence(error)));
  };
  const used = (kind: 'audioinput' | 'videoinput') => props.view.me.used?.[kind];
  const Choices = (own: {
    kind: MediaDeviceKind;
    label: string;
    used: string | undefined;
    onChoose: (id: string) => void;
  }) => (
    <MenuChoices
      label={own.label}
      value={own.used || (of(own.kind)[0]?.deviceId ?? '')}
      onChange={(id) => own.onChoose(id)}
    >
      <For each={of(own.kind)} fallback={<p class="px-3 py-2 text-sm text-muted">{m.call_noDevices()}</p>}>
        {(device) => (
          <MenuChoice value={device.deviceId}>
            <span class="truncate">{device.label || own.label}</span>
          </MenuChoice>
        )}
      </For>
    </MenuChoices>
  );
  return (
    <>
      <Choices
        kind="audioinput"
        label={m.call_microphone()}
        used={used('audioinput')}
        onChoose={(id) => choose('audioinput', id)}
      />
      <MenuLine />
      <Choices
        kind="videoinput"
        label={m.call_camera()}
        used={used('videoinput')}
        onChoose={(id) => choose('videoinput', id)}
      />
      <Show when={canChooseSpeaker}>
        <MenuLine />
        <Choices kind="audiooutput" label={m.call_speaker()} used={speaker()} onChoose={chooseSpeaker} />
      </Show>
    </>
  );
}
