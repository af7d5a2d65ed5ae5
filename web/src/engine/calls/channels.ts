import { Subject } from '../observable.ts';
import type { CallData } from './types.ts';

/** With so much waiting in a channel, in bytes, nothing is added: what is sent late helps nobody. */
const mostWaiting = 262_144;

/** The data channels of a call's connections, by the device at their other end. */
export class Channels implements CallData {
  readonly open = new Subject<readonly string[]>([]);
  readonly #channels = new Map<string, RTCDataChannel>();
  readonly #listeners = new Set<(device: string, bytes: Uint8Array<ArrayBuffer>) => void>();

  send(device: string, bytes: Uint8Array<ArrayBuffer>): boolean {
    const channel = this.#channels.get(device);
    if (channel?.readyState !== 'open' || channel.bufferedAmount > mostWaiting) return false;
    channel.send(bytes);
    return true;
  }

  onBytes(listener: (device: string, bytes: Uint8Array<ArrayBuffer>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** `channel` leads to `device` from now on, in place of any before it. */
  put(device: string, channel: RTCDataChannel): void {
    this.#channels.set(device, channel);
    channel.binaryType = 'arraybuffer';
    channel.onopen = channel.onclose = () => this.#tell();
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!(data instanceof ArrayBuffer) || this.#channels.get(device) !== channel) return;
      for (const listener of [...this.#listeners]) listener(device, new Uint8Array(data));
    };
    this.#tell();
  }

  /** No way leads to `device` any more. */
  drop(device: string): void {
    if (this.#channels.delete(device)) this.#tell();
  }

  #tell(): void {
    const open = [...this.#channels].flatMap(([device, { readyState }]) =>
      readyState === 'open' ? [device] : [],
    );
    if (open.join() !== this.open.get().join()) this.open.set(open);
  }
}
