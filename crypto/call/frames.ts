import { utf8 } from '../../protocol/bytes.ts';
import type { TrackKind } from '../../protocol/call.ts';
import { hkdfSha256, wipe } from '../signal/primitives.ts';
import { CallError } from './errors.ts';
import { decodeHeader, deriveFrameKey, type FrameKey, openFrame, sealFrame } from './sframe.ts';

const trackKinds: readonly TrackKind[] = ['audio', 'video', 'screen', 'screen-audio'];

/** Frames behind the newest of a key that are still taken, in any order, once each. */
export const replayWindow = 256n;
/** Epochs whose keys a receiver keeps: the newest, and two for what is still on its way. */
export const keptEpochs = 3;

/** The key id of `epoch`: three bits, which fit the header's first byte. Eight epochs on it stands for another key. */
const kidOf = (epoch: number): bigint => BigInt(epoch % 8);

/** The keys of a sender's tracks, from its secret for an epoch. */
async function trackKeys(secret: Uint8Array, epoch: number): Promise<ReadonlyMap<TrackKind, FrameKey>> {
  const keys = trackKinds.map(async (track): Promise<[TrackKind, FrameKey]> => {
    const base = hkdfSha256(secret, undefined, utf8(`Stream Chat call track 1 ${track}`), 32);
    const key = await deriveFrameKey(base, kidOf(epoch));
    wipe(base);
    return [track, key];
  });
  return new Map(await Promise.all(keys));
}

/** `head` and then `rest`, as one frame. */
function joined(head: Uint8Array, rest: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(head.length + rest.length);
  out.set(head);
  out.set(rest, head.length);
  return out;
}

/**
 * Seals what a device sends in one call: one object for all its tracks and all peers, since a counter must never serve twice under
 * a key. It makes its secrets itself, so none can come back after a restart. Until the first is active it lets nothing through.
 */
export class FrameSealer {
  readonly #counters = new Map<TrackKind, bigint>();
  readonly #prepared = new Map<number, ReadonlyMap<TrackKind, FrameKey>>();
  #active: ReadonlyMap<TrackKind, FrameKey> | undefined;
  #epoch = -1;

  /** A new epoch's number and its secret (32 bytes, the caller's to send to who may hear, and to wipe). */
  async prepare(): Promise<{ epoch: number; secret: Uint8Array<ArrayBuffer> }> {
    const epoch = ++this.#epoch;
    const secret = crypto.getRandomValues(new Uint8Array(32));
    this.#prepared.set(epoch, await trackKeys(secret, epoch));
    return { epoch, secret };
  }

  /** Frames from now on are under `epoch`'s keys, and never again under those before it. */
  activate(epoch: number): void {
    const keys = this.#prepared.get(epoch);
    if (!keys) return;
    this.#active = keys;
    for (const known of this.#prepared.keys()) if (known <= epoch) this.#prepared.delete(known);
  }

  /**
   * The frame as it may leave: its first `clear` bytes, readable and authentic, for those who forward it; then SFrame. Undefined
   * without a key: the frame is to be dropped.
   */
  async seal(
    track: TrackKind,
    frame: Uint8Array<ArrayBuffer>,
    clear: number,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const key = this.#active?.get(track);
    if (!key) return undefined;
    // It goes on over epochs: one thing less that must happen at the right time.
    const ctr = this.#counters.get(track) ?? 0n;
    this.#counters.set(track, ctr + 1n);
    const head = frame.subarray(0, clear);
    return joined(head, await sealFrame(key, ctr, frame.subarray(clear), head));
  }
}

/** What a receiver knows of one sender's epoch. */
interface Epoch {
  readonly epoch: number;
  readonly keys: ReadonlyMap<TrackKind, FrameKey>;
  readonly windows: Map<TrackKind, ReplayWindow>;
}

/** Opens what one device of a peer sends in one call. What doesn't authenticate, or was seen, is an error, and to be dropped. */
export class FrameOpener {
  readonly #epochs = new Map<bigint, Epoch>();

  /** Learns a secret. The oldest beyond `keptEpochs` is forgotten; one that is known, or older than all kept, changes nothing. */
  async add(secret: Uint8Array, epoch: number): Promise<void> {
    const keys = await trackKeys(secret, epoch);
    const known = [...this.#epochs.values()];
    const newest = Math.max(epoch, ...known.map((entry) => entry.epoch));
    if (known.some((entry) => entry.epoch === epoch) || epoch <= newest - keptEpochs) return;
    this.#epochs.set(kidOf(epoch), { epoch, keys, windows: new Map() });
    for (const [kid, entry] of this.#epochs) if (entry.epoch <= newest - keptEpochs) this.#epochs.delete(kid);
  }

  /**
   * The frame as it was before `FrameSealer.seal`.
   *
   * @param clear as there
   * @throws CallError `malformed`, `unknown-key`, `replayed` or `tampered`
   */
  async open(
    track: TrackKind,
    frame: Uint8Array<ArrayBuffer>,
    clear: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const head = frame.subarray(0, clear);
    const sealed = frame.subarray(clear);
    const header = decodeHeader(sealed);
    const epoch = this.#epochs.get(header.kid);
    const key = epoch?.keys.get(track);
    if (!epoch || !key) throw new CallError('unknown-key', `no key ${header.kid}`);
    const plaintext = await openFrame(key, header, sealed, head);
    // Only what is authentic moves the window, or is said to be a copy.
    const seen = epoch.windows.get(track) ?? new ReplayWindow();
    epoch.windows.set(track, seen);
    seen.take(header.ctr);
    return joined(head, plaintext);
  }
}

/** Which counters were seen: the newest, and a bit for each of the `replayWindow` up to it. */
class ReplayWindow {
  #newest = -1n;
  #seen = 0n;

  /**
   * Takes `ctr`, once.
   *
   * @throws CallError `replayed` when it was taken before, or is too old to tell
   */
  take(ctr: bigint): void {
    const ahead = ctr - this.#newest;
    if (ahead <= 0n) {
      if (-ahead >= replayWindow || ((this.#seen >> -ahead) & 1n) === 1n)
        throw new CallError('replayed', 'seen before, or too old to tell');
      this.#seen |= 1n << -ahead;
      return;
    }
    this.#seen = ahead >= replayWindow ? 1n : ((this.#seen << ahead) | 1n) & ((1n << replayWindow) - 1n);
    this.#newest = ctr;
  }
}
