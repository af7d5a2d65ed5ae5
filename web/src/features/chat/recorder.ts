/** The longest recording, in milliseconds. */
const longest = 15 * 60_000;

const formats = [
  { type: 'audio/webm', mime: 'audio/webm;codecs=opus', ending: 'webm' },
  { type: 'audio/mp4', mime: 'audio/mp4', ending: 'm4a' },
] as const;

const formatHere = () =>
  typeof MediaRecorder === 'undefined'
    ? undefined
    : formats.find(({ mime }) => MediaRecorder.isTypeSupported(mime));

/** Whether this browser can record what is said. */
export const canRecord = (): boolean =>
  formatHere() !== undefined && (navigator.mediaDevices as MediaDevices | undefined) !== undefined;

/** Something that is being said. */
export interface Recording {
  /** How loud it is now, from 0 to 1. */
  level(): number;
  /** Ends it; undefined when nothing came of it. `name` is without its ending. */
  finish(name: string): Promise<File | undefined>;
  /** Ends it, and forgets it. */
  cancel(): void;
}

/**
 * Starts recording; asks for the microphone first.
 *
 * @param onEnd it has ended by itself: it is as long as it may be, or the microphone is gone; `finish` has what there is
 * @throws DOMException `NotAllowedError`, `NotFoundError` where there is none to be had
 */
export async function record(onEnd: () => void): Promise<Recording> {
  const format = formatHere()!;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream, { mimeType: format.mime, audioBitsPerSecond: 32_000 });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => {
    if (data.size > 0) parts.push(data);
  };
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 256 });
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);

  let over = false;
  const ended = new Promise<void>((done) => {
    recorder.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      void context.close();
      done();
      if (!over) onEnd();
      over = true;
    };
  });
  const end = () => {
    clearTimeout(timer);
    if (recorder.state !== 'inactive') recorder.stop();
  };
  const timer = setTimeout(end, longest);
  recorder.start();

  return {
    level() {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      // What people say is far below full scale.
      return Math.min(1, Math.sqrt(power) * 4);
    },
    async finish(name) {
      over = true;
      end();
      await ended;
      if (parts.length === 0) return undefined;
      return new File(parts, `${name}.${format.ending}`, { type: format.type });
    },
    cancel() {
      over = true;
      end();
    },
  };
}
