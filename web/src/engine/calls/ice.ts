import type { IceServers } from '../../../../protocol/rest/index.ts';
import { inBackground } from '../background.ts';

/** Credentials of relays are asked for anew when so much of their life is over; not more often than every so many milliseconds. */
const renewAt = 0.8;
const renewEvery = 10_000;

type Servers = IceServers['iceServers'];

/** What tells one relay from another in `turn:name:port?transport=udp` (RFC 7065), with what is left out put in. */
function relayOf(url: string): string | undefined {
  const [, scheme, host, port, transport] =
    /^(turns?):([^?]+?)(?::(\d+))?(?:\?transport=(\w+))?$/.exec(url) ?? [];
  if (!scheme) return undefined;
  const safe = scheme === 'turns';
  return `${scheme}:${host}:${port ?? (safe ? 5349 : 3478)}?transport=${transport ?? (safe ? 'tcp' : 'udp')}`;
}

/**
 * `servers` with the relay at `url` after all others. Of candidates of one kind browsers prefer those of the server that is named
 * first, and only change over at once to what ranks no lower than what they have.
 */
export function relayLast(servers: Servers, url: string): Servers {
  const avoided = relayOf(url);
  if (avoided === undefined) return servers;
  const single = servers.flatMap(({ urls, ...rest }) => urls.map((each) => ({ urls: [each], ...rest })));
  const isAvoided = ({ urls: [each = ''] }: Servers[number]) => relayOf(each) === avoided;
  return [...single.filter((server) => !isAvoided(server)), ...single.filter(isAvoided)];
}

/** As a connection takes them. */
export const asRtc = (servers: Servers): RTCIceServer[] =>
  servers.map(({ urls, username, credential }) => ({
    urls,
    ...(username !== undefined && { username }),
    ...(credential !== undefined && { credential }),
  }));

/** The ICE servers of a call, kept good for as long as it lasts. */
export class Ice {
  #servers: IceServers;
  readonly #ask: () => Promise<IceServers>;
  readonly #onNew: () => void;
  #renewing: ReturnType<typeof setTimeout> | undefined;

  /** @param onNew is told that there are other servers, or other credentials */
  constructor(first: IceServers, ask: () => Promise<IceServers>, onNew: () => void) {
    this.#servers = first;
    this.#ask = ask;
    this.#onNew = onNew;
    this.#renewLater();
  }

  get servers(): Servers {
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
      this.#onNew();
    } finally {
      this.#renewLater();
    }
  }
}
