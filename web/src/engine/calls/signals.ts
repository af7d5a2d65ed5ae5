import { uuidv7 } from 'uuidv7';
import type { CallSignal } from '../../../../protocol/call.ts';
import type { ServerFrame, Signal } from '../../../../protocol/socket.ts';
import { inBackground } from '../background.ts';
import type { CallOptions } from './call.ts';

/** How many ids of signals are remembered: one that comes twice counts once. */
const remembered = 1000;

interface SignalsOptions extends Pick<CallOptions, 'session' | 'room' | 'transmit'> {
  readonly onSignal: (call: string, peer: string, signal: CallSignal) => void;
  /** What came in a peer's name is not to be believed. */
  readonly onRefused: (peer: string) => void;
}

/** Sealed signals between devices: by the room's socket, or, while there is none, by REST. Each peer's stay in order. */
export class Signals {
  readonly #options: SignalsOptions;
  readonly #sending = new Map<string, Promise<void>>();
  readonly #seen = new Set<string>();
  #taking: Promise<void> = Promise.resolve();

  constructor(options: SignalsOptions) {
    this.#options = options;
  }

  /** Sends `signal` after all before it, if it is still wanted then. */
  send(call: string, peer: string, signal: CallSignal, wanted: () => boolean = () => true): void {
    const before = this.#sending.get(peer) ?? Promise.resolve();
    const sent = before.then(() => (wanted() ? this.#send(call, peer, signal) : undefined));
    this.#sending.set(
      peer,
      sent.catch((error) => console.warn('a signal could not be sent', error)),
    );
  }

  async #send(call: string, to: string, signal: CallSignal): Promise<void> {
    const { session, room, transmit } = this.#options;
    const payload = { kind: 'call', v: 1, room, call, signal } as const;
    const box = await session.keys.sealSignal(room, to, payload);
    const frame: Signal = { id: uuidv7(), device: session.account.deviceId, to, box };
    if (transmit({ t: 'signal', ...frame })) return;
    await session.api(routeOf(signal), { body: { room, ...frame } });
  }

  take({ id, from, box }: Extract<ServerFrame, { t: 'signal' }>): void {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    for (const first of this.#seen) {
      if (this.#seen.size <= remembered) break;
      this.#seen.delete(first);
    }
    this.#taking = this.#taking.then(() => this.#open(from, box));
    inBackground(this.#taking, 'reading a signal');
    this.#taking = this.#taking.catch(() => {});
  }

  async #open(from: string, box: string): Promise<void> {
    const { session, room, onSignal, onRefused } = this.#options;
    const { payload, refused, handshakes } = await session.keys.openSignal(room, from, box);
    session.handshakes.set(session.handshakes.get() + handshakes);
    if (refused) onRefused(from);
    if (payload) onSignal(payload.call, from, payload.signal);
  }
}

const routeOf = (signal: CallSignal) => {
  if (signal.t !== 'description') return 'sendCandidate';
  return signal.type === 'offer' ? 'sendOffer' : 'sendAnswer';
};
