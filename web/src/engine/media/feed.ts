import { until } from '../observable.ts';
import { chunksOf } from '../transfers/streams.ts';
import { type Item, readItems } from '../transfers/tracks/items.ts';
import type { OpenedFile } from '../transfers/types.ts';
import { progress, type Sink } from './source-buffer.ts';

/** Seconds that are fetched ahead of the present place. */
const ahead = 30;
/** A place this far behind a seek point is reached by reading on; one farther ahead hasn't been uploaded. */
const readOn = 15;

export interface FeedDeps {
  readonly media: HTMLMediaElement;
  readonly file: OpenedFile;
  /** By track number; undefined for tracks that aren't played. May change while nothing is fed. */
  readonly sinks: readonly (Sink | undefined)[];
  /** Something has changed that the state may depend on. */
  readonly changed: () => void;
  /** Everything up to the end has been appended. */
  readonly ended: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/**
 * Brings a file's segments into their tracks' sinks, from a place on. They hold one piece of the film: a jump out
 * of it empties them and starts anew at the seek point before.
 */
export class Feed {
  readonly #deps: FeedDeps;
  #run = new AbortController();
  #finished: Promise<void> = Promise.resolve();
  /** Tracks whose initialisation segment has been appended. */
  readonly #initialised = new Set<number>();
  /** Plaintext offset up to which has been read; undefined while a place is waited for. */
  #position: number | undefined = 0;
  #settled = false;

  constructor(deps: FeedDeps) {
    this.#deps = deps;
  }

  /** Whether nothing more can be had before the uploader has sent more. */
  get atEdge(): boolean {
    const { complete, bytes } = this.#deps.file.arrived.get();
    return !complete && (this.#position === undefined || this.#position >= bytes);
  }

  /** Seconds up to which has been appended. */
  get end(): number {
    return Math.max(0, ...this.#ends);
  }

  /** Whether what is held belongs to the present place: nothing will come any more between its pieces, nor before them. */
  get settled(): boolean {
    return this.#settled;
  }

  get #ends(): number[] {
    return this.#deps.sinks.flatMap((sink) => sink?.end ?? []);
  }

  /** Feeds from `time` (seconds) on, in place of what ran before. */
  start(time: number): void {
    this.#run.abort();
    const run = new AbortController();
    this.#run = run;
    this.#settled = false;
    this.#finished = this.#finished.then(async () => {
      try {
        await this.#feed(time, run.signal);
      } catch (error) {
        if (!run.signal.aborted) this.#deps.failed(error);
      }
    });
  }

  /** Stops, and resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#run.abort();
    await this.#finished;
  }

  /** A track has another sink from now on, which knows nothing of it yet. */
  forget(track: number): void {
    this.#initialised.delete(track);
  }

  async #feed(time: number, signal: AbortSignal): Promise<void> {
    const { sinks, ended } = this.#deps;
    signal.throwIfAborted();
    for (const sink of sinks) if (sink?.end) await sink.clear();
    signal.throwIfAborted();
    this.#settled = true;
    const offset = await this.#locate(time, signal);
    const tracks = sinks.flatMap((sink, track) => (sink ? [track] : []));
    const ready = () => tracks.every((track) => this.#initialised.has(track));
    if (!ready() && offset > 0) {
      // The initialisation segments are what the file begins with.
      for await (const item of this.#items(0, signal)) {
        if (!this.#initialised.has(item.track)) await this.#append(item, signal);
        if (ready()) break;
      }
    }
    for await (const item of this.#items(offset, signal)) await this.#append(item, signal);
    await Promise.all(sinks.map((sink) => sink?.idle()));
    signal.throwIfAborted();
    await ended();
  }

  /** Where to start reading for `time`, once that has been uploaded. */
  async #locate(time: number, signal: AbortSignal): Promise<number> {
    const { file, changed } = this.#deps;
    const found = () => {
      const point = file.seekPoint(time);
      const { complete } = file.arrived.get();
      return point && (complete || time - point.time < readOn) ? point.offset : undefined;
    };
    let offset = found();
    if (offset === undefined) {
      this.#position = undefined;
      changed();
      const stopped = new Promise<never>((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
      await Promise.race([until(file.arrived, () => found() !== undefined), stopped]);
      offset = found();
    }
    this.#position = offset ?? 0;
    changed();
    return this.#position;
  }

  async #append(item: Item, signal: AbortSignal): Promise<void> {
    const { sinks, media, changed } = this.#deps;
    const sink = sinks[item.track];
    if (!sink) return;
    this.#initialised.add(item.track);
    // By the track that has least: a picture that stands still, or outlasts its sound, is far ahead of what is still needed.
    while (Math.min(...this.#ends) - media.currentTime > ahead) await progress(media, signal);
    await sink.append(item.bytes, signal);
    await sink.tidy();
    changed();
  }

  async *#items(offset: number, signal: AbortSignal): AsyncGenerator<Item> {
    const { file, changed } = this.#deps;
    const chunks = async function* (feed: Feed) {
      feed.#position = offset;
      for await (const chunk of chunksOf(file.stream(offset, signal))) {
        feed.#position += chunk.length;
        yield chunk;
        // What follows may not be there yet.
        changed();
      }
    };
    yield* readItems(chunks(this));
  }
}
