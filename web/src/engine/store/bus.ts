/** What tabs of one browser tell each other: that something in the store changed. */
export type Notice =
  | { readonly kind: 'room'; readonly id: string }
  /** Who was verified. */
  | { readonly kind: 'contacts' }
  | { readonly kind: 'preferences' }
  | { readonly kind: 'session' };

/** Tells the other tabs (not this one). */
export class Bus {
  readonly #channel: BroadcastChannel;
  constructor(name: string, onNotice: (notice: Notice) => void) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Notice>) => onNotice(data);
    // Under Node an open channel would keep the process alive.
    (this.#channel as { unref?: () => void }).unref?.();
  }
  tell(notice: Notice): void {
    this.#channel.postMessage(notice);
  }
  close(): void {
    this.#channel.close();
  }
}
