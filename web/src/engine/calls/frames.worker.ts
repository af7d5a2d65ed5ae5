/// <reference lib="webworker" />
import { CallError, FrameOpener, FrameSealer } from '../../../../crypto/call/index.ts';
import { isPicture, type TrackKind } from '../../../../protocol/call.ts';
import type { FromFrames, ToFrames, TransformOptions } from './frames.messages.ts';

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

const sealer = new FrameSealer();
const openers = new Map<string, FrameOpener>();
/** Of whom a frame has opened. */
const heard = new Set<string>();
/** Asks the sender for a key frame, by peer: what came before its key was lost. */
const keyFrames = new Map<string, Set<() => void>>();

const post = (message: FromFrames) => postMessage(message);

/** VP8 and VP9: a browser looks into the first byte for whether it is a key frame. Of sound nothing is read on the way. */
const clearBytes = (track: TrackKind): number => (isPicture(track) ? 1 : 0);

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
      heard.delete(data.peer);
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
  const transform = options.side === 'send' ? seal(options) : open(options);
  // It ends with the connection that it belongs to.
  const running = readable
    .pipeThrough(new TransformStream({ transform }))
    .pipeTo(writable)
    .catch(() => {});
  if (options.side === 'send' || !isPicture(options.track)) return;
  const ask = () => void transformer.sendKeyFrameRequest?.().catch(() => {});
  const asks = keyFrames.get(options.peer) ?? new Set();
  keyFrames.set(options.peer, asks.add(ask));
  void running.then(() => asks.delete(ask));
}

type Transform = (frame: EncodedFrame, out: TransformStreamDefaultController<EncodedFrame>) => Promise<void>;

function seal({ track }: TransformOptions): Transform {
  return async (frame, out) => {
    const sealed = await sealer.seal(track, new Uint8Array(frame.data), clearBytes(track));
    if (!sealed) return;
    frame.data = sealed.buffer;
    out.enqueue(frame);
  };
}

function open({ track, peer }: Extract<TransformOptions, { side: 'receive' }>): Transform {
  return async (frame, out) => {
    try {
      const opened = await openerOf(peer).open(track, new Uint8Array(frame.data), clearBytes(track));
      frame.data = opened.buffer;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return;
    }
    if (!heard.has(peer)) post({ t: 'heard', peer });
    heard.add(peer);
    out.enqueue(frame);
  };
}
