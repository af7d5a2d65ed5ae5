import { concat } from '../../../../protocol/bytes.ts';
import { chunksOf } from '../transfers/streams.ts';
import { type Item, readItems } from '../transfers/tracks/items.ts';
import type { OpenedFile } from '../transfers/types.ts';

type Picture = HTMLCanvasElement | OffscreenCanvas;

const width = 288;
/** Pictures that are kept of one film. */
const kept = 120;
/** Fragments that are looked through for a key frame before it is given up. */
const mostFragments = 12;
/** Milliseconds that a place must be wanted before anything is fetched for it. */
const settled = 80;

/**
 * Small pictures of a film at any place that has arrived, made of its own key frames in the watcher's browser: nothing has to be
 * made, sent or kept for them, and they work while it is being uploaded.
 */
export class Thumbnails {
  static readonly #all = new WeakMap<OpenedFile, Thumbnails>();
  readonly #file: OpenedFile;
  readonly #track: number;
  readonly #pictures = new Map<number, Picture>();
  #init: Promise<Uint8Array> | undefined;

  private constructor(file: OpenedFile) {
    this.#file = file;
    this.#track = file.head.tracks?.findIndex(({ kind }) => kind === 'video') ?? -1;
  }

  /** Those of a film; the same for every asker. */
  static of(file: OpenedFile): Thumbnails {
    const thumbnails = Thumbnails.#all.get(file) ?? new Thumbnails(file);
    Thumbnails.#all.set(file, thumbnails);
    return thumbnails;
  }

  /** The picture at the seek point before `time`; undefined where there is none. Rejects when `signal` fires. */
  async at(time: number, signal: AbortSignal): Promise<Picture | undefined> {
    if (this.#track < 0 || time > this.#file.arrived.get().seconds) return undefined;
    const point = this.#file.seekPoint(time);
    if (!point) return undefined;
    const known = this.#pictures.get(point.time);
    if (known) return known;
    await new Promise((go) => setTimeout(go, settled));
    signal.throwIfAborted();
    const picture = await this.#draw(point, signal);
    if (picture) this.#pictures.set(point.time, picture);
    const [oldest] = this.#pictures.keys();
    if (this.#pictures.size > kept && oldest !== undefined) this.#pictures.delete(oldest);
    return picture;
  }

  async #draw(point: { time: number; offset: number }, signal: AbortSignal): Promise<Picture | undefined> {
    // Only who wants them loads what reads them.
    const { BufferSource, CanvasSink, EncodedPacketSink, Input, MP4, WEBM } = await import('mediabunny');
    this.#init ??= this.#first(0, signal).then((item) => item?.bytes ?? new Uint8Array());
    this.#init.catch(() => {
      this.#init = undefined;
    });
    const init = await this.#init;
    for await (const { bytes } of this.#items(point.offset, signal)) {
      const input = new Input({ source: new BufferSource(concat(init, bytes)), formats: [MP4, WEBM] });
      try {
        const track = await input.getPrimaryVideoTrack();
        const packet = track && (await new EncodedPacketSink(track).getFirstPacket());
        if (!track || packet?.type !== 'key') continue;
        if (!(await track.canDecode())) return undefined;
        return (await new CanvasSink(track, { width }).getCanvas(packet.timestamp))?.canvas;
      } finally {
        input.dispose();
      }
    }
    return undefined;
  }

  async #first(offset: number, signal: AbortSignal): Promise<Item | undefined> {
    for await (const item of this.#items(offset, signal)) return item;
    return undefined;
  }

  async *#items(offset: number, signal: AbortSignal): AsyncGenerator<Item> {
    let left = mostFragments;
    for await (const item of readItems(chunksOf(this.#file.stream(offset, signal)))) {
      if (item.track !== this.#track) continue;
      yield item;
      if (--left === 0) return;
    }
  }
}
