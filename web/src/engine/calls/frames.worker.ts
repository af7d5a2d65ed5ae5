/// <reference lib="webworker" />
import { CallError, FrameOpener, FrameSealer } from '../../../../crypto/call/index.ts';
import { isPicture, type TrackKind } from '../../../../protocol/call.ts';
import type { FrameCount, FromFrames, ToFrames, TransformOptions } from './frames.messages.ts';

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

/** After so many frames of a peer in a row that did not open, it isn't heard any more. */
const deafAfter = 25;
/** For so long after a frame has opened, in milliseconds, copies of frames are no sign that none does any more. */
const copiesFor = 3_000;
/** How often a key is asked for that is missing, in milliseconds. */
const askEvery = 1_000;

/** A peer, as its frames show it. */
interface Heard {
  is: boolean;
  /** Frames in a row that did not open. */
  refused: number;
  /** When the last one opened. */
  opened: number;
  /** When a missing key was last asked for. */
  asked: number;
}

const sealer = new FrameSealer();
const openers = new Map<string, FrameOpener>();
const peers = new Map<string, Heard>();
const counts = new Map<number, FrameCount>();
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
    case 'prepare':
      return post({ t: 'answer', ask: data.ask, answer: await sealer.prepare() });
    case 'count':
      return post({ t: 'answer', ask: data.ask, answer: counts });
    case 'activate':
      return sealer.activate(data.epoch);
    case 'learn':
      await openerOf(data.peer).add(data.secret, data.epoch);
      for (const ask of keyFrames.get(data.peer) ?? []) ask();
      return;
    case 'forget':
      openers.delete(data.peer);
      peers.delete(data.peer);
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
  const count = { side: options.side, came: 0, passed: 0, stopped: 0, copies: 0, added: 0, spent: 0 };
  counts.set(options.end, count);
  const change = options.side === 'send' ? seal(options.track) : open(options.track, options.peer);
  const transform = async (frame: EncodedFrame, out: TransformStreamDefaultController<EncodedFrame>) => {
    const began = performance.now();
    const size = frame.data.byteLength;
    // What came empty is no sign of life, but what was to leave counts.
    if (size > 0 || options.side === 'send') count.came++;
    // Seen in Chromium, of somebody who sent sound alone: empty frames, which no sender had sealed. There is nothing to stop in them.
    if (size === 0) return;
    const changed = await change(new Uint8Array(frame.data));
    if (!changed) {
      count.stopped++;
      return;
    }
    if (changed === 'copy') {
      count.copies++;
      return;
    }
    count.passed++;
    count.added += Math.abs(changed.byteLength - size);
    count.spent += performance.now() - began;
    frame.data = changed.buffer;
    out.enqueue(frame);
  };
  // It ends with the connection that it belongs to.
  const running = readable
    .pipeThrough(new TransformStream({ transform }))
    .pipeTo(writable)
    .catch(() => {})
    .then(() => counts.delete(options.end));
  if (options.side === 'send' || !isPicture(options.track)) return;
  const ask = () => void transformer.sendKeyFrameRequest?.().catch(() => {});
  const asks = keyFrames.get(options.peer) ?? new Set();
  keyFrames.set(options.peer, asks.add(ask));
  void running.then(() => asks.delete(ask));
}

type Bytes = Uint8Array<ArrayBuffer>;
/** The frame as it goes on; `copy` for one that has before, undefined for another that doesn't. */
type Change = (frame: Bytes) => Promise<Bytes | 'copy' | undefined>;

const seal =
  (track: TrackKind): Change =>
  (frame) =>
    sealer.seal(track, frame, clearBytes(track));

const open =
  (track: TrackKind, peer: string): Change =>
  async (frame) => {
    try {
      const opened = await openerOf(peer).open(track, frame, clearBytes(track));
      hear(peer, true);
      return opened;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const isCopy = error.reason === 'replayed';
      if (!isCopy || performance.now() - heardOf(peer).opened > copiesFor) hear(peer, false);
      if (error.reason === 'unknown-key') miss(peer);
      return isCopy ? 'copy' : undefined;
    }
  };

const heardOf = (peer: string): Heard => {
  const heard = peers.get(peer) ?? { is: false, refused: 0, opened: -copiesFor, asked: -askEvery };
  peers.set(peer, heard);
  return heard;
};

function hear(peer: string, opened: boolean): void {
  const heard = heardOf(peer);
  heard.refused = opened ? 0 : heard.refused + 1;
  if (opened) heard.opened = performance.now();
  const is = opened || (heard.is && heard.refused < deafAfter);
  if (is === heard.is) return;
  heard.is = is;
  post({ t: 'heard', peer, is });
}

function miss(peer: string): void {
  const heard = heardOf(peer);
  const now = performance.now();
  if (now - heard.asked < askEvery) return;
  heard.asked = now;
  post({ t: 'missing', peer });
}
