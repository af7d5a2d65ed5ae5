import type { RosterMember } from '../../../../protocol/roster.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { inBackground } from '../background.ts';
import { Refresher } from '../refresher.ts';
import { EngineError, type Trust } from '../types.ts';
import type { Membership } from './membership.ts';

export interface RoomTrustOptions {
  readonly session: Session;
  readonly room: string;
  readonly membership: Membership;
  /** Another answer may stand there now. */
  readonly onChange: () => Promise<void>;
}

/** Whether a room's members are who they seem; read once somebody looks, or sends a file. */
export class RoomTrust {
  readonly #options: RoomTrustOptions;
  #known: ReadonlyMap<string, Trust> | undefined;
  /** How many roster entries there were then. */
  #asOf = 0;
  #closed = false;
  readonly #reading = new Refresher(() => this.#read());

  constructor(options: RoomTrustOptions) {
    this.#options = options;
  }

  /** As it was read last; nothing before the first time. */
  get known(): ReadonlyMap<string, Trust> {
    return this.#known ?? new Map();
  }

  /** Somebody looks. */
  want(): void {
    if (!this.#known) this.#readInBackground();
  }

  /** The roster may have grown. */
  rosterChanged(): void {
    if (this.#known && this.#asOf !== this.#options.membership.log.entries.length) this.#readInBackground();
  }

  /** Somebody was verified, or is not any more, in this tab or another. */
  async changed(): Promise<void> {
    if (this.#known) await this.#reading.run();
  }

  /** Who gets a file's key. Throws EngineError `contradicted` where somebody is not who was verified. */
  async recipients(): Promise<readonly RosterMember[]> {
    await this.#reading.run();
    const { membership } = this.#options;
    const members = [...membership.roster.members.values()];
    const impostor = members.find(({ userId }) => this.known.get(userId) === 'contradicted');
    if (impostor)
      throw new EngineError(
        'contradicted',
        m.engine_oneContradicted({ name: membership.name(impostor.userId) }),
      );
    return members.filter(({ userId }) => this.known.get(userId) !== 'changed');
  }

  /** Resolves when nothing is under way, and nothing will be. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#reading.idle();
  }

  #readInBackground(): void {
    if (!this.#closed) inBackground(this.#reading.run(), 'looking who the members are');
  }

  async #read(): Promise<void> {
    const { session, room, membership, onChange } = this.#options;
    if (this.#closed || !membership.head) return;
    this.#asOf = membership.log.entries.length;
    this.#known = await session.keys.trust(room);
    await onChange();
  }
}
