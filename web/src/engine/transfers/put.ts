import type { PutUrl } from '../../../../protocol/rest/index.ts';
import { m } from '../../language/index.ts';
import { Turns } from '../turns.ts';
import { TransferError } from './errors.ts';
import type { StoredObject } from './objects.ts';
import { backOff, pause } from './retry.ts';
import type { Fetch } from './types.ts';

/** An object to have a URL signed for. */
export interface Wanted {
  readonly index: number;
  readonly size: number;
}

/** Objects that one call signs, at most. */
export const urlBatch = 16;
/** A URL this close to its end isn't worth starting with. */
const expiryMargin = 15_000;

/** Pre-signed PUTs, asked for in batches ahead of their use. */
export class PutUrls {
  readonly #sign: (objects: Wanted[]) => Promise<readonly PutUrl[]>;
  readonly #likelySize: (index: number) => number | undefined;
  readonly #urls = new Map<number, { readonly size: number; readonly url: PutUrl }>();
  readonly #turns = new Turns();

  /** `likelySize` guesses the size of an object that isn't made yet; undefined where nobody can say. */
  constructor(
    sign: (objects: Wanted[]) => Promise<readonly PutUrl[]>,
    likelySize: (index: number) => number | undefined,
  ) {
    this.#sign = sign;
    this.#likelySize = likelySize;
  }

  /** What to sign first: objects that will surely be. */
  ahead(from: number, count: number): Wanted[] {
    const wanted: Wanted[] = [];
    for (let index = from; wanted.length < count; index++) {
      const size = this.#likelySize(index);
      if (size === undefined) break;
      if (!this.#urls.has(index)) wanted.push({ index, size });
    }
    return wanted;
  }

  add(wanted: readonly Wanted[], urls: readonly PutUrl[]): void {
    for (const url of urls) {
      const size = wanted.find(({ index }) => index === url.index)?.size;
      if (size !== undefined) this.#urls.set(url.index, { size, url });
    }
  }

  /** A URL for exactly this object; signs it and some after it when there is none that is fresh. */
  take(object: Wanted): Promise<PutUrl> {
    return this.#turns.run(async () => {
      const known = this.#urls.get(object.index);
      this.#urls.delete(object.index);
      const fresh = known && Date.parse(known.url.expiresAt) > Date.now() + expiryMargin;
      if (fresh && known.size === object.size) return known.url;
      const wanted = [object, ...this.ahead(object.index + 1, urlBatch - 1)];
      this.add(wanted, await this.#sign(wanted));
      const signed = this.#urls.get(object.index);
      this.#urls.delete(object.index);
      if (!signed) throw new TransferError('refused');
      return signed.url;
    });
  }
}

export interface PutDeps {
  readonly fetch: Fetch;
  readonly urls: PutUrls;
  readonly signal: AbortSignal;
  /** Resolves when nothing is paused; its signal fires at the next pause, and the same bytes are sent again later. */
  readonly turn: () => Promise<AbortSignal>;
  /** The network or storage is away; a later try follows. */
  readonly waiting: () => void;
}

/** Fresh URLs that may be refused in a row before it is no matter of expiry. */
const mostRefusals = 4;

/**
 * Stores one object, trying for as long as it takes: always the same bytes, so that no nonce ever sees two
 * plaintexts. Throws `TransferError` when cancelled or refused for good.
 */
export async function putObject(object: StoredObject, deps: PutDeps): Promise<void> {
  const wanted = { index: object.index, size: object.bytes.length };
  let refusals = 0;
  for (let attempt = 0; ; attempt++) {
    const paused = await deps.turn();
    const { url, headers } = await deps.urls.take(wanted);
    let status: number;
    try {
      const signal = AbortSignal.any([deps.signal, paused]);
      const response = await deps.fetch(url, { method: 'PUT', headers, body: object.bytes, signal });
      status = response.status;
      await response.body?.cancel();
    } catch {
      if (deps.signal.aborted) throw new TransferError('cancelled');
      if (paused.aborted) continue;
      status = 0;
    }
    // 412: it is there already, from a try whose answer was lost; nobody else has URLs for this place.
    if ((status >= 200 && status < 300) || status === 412) return;
    // 403: the URL has expired, the next one is new. Anything else below 500 will be the same the next time.
    if (status === 403 && ++refusals <= mostRefusals) continue;
    const passing = status === 0 || status >= 500 || status === 408 || status === 409 || status === 429;
    if (!passing) throw new TransferError('refused', { message: m.engine_storageRefused({ status }) });
    deps.waiting();
    await pause(backOff(attempt), deps.signal);
  }
}
