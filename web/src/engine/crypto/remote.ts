import { m, spoken } from '../../language/index.ts';
import { fromAnswer, toAnswer } from '../answer.ts';
import { type Api, NetworkError } from '../api.ts';
import { EngineError, type KeyWork } from '../types.ts';
import type { HostSettings, KeyHost, StartHost } from './index.ts';
import type { FromHost, ToHost } from './messages.ts';

/** Calls that take a `KeyWork`. Most change the account at the service: made again after an answer got lost, they would fail. */
const once = new Set<keyof KeyHost>([
  'register',
  'registerGuest',
  'login',
  'recover',
  'unlock',
  'addPasskey',
  'archiveKey',
  'changePassword',
  'keepAccount',
  'makeRecoveryCode',
  'prove',
]);
/** So many workers in a row that end before they are ready, or over the same call, will not get better. */
const attempts = 3;
/** How long a worker may take until it is ready, in ms: it may have to be loaded. */
const readyWithin = 60_000;

interface Call {
  readonly name: keyof KeyHost;
  readonly args: readonly unknown[];
  readonly work: KeyWork;
  /** How many workers have ended over it. */
  ended: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A host in the worker that `spawn` starts. Should the worker end, another takes its place and its calls. */
export const startRemoteHost =
  (spawn: () => Worker): StartHost =>
  (settings, api) => {
    const remote = new Remote(spawn, settings, api);
    const call =
      (name: keyof KeyHost) =>
      (...args: unknown[]) =>
        remote.call(name, args);
    return new Proxy({} as KeyHost, {
      get: (_, name: keyof KeyHost) => (name === 'close' ? () => remote.close() : call(name)),
    });
  };

class Remote {
  readonly #spawn: () => Worker;
  readonly #settings: HostSettings;
  readonly #api: Api;
  /** Without an answer yet, by number, in the order of their making. */
  readonly #calls = new Map<number, Call>();
  #last = 0;
  #worker: Worker | undefined;
  #ready = false;
  #failures = 0;
  #loading: ReturnType<typeof setTimeout> | undefined;

  constructor(spawn: () => Worker, settings: HostSettings, api: Api) {
    this.#spawn = spawn;
    this.#settings = settings;
    this.#api = api;
  }

  call(name: keyof KeyHost, args: readonly unknown[]): Promise<unknown> {
    const number = ++this.#last;
    const [data, work = {}] = once.has(name) ? (args as [unknown, KeyWork?]) : [];
    return new Promise((resolve, reject) => {
      work.signal?.throwIfAborted();
      const call = { name, args: once.has(name) ? [data] : args, work, ended: 0, resolve, reject };
      this.#calls.set(number, call);
      work.signal?.addEventListener('abort', () => {
        if (!this.#calls.delete(number)) return;
        this.#post({ t: 'abort', call: number });
        reject(work.signal!.reason);
      });
      if (this.#worker) this.#make(number, call);
      else this.#start();
    });
  }

  /** Ends the worker, and with it all that it knows. */
  close(): void {
    clearTimeout(this.#loading);
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#fail(() => true, new EngineError('signed-out', m.engine_signInFirst()));
  }

  #post(message: ToHost): void {
    this.#worker?.postMessage(message);
  }

  #make(number: number, { name, args }: Call): void {
    this.#post({ t: 'call', call: number, name, args });
  }

  #start(): void {
    const worker = this.#spawn();
    const alive = `keys:${crypto.randomUUID()}`;
    this.#worker = worker;
    this.#ready = false;
    worker.addEventListener('message', ({ data }: MessageEvent<FromHost>) => {
      if (this.#worker === worker) this.#hear(worker, alive, data);
    });
    // A script that did not come tells no more than that something went wrong.
    worker.addEventListener('error', (event) => this.#ended(worker, !(event instanceof ErrorEvent)));
    this.#loading = setTimeout(() => this.#ended(worker), readyWithin);
    this.#post({ t: 'start', settings: this.#settings, alive, language: spoken() });
    for (const [number, call] of this.#calls) this.#make(number, call);
  }

  #hear(worker: Worker, alive: string, message: FromHost): void {
    switch (message.t) {
      case 'ready':
        clearTimeout(this.#loading);
        this.#ready = true;
        this.#failures = 0;
        // The lock becomes free when the worker is gone, and no sooner: the one thing that tells of every way to end.
        void navigator.locks.request(alive, () => this.#ended(worker));
        return;
      case 'request':
        this.#request(worker, message);
        return;
      case 'progress':
        this.#calls.get(message.call)?.work.onProgress?.(message.part);
        return;
      case 'answer': {
        const call = this.#calls.get(message.call);
        this.#calls.delete(message.call);
        try {
          call?.resolve(fromAnswer(message.answer));
        } catch (error) {
          call?.reject(error);
        }
      }
    }
  }

  async #request(
    worker: Worker,
    { request, name, args }: Extract<FromHost, { t: 'request' }>,
  ): Promise<void> {
    const api = this.#api as (name: string, args: unknown) => Promise<unknown>;
    const answer = await toAnswer(api(name, args));
    if (this.#worker === worker) this.#post({ t: 'replied', request, answer });
  }

  /** @param missing its script did not come */
  #ended(worker: Worker, missing = false): void {
    if (this.#worker !== worker) return;
    const unreachable = missing && !this.#ready ? new NetworkError() : undefined;
    clearTimeout(this.#loading);
    worker.terminate();
    this.#worker = undefined;
    if (!this.#ready && ++this.#failures >= attempts) {
      this.#failures = 0;
      this.#fail(() => true, unreachable ?? new EngineError('no-keys', m.engine_keysNotOpened()));
    }
    console.warn('the worker that holds the keys has ended; another one goes on');
    const over = (call: Call) => once.has(call.name) || ++call.ended >= attempts;
    this.#fail(over, unreachable ?? new EngineError('host-lost', m.engine_hostLost()));
    if (this.#calls.size > 0) this.#start();
  }

  #fail(which: (call: Call) => boolean, error: EngineError): void {
    for (const [number, call] of this.#calls) {
      if (!which(call)) continue;
      this.#calls.delete(number);
      call.reject(error);
    }
  }
}
