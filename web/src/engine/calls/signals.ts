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
  readonly peer: string;
  readonly signal: CallSignal;
  readonly wanted: () => boolean;
}

/**
 * Sealed signals between devices: by the room's socket, or, while there is none, by REST. Each peer's stay in order. Sealing and opening
 * take a write to the disk each time: whatever waits goes together, and what is said again before it could leave is said once.
 */
export class Signals {
  readonly #options: SignalsOptions;
  #waiting: Outgoing[] = [];
  #isSealing = false;
  readonly #sending = new Map<string, Promise<void>>();
  readonly #seen = new Set<string>();
  readonly #arrived: { readonly address: string; readonly box: string }[] = [];
  #isOpening = false;

  constructor(options: SignalsOptions) {
    this.#options = options;
  }

  /** Sends `signal` after all before it, if it is still wanted then. */
  send(call: string, peer: string, signal: CallSignal, wanted: () => boolean = () => true): void {
    if (isNewsOnly(signal))
      this.#waiting = this.#waiting.filter((each) => each.peer !== peer || each.signal.t !== signal.t);
    this.#waiting.push({ call, peer, signal, wanted });
    if (!this.#isSealing) inBackground(this.#sealAll(), 'sealing signals');
  }

  async #sealAll(): Promise<void> {
    const { session, room } = this.#options;
    this.#isSealing = true;
    // What is said in one turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, atOnce).filter(({ wanted }) => wanted());
      if (batch.length === 0) continue;
      const payloads = batch.map(({ call, peer, signal }) => {
        const payload = { kind: 'call', v: 1, room, call, signal } as const;
        return { address: peer, payload };
      });
      const boxes = await session.keys.sealSignals(room, payloads).catch((error: unknown) => {
        console.warn('signals could not be sealed', error);
        return [];
      });
      for (const [n, { peer, signal }] of batch.entries()) {
        const box = boxes[n];
        if (box !== undefined) this.#pass(peer, signal, box);
      }
    }
    this.#isSealing = false;
  }

  #pass(to: string, signal: CallSignal, box: string): void {
    const { session, room, transmit } = this.#options;
    const frame: Signal = { id: uuidv7(), device: session.account.deviceId, to, box };
    const before = this.#sending.get(to) ?? Promise.resolve();
    const sent = before.then(async () => {
      if (!transmit({ t: 'signal', ...frame }))
        await session.api(routeOf(signal), { body: { room, ...frame } });
    });
    this.#sending.set(
      to,
      sent.catch((error) => console.warn('a signal could not be sent', error)),
    );
  }

  take({ id, from, box }: Extract<ServerFrame, { t: 'signal' }>): void {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    for (const first of this.#seen) {
      if (this.#seen.size <= remembered) break;
      this.#seen.delete(first);
    }
    this.#arrived.push({ address: from, box });
    if (!this.#isOpening) inBackground(this.#openAll(), 'reading signals');
  }

  async #openAll(): Promise<void> {
    const { session, room } = this.#options;
    this.#isOpening = true;
    while (this.#arrived.length > 0) {
      const batch = this.#arrived.splice(0, atOnce);
      const opened = await session.keys.openSignals(room, batch).catch((error: unknown) => {
        console.error('reading signals failed', error);
        return { signals: [], handshakes: 0 };
      });
      session.handshakes.set(session.handshakes.get() + opened.handshakes);
      for (const [n, signal] of opened.signals.entries()) this.#tell(batch[n]!.address, signal);
    }
    this.#isOpening = false;
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
