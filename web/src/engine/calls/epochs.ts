import { uuidv7 } from 'uuidv7';
import { toBase64 } from '../../../../protocol/bytes.ts';
import type { CallSignal } from '../../../../protocol/call.ts';
import { inBackground } from '../background.ts';
import type { Frames } from './frames.ts';

/** How long leavings are gathered before one new secret serves them all, and how long a new one waits to be known by all, in ms. */
const gatherFor = 300;
const knownWithin = 500;
/** How often a secret is told again to who has not said that they have it, in milliseconds. */
const remindEvery = 2_000;

export interface EpochOptions {
  readonly frames: Frames;
  /** Who may hear us: the devices in the call that the room's members stand for. */
  readonly peers: () => Iterable<string>;
  readonly send: (peer: string, signal: CallSignal) => void;
}

/**
 * Our secrets of a call, one an epoch: a new one when somebody comes, so that they hear nothing from before, and when somebody
 * goes, so that they hear nothing after. It is used once all have it, or after half a second, so that no frame is lost.
 */
export class Epochs {
  /** Which of this device's stays in the call the epochs belong to. */
  readonly stay = uuidv7();
  readonly #options: EpochOptions;
  /** Who has not said yet that they have the newest. */
  readonly #awaited = new Set<string>();
  /** The newest secret, as it is told. */
  #key: Extract<CallSignal, { t: 'key' }> | undefined;
  /** Who it was made for, and may have it again. */
  readonly #meant = new Set<string>();
  #reminding: ReturnType<typeof setInterval> | undefined;
  #newest = -1;
  #active = -1;
  #turn: Promise<void> = Promise.resolve();
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: EpochOptions) {
    this.#options = options;
  }

  /** The epoch that frames leave under; below 0 none do. */
  get active(): number {
    return this.#active;
  }

  /** Makes a new secret and tells it to all who are in. */
  renew(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#turn = this.#turn.then(() => this.#renew());
    inBackground(this.#turn, 'making a new key for the call');
  }

  /** As `renew`, once for all who go within a moment. */
  renewSoon(): void {
    this.#gathering ??= setTimeout(() => this.renew(), gatherFor);
  }

  /** `peer` has the secret of `epoch`. */
  acknowledged(peer: string, epoch: number): void {
    if (epoch !== this.#newest) return;
    this.#awaited.delete(peer);
    if (this.#awaited.size === 0) this.#activate();
  }

  /** Tells the newest secret again: to those who ask for it, or to all who have not said that they have it. */
  remind(peers: Iterable<string> = this.#awaited): void {
    const key = this.#key;
    if (!key) return;
    const present = new Set(this.#options.peers());
    for (const peer of peers) if (this.#meant.has(peer) && present.has(peer)) this.#options.send(peer, key);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#reminding);
    clearTimeout(this.#gathering);
    clearTimeout(this.#waiting);
  }

  async #renew(): Promise<void> {
    const { epoch, secret } = await this.#options.frames.prepare();
    if (this.#closed) return;
    this.#newest = epoch;
    const key = { t: 'key', stay: this.stay, epoch, secret: toBase64(secret) } as const;
    secret.fill(0);
    this.#key = key;
    this.#awaited.clear();
    this.#meant.clear();
    for (const peer of this.#options.peers()) {
      this.#awaited.add(peer);
      this.#meant.add(peer);
      this.#options.send(peer, key);
    }
    // Signals get lost: with a socket, or a peer who was between two.
    this.#reminding ??= setInterval(() => this.remind(), remindEvery);
    clearTimeout(this.#waiting);
    if (this.#awaited.size === 0) return this.#activate();
    this.#waiting = setTimeout(() => this.#activate(), knownWithin);
  }

  #activate(): void {
    clearTimeout(this.#waiting);
    if (this.#active === this.#newest) return;
    this.#active = this.#newest;
    this.#options.frames.activate(this.#newest);
  }
}
