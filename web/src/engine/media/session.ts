import type { Track } from '../../../../protocol/manifest.ts';
import { m } from '../../language/index.ts';
import { Subject } from '../observable.ts';
import { asTransferError, TransferError } from '../transfers/errors.ts';
import type { OpenedFile } from '../transfers/types.ts';
import { bareType, isMp3 } from './bare-mp3.ts';
import { CaptionTracks } from './captions.ts';
import { codecName } from './codecs.ts';
import { Feed } from './feed.ts';
import { type Sink, TrackBuffer } from './source-buffer.ts';
import type { Choice, MediaSession, MediaStatus } from './types.ts';

declare global {
  /** Safari's own on iPhones, in place of MediaSource. */
  var ManagedMediaSource: typeof MediaSource | undefined;
}

/** Plays the `tracks` layout by Media Source Extensions: one SourceBuffer for the picture, one for the chosen sound. */
export class StreamedSession implements MediaSession {
  readonly status = new Subject<MediaStatus>({ state: 'loading' });
  readonly available: Subject<number>;
  readonly sounds: readonly Choice[];
  readonly sound: Subject<number | undefined>;
  readonly silent: string | undefined;
  readonly captions: CaptionTracks;
  readonly #media: HTMLMediaElement;
  readonly #file: OpenedFile;
  readonly #stopped = new AbortController();
  readonly #url: string;
  readonly #Source: typeof MediaSource;
  readonly #sinks: (Sink | undefined)[] = [];
  #audio: TrackBuffer | undefined;
  #feed: Feed | undefined;
  #failure: string | undefined;
  /** The last jump that has been seen to, in seconds. */
  #sought: number | undefined;

  constructor(media: HTMLMediaElement, file: OpenedFile) {
    this.#media = media;
    this.#file = file;
    this.available = new Subject(file.arrived.get().seconds);
    this.#Source = globalThis.MediaSource ?? globalThis.ManagedMediaSource;
    const tracks = file.head.tracks ?? [];
    const spoken = tracks.filter(({ kind }) => kind === 'audio');
    this.sounds = tracks.flatMap((track, id) =>
      track.kind === 'audio' && this.#plays(track) ? [choiceOf(track, id)] : [],
    );
    this.sound = new Subject(this.sounds[0]?.id);
    this.silent = this.sounds.length === 0 && spoken[0] ? codecName(spoken[0]) : undefined;
    this.captions = new CaptionTracks(media);
    const source = new this.#Source();
    this.#url = URL.createObjectURL(source);
    const { signal } = this.#stopped;
    const unsubscribe = file.arrived.subscribe(() => this.#judge());
    signal.addEventListener('abort', unsubscribe);
    const judge = () => this.#judge();
    for (const event of [
      'canplay',
      'playing',
      'waiting',
      'seeked',
      'timeupdate',
      'ended',
      'loadeddata',
      'progress',
    ])
      media.addEventListener(event, judge, { signal });
    media.addEventListener('seeking', () => this.#seek(), { signal });
    media.addEventListener('error', () => this.#fail(decodeProblem(media)), { signal });
    source.addEventListener('sourceopen', () => this.#open(source), { signal, once: true });
    if (!globalThis.MediaSource) media.disableRemotePlayback = true;
    media.src = this.#url;
  }

  dispose(): void {
    this.#stopped.abort();
    this.captions.dispose();
    void this.#feed?.stop();
    URL.revokeObjectURL(this.#url);
    this.#media.removeAttribute('src');
    this.#media.load();
  }

  chooseSound(id: number): void {
    const [before, track] = [this.sound.get(), this.#file.head.tracks?.[id]];
    const [feed, buffer] = [this.#feed, this.#audio];
    if (before === undefined || id === before || !track || !feed || !buffer) return;
    this.sound.set(id);
    void (async () => {
      await feed.stop();
      // Somebody who tries one after the other hears the last.
      if (this.#stopped.signal.aborted || this.sound.get() !== id) return;
      for (const { id: each } of this.sounds) this.#sinks[each] = undefined;
      await buffer.change(this.#typeFor(track) ?? track.mime);
      this.#sinks[id] = buffer;
      feed.forget(id);
      feed.start(this.#media.currentTime);
    })().catch((error) => this.#fail(sentence(error)));
  }

  #plays(track: Track): boolean {
    return this.#typeFor(track) !== undefined;
  }

  /** As what this browser takes a track; undefined where it can't play it. */
  #typeFor({ mime }: Track): string | undefined {
    const types = isMp3(mime) ? [mime, bareType] : [mime];
    return types.find((type) => this.#Source.isTypeSupported(type));
  }

  #open(source: MediaSource): void {
    const { duration, tracks = [] } = this.#file.head;
    const picture = tracks.findIndex(({ kind }) => kind === 'video');
    const sound = this.sound.get();
    const unplayable = picture >= 0 ? tracks[picture] : sound === undefined ? tracks[0] : undefined;
    if (unplayable && !this.#plays(unplayable)) {
      this.#fail(cannotPlay(codecName(unplayable)));
      return;
    }
    const bufferOf = (id: number) => {
      const track = tracks[id]!;
      return new TrackBuffer(source, this.#typeFor(track) ?? track.mime, this.#media);
    };
    try {
      if (picture >= 0) this.#sinks[picture] = bufferOf(picture);
      if (sound !== undefined) this.#sinks[sound] = this.#audio = bufferOf(sound);
      for (const [id, track] of tracks.entries())
        if (track.kind === 'subtitles') this.#sinks[id] = this.captions.embedded(choiceOf(track, id));
      if (duration !== undefined) source.duration = duration;
      this.#feed = new Feed({
        media: this.#media,
        file: this.#file,
        sinks: this.#sinks,
        changed: () => this.#judge(),
        ended: async () => {
          if (source.readyState === 'open') source.endOfStream();
        },
        failed: (error) => this.#fail(this.#media.error ? decodeProblem(this.#media) : sentence(error)),
      });
      this.#feed.start(this.#media.currentTime);
    } catch {
      this.#fail(cannotPlay());
    }
  }

  #seek(): void {
    const { buffered, currentTime } = this.#media;
    this.#sought = currentTime;
    if (rangeAt(buffered, currentTime) < 0) this.#feed?.start(currentTime);
    this.#judge();
  }

  #fail(message: string): void {
    if (this.#stopped.signal.aborted) return;
    this.#failure ??= message;
    void this.#feed?.stop();
    this.#judge();
  }

  #judge(): void {
    if (this.#stopped.signal.aborted) return;
    if (this.#failure === undefined) {
      this.#skipGap();
      this.available.set(Math.max(this.#file.arrived.get().seconds, this.#feed?.end ?? 0));
    }
    const state = this.#state();
    if (state === this.status.get().state) return;
    this.status.set(this.#failure === undefined ? { state } : { state, message: this.#failure });
  }

  #state(): MediaStatus['state'] {
    const { ended, seeking, readyState, HAVE_FUTURE_DATA } = this.#media;
    if (this.#failure !== undefined) return 'error';
    if (ended) return 'ended';
    if (readyState >= HAVE_FUTURE_DATA && !seeking) return 'playing';
    if (this.#feed?.atEdge) return 'waiting-for-uploader';
    return seeking ? 'seeking' : 'loading';
  }

  /**
   * The element waits for data at its place; where there is none and never will be, it goes on just after: tracks rarely begin,
   * and never quite meet, at the same instant, and some films begin long after zero.
   */
  #skipGap(): void {
    const { buffered, currentTime, readyState, seeking, HAVE_CURRENT_DATA } = this.#media;
    if (readyState > HAVE_CURRENT_DATA || rangeAt(buffered, currentTime) >= 0) return;
    // After a jump that has not been seen to, what is held is of the place before.
    if (!this.#feed?.settled || (seeking && currentTime !== this.#sought)) return;
    for (let i = 0; i < buffered.length; i++)
      if (buffered.start(i) > currentTime) {
        this.#media.currentTime = buffered.start(i) + 0.001;
        return;
      }
  }
}

/** The number of the range that `time` lies in, or −1. */
function rangeAt(ranges: TimeRanges, time: number): number {
  for (let i = 0; i < ranges.length; i++) if (time >= ranges.start(i) && time < ranges.end(i)) return i;
  return -1;
}

const choiceOf = ({ name, language }: Track, id: number): Choice => ({
  id,
  ...(name !== undefined && { name }),
  ...(language !== undefined && { language }),
});

/** What is said of a file that this browser can't decode. */
export const cannotPlay = (codec: string = m.engine_kindOfFilm()): string => m.engine_cannotPlay({ codec });

const decodeProblem = (media: HTMLMediaElement): string =>
  media.error?.code === MediaError.MEDIA_ERR_DECODE ? m.engine_cannotDecode() : cannotPlay();

const sentence = (error: unknown): string =>
  (error instanceof TransferError ? error : asTransferError(error, 'refused')).message;
