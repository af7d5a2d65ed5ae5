import { meshSize, sfuSize } from '../protocol/call.ts';
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
  readonly #hasSfu: boolean;

  /** @param hasSfu whether there is an SFU for more than a mesh carries */
  constructor(sockets: Sockets, hasSfu: boolean) {
    this.#sockets = sockets;
    this.#hasSfu = hasSfu;
  }

  /** Who is in the call, by their sockets. */
  frame(): CallFrame {
    const seats = [...this.#sockets.live()].filter(({ call }) => call !== undefined);
    seats.sort((a, b) => a.call!.since - b.call!.since);
    const devices = seats.map(({ userId, call }) => deviceAddress(userId, call!.device));
    return {
      t: 'call',
      id: seats[0]?.call?.id ?? null,
      devices: [...new Set(devices)],
      mode: seats.some(({ call }) => call!.sfu) ? 'sfu' : 'mesh',
      places: this.#hasSfu ? sfuSize : meshSize,
    };
  }

  /** The seat's device comes into the call, a new one where there is none, or goes. With `mesh` it would rather have direct ways. */
  take(seat: Seat, device: number, id: string | null, mesh = false): void {
    const present = this.frame();
    if (id === null && seat.call === undefined) return;
    // One call at a time: whoever comes with another one joins this.
    const since = Math.max(Date.now(), ...this.#times());
    const sfu = present.mode === 'sfu';
    this.#sockets.join(seat, id === null ? undefined : { id: present.id ?? id, device, since, sfu });
    this.#choose(mesh);
    this.tell();
  }

  /** All go by the SFU when there are too many for a mesh, and back when there are not, and one of them asks for it. */
  #choose(mesh: boolean): void {
    const { devices, mode } = this.frame();
    const sfu = this.#hasSfu && (devices.length > meshSize || (mode === 'sfu' && !mesh));
    if (sfu === (mode === 'sfu')) return;
    for (const seat of this.#sockets.live()) if (seat.call) this.#sockets.join(seat, { ...seat.call, sfu });
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
