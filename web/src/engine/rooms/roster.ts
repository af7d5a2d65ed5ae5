import { RosterError, replay, type VerifiedRoster } from '../../../../crypto/room/index.ts';
import { RosterEntry, readEntry, type SignedEntry } from '../../../../protocol/roster.ts';
import { Turns } from '../turns.ts';

/** From the roster entry by which somebody came up to the one by which they went. */
interface Stay {
  readonly from: number;
  readonly to: number;
}

type InviteEntry = Extract<RosterEntry, { kind: 'invite' }>;

/** The room's roster as this client has verified it, and what it can tell about people. */
export class RosterLog {
  readonly room: string;
  #entries: SignedEntry[] = [];
  #history: RosterEntry[] = [];
  #verified: VerifiedRoster | undefined;
  /** Identity keys of everybody who ever was a member: messages of those who left must still open. */
  readonly #identities = new Map<string, string>();
  /** As they first came. */
  readonly #firstIdentities = new Map<string, string>();
  readonly #profiles = new Map<string, string>();
  readonly #invites = new Map<string, InviteEntry>();
  readonly #stays = new Map<string, readonly Stay[]>();
  readonly #positions = new Map<string, number>();
  #departures = 0;
  /** An entry may come by several ways at once (a frame, an answer, another tab), and counts once. */
  readonly #turns = new Turns();

  constructor(room: string) {
    this.room = room;
  }

  get entries(): readonly SignedEntry[] {
    return this.#entries;
  }

  /** The entry bodies, in order; also those that were refused. */
  get history(): readonly RosterEntry[] {
    return this.#history;
  }

  get verified(): VerifiedRoster {
    if (!this.#verified) throw new RosterError('malformed', 'the roster has not been read yet');
    return this.#verified;
  }

  /** How many members have left or been removed so far. */
  get departures(): number {
    return this.#departures;
  }

  identityKey(userId: string): string | undefined {
    return this.#identities.get(userId);
  }

  /** The identity key with which somebody first came; who comes back with another one is another person. */
  firstIdentity(userId: string): string | undefined {
    return this.#firstIdentities.get(userId);
  }

  /** When somebody came (the last time); undefined for who is no member. */
  joinedAt(userId: string): number | undefined {
    return this.#verified?.roster.members.get(userId)?.joinedAt;
  }

  /** The number of the entry with this hash; undefined when this client has not verified such an entry. */
  position(head: string): number | undefined {
    return this.#positions.get(head);
  }

  /** Whether `userId` was a member when the entry with hash `head` was the last; undefined when there is no such entry here. */
  wasMember(userId: string, head: string): boolean | undefined {
    const position = this.#positions.get(head);
    if (position === undefined) return undefined;
    return (this.#stays.get(userId) ?? []).some(({ from, to }) => from <= position && position < to);
  }

  /** Who is no member any more, with the number of the entry by which they went (the last time). */
  get departed(): ReadonlyMap<string, number> {
    const gone = new Map<string, number>();
    for (const [userId, stays] of this.#stays) {
      const { to } = stays.at(-1)!;
      if (to !== Number.POSITIVE_INFINITY) gone.set(userId, to);
    }
    return gone;
  }

  /** Somebody's sealed name, as of their last joining. */
  profile(userId: string): string | undefined {
    return this.#profiles.get(userId);
  }

  /** The invitation with this key, over or not, if somebody made it who might. */
  invite(inviteKey: string): InviteEntry | undefined {
    return this.#invites.get(inviteKey);
  }

  /**
   * Takes the whole log as the server tells it; answers whether it grew.
   *
   * @param asked how many entries were known when the server was asked: more may have come while its answer was on the way
   * @throws RosterError when it does not start with what was verified before (forked, rolled back), or is not valid.
   */
  take(all: readonly SignedEntry[], asked: number = this.#entries.length): Promise<boolean> {
    return this.#turns.run(() => {
      if (all.length < asked)
        throw new RosterError('rolled-back', 'the service dropped entries of the roster');
      for (const [i, entry] of this.#entries.slice(0, all.length).entries())
        if (entry.body !== all[i]!.body) throw new RosterError('forked', 'the service rewrote the roster');
      return this.#extend(all.slice(this.#entries.length));
    });
  }

  /** Takes entries that follow the last one; those that are known already are passed over. Throws RosterError. */
  add(entries: readonly SignedEntry[]): Promise<boolean> {
    return this.#turns.run(() => {
      const known = new Set(this.#entries.map(({ body }) => body));
      return this.#extend(entries.filter(({ body }) => !known.has(body)));
    });
  }

  async #extend(more: readonly SignedEntry[]): Promise<boolean> {
    if (more.length === 0) return false;
    const verified = await replay(this.room, more, RosterEntry, this.#verified);
    const refused = new Set(verified.refused.map(({ seq }) => seq));
    const entries = more.map(readEntry);
    for (const entry of entries) {
      if (!refused.has(entry.seq)) this.#learn(entry);
      this.#positions.set(verified.heads[entry.seq]!, entry.seq);
    }
    this.#verified = verified;
    this.#entries = [...this.#entries, ...more];
    this.#history = [...this.#history, ...entries];
    return true;
  }

  #learn(entry: RosterEntry): void {
    if (entry.kind === 'created' || entry.kind === 'joined') {
      if (!this.#firstIdentities.has(entry.by)) this.#firstIdentities.set(entry.by, entry.identityKey);
      this.#identities.set(entry.by, entry.identityKey);
      this.#profiles.set(entry.by, entry.profile);
      const stay = { from: entry.seq, to: Number.POSITIVE_INFINITY };
      this.#stays.set(entry.by, [...(this.#stays.get(entry.by) ?? []), stay]);
    }
    if (entry.kind === 'invite') this.#invites.set(entry.inviteKey, entry);
    if (entry.kind === 'removed' || entry.kind === 'left') {
      this.#departures++;
      const userId = entry.kind === 'removed' ? entry.user : entry.by;
      const stays = this.#stays.get(userId) ?? [];
      this.#stays.set(userId, [...stays.slice(0, -1), { ...stays.at(-1)!, to: entry.seq }]);
    }
  }
}
