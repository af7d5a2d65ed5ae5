import type { ServerFrame } from '../protocol/socket.ts';

type Kept = NonNullable<Extract<ServerFrame, { t: 'welcome' }>['kept']>;

/** At most so many go along with a welcome: clients of larger rooms leave them to their own devices. */
const most = 64;

/** What members leave for who connects later: the last sealed box of each, in place of the one before. */
export class KeptBoxes {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** In place of what `userId` left before. Throws where storage is full. */
  put(userId: string, audience: 'all' | 'own', box: string): void {
    const put = 'insert or replace into kept (user_id, own, box) values (?, ?, ?)';
    this.#sql.exec(put, userId, audience === 'own' ? 1 : 0, box);
  }

  /** What `userId` may have: the others' boxes for all, and their own. */
  for(userId: string): Kept {
    const query =
      'select user_id as "from", box from kept where user_id = ? or not own order by user_id <> ? limit ?';
    return this.#sql.exec<Kept[number]>(query, userId, userId, most).toArray();
  }

  /** Somebody is no member any more. */
  drop(userId: string): void {
    this.#sql.exec('delete from kept where user_id = ?', userId);
  }
}
