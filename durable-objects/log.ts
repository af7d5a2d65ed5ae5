import type { Accepted, Message, Outgoing } from '../protocol/socket.ts';

/** How many of the newest messages stay here after Postgres has them. */
export const keptMessages = 2_000;
/** How many messages, and characters of ciphertext, one catch-up by socket carries at most; the rest goes by REST. */
const catchUpMessages = 2_000;
const catchUpSize = 1024 * 1024;
/** The last millisecond that a Date can hold. */
const lastInstant = 8.64e15;

type Row = {
  seq: number;
  id: string;
  sender: string;
  device: number;
  box: string;
  recipient: string | null;
  commitment: string | null;
  expires_at: number | null;
  at: number;
};

/** Room messages are everybody's, to-device ones their recipient's; nobody gets what has expired. */
const visible = `(recipient is null or substr(recipient, 1, 36) = ?) and (expires_at is null or expires_at > ?)`;

const toMessage = (row: Row): Message => ({
  id: row.id,
  device: row.device,
  box: row.box,
  ...(row.recipient === null ? {} : { recipient: row.recipient }),
  ...(row.commitment === null ? {} : { commitment: row.commitment }),
  ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  seq: row.seq,
  sender: row.sender,
  at: row.at,
});

/** Looks and writes in one go, as most ids are new. */
const putNew = `
  insert into message select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
  where not exists (select 1 from trimmed where id = ?2) on conflict (id) do nothing`;

/** The room's messages in order: gapless `seq` from 1, each id once. */
export class MessageLog {
  readonly #sql: SqlStorage;
  #last: number;
  #lastAt: number;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const newest = sql.exec<{ seq: number; at: number }>(
      'select seq, at from message order by seq desc limit 1',
    );
    const row = newest.toArray()[0];
    this.#last = row?.seq ?? 0;
    this.#lastAt = row?.at ?? 0;
  }

  /** `seq` of the newest message, 0 when there is none. */
  get last(): number {
    return this.#last;
  }

  /** The first `seq` held here; one past the last when nothing is. */
  get oldest(): number {
    const { seq } = this.#sql.exec<{ seq: number | null }>('select min(seq) as seq from message').one();
    return seq ?? this.#last + 1;
  }

  /**
   * Gives `outgoing` the next `seq` and stores it. The same id from the same sender answers what it was given at
   * first, without `message`; from somebody else it is undefined.
   */
  append(
    sender: string,
    outgoing: Outgoing,
    now: number,
  ): { accepted: Accepted; message?: Message } | undefined {
    const { id } = outgoing;
    const seq = this.#last + 1;
    // A clock that jumps back must not put a message before those it follows.
    const at = Math.max(now, this.#lastAt);
    const message: Message = { ...outgoing, seq, sender, at };
    if (outgoing.expiresAt !== undefined) message.expiresAt = Math.min(outgoing.expiresAt, lastInstant);
    const { rowsWritten } = this.#sql.exec(
      putNew,
      seq,
      id,
      sender,
      message.device,
      message.box,
      message.recipient ?? null,
      message.commitment ?? null,
      message.expiresAt ?? null,
      at,
    );
    if (rowsWritten === 0) {
      const first = this.#find(id);
      return first?.sender === sender ? { accepted: { id, seq: first.seq, at: first.at } } : undefined;
    }
    this.#last = seq;
    this.#lastAt = at;
    return { accepted: { id, seq, at }, message };
  }

  #find(id: string): { seq: number; sender: string; at: number } | undefined {
    for (const table of ['message', 'trimmed']) {
      const query = `select seq, sender, at from ${table} where id = ?`;
      const row = this.#sql.exec<{ seq: number; sender: string; at: number }>(query, id).toArray()[0];
      if (row) return row;
    }
    return undefined;
  }

  /**
   * What `userId` gets by socket who has everything up to `since`: the messages after `from`, ascending. `from` is
   * later than `since` when older ones are not held here any more or would be too much for one go.
   */
  catchUp(userId: string, since: number, now: number): { from: number; items: Message[] } {
    let from = Math.min(Math.max(since, this.oldest - 1), this.#last);
    const items: Message[] = [];
    let size = 0;
    // Newest first, so that what doesn't fit is at the old end.
    const query = `select * from message where seq > ? and ${visible} order by seq desc`;
    for (const row of this.#sql.exec<Row>(query, from, userId, now)) {
      size += row.box.length;
      if (items.length === catchUpMessages || size > catchUpSize) {
        from = row.seq;
        break;
      }
      items.push(toMessage(row));
    }
    return { from, items: items.reverse() };
  }

  /** A page of what is held: after `after`, else before `before`, else the newest; always ascending. */
  page(userId: string, page: { after?: number; before?: number; limit: number }, now: number): Message[] {
    const { after, before, limit } = page;
    if (after !== undefined) {
      const query = `select * from message where seq > ? and ${visible} order by seq limit ?`;
      return this.#sql.exec<Row>(query, after, userId, now, limit).toArray().map(toMessage);
    }
    const query = `select * from message where seq < ? and ${visible} order by seq desc limit ?`;
    const rows = this.#sql.exec<Row>(query, before ?? this.#last + 1, userId, now, limit).toArray();
    return rows.reverse().map(toMessage);
  }

  /** The message at `seq`, whoever it is for; undefined where it is not held here. */
  at(seq: number): Message | undefined {
    return this.#sql.exec<Row>('select * from message where seq = ?', seq).toArray().map(toMessage)[0];
  }

  /** The messages after `seq`, whoever they are for, as many as fit `limit` and `size` characters, at least one. */
  following(seq: number, limit: number, size: number): Message[] {
    const query = 'select * from message where seq > ? order by seq limit ?';
    const items: Message[] = [];
    let total = 0;
    for (const row of this.#sql.exec<Row>(query, seq, limit)) {
      total += row.box.length;
      if (items.length > 0 && total > size) break;
      items.push(toMessage(row));
    }
    return items;
  }

  /**
   * Forgets the ciphertext of messages that have expired; their places in the order, and their ids, stay. Answers when
   * the next one expires; undefined when none will.
   */
  dropExpired(now: number): number | undefined {
    const drop = `update message set box = '', commitment = null where box <> '' and expires_at <= ?`;
    this.#sql.exec(drop, now);
    const query = `select min(expires_at) as next from message where box <> '' and expires_at is not null`;
    return this.#sql.exec<{ next: number | null }>(query).one().next ?? undefined;
  }

  /** Drops up to `limit` messages that Postgres has (`archived`: up to which `seq`) beyond the newest `kept`. */
  trim(archived: number, limit = 1_000, kept = keptMessages): void {
    const oldest = this.oldest;
    const until = Math.min(archived, this.#last - kept, oldest + limit - 1);
    if (until < oldest) return;
    this.#sql.exec(
      'insert into trimmed (id, seq, sender, at) select id, seq, sender, at from message where seq <= ?',
      until,
    );
    this.#sql.exec('delete from message where seq <= ?', until);
  }
}
