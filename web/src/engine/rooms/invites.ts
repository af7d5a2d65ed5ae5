import {
  createInvite,
  type InviteSecret,
  inviteKeyOf,
  sealForInvite,
  writeFragment,
} from '../../../../crypto/room/index.ts';
import { fromBase64 } from '../../../../protocol/bytes.ts';
import type { RosterInvite } from '../../../../protocol/roster.ts';
import type { Session } from '../account/session.ts';
import type { OpenInvite } from '../types.ts';
import type { Membership } from './membership.ts';

export interface InvitesOptions {
  readonly session: Session;
  readonly room: string;
  /** The room secret, base64url: whoever opens a link learns it. */
  readonly secret: string;
  readonly membership: Membership;
  readonly origin: string;
}

/** Whether an invitation that nobody has ended still lets somebody in. */
const isOpen = ({ expires, usesLeft }: RosterInvite): boolean => expires > Date.now() && usesLeft > 0;

/** The links by which people come into a room. */
export class Invites {
  readonly #options: InvitesOptions;
  /** Links that this tab made, by their invite keys. */
  readonly #links = new Map<string, string>();

  constructor(options: InvitesOptions) {
    this.#options = options;
  }

  /** Makes a link, good for `uses` people. Its secret is in the fragment, which no server sees. */
  async create(terms: { expiresInHours?: number; uses?: number } = {}): Promise<string> {
    const invite = createInvite(this.#options.room);
    const link = `${this.#options.origin}/invite#${writeFragment(invite)}`;
    this.#links.set(inviteKeyOf(invite), link);
    await this.issue(terms, invite);
    return link;
  }

  /** Makes an invitation, which stands in the roster from then on; one that stood there is not made again. */
  async issue(
    { expiresInHours = 7 * 24, uses = 20 }: { expiresInHours?: number; uses?: number },
    invite = createInvite(this.#options.room),
  ): Promise<InviteSecret> {
    const { session, room, secret, membership } = this.#options;
    const inviteKey = inviteKeyOf(invite);
    await membership.append(
      async (entry) =>
        membership.log.invite(inviteKey)
          ? undefined
          : {
              ...entry,
              kind: 'invite',
              inviteKey,
              role: 'member',
              expires: entry.at + expiresInHours * 3_600_000,
              uses,
              sealed: await sealForInvite(invite, fromBase64(secret), entry.prev),
            },
      (entry) => session.api('patchRoom', { params: { id: room }, body: { entry } }),
    );
    return invite;
  }

  /** The links that still let somebody in, newest first. */
  open(): readonly OpenInvite[] {
    const { session, membership } = this.#options;
    return membership.invites
      .filter(isOpen)
      .reverse()
      .map(({ inviteKey: key, expires, usesLeft, by }): OpenInvite => {
        const link = this.#links.get(key);
        const mine = by === session.account.id;
        return { key, expires, usesLeft, by: membership.name(by), mine, ...(link !== undefined && { link }) };
      });
  }

  /** Whether an invitation lets somebody in: undefined for one that nobody has made, false for one that is over. */
  lives(key: string): boolean | undefined {
    const { log, invites } = this.#options.membership;
    const open = invites.some((each) => each.inviteKey === key && isOpen(each));
    return open || (log.invite(key) ? false : undefined);
  }

  /** Ends a link, unless it is over. */
  async revoke(key: string): Promise<void> {
    const { session, room, membership } = this.#options;
    await membership.append(
      (link) => (this.lives(key) ? { ...link, kind: 'revoked', inviteKey: key } : undefined),
      (entry) => session.api('patchRoom', { params: { id: room }, body: { entry } }),
    );
    this.#links.delete(key);
  }
}
