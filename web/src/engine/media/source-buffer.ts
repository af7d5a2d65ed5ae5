/** Seconds behind the present place that are kept for going back a little. */
const keepBehind = 30;
/** Kept at the very least when the browser says that its buffer is full. */
const keepAtLeast = 5;

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
  readonly #buffer: SourceBuffer;
  readonly #media: HTMLMediaElement;
  #busy: Promise<void> = Promise.resolve();

  constructor(buffer: SourceBuffer, media: HTMLMediaElement) {
    this.#buffer = buffer;
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
    return this.#next(async () => {
      for (;;) {
        signal.throwIfAborted();
        try {
          return await this.#operate(() => this.#buffer.appendBuffer(segment));
        } catch (error) {
          if (!(error instanceof DOMException && error.name === 'QuotaExceededError')) throw error;
          if (!(await this.#drop(keepAtLeast))) await progress(this.#media, signal);
        }
      }
    });
  }

  tidy(): Promise<void> {
    return this.#next(async () => {
      const { buffered } = this.#buffer;
      if (buffered.length > 0 && this.#media.currentTime - buffered.start(0) > 2 * keepBehind)
        await this.#drop(keepBehind);
    });
  }

  clear(): Promise<void> {
    return this.#next(() => this.#operate(() => this.#buffer.remove(0, Number.POSITIVE_INFINITY)));
  }

  /** Empties it for a track of another type. */
  async change(mime: string): Promise<void> {
    await this.clear();
    return this.#next(async () => this.#buffer.changeType(mime));
  }

  idle(): Promise<void> {
    return this.#next(async () => undefined);
  }

  /** Drops all that is older than `keep` seconds; answers whether there was anything. */
  async #drop(keep: number): Promise<boolean> {
    const { buffered } = this.#buffer;
    const until = this.#media.currentTime - keep;
    if (buffered.length === 0 || buffered.start(0) >= until) return false;
    await this.#operate(() => this.#buffer.remove(0, until));
    return true;
  }

  #next<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#busy.then(operation);
    this.#busy = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
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
