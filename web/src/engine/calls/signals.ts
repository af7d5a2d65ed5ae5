import { uuidv7 } from 'uuidv7';
import type { CallSignal } from '../../../../protocol/call.ts';
import type { ServerFrame, Signal } from '../../../../protocol/socket.ts';
import { inBackground } from '../background.ts';
import type { OpenedSignals } from '../crypto/signals.ts';
import type { CallOptions } from './call.ts';

/** How many ids of signals are remembered: one that comes twice counts once. */
const remembered = 1000;

interface SignalsOptions extends Pick<CallOptions, 'session' | 'room' | 'transmit'> {
  readonly onSignal: (call: string, peer: string, signal: CallSignal) => void;
  /** What came in a peer's name is not to be believed. */
  readonly onRefused: (peer: string) => void;
}

/** How many are sealed, or opened, at once, at most: what waits meanwhile waits no longer than that takes. */
const atOnce = 32;

interface Outgoing {
  readonly call: string;
  readonly signal: CallSignal;
  readonly wanted: () => boolean;
}

/**
 * Sealed signals between devices: by the room's socket, or, while there is none, by REST. Each peer's stay in order, and wait for no other
 * peer's. Sealing and opening take a write to the disk each time: what waits goes together, and what is said again before it could leave is
 * said once.
 */
export class Signals {
  readonly #options: SignalsOptions;
  /** What each peer is still to be told, while something is on its way to them; and what of theirs is still to be opened. */
  readonly #waiting = new Map<string, Outgoing[]>();
  readonly #arrived = new Map<string, string[]>();
  readonly #seen = new Set<string>();

  constructor(options: SignalsOptions) {
    this.#options = options;
  }

  /** Sends `signal` after all before it, if it is still wanted then. */
  send(call: string, peer: string, signal: CallSignal, wanted: () => boolean = () => true): void {
    const said = { call, signal, wanted };
    const waiting = this.#waiting.get(peer);
    if (waiting) {
      // What it replaces has waited already: it takes its place.
      const same = (each: Outgoing) => each.call === call && each.signal.t === signal.t;
      const at = isNewsOnly(signal) ? waiting.findIndex(same) : -1;
      if (at < 0) waiting.push(said);
      else waiting[at] = said;
    } else {
      const first = [said];
      this.#waiting.set(peer, first);
      inBackground(this.#sendAll(peer, first), 'sending signals');
    }
  }

  async #sendAll(peer: string, waiting: Outgoing[]): Promise<void> {
    const { session, room } = this.#options;
    // What is said in one turn goes together.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.splice(0, atOnce).filter(({ wanted }) => wanted());
      if (batch.length === 0) continue;
      const payloads = batch.map(({ call, signal }) => {
        const payload = { kind: 'call', v: 1, room, call, signal } as const;
        return { address: peer, payload };
      });
      const boxes = await session.keys.sealSignals(room, payloads).catch((error: unknown) => {
        console.warn('signals could not be sealed', error);
        return [];
      });
      for (const [n, { signal, wanted }] of batch.entries()) {
        const box = boxes[n];
        // Without a socket those before it may have taken a while; a number that is left out is nothing to the session.
        if (box !== undefined && wanted()) await this.#pass(peer, signal, box);
      }
    }
    this.#waiting.delete(peer);
  }

  async #pass(to: string, signal: CallSignal, box: string): Promise<void> {
    const { session, room, transmit } = this.#options;
    const frame: Signal = { id: uuidv7(), device: session.account.deviceId, to, box };
    if (transmit({ t: 'signal', ...frame })) return;
    await session
      .api(routeOf(signal), { body: { room, ...frame } })
      .catch((error: unknown) => console.warn('a signal could not be sent', error));
  }

  take({ id, from, box }: Extract<ServerFrame, { t: 'signal' }>): void {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    for (const first of this.#seen) {
      if (this.#seen.size <= remembered) break;
      this.#seen.delete(first);
    }
    const arrived = this.#arrived.get(from);
    if (arrived) arrived.push(box);
    else {
      const first = [box];
      this.#arrived.set(from, first);
      inBackground(this.#openAll(from, first), 'reading signals');
    }
  }

  async #openAll(address: string, arrived: string[]): Promise<void> {
    const { session, room } = this.#options;
    while (arrived.length > 0) {
      const batch = arrived.splice(0, atOnce).map((box) => ({ address, box }));
      const opened = await session.keys.openSignals(room, batch).catch((error: unknown) => {
        console.error('reading signals failed', error);
        return { signals: [], handshakes: 0 };
      });
      session.handshakes.set(session.handshakes.get() + opened.handshakes);
      for (const signal of opened.signals) this.#tell(address, signal);
    }
    this.#arrived.delete(address);
  }

  #tell(peer: string, { payload, refused }: OpenedSignals['signals'][number]): void {
    try {
      if (refused) this.#options.onRefused(peer);
      if (payload) this.#options.onSignal(payload.call, peer, payload.signal);
    } catch (error) {
      console.error('a signal could not be used', error);
    }
  }
}

/** Whether only the newest of its kind matters: what it says replaces what the one before said. */
const isNewsOnly = ({ t }: CallSignal): boolean =>
  t === 'key' || t === 'key-ack' || t === 'key-ask' || t === 'takes' || t === 'media';

const routeOf = (signal: CallSignal) => {
  if (signal.t !== 'description') return 'sendCandidate';
  return signal.type === 'offer' ? 'sendOffer' : 'sendAnswer';
};
