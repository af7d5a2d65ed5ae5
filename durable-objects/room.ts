import type { RoomEnv } from './env.ts';
import { KeptBoxes } from './kept.ts';
import { MessageLog } from './log.ts';
import { Outbox } from './outbox.ts';
import { JoinRequests } from './requests.ts';
import { RosterLog } from './roster-log.ts';
import { migrate, roomVersions } from './schema.ts';
import { Tickets } from './tickets.ts';
import { Wakes } from './wakes.ts';

/** The parts of a room that exists. */
export interface Room {
  readonly id: string;
  readonly log: MessageLog;
  readonly kept: KeptBoxes;
  readonly requests: JoinRequests;
  readonly roster: RosterLog;
  readonly tickets: Tickets;
  readonly outbox: Outbox;
  readonly wakes: Wakes;
}

/** The room that `storage` holds, its tables brought to what this version has. */
export function openRoom(storage: DurableObjectStorage, env: RoomEnv): Room {
  migrate(storage, roomVersions);
  const { sql } = storage;
  const { id } = sql.exec<{ id: string }>('select id from room').one();
  const log = new MessageLog(sql);
  const roster = new RosterLog(storage);
  return {
    id,
    log,
    kept: new KeptBoxes(sql),
    requests: new JoinRequests(sql),
    roster,
    tickets: new Tickets(sql),
    outbox: new Outbox(storage, env, log, roster),
    wakes: new Wakes(storage, env, id),
  };
}

/** Empties the room. Its id stays taken, and the outbox goes on until Postgres is empty of it too. */
export function emptyRoom(storage: DurableObjectStorage, room: Room, by: string): Room {
  const { sql } = storage;
  storage.transactionSync(() => {
    for (const table of [
      'message',
      'trimmed',
      'roster',
      'member',
      'invite',
      'ticket',
      'kept',
      'asking',
      'request',
    ]) {
      sql.exec(`delete from ${table}`);
    }
    sql.exec(
      `update room set name = '', name_version = name_version + 1, messages_archived = ?,
         deleted_at = ?, deleted_by = ?`,
      room.log.last,
      Date.now(),
      by,
    );
  });
  return { ...room, log: new MessageLog(sql), roster: new RosterLog(storage) };
}
