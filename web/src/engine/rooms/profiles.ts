import type { RosterEntry } from '../../../../protocol/roster.ts';
import { inBackground } from '../background.ts';
import { messageKey, type Row } from '../store/store.ts';
import type { LookOptions } from './look.ts';

/** In a room of more members nobody greets who has just come: those see faces as their people speak. */
const mostMembers = 50;
/** Of one person's devices that all see somebody come, one says it: the first, after up to so many milliseconds. */
const longestPause = 3_000;

/** What a room's members call themselves and look like, by what each has said of themselves there; and that this person says so. */
export class Profiles {
  readonly #options: LookOptions;
  #said: Row<'profiles'> | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LookOptions) {
    this.#options = options;
  }

  /** Reads what is in the store. */
  async open(): Promise<void> {
    const { session, membership, row } = this.#options;
    const prefix = `${row().id}/`;
    const rows = await session.store.list('profiles', prefix);
    const known = new Map(rows.map(([key, profile]) => [key.slice(prefix.length), profile]));
    this.#said = known.get(session.account.id);
    membership.introduce(known);
    // Another device of this person may have said something newer.
    if (this.#said && this.#said.since > (session.profile?.since ?? 0)) await session.readProfile();
  }

  /** Says what this person is called and looks like, where the room has not been told. */
  async tell(): Promise<void> {
    const { session, membership, saying, row } = this.#options;
    const { profile, account } = session;
    if (row().gone || !profile || profile.since <= (this.#said?.since ?? 0)) return;
    const { name, picture } = profile;
    const known: Partial<typeof profile> = this.#said ?? { name: membership.joinedAs(account.id) };
    if (name === known.name && picture === known.picture) return;
    // Told from here on, though it will be a while until it has come back by the log.
    this.#said = profile;
    await saying.say({ kind: 'profile', ...profile });
  }

  /** Who has come, by one of the `fresh` entries, can't read what was said before. */
  greet(fresh: readonly RosterEntry[]): void {
    const { account } = this.#options.session;
    if (fresh.some(({ kind, by }) => kind === 'joined' && by !== account.id)) this.#greetSoon();
  }

  /** Devices of these people have just come. What was said since their people came they find in the history. */
  greetDevices(people: readonly string[]): void {
    const { session, membership } = this.#options;
    const joinedAt = (userId: string) => membership.log.joinedAt(userId) ?? 0;
    const said = Math.max(this.#said?.since ?? 0, joinedAt(session.account.id));
    if (people.some((userId) => said < joinedAt(userId))) this.#greetSoon();
  }

  close(): void {
    clearTimeout(this.#pause);
  }

  #greetSoon(): void {
    const { membership, row } = this.#options;
    if (!this.#said || row().gone || membership.members.length > mostMembers) return;
    const { cursor } = row();
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      inBackground(this.#greetNow(cursor), 'saying who one is to somebody new');
    }, Math.random() * longestPause);
  }

  /**
   * Unless another device of this person was first. Any message would do: with the key of it a device that is new is told who its sender is
   * (`crypto/sealing.ts`), and this one shows nowhere.
   */
  async #greetNow(after: number): Promise<void> {
    const { session, saying, row } = this.#options;
    const { id, gone } = row();
    const { id: me, deviceId } = session.account;
    const since = await session.store.listFrom('messages', `${id}/`, messageKey(id, after + 1));
    const greeted = since.some(([, { sender, content }]) => sender === me && content.kind === 'device');
    if (!gone && !greeted) await saying.say({ kind: 'device', deviceId });
  }
}
