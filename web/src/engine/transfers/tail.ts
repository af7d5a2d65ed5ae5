import { emptyTail, extendTail, openDelta, type Tail } from '../../../../crypto/file/index.ts';
import { fromBase64 } from '../../../../protocol/bytes.ts';
import { ManifestDelta } from '../../../../protocol/manifest.ts';
import type { FileDelta } from '../../../../protocol/socket.ts';
import { Subject } from '../observable.ts';
import { asTransferError, TransferError } from './errors.ts';
import type { FileEvent } from './types.ts';

/** Milliseconds between questions to the service while somebody waits: frames of the socket can be missed. */
const askEvery = 5000;

export interface TailDeps {
  readonly dek: Uint8Array;
  readonly fileId: string;
  /** Pieces from number `from` on, as many as the service gives at once; none when it has no more. Throws `TransferError` when it never will. */
  readonly ask: (from: number) => Promise<readonly FileDelta[]>;
}

/** Follows a file's manifest to its end: pieces from the socket and the service, each opened, checked and in order. */
export class TailFollower {
  readonly state = new Subject<{ readonly tail: Tail; readonly failure?: TransferError }>({
    tail: emptyTail,
  });
  readonly #deps: TailDeps;
  /** Pieces that came before their turn. */
  readonly #early = new Map<number, FileDelta>();
  #working: Promise<void> = Promise.resolve();
  #asking: Promise<void> | undefined;

  constructor(deps: TailDeps) {
    this.#deps = deps;
  }

  get tail(): Tail {
    return this.state.get().tail;
  }

  /** A frame of the room's socket; one that brings no piece says that there may be some. */
  event({ state, delta }: FileEvent): void {
    if (state === 'deleted') this.fail(new TransferError('deleted'));
    else if (delta) this.add([delta]);
    else void this.ask();
  }

  /** Takes pieces in any order, known ones too. Resolves once they have been opened. */
  add(deltas: readonly FileDelta[]): Promise<void> {
    this.#keep(deltas);
    if (this.#early.size > 0 && !this.#early.has(this.tail.next)) void this.ask();
    return this.#working;
  }

  /** Asks the service for what is missing. A service that can't be reached now changes nothing. */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Nothing more will be read; whoever waits hears why. The first reason stays. */
  fail(failure: TransferError): void {
    if (!this.state.get().failure) this.state.set({ tail: this.tail, failure });
  }

  /** Resolves with a tail that `accept` takes. Rejects with `TransferError` when the file fails or `signal` fires. */
  until(accept: (tail: Tail) => boolean, signal: AbortSignal): Promise<Tail> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const { tail, failure } = this.state.get();
        if (signal.aborted) finish(() => reject(new TransferError('cancelled')));
        else if (failure) finish(() => reject(failure));
        else if (accept(tail)) finish(() => resolve(tail));
      };
      const finish = (settle: () => void) => {
        clearInterval(asking);
        unsubscribe();
        signal.removeEventListener('abort', check);
        settle();
      };
      const asking = setInterval(() => void this.ask(), askEvery);
      const unsubscribe = this.state.subscribe(check);
      signal.addEventListener('abort', check);
      check();
    });
  }

  get #over(): boolean {
    return this.tail.complete || this.state.get().failure !== undefined;
  }

  #keep(deltas: readonly FileDelta[]): void {
    for (const delta of deltas) if (delta.n >= this.tail.next) this.#early.set(delta.n, delta);
    this.#working = this.#working.then(() => this.#advance());
  }

  async #ask(): Promise<void> {
    try {
      for (let next = -1; this.tail.next > next && !this.#over; ) {
        next = this.tail.next;
        this.#keep(await this.#deps.ask(next));
        await this.#working;
      }
    } catch (error) {
      if (error instanceof TransferError) this.fail(error);
    }
  }

  async #advance(): Promise<void> {
    const { dek, fileId } = this.#deps;
    try {
      for (;;) {
        const delta = this.#early.get(this.tail.next);
        if (!delta || this.#over) return;
        this.#early.delete(delta.n);
        const opened = await openDelta(dek, fileId, delta.n, fromBase64(delta.sealed), ManifestDelta);
        const tail = await extendTail(this.tail, opened);
        if (!this.state.get().failure) this.state.set({ tail });
      }
    } catch (error) {
      this.fail(asTransferError(error, 'damaged'));
    }
  }
}
