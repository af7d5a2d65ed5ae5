import { deviceAddress, userOf } from '../protocol/scalars.ts';
import type { ServerFrame, Signal } from '../protocol/socket.ts';
import type { Seat, Sockets } from './sockets.ts';

type CallFrame = Extract<ServerFrame, { t: 'call' }>;

/**
 * The room's call: who says that they are in it, and their signals. It lives with the sockets and nowhere else. Clients take it
 * for where to look, not for who may hear: that is settled between their devices.
 */
export class Calls {
  readonly #sockets: Sockets;
  constructor(sockets: Sockets) {
    this.#sockets = sockets;
  }

  /** Who is in the call, by their sockets. */
  frame(): CallFrame {
    const seats = [...this.#sockets.live()].filter(({ call }) => call !== undefined);
    seats.sort((a, b) => a.call!.since - b.call!.since);
    const devices = seats.map(({ userId, call }) => deviceAddress(userId, call!.device));
    return { t: 'call', id: seats[0]?.call?.id ?? null, devices: [...new Set(devices)] };
  }

  /** The seat's device comes into the call, a new one where there is none, or goes. */
  take(seat: Seat, device: number, id: string | null): void {
    const present = this.frame();
    if (id === null && seat.call === undefined) return;
    // One call at a time: whoever comes with another one joins this.
    const since = Math.max(Date.now(), ...this.#times());
    this.#sockets.join(seat, id === null ? undefined : { id: present.id ?? id, device, since });
    this.tell();
  }

  /** Later than all before, also within a millisecond. */
  *#times(): Generator<number> {
    for (const { call } of this.#sockets.live()) if (call) yield call.since + 1;
  }

  /** Tells everybody who is in the call. */
  tell(): void {
    this.#sockets.broadcast(this.frame());
  }

  /** Passes a signal on. */
  pass(sender: string, { id, device, to, box }: Signal): void {
    const person = userOf(to);
    const from = deviceAddress(sender, device);
    if (from === to) return;
    this.#sockets.broadcast({ t: 'signal', id, from, to, box }, ({ userId }) => userId === person);
  }
}
