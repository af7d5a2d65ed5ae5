import type { IceServers } from '../../../../protocol/rest/index.ts';
import { inBackground } from '../background.ts';

/** Credentials of relays are asked for anew when so much of their life is over; not more often than every so many milliseconds. */
const renewAt = 0.8;
const renewEvery = 10_000;

/** The ICE servers of a call, kept good for as long as it lasts. */
export class Ice {
  #servers: IceServers;
  readonly #ask: () => Promise<IceServers>;
  readonly #onNew: (servers: IceServers['iceServers']) => void;
  #renewing: ReturnType<typeof setTimeout> | undefined;

  /** @param onNew is told of other servers, or other credentials */
  constructor(
    first: IceServers,
    ask: () => Promise<IceServers>,
    onNew: (servers: IceServers['iceServers']) => void,
  ) {
    this.#servers = first;
    this.#ask = ask;
    this.#onNew = onNew;
    this.#renewLater();
  }

  get servers(): IceServers['iceServers'] {
    return this.#servers.iceServers;
  }

  close(): void {
    clearTimeout(this.#renewing);
  }

  #renewLater(): void {
    const life = this.#servers.expiresAt - Date.now();
    this.#renewing = setTimeout(
      () => inBackground(this.#renew(), 'renewing the relay of a call'),
      Math.max(renewEvery, life * renewAt),
    );
  }

  async #renew(): Promise<void> {
    try {
      this.#servers = await this.#ask();
      this.#onNew(this.servers);
    } finally {
      this.#renewLater();
    }
  }
}
