import {
  Input,
  MATROSKA,
  MkvOutputFormat,
  MovOutputFormat,
  MP4,
  Mp4OutputFormat,
  OggOutputFormat,
  Output,
  type OutputFormat,
  ReadableStreamSource,
  StreamTarget,
  type StreamTargetChunk,
  WEBM,
  WebMOutputFormat,
} from 'mediabunny';
import type { ManifestHead } from '../../../../../protocol/manifest.ts';
import { TransferError } from '../errors.ts';
import { readItems } from './items.ts';
import { packetsOf } from './packets.ts';
import { addTrack, readTrackInfo } from './track.ts';

/** What one track may have waiting while another is written; tracks are interleaved by time, so it is little. */
const mostWaiting = 128 * 2 ** 20;
/** What a reader keeps of each track, and a muxer of its output. */
const cacheSize = 4 * 2 ** 20;

/**
 * Writes one film or sound out of the `tracks` layout, in the source's own kind of container, every packet copied.
 * `plaintext` is read once, to its end. Throws `TransferError`, or what `plaintext` and `write` throw.
 */
export async function restoreFilm(
  head: ManifestHead,
  plaintext: AsyncIterable<Uint8Array>,
  write: (chunk: StreamTargetChunk) => Promise<void>,
): Promise<void> {
  const kinds = (head.tracks ?? []).map(({ kind }) => kind);
  // A muxer waits for every track before it writes: one whose next words come in ten minutes would hold all of that in memory.
  const kept = kinds.flatMap((kind, track) => (kind === 'subtitles' ? [] : [track]));
  if (kept.length === 0) throw new TransferError('damaged');
  const inputs = splitTracks(plaintext, kinds.length, kept).map(
    (stream) =>
      new Input({
        source: new ReadableStreamSource(stream, { maxCacheSize: cacheSize }),
        formats: [MP4, WEBM, MATROSKA],
      }),
  );
  const target = new StreamTarget(new WritableStream({ write }), { chunked: true, chunkSize: cacheSize });
  const output = new Output({ format: outputFormat(head.type), target });
  try {
    const tracks = [];
    for (const input of inputs) {
      const [source] = await input.getTracks();
      const info = source && (await readTrackInfo(source));
      if (!info) throw new TransferError('damaged');
      tracks.push({ packets: packetsOf(source), ...addTrack(output, info) });
    }
    await output.start();
    // Together: a muxer waits for the slowest track before it writes.
    await Promise.all(
      tracks.map(async ({ packets, add, close }) => {
        for await (const packet of packets) await add(packet);
        close();
      }),
    );
    await output.finalize();
  } finally {
    for (const input of inputs) input.dispose();
  }
}

/** The muxer for a source of this media type. */
function outputFormat(type: string): OutputFormat {
  if (type.endsWith('/webm')) return new WebMOutputFormat();
  if (type.endsWith('/x-matroska')) return new MkvOutputFormat();
  if (type.endsWith('/ogg')) return new OggOutputFormat();
  if (type.endsWith('/quicktime')) return new MovOutputFormat({ fastStart: false });
  return new Mp4OutputFormat({ fastStart: false });
}

/** The own bytes of each track that is `kept`. Whichever stream is read pulls items until one is its own. */
function splitTracks(
  plaintext: AsyncIterable<Uint8Array>,
  count: number,
  kept: readonly number[],
): ReadableStream<Uint8Array>[] {
  const items = readItems(plaintext);
  const controllers: (ReadableStreamDefaultController<Uint8Array> | undefined)[] = [];
  let pumping: Promise<void> = Promise.resolve();

  const pumpFor = async (track: number) => {
    const controller = controllers[track];
    while (controller && (controller.desiredSize ?? 0) > 0) {
      const { done, value: item } = await items.next();
      if (done) {
        for (const other of controllers.splice(0)) other?.close();
        return;
      }
      if (item.track >= count) throw new TransferError('damaged');
      const owner = controllers[item.track];
      owner?.enqueue(item.bytes);
      if ((owner?.desiredSize ?? 0) < -mostWaiting) throw new TransferError('damaged');
    }
  };

  return kept.map(
    (track) =>
      new ReadableStream<Uint8Array>(
        {
          start(controller) {
            controllers[track] = controller;
          },
          pull() {
            const pumped = pumping.then(() => pumpFor(track));
            pumping = pumped.catch((error) => {
              for (const other of controllers.splice(0)) other?.error(error);
            });
            return pumped;
          },
          async cancel() {
            controllers[track] = undefined;
            if (controllers.every((other) => other === undefined)) await items.return(undefined);
          },
        },
        { highWaterMark: 1, size: (bytes) => bytes?.length ?? 0 },
      ),
  );
}
