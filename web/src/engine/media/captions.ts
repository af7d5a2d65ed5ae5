import { Subject } from '../observable.ts';
import { type Cue, parseCues } from '../transfers/tracks/cue.ts';
import type { Sink } from './source-buffer.ts';
import type { Choice } from './types.ts';

/** Larger texts are no subtitles. */
export const largestCaptions = 4 * 2 ** 20;

interface Captions {
  readonly choice: Choice;
  readonly track: TextTrack;
  readonly known: Set<string>;
}

/** The subtitles of a media element: those of its film as they arrive, and those that its viewer adds. */
export class CaptionTracks {
  readonly choices = new Subject<readonly Choice[]>([]);
  /** The `id` of what is shown. */
  readonly chosen = new Subject<number | undefined>(undefined);
  /** Cues to be seen now, as the browser has parsed them: safe to be put into a page. */
  readonly shown = new Subject<readonly DocumentFragment[]>([]);
  readonly #media: HTMLMediaElement;
  readonly #all = new Map<number, Captions>();

  constructor(media: HTMLMediaElement) {
    this.#media = media;
  }

  /** A track of the film, numbered as there. Its parts come through the sink. */
  embedded(choice: Choice): Sink {
    this.#open(choice);
    const decoder = new TextDecoder();
    return {
      end: undefined,
      append: async (bytes) => this.#add(choice.id, parseCues(decoder.decode(bytes))),
      tidy: async () => undefined,
      // Cues are small, and as true after a jump as before.
      clear: async () => undefined,
      idle: async () => undefined,
    };
  }

  /** Adds and shows a subtitle file that the viewer has; answers whether there was anything in it. */
  add(name: string, text: string): boolean {
    const cues = parseCues(text);
    if (cues.length === 0) return false;
    // Tracks of the film have numbers of their own.
    const id = 1000 + this.#all.size;
    this.#open({ id, name });
    this.#add(id, cues);
    this.choose(id);
    return true;
  }

  choose(id: number | undefined): void {
    this.chosen.set(id);
    for (const [each, { track }] of this.#all) track.mode = each === id ? 'hidden' : 'disabled';
    this.#show();
  }

  dispose(): void {
    for (const { track } of this.#all.values()) track.mode = 'disabled';
  }

  #open(choice: Choice): void {
    const track = this.#media.addTextTrack('subtitles', choice.name ?? '', choice.language ?? '');
    track.mode = 'disabled';
    track.addEventListener('cuechange', () => this.#show());
    this.#all.set(choice.id, { choice, track, known: new Set() });
    this.choices.set([...this.#all.values()].map(({ choice: each }) => each));
  }

  #add(id: number, cues: readonly Cue[]): void {
    const { track, known } = this.#all.get(id)!;
    for (const { start, end, text } of cues) {
      const key = `${start} ${end} ${text}`;
      // After a jump back the same parts come again.
      if (known.has(key)) continue;
      known.add(key);
      track.addCue(new VTTCue(start, end, text));
    }
  }

  #show(): void {
    const chosen = this.chosen.get();
    const active = chosen === undefined ? undefined : this.#all.get(chosen)?.track.activeCues;
    this.shown.set([...(active ?? [])].map((cue) => (cue as VTTCue).getCueAsHTML()));
  }
}
