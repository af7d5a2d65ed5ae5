import ArrowUp from 'lucide-solid/icons/arrow-up';
import Trash from 'lucide-solid/icons/trash';
import { createSignal, onCleanup, onMount } from 'solid-js';
import { m } from '../../language/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { formatDuration } from '../../ui/format.ts';
import { type Recording, record } from './recorder.ts';

/** Stands in the composer's place while somebody speaks: how long, how loud, and away or off it goes. */
export function VoiceBar(props: {
  onSend: (file: File) => void;
  onEnd: () => void;
  onProblem: (sentence: string) => void;
}) {
  const [seconds, setSeconds] = createSignal(0);
  const [level, setLevel] = createSignal(0);
  let recording: Recording | undefined;
  let gone = false;
  let send!: HTMLButtonElement;

  onMount(async () => {
    try {
      const started = await record(() => void finish());
      if (gone) return started.cancel();
      recording = started;
    } catch (error) {
      const denied = error instanceof DOMException && error.name === 'NotAllowedError';
      props.onProblem(denied ? m.chat_microphoneDenied() : m.chat_microphoneMissing());
      return props.onEnd();
    }
    send.focus();
    const began = performance.now();
    const timer = setInterval(() => {
      setSeconds(Math.floor((performance.now() - began) / 1000));
      setLevel(recording?.level() ?? 0);
    }, 100);
    onCleanup(() => clearInterval(timer));
  });
  onCleanup(() => {
    gone = true;
    recording?.cancel();
  });

  const finish = async () => {
    const at = new Date();
    const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
    const file = await recording?.finish(
      m.chat_voiceName({ when: `${date} ${two(at.getHours())}.${two(at.getMinutes())}` }),
    );
    props.onEnd();
    if (file) props.onSend(file);
  };

  return (
    <fieldset
      aria-label={m.chat_recording()}
      class="flex min-w-0 items-center gap-2 p-1"
      data-testid="recording"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        props.onEnd();
      }}
    >
      <IconButton
        label={m.chat_dropRecording()}
        tip="above"
        class="rounded-full"
        data-testid="drop-recording"
        onClick={() => props.onEnd()}
      >
        <Trash class="size-5" />
      </IconButton>
      <span class="relative flex size-3 shrink-0" aria-hidden="true">
        <span
          class="absolute inset-0 rounded-full bg-danger/40 transition-[scale] duration-100"
          style={{ scale: String(1 + level() * 2.2) }}
        />
        <span class="relative size-3 rounded-full bg-danger" />
      </span>
      <span class="min-w-0 flex-1 truncate tabular-nums" role="timer">
        {formatDuration(seconds())} <span class="ms-2 text-muted max-sm:hidden">{m.chat_speak()}</span>
      </span>
      <button
        ref={send}
        type="button"
        class="inline-flex size-11 shrink-0 items-center justify-center rounded-full bg-accent text-on-accent hover:bg-accent-hover"
        aria-label={m.chat_sendRecording()}
        data-testid="send-recording"
        onClick={() => void finish()}
      >
        <ArrowUp class="size-5.5" stroke-width={2.25} />
      </button>
    </fieldset>
  );
}

const two = (n: number) => String(n).padStart(2, '0');
