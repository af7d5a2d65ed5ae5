import { Subject, until } from '../observable.ts';
import { asTransferError } from '../transfers/errors.ts';
import type { OpenedFile } from '../transfers/types.ts';
import { CaptionTracks } from './captions.ts';
import { cannotPlay } from './session.ts';
import type { MediaSession, MediaStatus } from './types.ts';

/** Plays a file in its own container, once all of it is here: sounds and films that no remuxing was needed or possible for. */
export class WholeSession implements MediaSession {
  readonly status = new Subject<MediaStatus>({ state: 'loading' });
  readonly available = new Subject(0);
  readonly sounds = [];
  readonly sound = new Subject(undefined);
  readonly silent = undefined;
  readonly captions: CaptionTracks;
  readonly #media: HTMLMediaElement;
  readonly #stopped = new AbortController();
  #url: string | undefined;

  constructor(media: HTMLMediaElement, file: OpenedFile) {
    this.#media = media;
    this.captions = new CaptionTracks(media);
    const { signal } = this.#stopped;
    const enter = (state: MediaStatus['state']) => () => this.status.set({ state });
    media.addEventListener('canplay', enter('playing'), { signal });
    media.addEventListener('seeking', enter('seeking'), { signal });
    media.addEventListener('seeked', enter('playing'), { signal });
    media.addEventListener('ended', enter('ended'), { signal });
    media.addEventListener('durationchange', () => this.available.set(media.duration || 0), { signal });
    media.addEventListener('error', () => this.#fail(cannotPlay()), { signal });
    this.#open(file).catch((error) => this.#fail(asTransferError(error, 'refused').message));
  }

  chooseSound(): void {}

  dispose(): void {
    this.#stopped.abort();
    this.#media.removeAttribute('src');
    this.#media.load();
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
  }

  async #open(file: OpenedFile): Promise<void> {
    if (this.#media.canPlayType(playedAs(file.head.type)) === '') return this.#fail(cannotPlay());
    const { signal } = this.#stopped;
    if (!file.arrived.get().complete) this.status.set({ state: 'waiting-for-uploader' });
    const here = until(file.arrived, ({ complete, failed }) => complete || failed !== undefined);
    void here.then(
      () => this.status.get().state === 'waiting-for-uploader' && this.status.set({ state: 'loading' }),
    );
    const onProgress = (part: number) => {
      const fetched = Math.floor(part * 100) / 100;
      const now = this.status.get();
      if (now.state === 'loading' && now.fetched !== fetched) this.status.set({ state: 'loading', fetched });
    };
    const blob = await file.blob({ signal, onProgress });
    if (signal.aborted) return;
    this.#url = URL.createObjectURL(blob);
    this.#media.src = this.#url;
  }

  #fail(message: string): void {
    if (!this.#stopped.signal.aborted) this.status.set({ state: 'error', message });
  }
}

/** QuickTime is what MP4 was made of: browsers play it, and only Safari says so. */
const playedAs = (type: string): string => type.replace('video/quicktime', 'video/mp4');
