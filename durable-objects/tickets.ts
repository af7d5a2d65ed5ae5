import { sha256, toBase64, utf8 } from '../protocol/bytes.ts';

/** How long a ticket opens a socket, in milliseconds. */
export const ticketLife = 30_000;

export interface Claim {
  readonly userId: string;
  readonly sessionId: string;
}

const hashOf = async (ticket: string): Promise<string> => toBase64(await sha256(utf8(ticket)));

/** Single-use tickets, kept as hashes: who reads the storage can't open a socket. */
export class Tickets {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** A new ticket of 32 random bytes, base64url, and its hash to `keep`. */
  static async make(): Promise<{ ticket: string; hash: string }> {
    const ticket = toBase64(crypto.getRandomValues(new Uint8Array(32)));
    return { ticket, hash: await hashOf(ticket) };
  }

  static readonly hash = hashOf;

  /** Keeps the hash of a ticket for `claim`; answers when it expires. Also drops those that have. */
  keep(hash: string, claim: Claim, now: number): number {
    const expiresAt = now + ticketLife;
    this.dropExpired(now);
    this.#sql.exec('insert into ticket values (?, ?, ?, ?)', hash, claim.userId, claim.sessionId, expiresAt);
    return expiresAt;
  }

  /** Forgets tickets that nobody spent in time. */
  dropExpired(now: number): void {
    this.#sql.exec('delete from ticket where expires_at <= ?', now);
  }

  /** Spends the ticket with this hash; undefined when there is none, or it has expired. */
  spend(hash: string, now: number): Claim | undefined {
    const query = 'delete from ticket where hash = ? returning user_id, session_id, expires_at';
    type Row = { user_id: string; session_id: string; expires_at: number };
    const row = this.#sql.exec<Row>(query, hash).toArray()[0];
    if (!row || row.expires_at <= now) return undefined;
    return { userId: row.user_id, sessionId: row.session_id };
  }

  /** Forgets every ticket of a person. */
  dropUser(userId: string): void {
    this.#sql.exec('delete from ticket where user_id = ?', userId);
  }

  /** Forgets every ticket of a session. */
  dropSession(sessionId: string): void {
    this.#sql.exec('delete from ticket where session_id = ?', sessionId);
  }
}
