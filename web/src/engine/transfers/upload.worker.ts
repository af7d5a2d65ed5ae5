/// <reference lib="webworker" />
import { speak } from '../../language/index.ts';
import type { Answer } from '../answer.ts';
import { asTransferError } from './errors.ts';
import type { Upload, UploadApi, UploadJournal } from './types.ts';
import { type FromWorker, fromAnswer, type PageCall, type ToWorker } from './upload.messages.ts';
import { startUpload } from './upload.ts';

/** Hosts one upload off the page's thread: remuxing and encryption never make the page stutter. */

const post = (message: FromWorker) => postMessage(message);
const calls = new Map<number, (answer: Answer) => void>();
let lastCall = 0;
let upload: Upload | undefined;

const call = async (name: PageCall, args: unknown): Promise<unknown> => {
  const number = ++lastCall;
  const answer = new Promise<Answer>((resolve) => calls.set(number, resolve));
  post({ t: 'call', call: number, name, args });
  return fromAnswer(await answer);
};

/** The page has the typed client and checks replies by their schemas; here they only pass. */
const api = Object.fromEntries(
  (['startUpload', 'moreChunks', 'reportProgress', 'completeUpload', 'getFile', 'deleteFile'] as const).map(
    (name) => [name, (args: unknown) => call(name, args)],
  ),
) as unknown as UploadApi;

const journal: UploadJournal = {
  begun: async (plan) => void (await call('begun', plan)),
  made: async (object) => void (await call('made', object)),
};

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  switch (data.t) {
    case 'start':
      speak(data.language);
      return start(data);
    case 'answer':
      calls.get(data.call)?.(data.answer);
      calls.delete(data.call);
      return;
    default:
      upload?.[data.t]();
  }
});

function start({ file, name, deps }: Extract<ToWorker, { t: 'start' }>): void {
  const source = new File([file], name, { type: file.type });
  upload = startUpload(source, { ...deps, api, journal, fetch: (url, init) => fetch(url, init) });
  upload.progress.subscribe((progress) => post({ t: 'progress', progress }));
  upload.head.then(
    (head) => post({ t: 'head', head }),
    () => undefined,
  );
  upload.done.then(
    () => post({ t: 'done' }),
    (error: unknown) => {
      const { reason, message } = asTransferError(error, 'source');
      post({ t: 'failed', reason, message });
    },
  );
}
