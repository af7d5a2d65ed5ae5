import type { TrackKind } from '../../../../protocol/call.ts';
import { Subject } from '../observable.ts';
import { EngineError } from '../types.ts';
import type { FromFrames, ToFrames, TransformOptions } from './frames.messages.ts';

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
  /** Peers of whom a frame has opened, by a key of theirs. */
  readonly heard = new Subject<ReadonlySet<string>>(new Set());
  readonly #worker: Worker;
  readonly #asked = new Map<number, (prepared: { epoch: number; secret: Uint8Array }) => void>();
  #asks = 0;

  /** @throws EngineError `no-frame-encryption`: nobody is let into a call in clear */
  constructor() {
    if (!hasScriptTransform() && !hasStreams())
      throw new EngineError(
        'no-frame-encryption',
        'This browser can’t encrypt calls. Use a current Chrome, Edge, Firefox or Safari.',
      );
    this.#worker = new Worker(new URL('./frames.worker.ts', import.meta.url), {
      type: 'module',
      name: 'frames',
    });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromFrames>) => {
      if (data.t === 'heard') return this.heard.set(new Set(this.heard.get()).add(data.peer));
      this.#asked.get(data.ask)?.(data);
      this.#asked.delete(data.ask);
    });
  }

  #post(message: ToFrames, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** A new epoch of ours, not used before `activate`. */
  prepare(): Promise<{ epoch: number; secret: Uint8Array }> {
    const ask = ++this.#asks;
    const prepared = new Promise<{ epoch: number; secret: Uint8Array }>((resolve) =>
      this.#asked.set(ask, resolve),
    );
    this.#post({ t: 'prepare', ask });
    return prepared;
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
    this.heard.set(new Set([...this.heard.get()].filter((each) => each !== peer)));
  }

  /** Whatever `sender` sends is sealed from now on. To be called in the turn in which the sender was made. */
  seal(sender: RTCRtpSender, track: TrackKind): void {
    this.#transform(sender, { side: 'send', track });
  }

  /** Whatever `receiver` gets must open by a key of `peer`'s. */
  open(receiver: RTCRtpReceiver, track: TrackKind, peer: string): void {
    this.#transform(receiver, { side: 'receive', track, peer });
  }

  #transform(end: RTCRtpSender | RTCRtpReceiver, options: TransformOptions): void {
    if (hasScriptTransform()) {
      end.transform = new RTCRtpScriptTransform(this.#worker, options);
      return;
    }
    const { readable, writable } = (end as Streams).createEncodedStreams!();
    this.#post({ t: 'streams', options, readable, writable }, [readable, writable]);
  }

  close(): void {
    this.#worker.terminate();
  }
}
