/// <reference lib="webworker" />
import '../trusted-types.ts';
import { speak } from '../../language/index.ts';
import { fromAnswer, toAnswer } from '../answer.ts';
import type { Api } from '../api.ts';
import { createLocks } from '../store/locks.ts';
import type { KeyWork } from '../types.ts';
import { createHost } from './host.ts';
import type { HostSettings, KeyHost } from './index.ts';
import { deriveInWorker } from './kdf.ts';
import type { FromHost, ToHost } from './messages.ts';

/** The host of keys in a worker of its own; `remote.ts` is the page's end. */
const post = (message: FromHost) => postMessage(message);
const requests = new Map<number, (answer: Extract<ToHost, { t: 'replied' }>['answer']) => void>();
const working = new Map<number, AbortController>();
let lastRequest = 0;
let host: KeyHost;

const api = (async (name: string, args: unknown) => {
  const request = ++lastRequest;
  const { promise, resolve } = Promise.withResolvers<Extract<ToHost, { t: 'replied' }>['answer']>();
  requests.set(request, resolve);
  post({ t: 'request', request, name, args });
  return fromAnswer(await promise);
}) as Api;

addEventListener('message', ({ data }: MessageEvent<ToHost>) => {
  switch (data.t) {
    case 'start':
      speak(data.language);
      return start(data.settings, data.alive);
    case 'call':
      return void perform(data);
    case 'abort':
      return working.get(data.call)?.abort();
    case 'replied':
      requests.get(data.request)?.(data.answer);
      requests.delete(data.request);
  }
});

function start(settings: HostSettings, alive: string): void {
  host = createHost({
    ...settings,
    api,
    locks: createLocks(settings.storeName),
    deriveMasterKey: deriveInWorker,
  });
  // Nobody asks for it but the page, to hear of this worker's end.
  void navigator.locks.request(alive, () => {
    post({ t: 'ready' });
    return new Promise(() => {});
  });
}

async function perform({ call, name, args }: Extract<ToHost, { t: 'call' }>): Promise<void> {
  const abort = new AbortController();
  working.set(call, abort);
  const work: KeyWork = { signal: abort.signal, onProgress: (part) => post({ t: 'progress', call, part }) };
  const method = host[name as keyof KeyHost] as (...args: unknown[]) => Promise<unknown>;
  post({ t: 'answer', call, answer: await toAnswer(method.call(host, ...args, work)) });
  working.delete(call);
}
