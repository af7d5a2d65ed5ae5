import type { AskLink, JoinRequest, RequestState } from '../protocol/rest/requests.ts';
import { no, ok } from './result.ts';
import type { Result } from './rpc.ts';

/** How many may wait at a time. */
const most = 50;
/** Milliseconds after which nobody waits any more. */
const longest = 30 * 86_400_000;

type Row = { user_id: string; key: string; nonce: string; box: string; at: number; state: RequestState };

/** Who asks to come in. What they say, and what they are answered, is sealed; who comes in then, the roster says. */
export class JoinRequests {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The link that people may ask by; null where there is none, or it has run out. */
  link(now: number): AskLink | null {
    const query = 'select key, nonce, expires, label from asking where expires > ?';
    return this.#sql.exec<AskLink>(query, now).toArray()[0] ?? null;
  }

  /** From now on people ask by `link`, or with null by none. Who waits by an earlier one waits no more. */
  open(link: AskLink | null): void {
    this.#sql.exec('delete from asking');
    this.#sql.exec(`delete from request where state = 'waiting'`);
    if (!link) return;
    const { key, nonce, expires, label } = link;
    this.#sql.exec('insert into asking values (1, ?, ?, ?, ?)', key, nonce, expires, label);
  }

  /** Somebody was removed, and with them every way in ends: the link, who waits, and the invitations by which others were let in. */
  end(): boolean {
    const links = this.#sql.exec('delete from asking').rowsWritten;
    return this.#sql.exec('delete from request').rowsWritten + links > 0;
  }

  /**
   * Takes a request by the link with `key`, which its person was shown to hold. Who was let in and asks again could not come in by
   * their invitation, and waits anew.
   *
   * @param isIn whether they are a member: only who holds a link of this room's is told so
   */
  ask(
    { userId, isIn }: { userId: string; isIn: boolean },
    key: string,
    box: string,
    now: number,
  ): Result<{ state: RequestState; fresh: boolean }> {
    const known = this.#find(userId, key);
    const link = this.#linkOf(key, now);
    if (isIn && (known || link)) return no('conflict', 'You are a member of this room already.');
    if (known && !(link && known.state === 'let-in')) return ok({ state: known.state, fresh: false });
    if (!link) return no('invite-invalid');
    if (this.waiting(now).length >= most)
      return no('rate-limited', 'Too many people ask to come in already.');
    const put = `insert or replace into request (user_id, key, nonce, box, at, state) values (?, ?, ?, ?, ?, 'waiting')`;
    this.#sql.exec(put, userId, key, link.nonce, box, now);
    return ok({ state: 'waiting', fresh: true });
  }

  /** Who waits, the longest first. */
  waiting(now: number): JoinRequest[] {
    this.#sql.exec('delete from request where at < ?', now - longest);
    const query = `select user_id, nonce, box, at from request where state = 'waiting' order by at, user_id`;
    return this.#sql
      .exec<Pick<Row, 'user_id' | 'nonce' | 'box' | 'at'>>(query)
      .toArray()
      .map(({ user_id: userId, ...rest }) => ({ userId, ...rest }));
  }

  /** What `userId` may know who holds the link with `key`. */
  look(
    userId: string,
    key: string,
    now: number,
  ): Result<{ state: RequestState; label: string | null; answer: string | null }> {
    const known = this.#find(userId, key);
    const link = this.#linkOf(key, now);
    if (!known && !link) return no('invite-invalid');
    return ok({ state: known?.state ?? 'none', label: link?.label ?? null, answer: known?.answer ?? null });
  }

  /**
   * Answers who waits. The same person may say the same again: to them an answer may have got lost. What they seal then counts, and
   * it is the same invitation.
   */
  answer(by: string, userId: string, answer: string | null): Result<void> {
    const state: RequestState = answer === null ? 'declined' : 'let-in';
    type Known = { state: RequestState; answered_by: string | null };
    const query = 'select state, answered_by from request where user_id = ?';
    const known = this.#sql.exec<Known>(query, userId).toArray()[0];
    if (!known) return no('not-found', 'Nobody of this id waits any more.');
    const again = known.answered_by === by && known.state === state;
    if (known.state !== 'waiting' && !again) return no('conflict', 'This request has been answered already.');
    const update = `update request set state = ?, answer = ?, answered_by = ?, box = '' where user_id = ?`;
    this.#sql.exec(update, state, answer, by, userId);
    return ok(undefined);
  }

  /** Somebody has come in. */
  drop(userId: string): void {
    this.#sql.exec('delete from request where user_id = ?', userId);
  }

  /** The link that is open, if it is that with `key`. */
  #linkOf(key: string, now: number): AskLink | undefined {
    const link = this.link(now);
    return link?.key === key ? link : undefined;
  }

  #find(userId: string, key: string): { state: RequestState; answer: string | null } | undefined {
    const query = 'select state, answer from request where user_id = ? and key = ?';
    return this.#sql.exec<{ state: RequestState; answer: string | null }>(query, userId, key).toArray()[0];
  }
}
