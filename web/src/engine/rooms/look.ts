import { sealLabel } from '../../../../crypto/room/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import type { RosterEntry } from '../../../../protocol/roster.ts';
import type { Session } from '../account/session.ts';
import type { Row } from '../store/store.ts';
import type { Membership } from './membership.ts';
import type { Saying } from './saying.ts';

/** What it takes to tell a room how it, or somebody in it, looks. */
export interface LookOptions {
  readonly session: Session;
  readonly membership: Membership;
  readonly saying: Saying;
  /** The stored room, as last read. */
  readonly row: () => Row<'rooms'>;
}

/** The longest name, in characters (`protocol/content.ts`). */
const longestName = 80;

/** What a room is called and looks like, for everybody in it. */
export class RoomLook {
  readonly #options: LookOptions;

  constructor(options: LookOptions) {
    this.#options = options;
  }

  async rename(name: string): Promise<void> {
    const { session, saying, row } = this.#options;
    const words = name.trim().slice(0, longestName);
    if (!words) return;
    const { id, secret } = row();
    // First where newcomers and new devices read it: what can't be told there is told nobody.
    const sealed = await sealLabel(fromBase64(secret), 'name', words);
    await session.api('patchRoom', { params: { id }, body: { name: sealed } });
    await saying.say({ kind: 'room', name: words });
  }

  setPicture(jpeg: Uint8Array | undefined): Promise<void> {
    return this.#options.saying.say({ kind: 'room', picture: jpeg ? toBase64(jpeg) : null });
  }

  /**
   * Who has come, by one of the `fresh` entries, by an invitation of ours is told what was said before they could read it: how the room
   * looks, and its timer.
   */
  async greet(fresh: readonly RosterEntry[]): Promise<void> {
    const { session, membership, saying, row } = this.#options;
    const { picture, lasts, gone } = row();
    if (gone || (picture === undefined && !lasts)) return;
    const invitedByMe = (entry: RosterEntry) =>
      entry.kind === 'joined' && membership.log.invite(entry.inviteKey)?.by === session.account.id;
    if (!fresh.some(invitedByMe)) return;
    await saying.say({
      ...{ kind: 'room', again: true },
      ...(picture !== undefined && { picture }),
      ...(lasts && { lasts }),
    });
  }
}
