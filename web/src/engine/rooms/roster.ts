import { RosterError, replay, type VerifiedRoster } from '../../../../crypto/room/index.ts';
import { type RosterEntry, readEntry, type SignedEntry } from '../../../../protocol/roster.ts';

/** The room's roster as this client has verified it, and what it can tell about people. */
export class RosterLog {
  readonly room: string;
  #entries: SignedEntry[] = [];
  #verified: VerifiedRoster | undefined;
  /** Identity keys of everybody who ever was a member: messages of those who left must still open. */
  readonly #identities = new Map<string, string>();
  readonly #profiles = new Map<string, string>();
  #departures = 0;

  constructor(room: string) {
    this.room = room;
  }

  get entries(): readonly SignedEntry[] {
    return this.#entries;
  }

  get verified(): VerifiedRoster {
    if (!this.#verified) throw new RosterError('malformed', 'the roster has not been read yet');
    return this.#verified;
  }

  get departures(): number {
    return this.#departures;
  }

  /** The entry bodies, in order. */
  history(): RosterEntry[] {
    return this.#entries.map(readEntry);
  }

  identityKey(userId: string): string | undefined {
    return this.#identities.get(userId);
  }

  joinedAt(userId: string): number | undefined {
    return this.#verified?.roster.members.get(userId)?.joinedAt;
  }

  /** Somebody's sealed name, as of their last joining. */
  profile(userId: string): string | undefined {
    return this.#profiles.get(userId);
  }

  /**
   * Takes the whole log as the server tells it; answers whether it grew.
   *
   * @throws RosterError when it does not start with what was verified before (forked, rolled back), or is not valid.
   */
  async take(all: readonly SignedEntry[]): Promise<boolean> {
    if (all.length < this.#entries.length)
      throw new RosterError('rolled-back', 'the service dropped entries of the roster');
    for (const [i, entry] of this.#entries.entries())
      if (entry.body !== all[i]!.body) throw new RosterError('forked', 'the service rewrote the roster');
    return this.extend(all.slice(this.#entries.length));
  }

  /** Takes entries that follow the last one. Throws RosterError when they don't. */
  async extend(more: readonly SignedEntry[]): Promise<boolean> {
    if (more.length === 0) return false;
    const verified = await replay(this.room, more, this.#verified);
    const void_ = new Set(verified.refused.map(({ seq }) => seq));
    for (const signed of more) {
      const entry = readEntry(signed);
      if (void_.has(entry.seq)) continue;
      if (entry.kind === 'created' || entry.kind === 'joined') {
        this.#identities.set(entry.by, entry.identityKey);
        this.#profiles.set(entry.by, entry.profile);
      }
      if (entry.kind === 'removed' || entry.kind === 'left') this.#departures++;
    }
    this.#verified = verified;
    this.#entries = [...this.#entries, ...more];
    return true;
  }
}
