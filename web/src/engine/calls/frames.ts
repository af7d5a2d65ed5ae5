import type { TrackKind } from '../../../../protocol/call.ts';
import { m } from '../../language/index.ts';
import { Subject } from '../observable.ts';
import { EngineError } from '../types.ts';
import type { FrameCounts, FromFrames, Prepared, ToFrames, TransformOptions } from './frames.messages.ts';

/** Chromium's: without it a transform that is set late lets frames pass in clear until it is there. */
export const encodedOnly = { encodedInsertableStreams: true } as RTCConfiguration;

/** The ways in which browsers let pages have encoded frames. */
interface Streams {
  createEncodedStreams?(): { readonly readable: ReadableStream; readonly writable: WritableStream };
}
const hasScriptTransform = () => 'RTCRtpScriptTransform' in globalThis;
const hasStreams = () =>
  'RTCRtpSender' in globalThis && 'createEncodedStreams' in globalThis.RTCRtpSender.prototype;

/** The page's end of the worker that encrypts a call's frames. */
export class Frames {
  /** Peers whose frames open, by a key of theirs. */
  readonly heard = new Subject<ReadonlySet<string>>(new Set());
  /** Told of a peer whose frames come under a key that we have not; at most once a second. */
  onMissing: (peer: string) => void = () => {};
  readonly #worker: Worker;
  readonly #asked = new Map<number, (answer: never) => void>();
  #asks = 0;
  #ends = 0;

  /** @throws EngineError `no-frame-encryption`: nobody is let into a call in clear */
  constructor() {
    if (!hasScriptTransform() && !hasStreams())
      throw new EngineError('no-frame-encryption', m.engine_callsNotEncrypted());
    this.#worker = new Worker(new URL('./frames.worker.ts', import.meta.url), {
      type: 'module',
      name: 'frames',
    });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromFrames>) => {
      if (data.t === 'missing') return this.onMissing(data.peer);
      if (data.t === 'heard') return this.#hear(data.peer, data.is);
      this.#asked.get(data.ask)?.(data.answer as never);
      this.#asked.delete(data.ask);
    });
  }

  #post(message: ToFrames, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #ask<T>(t: 'prepare' | 'count'): Promise<T> {
    const ask = ++this.#asks;
    const answer = new Promise<T>((resolve) => this.#asked.set(ask, resolve));
    this.#post({ t, ask });
    return answer;
  }

  #hear(peer: string, is: boolean): void {
    const heard = new Set(this.heard.get());
    if (is) heard.add(peer);
    else heard.delete(peer);
    this.heard.set(heard);
  }

  /** A new epoch of ours, not used before `activate`. */
  prepare(): Promise<Prepared> {
    return this.#ask('prepare');
  }

  /** What has become of frames, by the `end` that `seal` and `open` answered. */
  counts(): Promise<FrameCounts> {
    return this.#ask('count');
  }

  activate(epoch: number): void {
    this.#post({ t: 'activate', epoch });
  }

  /** A peer's secret for an epoch. */
  learn(peer: string, epoch: number, secret: Uint8Array): void {
    this.#post({ t: 'learn', peer, epoch, secret });
  }

  /** Whatever was learned of `peer` serves no more. */
  forget(peer: string): void {
    this.#post({ t: 'forget', peer });
    this.#hear(peer, false);
  }

  /** Whatever `sender` sends is sealed from now on. To be called in the turn in which the sender was made. */
  seal(sender: RTCRtpSender, track: TrackKind): number {
    return this.#transform(sender, { side: 'send', end: ++this.#ends, track });
  }

  /** Whatever `receiver` gets must open by a key of `peer`'s. */
  open(receiver: RTCRtpReceiver, track: TrackKind, peer: string): number {
    return this.#transform(receiver, { side: 'receive', end: ++this.#ends, track, peer });
  }

  #transform(end: RTCRtpSender | RTCRtpReceiver, options: TransformOptions): number {
    if (hasScriptTransform()) {
      end.transform = new RTCRtpScriptTransform(this.#worker, options);
      return options.end;
    }
    const { readable, writable } = (end as Streams).createEncodedStreams!();
    this.#post({ t: 'streams', options, readable, writable }, [readable, writable]);
    return options.end;
  }

  close(): void {
    this.#worker.terminate();
  }
}
