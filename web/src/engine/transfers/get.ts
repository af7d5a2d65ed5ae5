import { m } from '../../language/index.ts';
import { TransferError } from './errors.ts';
import { backOff, pause } from './retry.ts';
import type { Fetch } from './types.ts';

/** A pre-signed GET as the service hands it out. */
export interface GetUrl {
  readonly index: number;
  readonly url: string;
  readonly expiresAt: string;
}

/** Objects that one call signs: few at first, when somebody waits for the first frame and may seek away. */
const urlBatch = 16;
const expiryMargin = 10_000;
/** Fresh URLs that may be refused in a row before it is no matter of expiry. */
const mostRefusals = 4;

export interface GetDeps {
  readonly fetch: Fetch;
  /** Signs GETs for `count` objects from `from` on (those that are stored). Throws `TransferError` when it never will. */
  readonly sign: (from: number, count: number, signal: AbortSignal) => Promise<readonly GetUrl[]>;
}

/** Reads stored objects by pre-signed GETs, renewing the URLs as they expire. */
export class ObjectStore {
  readonly #deps: GetDeps;
  readonly #urls = new Map<number, GetUrl>();

  constructor(deps: GetDeps) {
    this.#deps = deps;
  }

  add(urls: readonly GetUrl[]): void {
    for (const url of urls) this.#urls.set(url.index, url);
  }

  /**
   * The stored bytes [start, end) of object `index`, as they come in. Tries until it answers; throws `TransferError`
   * when aborted or refused for good. A body that breaks off rejects its reads: ask again from there.
   */
  async open(
    index: number,
    start: number,
    end: number,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    let refusals = 0;
    for (let attempt = 0; ; attempt++) {
      const url = await this.#url(index, signal);
      let status = 0;
      try {
        const headers = { range: `bytes=${start}-${end - 1}` };
        const response = await this.#deps.fetch(url, { headers, signal });
        if (response.status === 206 && response.body) return response.body;
        status = response.status;
        await response.body?.cancel();
      } catch {
        if (signal.aborted) throw new TransferError('cancelled');
      }
      if (status === 403 || status === 404) {
        // Expired, or gone: signing again tells which.
        this.#urls.delete(index);
        if (++refusals <= mostRefusals) continue;
      }
      const passing = status === 0 || status >= 500 || status === 429;
      if (!passing) throw new TransferError('refused', { message: m.engine_storageRefused({ status }) });
      await pause(backOff(attempt), signal);
    }
  }

  async #url(index: number, signal: AbortSignal): Promise<string> {
    const known = this.#urls.get(index);
    if (known && Date.parse(known.expiresAt) > Date.now() + expiryMargin) return known.url;
    this.add(await this.#deps.sign(index, urlBatch, signal));
    const signed = this.#urls.get(index);
    if (!signed) throw new TransferError('damaged');
    return signed.url;
  }
}
