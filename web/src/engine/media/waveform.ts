import type { OpenedFile } from '../transfers/types.ts';

/** Longer and larger sounds are not decoded for their shape: it would take more memory than the shape is worth. */
const longest = 30 * 60;
const largest = 32 * 2 ** 20;
const bars = 72;
/** Enough to see how loud it is. */
const sampleRate = 8000;

/** How loud a whole sound is over its length, as bars between 0 and 1; undefined where that isn't worth its price. */
export async function waveformOf(file: OpenedFile, signal: AbortSignal): Promise<number[] | undefined> {
  const { size, duration = 0 } = file.head;
  if (size > largest || duration > longest) return undefined;
  const blob = await file.blob({ signal });
  const context = new OfflineAudioContext(1, 1, sampleRate);
  const decoded = await context.decodeAudioData(await blob.arrayBuffer());
  return barsOf(decoded.getChannelData(0));
}

/** The root mean square of each part, the loudest being 1; the square root makes quiet ones seen, as ears hear them. */
function barsOf(samples: Float32Array): number[] {
  const step = samples.length / bars;
  const loud = Array.from({ length: bars }, (_, bar) => {
    const piece = samples.subarray(Math.floor(bar * step), Math.floor((bar + 1) * step));
    return Math.sqrt(piece.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, piece.length));
  });
  const most = Math.max(...loud);
  return loud.map((each) => (most > 0 ? Math.sqrt(each / most) : 0));
}
