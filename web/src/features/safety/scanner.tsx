import { createSignal, onCleanup, onMount, Show } from 'solid-js';
import { m } from '../../language/index.ts';
import { Spinner } from '../../ui/spinner.tsx';

/** Pause between two looks at the picture, in ms. */
const lookEvery = 150;

/** What is used of the Shape Detection API; TypeScript's DOM does not have it. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { formats: ['qr_code'] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** The browser's own reader of QR codes, or one that is loaded now. */
async function createDetector(): Promise<Detector> {
  const own = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (own && (await own.getSupportedFormats()).includes('qr_code')) return new own({ formats: ['qr_code'] });
  const { BarcodeDetector } = await import('qr/decode.js');
  return new BarcodeDetector({ formats: ['qr_code'] });
}

export interface ScannerProps {
  /** Something was read. */
  onCode: (text: string) => void;
  /** There is no picture; `problem` is a sentence. */
  onProblem: (problem: string) => void;
  class?: string;
}

/** The camera's picture, looked at for QR codes. Nothing of it is kept. */
export function Scanner(props: ScannerProps) {
  const [running, setRunning] = createSignal(false);
  let video!: HTMLVideoElement;
  let stream: MediaStream | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  onCleanup(() => {
    over = true;
    clearTimeout(timer);
    for (const track of stream?.getTracks() ?? []) track.stop();
  });

  const open = async () => {
    const camera = { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 1280 } };
    stream = await navigator.mediaDevices.getUserMedia({ video: camera, audio: false });
    if (over) return stream.getTracks().forEach((track) => void track.stop());
    video.srcObject = stream;
    await video.play();
    const detector = await createDetector();
    setRunning(true);
    const look = async () => {
      // A picture that can't be read is as good as none; the next one comes.
      const [found] = await detector.detect(video).catch(() => []);
      if (over) return;
      if (found) props.onCode(found.rawValue);
      timer = setTimeout(look, lookEvery);
    };
    await look();
  };
  onMount(() => {
    open().catch((error: unknown) => {
      if (over) return;
      const refused = error instanceof DOMException && error.name === 'NotAllowedError';
      props.onProblem(refused ? m.safety_cameraRefused() : m.safety_noCamera());
    });
  });

  return (
    <div class={`relative overflow-hidden bg-black ${props.class ?? ''}`}>
      <video ref={video} muted playsinline class="size-full object-cover" aria-label={m.safety_picture()} />
      <Show
        when={running()}
        fallback={
          <p class="absolute inset-0 flex items-center justify-center gap-3 text-sm text-white">
            <Spinner class="size-5" />
            {m.safety_starting()}
          </p>
        }
      >
        <div class="absolute inset-6 rounded-2xl border-2 border-white/80" aria-hidden="true" />
      </Show>
    </div>
  );
}
