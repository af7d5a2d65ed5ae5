import { openLabel, RosterError } from '../../../../crypto/room/index.ts';
import { fromBase64 } from '../../../../protocol/bytes.ts';
import type {
  Role,
  Roster,
  RosterEntry,
  RosterInvite,
  RosterKind,
  RosterMember,
  SignedEntry,
} from '../../../../protocol/roster.ts';
import type { StoredProfile } from '../../../../protocol/stored.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { ProblemError } from '../api.ts';
import { RosterLog } from './roster.ts';

export interface MembershipOptions {
  readonly session: Session;
  readonly room: string;
  /** The room secret, which opens people's names; base64url. */
  readonly secret: string;
  /** The roster grew: keep it. */
  readonly onGrowth: () => Promise<void>;
}

/** What every roster entry has. */
type Link = Pick<RosterEntry, 'v' | 'room' | 'seq' | 'prev' | 'by' | 'at'>;

/** Who is in a room as this client believes it: reads, checks and extends the roster, and says what is wrong with it. */
export class Membership {
  readonly log: RosterLog;
  readonly #options: MembershipOptions;
  readonly #names = new Map<string, { readonly profile: string; readonly name: string }>();
  /** What people say of themselves in this room, by their ids. */
  #introduced: ReadonlyMap<string, StoredProfile> = new Map();
  #broken: string | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.log = new RosterLog(options.room);
  }

  /** The members; none as long as no roster could be verified. */
  get members(): readonly RosterMember[] {
    return this.log.entries.length ? [...this.log.verified.roster.members.values()] : [];
  }

  /** The invitations that nobody has ended, also those that have run out; oldest first. */
  get invites(): readonly RosterInvite[] {
    return this.log.entries.length ? [...this.log.verified.roster.invites.values()] : [];
  }

  isMember(userId: string): boolean {
    return this.members.some((member) => member.userId === userId);
  }

  /** A member's identity key, base64url; undefined for who is none. */
  identityOf(userId: string): string | undefined {
    return this.members.find((member) => member.userId === userId)?.identityKey;
  }

  /** Throws RosterError as long as no roster could be verified. */
  get roster(): Roster {
    return this.log.verified.roster;
  }

  /** Hash of the last entry; undefined as long as no roster could be verified. */
  get head(): string | undefined {
    return this.log.entries.length ? this.log.verified.roster.head : undefined;
  }

  name(userId: string): string {
    return this.#introduced.get(userId)?.name ?? this.joinedAs(userId);
  }

  /** What somebody called themselves when they came. */
  joinedAs(userId: string): string {
    return this.#names.get(userId)?.name ?? m.engine_somebody();
  }

  /** A small JPEG, base64url; undefined for who shows none. */
  picture(userId: string): string | undefined {
    return this.#introduced.get(userId)?.picture;
  }

  /** From now on people are called, and look, as they have said. */
  introduce(profiles: ReadonlyMap<string, StoredProfile>): void {
    this.#introduced = profiles;
  }

  /** What is wrong with the member list, in sentences; empty when all is well. */
  get warnings(): string[] {
    const refused = this.log.entries.length ? this.log.verified.refused : [];
    return [
      ...(this.#broken === undefined ? [] : [m.engine_warnBroken({ reason: this.#broken })]),
      ...new Set(refused.map(({ kind, reason }) => refusal(kind, reason))),
    ];
  }

  /** Takes entries that this browser has kept. */
  async restore(entries: readonly SignedEntry[]): Promise<boolean> {
    const grew = await this.#guarded(() => this.log.add(entries));
    await this.#readNames();
    return grew;
  }

  /** Takes new entries from the service; when they don't follow, the whole log decides. */
  async take(entries: readonly SignedEntry[]): Promise<void> {
    try {
      if (await this.log.add(entries)) await this.#grown();
    } catch (error) {
      if (!(error instanceof RosterError)) throw error;
      // Frames may overtake our own requests.
      await this.sync();
    }
  }

  /** Reads the whole log from the service. */
  async sync(): Promise<void> {
    const { session, room } = this.#options;
    const asked = this.log.entries.length;
    const { roster } = await session.api('listMembers', { params: { id: room }, query: {} });
    if (await this.#guarded(() => this.log.take(roster, asked))) await this.#grown();
  }

  /**
   * Signs and appends an entry; where somebody else was first, reads what they wrote and tries again, unless `make` then finds that
   * there is nothing more to say.
   */
  async append(
    make: (
      link: Link & { readonly prev: string },
    ) => RosterEntry | undefined | Promise<RosterEntry | undefined>,
    send: (entry: SignedEntry) => Promise<unknown>,
  ): Promise<void> {
    const { session, room } = this.#options;
    for (let attempt = 0; ; attempt++) {
      const { seq, head: prev } = this.log.verified.roster;
      const link = { v: 1, room, seq: seq + 1, prev, by: session.account.id, at: Date.now() } as const;
      const made = await make(link);
      if (!made) return;
      const entry = await session.keys.signEntry(made);
      try {
        await send(entry);
        return await this.take([entry]);
      } catch (error) {
        if (!(error instanceof ProblemError && error.is('roster-conflict')) || attempt === 5) throw error;
        await this.sync();
      }
    }
  }

  /** Gives somebody a role; nothing happens where they have it, as when the answer to the last try was lost. */
  async setRole(userId: string, role: Role): Promise<void> {
    const { session, room } = this.#options;
    await this.append(
      (link) => {
        const is = this.members.find((member) => member.userId === userId);
        return is?.role === role ? undefined : { ...link, kind: 'role', user: userId, role };
      },
      (entry) => session.api('patchRoom', { params: { id: room }, body: { entry } }),
    );
  }

  /** Puts somebody out; nothing happens where they are. */
  async remove(userId: string): Promise<void> {
    const { session, room } = this.#options;
    await this.append(
      (link) => (this.isMember(userId) ? { ...link, kind: 'removed', user: userId } : undefined),
      (entry) => session.api('removeMember', { params: { id: room, userId }, body: { entry } }),
    );
  }

  async leave(): Promise<void> {
    const { session, room } = this.#options;
    await this.append(
      (link) => ({ ...link, kind: 'left' }),
      (entry) => session.api('leaveRoom', { params: { id: room }, body: { entry } }),
    ).catch((error) => {
      // Nobody heard that it was done the last time.
      if (!(error instanceof ProblemError && error.is('not-a-member'))) throw error;
    });
  }

  async #grown(): Promise<void> {
    await this.#readNames();
    await this.#options.onGrowth();
  }

  /** What breaks the roster's chain is shown in the room; the last good state stays in force. */
  async #guarded(task: () => Promise<boolean>): Promise<boolean> {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof RosterError)) throw error;
      this.#broken = error.message;
      return false;
    }
  }

  async #readNames(): Promise<void> {
    const secret = fromBase64(this.#options.secret);
    for (const userId of new Set(this.log.history.map(({ by }) => by))) {
      const profile = this.log.profile(userId);
      if (profile === undefined || this.#names.get(userId)?.profile === profile) continue;
      const name = await openLabel(secret, 'profile', profile).catch(() => m.engine_somebody());
      this.#names.set(userId, { profile, name });
    }
  }
}

const refusal = (kind: string, reason: string): string =>
  kind === ('joined' satisfies RosterKind)
    ? m.engine_warnNoInvite({ reason })
    : m.engine_warnRefused({ kind, reason });

/**
 * Who owns a room when `me` leaves it: of the admins, else of the members, whoever has been there longest. Undefined where
 * nobody need: `me` is not its only owner, or alone.
 */
export function heirOf(members: readonly RosterMember[], me: string): string | undefined {
  const others = members.filter(({ userId }) => userId !== me);
  const mine = members.find(({ userId }) => userId === me);
  if (mine?.role !== 'owner' || others.some(({ role }) => role === 'owner')) return undefined;
  const admins = others.filter(({ role }) => role === 'admin');
  const [heir] = (admins.length > 0 ? admins : others).toSorted(
    (one, other) => one.joinedAt - other.joinedAt,
  );
  return heir?.userId;
}
