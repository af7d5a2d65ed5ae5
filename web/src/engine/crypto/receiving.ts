import { uuidv7 } from 'uuidv7';
import { isContent } from '../../../../protocol/content.ts';
import { deviceAddress } from '../../../../protocol/scalars.ts';
import type { Message } from '../../../../protocol/socket.ts';
import { isFromBeyond, noteDepartures } from '../rooms/departures.ts';
import { names } from '../rooms/mentions.ts';
import type { RosterLog } from '../rooms/roster.ts';
import { changedState, type RoomState } from '../rooms/state.ts';
import { changedSummary, summaryText } from '../rooms/timeline.ts';
import { takenKinds } from '../store/kinds.ts';
import { keepSaidProfile } from '../store/profiles.ts';
import { messageKey, type Row } from '../store/store.ts';
import { Followed } from './followed.ts';
import type { Holder } from './holder.ts';
import type { Received, Refused } from './index.ts';
import { answer, askFor, introduce } from './lost-keys.ts';
import { erase, lacksKey, openMessage, type Place, refuseDeparted } from './opening.ts';
import { Pairwise } from './pairwise.ts';
import type { Peers } from './peers.ts';

/** How many roster heads that nobody else knows of are kept: a member can make up one with each message. */
const mostUnknownHeads = 50;

/**
 * Takes messages of the log, ascending, into the store (`KeyHost.receive`). Everything that a batch changes (keys, messages,
 * the cursor, what is to be asked or answered) is one transaction.
 *
 * @returns also whose device lists should be read again, each with the version of which they have told
 */
export function receive(
  { store, locks, account, keys }: Holder,
  peers: Peers,
  rosterOf: (row: Row<'rooms'>) => Promise<RosterLog>,
  roomId: string,
  items: readonly Message[],
  settled: boolean,
): Promise<Received & { readonly met: ReadonlyMap<string, number> }> {
  return locks.run('crypto', async () => {
    const draft = store.draft();
    const pairwise = new Pairwise({ account, keys });
    const room = await draft.get('rooms', roomId);
    if (!room) return nothing;
    const log = await rosterOf(room);
    const { id: me, deviceId } = account;
    const own = deviceAddress(me, deviceId);
    const met = new Map<string, number>();
    const refused: Refused[] = [];
    const lost = new Set<string>();
    const come = new Set<string>();
    let [learned, owed, introduced] = [false, false, false];
    // Later messages add nothing to what one of the same roster entry told.
    let noted = -1;
    const place = placeOf(log, room);
    let { departed = {}, unknownHeads = {}, lists = {} } = room;
    let { cursor, before, missed, lastMissed, unread, mentioned = 0, last, activeAt, answered } = room;
    let state: RoomState = room;
    const fresh = items.filter(({ seq }) => seq > cursor);
    const followed = new Followed(draft, log.room, fresh);
    for (const message of fresh) {
      if (message.seq <= cursor) continue;
      const opened = isFromBeyond(log, departed, message)
        ? refuseDeparted(draft, log.room, message)
        : await openMessage(pairwise, followed, place, message);
      cursor = message.seq;
      if (opened.kind !== 'silent' && opened.missed) {
        missed ??= message.seq;
        lastMissed = message.seq;
      } else if (opened.kind === 'before') before = true;
      if (opened.kind !== 'before' && opened.lost !== undefined) lost.add(opened.lost);
      if (opened.kind === 'silent' && opened.learned) learned = true;
      if (opened.kind === 'silent' && opened.introduced) introduced = true;
      if (opened.kind === 'silent' && opened.refused !== undefined)
        refused.push({
          seq: message.seq,
          from: deviceAddress(message.sender, message.device),
          reason: opened.refused,
        });
      if (opened.kind !== 'stored') continue;
      const { head } = opened;
      const position = head === undefined ? undefined : log.position(head);
      if (position !== undefined && position > noted) {
        departed = noteDepartures(log, departed, position, message.seq);
        noted = position;
      }
      if (position === undefined && head !== undefined && unknownHeads[head] === undefined) {
        if (!settled) return { ...nothing, rosterFirst: true };
        const others = Object.entries(unknownHeads).slice(1 - mostUnknownHeads);
        unknownHeads = Object.fromEntries([...others, [head, message.sender]]);
      }
      const { content } = opened.row;
      const ourselves = message.sender === me && 'deviceId' in content && content.deviceId === deviceId;
      if (opened.list === undefined) {
        // Of the first version, or our own: it does not tell whether there is a newer list.
        if (content.kind === 'device' && !ourselves) met.set(message.sender, 0);
      } else if (!ourselves && opened.list > (lists[message.sender] ?? 0)) {
        lists = { ...lists, [message.sender]: opened.list };
        const known = await draft.get('peers', message.sender);
        if (known && known.version < opened.list) met.set(message.sender, opened.list);
      }
      const byAdmin = isAdmin(log, message.sender);
      const isNews = message.sender !== me && message.seq > place.since;
      if (isNews && isContent(content, 'device') && (content.fresh || content.unheard)) {
        come.add(message.sender);
        if (content.unheard) answered = (await introduce(draft, log.room, message, answered)) ?? answered;
      }
      state = changedState(state, { sender: message.sender, byAdmin }, content);
      if (await keepSaidProfile(draft, log.room, me, opened.row)) introduced = true;
      const owes = await answer(draft, log.room, own, message, content, answered);
      if (owes) [answered, owed] = [owes, true];
      const text = summaryText(content);
      if (text === undefined) {
        last = last && changedSummary(last, message.sender, content);
        continue;
      }
      last = { id: message.id, author: message.sender, text, at: message.at };
      activeAt = Math.max(activeAt, message.at);
      if (message.sender === me || message.seq <= Math.max(place.since, room.readSeq)) continue;
      unread++;
      if (names(content, me)) mentioned++;
    }
    const { asked, ask } = await askFor(draft, log.room, lost, room.asked);
    const says = (ask.length > 0 || owed) && room.gone === undefined;
    if (says) {
      // With nobody to ask, what is owed to somebody goes along.
      const id = uuidv7();
      const content = { kind: 'device', deviceId, ...(ask.length > 0 && { lost: ask }) } as const;
      draft.put('outbox', `${log.room}/${id}`, { id, room: log.room, at: Date.now(), content });
    }
    followed.keep();
    for (const userId of met.keys()) await peers.doubt(draft, userId);
    draft.put('rooms', log.room, {
      ...room,
      ...{ cursor, before, unread, activeAt, departed, unknownHeads, lists },
      ...(mentioned > 0 && { mentioned }),
      ...(state.name !== undefined && { name: state.name }),
      picture: state.picture,
      kinds: takenKinds(room),
      ...(introduced && { profiles: (room.profiles ?? 0) + 1 }),
      ...(state.pins && { pins: state.pins }),
      ...(state.lasts !== undefined && { lasts: state.lasts }),
      ...(missed && { missed, ...(lastMissed && { lastMissed }) }),
      ...(missed && learned && { learned: cursor }),
      ...(last && { last }),
      ...(ask.length > 0 && { asked }),
      ...(answered && { answered }),
    });
    // Keys, messages and cursor go together or not at all; what gets lost is asked for again.
    await draft.commit('relaxed');
    return { handshakes: pairwise.handshakes, says, refused, come: [...come], met };
  });
}

/** Whether somebody is an owner or admin, by the roster as this device has it. */
export const isAdmin = (log: RosterLog, userId: string): boolean =>
  (log.verified.roster.members.get(userId)?.role ?? 'member') !== 'member';

const nothing = { handshakes: 0, says: false, refused: [], come: [], met: new Map<string, number>() };

/**
 * Tries messages again for which this device had no key, as far as it has read; answers the first whose key it still lacks.
 */
export function reopen(
  { store, locks, account, keys }: Holder,
  rosterOf: (row: Row<'rooms'>) => Promise<RosterLog>,
  roomId: string,
  items: readonly Message[],
): Promise<number | undefined> {
  return locks.run('crypto', async () => {
    const draft = store.draft();
    const pairwise = new Pairwise({ account, keys });
    const room = await draft.get('rooms', roomId);
    if (!room) return;
    const log = await rosterOf(room);
    const place = placeOf(log, room);
    const { id: me, deviceId } = account;
    let missed: number | undefined;
    let introduced = false;
    let { unread, mentioned = 0, last } = room;
    const followed = new Followed(draft, log.room);
    for (const message of items) {
      const { seq, recipient, sender, device } = message;
      if (seq > room.cursor || recipient !== undefined || (sender === me && device === deviceId)) continue;
      const stored = await draft.get('messages', messageKey(log.room, seq));
      if (stored && !lacksKey(stored)) {
        // It may change, or delete, what opens only now.
        await erase(draft, log.room, sender, stored.content);
        last = last && changedSummary(last, sender, stored.content);
        continue;
      }
      const opened = await openMessage(pairwise, followed, place, message);
      if (opened.kind !== 'silent' && opened.missed) missed ??= seq;
      if (opened.kind !== 'stored') continue;
      const { content } = opened.row;
      if (await keepSaidProfile(draft, log.room, me, opened.row)) introduced = true;
      const text = summaryText(content);
      if (text === undefined) {
        last = last && changedSummary(last, sender, content);
        continue;
      }
      // Before its key came it was not told of.
      if (message.at >= (last?.at ?? 0)) last = { id: message.id, author: sender, text, at: message.at };
      if (sender === me || seq <= Math.max(place.since, room.readSeq)) continue;
      unread++;
      if (names(content, me)) mentioned++;
    }
    followed.keep();
    draft.put('rooms', log.room, {
      ...room,
      unread,
      ...(mentioned > 0 && { mentioned }),
      ...(last && { last }),
      ...(introduced && { profiles: (room.profiles ?? 0) + 1 }),
    });
    await draft.commit();
    return missed;
  });
}

const placeOf = (log: RosterLog, { since = 0 }: Row<'rooms'>): Place => ({
  room: log.room,
  identityKey: (userId) => log.identityKey(userId),
  joinedAt: (userId) => log.joinedAt(userId),
  wasMember: (userId, head) => log.wasMember(userId, head),
  since,
});
