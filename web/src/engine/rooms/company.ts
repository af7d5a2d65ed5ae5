import type { ClientFrame } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import type { Row } from '../store/store.ts';
import { Ephemerals } from './ephemerals.ts';
import type { Membership } from './membership.ts';
import { Presence } from './presence.ts';
import { ReadMarks, type ReadMarksOptions } from './read-marks.ts';
import { Typing } from './typing.ts';

export interface CompanyOptions {
  readonly session: Session;
  readonly membership: Membership;
  /** The stored room, as last read. */
  readonly row: () => Row<'rooms'>;
  readonly patch: ReadMarksOptions['patch'];
  readonly shown: ReadMarksOptions['shown'];
  readonly transmit: (frame: ClientFrame) => void;
  /** There is something else to show. */
  readonly onChange: () => void;
}

/** What the people of a room notice of each other beside what they say: who writes, who is here, how far each has read. */
export class Company {
  readonly ephemerals: Ephemerals;
  readonly typing: Typing;
  readonly presence: Presence;
  readonly reads: ReadMarks;

  constructor({ session, membership, row, patch, shown, transmit, onChange }: CompanyOptions) {
    const me = session.account.id;
    const { id: room, secret } = row();
    const members = () => membership.members.length;
    const isMember = (userId: string) => membership.isMember(userId);
    const wanted = (kind: 'typing' | 'presence') => session.preferences.now[kind];
    this.ephemerals = new Ephemerals({ me, secret, isMember, wanted, transmit });
    const { ephemerals } = this;
    this.typing = new Typing(ephemerals, me, () => members() > 1);
    this.presence = new Presence(ephemerals, me, members);
    this.reads = new ReadMarks({ session, room, ephemerals, members, row, patch, shown, onChange });
  }

  close(): void {
    this.ephemerals.lost();
    this.reads.close();
  }
}
