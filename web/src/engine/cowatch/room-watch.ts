import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import { userOf } from '../../../../protocol/scalars.ts';
import type { ClientFrame, ServerFrame } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { inBackground } from '../background.ts';
import type { CallData } from '../calls/types.ts';
import { Subject } from '../observable.ts';
import type { Watch, WatchView } from './types.ts';
import type { Watching } from './watching.ts';

export interface RoomWatchOptions {
  readonly session: Session;
  readonly room: string;
  /** The room secret, base64url. */
  readonly secret: string;
  readonly transmit: (frame: ClientFrame) => boolean;
  /** Ways to those who are in the room's call with this tab: quicker than the room's socket, and used beside it. */
  readonly data: CallData;
  /** The identity key of a member by the verified roster, base64url. */
  readonly identityOf: (userId: string) => string | undefined;
  /** A watch began or ended for this tab: the room needs its socket. */
  readonly onChange: () => void;
}

/** The shortest box of a watch (`crypto/room/watch.ts`); what counts for a moment and is shorter is something else. */
const shortest = (1024 * 4) / 3;

/** What is watched together in a room. The rest of it is loaded when somebody watches. */
export class RoomWatch implements Watch {
  readonly view = new Subject<WatchView>({});
  readonly #options: RoomWatchOptions;
  #watching: Promise<Watching> | undefined;
  readonly #stop: () => void;

  constructor(options: RoomWatchOptions) {
    this.#options = options;
    this.#stop = options.data.onBytes((device, box) => this.#take(userOf(device), box));
  }

  /** Whether this tab watches, so that the room must keep its socket. */
  get busy(): boolean {
    return this.view.get().joined !== undefined;
  }

  async start(messageId: string, seconds: number): Promise<void> {
    await (await this.#load()).start(messageId, seconds);
  }

  async join(): Promise<void> {
    await (await this.#load()).join();
  }

  /** What somebody's device said for a moment, by the room's socket. */
  take({ from, box }: Extract<ServerFrame, { t: 'ephemeral' }>): void {
    if (box.length >= shortest) this.#take(from, fromBase64(box));
  }

  #take(from: string, box: Uint8Array<ArrayBuffer>): void {
    inBackground(
      this.#load().then((watching) => watching.take(from, box)),
      'hearing of a watch',
    );
  }

  close(): void {
    this.#stop();
    if (this.#watching)
      inBackground(
        this.#watching.then((watching) => watching.close()),
        'leaving a watch',
      );
  }

  #load(): Promise<Watching> {
    const { session, room, secret, transmit, data, identityOf, onChange } = this.#options;
    this.#watching ??= import('./watching.ts').then(
      ({ Watching }) =>
        new Watching({
          room,
          secret,
          me: session.account.id,
          identityOf,
          view: this.view,
          vouch: (watcher) => session.keys.vouchFor(room, watcher),
          send: (box) => {
            for (const device of data.open.get()) data.send(device, box);
            transmit({ t: 'ephemeral', box: toBase64(box) });
          },
          onChange,
        }),
    );
    // Without a network the code can't be loaded; the next one who asks tries again.
    this.#watching.catch(() => {
      this.#watching = undefined;
    });
    return this.#watching;
  }
}
