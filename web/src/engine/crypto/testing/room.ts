import { uuidv7 } from 'uuidv7';
import { createInvite, inviteKeyOf, signByInvite } from '../../../../../crypto/room/index.ts';
import { toBase64 } from '../../../../../protocol/bytes.ts';
import type { RosterEntry } from '../../../../../protocol/roster.ts';
import { RosterLog } from '../../rooms/roster.ts';
import type { TestDevice } from './device.ts';

type Rest<E> = E extends RosterEntry ? Omit<E, 'v' | 'room' | 'seq' | 'prev' | 'by' | 'at'> : never;
const profile = toBase64(new Uint8Array(40));

/** A room's roster, as its members write it. */
export class TestRoom {
  readonly id = uuidv7();
  readonly log = new RosterLog(this.id);
  readonly #invite = createInvite(this.id);

  /** Appends an entry that `by` signs. */
  async write(by: TestDevice, rest: Rest<RosterEntry>): Promise<void> {
    const { seq, head: prev } = this.log.entries.length ? this.log.verified.roster : { seq: -1, head: null };
    const link = { v: 1, room: this.id, seq: seq + 1, prev, by: by.id, at: Date.now() };
    const signed = await by.do((host) => host.signEntry({ ...link, ...rest } as RosterEntry));
    await this.log.add([rest.kind === 'joined' ? signByInvite(signed, this.#invite) : signed]);
  }

  /** The first one makes the room, the others come by invitation; each keeps it. */
  async begin([owner, ...others]: readonly [TestDevice, ...TestDevice[]]): Promise<void> {
    const { identityKey } = owner;
    await this.write(owner, { kind: 'created', identityKey, profile });
    const terms = { role: 'member', expires: Date.now() + 1e10, uses: 1000, sealed: profile } as const;
    await this.write(owner, { kind: 'invite', inviteKey: inviteKeyOf(this.#invite), ...terms });
    for (const other of others) await this.join(other);
    await this.tell([owner, ...others]);
  }

  async join(who: TestDevice): Promise<void> {
    const { identityKey } = who;
    await this.write(who, { kind: 'joined', identityKey, inviteKey: inviteKeyOf(this.#invite), profile });
  }

  /** Everybody of these keeps the roster as it is. */
  async tell(devices: readonly TestDevice[]): Promise<void> {
    for (const device of devices) await device.enter(this.id, [...this.log.entries]);
  }
}
