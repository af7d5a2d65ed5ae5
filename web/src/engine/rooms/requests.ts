import * as z from 'zod/mini';
import {
  askingLink,
  type InviteSecret,
  inviteKeyOf,
  openRequest,
  sealAnswer,
  sealAskingLabel,
  writeFragment,
} from '../../../../crypto/room/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import { PublicKey } from '../../../../protocol/scalars.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { ProblemError } from '../api.ts';
import { Refresher } from '../refresher.ts';
import { EngineError, type JoinRequest } from '../types.ts';
import type { Invites } from './invites.ts';
import type { Membership } from './membership.ts';

/** What somebody says who asks to come in, sealed under the link. */
export const RequestBox = z.object({
  v: z.literal(1),
  name: z.string().check(z.minLength(1), z.maxLength(80)),
  identityKey: PublicKey,
});

export interface RequestsOptions {
  readonly session: Session;
  readonly room: string;
  /** The room secret, base64url. */
  readonly secret: string;
  readonly membership: Membership;
  readonly invites: Invites;
  readonly origin: string;
  readonly name: () => string;
  /** Others wait than before. */
  readonly onChange: () => void;
}

/** A request that was opened: who asks, and what they sealed, under which link. */
interface Waiting extends JoinRequest {
  readonly identityKey: string;
  readonly nonce: string;
  readonly box: string;
}

/** Who asks to come into a room: for its owners and admins. */
export class Requests {
  readonly #options: RequestsOptions;
  #waiting: readonly Waiting[] = [];
  /** When the link ends by which people can ask; undefined where there is none. */
  #until: number | undefined;
  readonly #refreshing = new Refresher(() => this.#read());

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  get waiting(): readonly JoinRequest[] {
    return this.#waiting;
  }

  get until(): number | undefined {
    return this.#until;
  }

  /** Makes a link, in place of an earlier one. Its secret is in the fragment, which no server sees. */
  async open(expiresInHours: number): Promise<string> {
    const { session, room, origin, name } = this.#options;
    const nonce = crypto.getRandomValues(new Uint8Array(16));
    const link = this.#link(nonce);
    const expires = Date.now() + expiresInHours * 3_600_000;
    const label = await sealAskingLabel(link, name());
    const body = { key: inviteKeyOf(link), nonce: toBase64(nonce), expires, label };
    await session.api('openAsking', { params: { id: room }, body });
    this.#until = expires;
    return `${origin}/invite#${writeFragment(link)}`;
  }

  /** Ends the link, with what waits. */
  async close(): Promise<void> {
    const { session, room } = this.#options;
    await session.api('closeAsking', { params: { id: room } });
    this.#until = undefined;
  }

  /** The service says that others wait than before. The newest answer is the last: never two are read at once. */
  refresh(): Promise<void> {
    return this.#refreshing.run();
  }

  async #read(): Promise<void> {
    const { session, room, onChange } = this.#options;
    const { link, items } = await session.api('listRequests', { params: { id: room } });
    this.#until = link?.expires;
    const read = items.map(async ({ userId: id, nonce, box, at }) => {
      try {
        const text = await openRequest(this.#link(fromBase64(nonce)), id, box);
        const { name, identityKey } = RequestBox.parse(JSON.parse(text));
        return { id, name, at, identityKey, nonce, box };
      } catch {
        // The service made it up, or somebody who held no link of ours.
        return undefined;
      }
    });
    this.#waiting = (await Promise.all(read)).filter((each) => each !== undefined);
    onChange();
  }

  /**
   * Lets somebody in, by an invitation for them alone. Whatever gets lost on the way, or ends half-way, it can be done again: that makes
   * no second invitation.
   *
   * @throws EngineError `request-over` where somebody else was first, or the link has ended
   */
  async letIn(userId: string): Promise<void> {
    // What an earlier attempt has achieved nobody may have heard.
    await this.refresh();
    const waiting = this.#find(userId);
    if (!waiting) return;
    const invite = await this.#invite(waiting);
    const person = { userId, identityKey: fromBase64(waiting.identityKey) };
    await this.#answer(waiting, await sealAnswer(this.#link(fromBase64(waiting.nonce)), person, invite));
  }

  /** Throws EngineError `request-over`, as `letIn`. */
  async decline(userId: string): Promise<void> {
    const waiting = this.#find(userId);
    if (!waiting) return;
    await this.#answer(waiting, null);
    // Letting them in may have ended half-way.
    await this.#withdraw(waiting);
  }

  #find(userId: string): Waiting | undefined {
    return this.#waiting.find(({ id }) => id === userId);
  }

  async #answer(waiting: Waiting, answer: string | null): Promise<void> {
    const { session, room } = this.#options;
    try {
      await session.api('answerRequest', { params: { id: room, userId: waiting.id }, body: { answer } });
    } catch (error) {
      const over = error instanceof ProblemError && (error.is('conflict') || error.is('not-found'));
      if (!over) throw error;
      await this.#withdraw(waiting);
      await this.refresh();
      throw new EngineError('request-over', m.engine_requestOver(), { cause: error });
    }
    await this.refresh();
  }

  /** The invitation that answers a request: the one that stands in the roster already, or a new one. */
  async #invite(waiting: Waiting): Promise<InviteSecret> {
    const { invites } = this.#options;
    for (let turn = 0; ; turn++) {
      const invite = await this.#admitting(waiting, turn);
      await invites.issue({ expiresInHours: 30 * 24, uses: 1 }, invite);
      // A removal ends all that there are.
      if (invites.lives(inviteKeyOf(invite)) !== false) return invite;
    }
  }

  /** Ends the invitation that `#invite` may have made: nobody will ever have it. */
  async #withdraw(waiting: Waiting): Promise<void> {
    const { invites } = this.#options;
    for (let turn = 0; ; turn++) {
      const key = inviteKeyOf(await this.#admitting(waiting, turn));
      const lives = invites.lives(key);
      if (lives) return invites.revoke(key);
      if (lives === undefined) return;
    }
  }

  #admitting({ id: userId, box: said }: Waiting, turn: number): Promise<InviteSecret> {
    const { session, room } = this.#options;
    return session.keys.admittingInvite(room, { userId, said, turn });
  }

  #link(nonce: Uint8Array) {
    return askingLink(this.#options.room, fromBase64(this.#options.secret), nonce);
  }
}
