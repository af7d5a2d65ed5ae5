import { Turns } from '../turns.ts';
import { BareMp3, bareType, type Frames } from './bare-mp3.ts';

/** Seconds behind the present place that are kept for going back a little. */
const keepBehind = 30;
/** Kept at the very least when the browser says that its buffer is full. */
const keepAtLeast = 5;

/** Seconds by which frames without times may follow on the ones before too early or too late. */
const unnoticed = 0.1;

/** Where the segments of a track go. */
export interface Sink {
  /** The end of what it holds for playing, in seconds; 0 when that is nothing, undefined where playing does not wait for it. */
  readonly end: number | undefined;
  append(segment: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void>;
  /** Drops what lies long behind the present place. */
  tidy(): Promise<void>;
  clear(): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** One track's SourceBuffer (W3C Media Source Extensions), as promises, one operation at a time. */
export class TrackBuffer implements Sink {
  readonly #source: MediaSource;
  readonly #buffer: SourceBuffer;
  readonly #media: HTMLMediaElement;
  readonly #turns = new Turns();
  /** Where its type tells no times. */
  #bare: BareMp3 | undefined;
  /** Where frames without times would go by themselves, in seconds. */
  #next: number | undefined;

  /** For segments of `type`, which the element takes: MP4 or WebM, or, where it is `audio/mpeg`, MP3 in MP4. */
  constructor(source: MediaSource, type: string, media: HTMLMediaElement) {
    this.#source = source;
    this.#buffer = source.addSourceBuffer(type);
    this.#bare = type === bareType ? new BareMp3() : undefined;
    this.#media = media;
  }

  get end(): number {
    try {
      const { buffered } = this.#buffer;
      return buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
    } catch {
      // The element has let go of it: it failed, or plays something else.
      return 0;
    }
  }

  /**
   * Appends a segment. A full buffer loses what lies behind the present place, and where that is not enough this waits
   * until something has been played. Rejects when the element can't decode it, and when `signal` fires.
   */
  append(segment: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    return this.#turns.run(async () => {
      const bytes = this.#bare ? this.#placed(this.#bare.take(segment)) : segment;
      if (!bytes) return;
      for (;;) {
        signal.throwIfAborted();
        try {
          return await this.#operate(() => this.#buffer.appendBuffer(bytes));
        } catch (error) {
          if (!(error instanceof DOMException && error.name === 'QuotaExceededError')) throw error;
          if (!(await this.#drop(keepAtLeast))) await progress(this.#media, signal);
        }
      }
    });
  }

  tidy(): Promise<void> {
    return this.#turns.run(async () => {
      const { buffered } = this.#buffer;
      if (buffered.length > 0 && this.#media.currentTime - buffered.start(0) > 2 * keepBehind)
        await this.#drop(keepBehind);
    });
  }

  clear(): Promise<void> {
    return this.#turns.run(() => {
      this.#next = undefined;
      return this.#operate(() => this.#buffer.remove(0, Number.POSITIVE_INFINITY));
    });
  }

  /** Empties it for a track of another type. */
  async change(type: string): Promise<void> {
    await this.clear();
    return this.#turns.run(async () => {
      this.#buffer.changeType(type);
      this.#bare = type === bareType ? new BareMp3() : undefined;
      if (this.#bare) return;
      // What tells its times again goes where they say.
      this.#buffer.mode = 'segments';
      this.#buffer.timestampOffset = 0;
    });
  }

  idle(): Promise<void> {
    return this.#turns.idle();
  }

  /** The bytes of frames, which will go where they belong. */
  #placed(frames: Frames | undefined): Uint8Array<ArrayBuffer> | undefined {
    if (!frames) return undefined;
    if (this.#next === undefined || Math.abs(frames.from - this.#next) > unnoticed) {
      // One that has ended opens again by being told where it goes on.
      if (this.#source.readyState === 'open') this.#buffer.abort();
      this.#buffer.timestampOffset = frames.from;
      this.#next = frames.from;
    }
    this.#next += frames.to - frames.from;
    return frames.bytes;
  }

  /** Drops all that is older than `keep` seconds; answers whether there was anything. */
  async #drop(keep: number): Promise<boolean> {
    const { buffered } = this.#buffer;
    const until = this.#media.currentTime - keep;
    if (buffered.length === 0 || buffered.start(0) >= until) return false;
    await this.#operate(() => this.#buffer.remove(0, until));
    return true;
  }

  #operate(start: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (event: Event) => {
        this.#buffer.removeEventListener('updateend', done);
        this.#buffer.removeEventListener('error', done);
        if (event.type === 'error') reject(new Error('the segment could not be decoded'));
        else resolve();
      };
      this.#buffer.addEventListener('updateend', done);
      this.#buffer.addEventListener('error', done);
      try {
        start();
      } catch (error) {
        this.#buffer.removeEventListener('updateend', done);
        this.#buffer.removeEventListener('error', done);
        reject(error);
      }
    });
  }
}

/** Resolves when the element's present place has changed; rejects when `signal` fires. */
export function progress(media: HTMLMediaElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      media.removeEventListener('timeupdate', finish);
      signal.removeEventListener('abort', finish);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    media.addEventListener('timeupdate', finish);
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}
