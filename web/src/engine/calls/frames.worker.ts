/// <reference lib="webworker" />
import { CallError, FrameOpener, FrameSealer } from '../../../../crypto/call/index.ts';
import type { TrackKind } from '../../../../protocol/call.ts';
import type { FrameCounts, FromFrames, ToFrames, TransformOptions } from './frames.messages.ts';

/**
 * Encrypts what a call sends and opens what it gets, frame by frame, off the page's thread. One worker a call: its counters and
 * secrets live and end with it. What can't be sealed or opened goes no further.
 */

interface EncodedFrame {
  data: ArrayBuffer;
}
interface Transformer {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly options: TransformOptions;
  sendKeyFrameRequest?(): Promise<void>;
}

/** How often the page hears of counts, in milliseconds, when they have changed. */
const tellEvery = 250;
const sealer = new FrameSealer();
const openers = new Map<string, FrameOpener>();
const counts = { sealed: 0, dropped: 0, peers: {} as Record<string, { opened: number; refused: number }> };
/** Asks the sender for a key frame, by peer: what came before its key was lost. */
const keyFrames = new Map<string, Set<() => void>>();
let changed = false;

const post = (message: FromFrames) => postMessage(message);
setInterval(() => {
  if (changed) post({ t: 'counts', counts: structuredClone(counts) satisfies FrameCounts });
  changed = false;
}, tellEvery);

/** VP8 and VP9: a browser looks into the first byte for whether it is a key frame. Of sound nothing is read on the way. */
const clearBytes = (track: TrackKind): number => (track === 'video' || track === 'screen' ? 1 : 0);

const openerOf = (peer: string): FrameOpener => {
  const opener = openers.get(peer) ?? new FrameOpener();
  openers.set(peer, opener);
  return opener;
};

addEventListener('message', async ({ data }: MessageEvent<ToFrames>) => {
  switch (data.t) {
    case 'prepare': {
      const { epoch, secret } = await sealer.prepare();
      return post({ t: 'prepared', ask: data.ask, epoch, secret });
    }
    case 'activate':
      return sealer.activate(data.epoch);
    case 'learn':
      await openerOf(data.peer).add(data.secret, data.epoch);
      for (const ask of keyFrames.get(data.peer) ?? []) ask();
      return;
    case 'forget':
      openers.delete(data.peer);
      keyFrames.delete(data.peer);
      delete counts.peers[data.peer];
      return;
    case 'streams':
      return attach(data);
  }
});

addEventListener('rtctransform', (event) => {
  const { transformer } = event as unknown as { readonly transformer: Transformer };
  attach(transformer);
});

function attach(transformer: Transformer): void {
  const { readable, writable, options } = transformer;
  if (options.side === 'receive' && options.track !== 'audio') {
    const asks = keyFrames.get(options.peer) ?? new Set();
    keyFrames.set(options.peer, asks);
    asks.add(() => void transformer.sendKeyFrameRequest?.().catch(() => {}));
  }
  const transform = options.side === 'send' ? seal(options) : open(options);
  // It ends with the connection that it belongs to.
  readable
    .pipeThrough(new TransformStream({ transform }))
    .pipeTo(writable)
    .catch(() => {});
}

type Transform = (frame: EncodedFrame, out: TransformStreamDefaultController<EncodedFrame>) => Promise<void>;

function seal({ track }: TransformOptions): Transform {
  return async (frame, out) => {
    const sealed = await sealer.seal(track, new Uint8Array(frame.data), clearBytes(track));
    changed = true;
    if (!sealed) {
      counts.dropped++;
      return;
    }
    counts.sealed++;
    frame.data = sealed.buffer;
    out.enqueue(frame);
  };
}

function open({ track, peer }: Extract<TransformOptions, { side: 'receive' }>): Transform {
  return async (frame, out) => {
    counts.peers[peer] ??= { opened: 0, refused: 0 };
    changed = true;
    try {
      const opened = await openerOf(peer).open(track, new Uint8Array(frame.data), clearBytes(track));
      frame.data = opened.buffer;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      counts.peers[peer].refused++;
      return;
    }
    counts.peers[peer].opened++;
    out.enqueue(frame);
  };
}
