import type { EncodedPacket } from 'mediabunny';

/** One packet of a track, with its times in seconds. */
export interface Sample {
  readonly data: Uint8Array;
  readonly key: boolean;
  readonly presentation: number;
  readonly decode: number;
  /** Decode time of the sample after it. */
  readonly next: number;
}

/** Consecutive samples in decode order: one media segment. */
export interface Fragment {
  readonly samples: readonly Sample[];
  /** First presentation time, and the end of the last one, in seconds. */
  readonly start: number;
  readonly end: number;
  /** Whether it begins with a key frame: one can start here. */
  readonly key: boolean;
}

/** A fragment is closed at the first packet after this many seconds, or before at a key frame. */
const targetSeconds = 0.5;
const leastSeconds = 0.25;
/** A fragment that one can start at is closed sooner: whoever waits for its picture waits for all of it. */
const startSeconds = 0.1;
/** How far packets may be from presentation order: H.264 and HEVC reorder at most 16 frames. */
const reorderDepth = 17;

/**
 * Cuts a track's packets (decode order, presentation times) into fragments of at most about half a second, whatever the
 * distance of its key frames, so that nobody waits for a whole group of pictures.
 */
export async function* cutFragments(packets: AsyncIterable<EncodedPacket>): AsyncGenerator<Fragment> {
  let samples: Sample[] = [];
  let inter = false;
  for await (const sample of withDecodeTimes(packets)) {
    const first = samples[0];
    const length = first ? sample.decode - first.decode : 0;
    const most = first?.key && inter ? startSeconds : targetSeconds;
    if (first && (length >= most || (sample.key && inter && length >= leastSeconds))) {
      yield fragment(samples);
      samples = [];
      inter = false;
    }
    samples.push(sample);
    inter ||= !sample.key;
  }
  if (samples.length > 0) yield fragment(samples);
}

function fragment(samples: readonly Sample[]): Fragment {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const { presentation, decode, next } of samples) {
    start = Math.min(start, presentation);
    end = Math.max(end, presentation + next - decode);
  }
  return { samples, start, end, key: samples[0]!.key };
}

/**
 * Containers differ in whether they tell decode times; presentation times and the order are always known. The n-th
 * packet gets the n-th smallest presentation time, which rises evenly and needs a look ahead of the reorder depth only.
 */
async function* withDecodeTimes(packets: AsyncIterable<EncodedPacket>): AsyncGenerator<Sample> {
  const ahead: EncodedPacket[] = [];
  const times: number[] = [];
  const take = (): Sample => {
    const packet = ahead.shift()!;
    const decode = times.shift()!;
    const next = times[0] ?? decode + packet.duration;
    return { data: packet.data, key: packet.type === 'key', presentation: packet.timestamp, decode, next };
  };
  for await (const packet of packets) {
    ahead.push(packet);
    let place = times.length;
    while (place > 0 && times[place - 1]! > packet.timestamp) place--;
    times.splice(place, 0, packet.timestamp);
    if (ahead.length > reorderDepth) yield take();
  }
  while (ahead.length > 0) yield take();
}
