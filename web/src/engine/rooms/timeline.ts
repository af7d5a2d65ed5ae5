import { type Content, type FileContent, isContent } from '../../../../protocol/content.ts';
import type { RosterEntry } from '../../../../protocol/roster.ts';
import { m } from '../../language/index.ts';
import { expiryOf } from '../store/messages.ts';
import type { Row } from '../store/store.ts';
import { shownName } from '../transfers/name.ts';
import type { Upload } from '../transfers/types.ts';
import type { FileItem, Quote, RoomEvent, TimelineItem } from '../types.ts';
import { hear, reactionsOf } from './changes.ts';

type TextContent = Extract<Content, { kind: 'text' }>;
type PinContent = Extract<Content, { kind: 'pin' }>;
type RoomContent = Extract<Content, { kind: 'room' }>;
type TimerContent = Extract<Content, { kind: 'timer' }>;

/** What is said of a file besides what it is. */
export interface FileMarks {
  readonly voice?: true;
  readonly forwarded?: true;
}

/** The marks alone, of whatever has some. */
export const marksOf = ({
  voice,
  forwarded,
}: {
  readonly voice?: true | undefined;
  readonly forwarded?: true | undefined;
}): FileMarks => ({ ...(voice && { voice }), ...(forwarded && { forwarded }) });

/** A file that this tab is sending; `content` once the room can be told. */
export interface Sending extends FileMarks {
  readonly messageId: string;
  readonly fileId: string;
  readonly at: number;
  readonly name: string;
  readonly upload: Upload;
  readonly problem?: string;
}

/** A file that no tab is sending any more, and that its file can be picked for again. */
export interface Interrupted extends FileMarks {
  readonly messageId: string;
  readonly fileId: string;
  readonly at: number;
  readonly name: string;
  readonly size: number;
  /** Whether the browser has kept where it was picked. */
  readonly kept: boolean;
  /** Whether the room knows of it. */
  readonly announced: boolean;
  /** Both absent of one whose turn had not come. */
  readonly commitment?: string;
  readonly manifestHash?: string;
}

export interface TimelineInput {
  readonly me: string;
  readonly messages: readonly Row<'messages'>[];
  /**
   * Keeps, from one call to the next, what was made of words that nothing has happened to: the same item again, so that a long
   * timeline costs little, and whoever shows it sees at once what has not changed.
   */
  readonly made?: WeakMap<Row<'messages'>, TimelineItem>;
  readonly outbox: readonly Row<'outbox'>[];
  readonly sending: readonly Sending[];
  readonly interrupted: readonly Interrupted[];
  readonly history: readonly RosterEntry[];
  /** Roster entries older than the oldest loaded message are not shown, unless everything is loaded. */
  readonly complete: boolean;
  /** Whether there was talk from before this device had any keys. */
  readonly before: boolean;
  /** Whether somebody was a member as of a roster entry; undefined for an entry that is not known here. */
  readonly wasMember: (userId: string, head: string) => boolean | undefined;
  readonly isVerified: (userId: string) => boolean;
  readonly name: (userId: string) => string;
  /** What somebody called themselves when they came. */
  readonly joinedAs: (userId: string) => string;
}

/** Puts messages, what waits to be sent and the room's events in the order in which people should read them. Pure. */
export function buildTimeline(input: TimelineInput): TimelineItem[] {
  const { me, messages, name, made } = input;
  const base = (id: string, at: number, author: string) => ({
    id,
    at,
    author,
    authorName: name(author),
    mine: author === me,
    ...(input.isVerified(author) && ({ verified: true } as const)),
  });
  const isAs = ({ author, authorName, verified }: TimelineItem) =>
    authorName === name(author) && (verified ?? false) === input.isVerified(author);
  const leaving = input.outbox.filter((row) => row.problem === undefined);
  const { said: quotable, changes } = hear([
    ...messages,
    ...leaving.map(({ id, content }) => ({ id, content, sender: me })),
  ]);
  /** What is to read otherwise, of which the room has not been told yet. */
  const changing = new Set(
    leaving.flatMap(({ content }) => (isContent(content, 'edit') ? [content.target] : [])),
  );
  const quote = (id: string | undefined): { replyTo: Quote } | undefined => {
    if (id === undefined) return undefined;
    const target = quotable.get(id);
    const { body, deleted } = changes.get(id) ?? {};
    const text = target && !deleted ? (body ?? summaryText(target.content)) : undefined;
    return {
      replyTo: { id, ...(target && { authorName: name(target.sender) }), ...(text && { text }) },
    };
  };
  /** What is spoken, as it is now. */
  const marked = (id: string) => {
    const reactions = reactionsOf(changes.get(id), me, name);
    return reactions.length > 0 ? { reactions } : undefined;
  };
  const named = (userIds: readonly string[] = []) => {
    const mentions = userIds.map((userId) => ({ id: userId, name: name(userId) }));
    return mentions.length > 0 ? { mentions } : undefined;
  };
  const text = (id: string, content: TextContent) => {
    const change = changes.get(id);
    const edit = change?.body;
    return {
      kind: 'text',
      text: edit ?? content.body,
      ...named(change?.mentions ?? content.mentions),
      ...(content.forwarded && ({ forwarded: true } as const)),
      ...(edit !== undefined && ({ edited: true } as const)),
      ...quote(content.replyTo),
      ...marked(id),
    } as const;
  };
  const uploads = new Map(input.sending.map((sending) => [sending.fileId, sending.upload]));
  const interrupted = new Map(input.interrupted.map((stopped) => [stopped.fileId, stopped]));
  const file = (content: FileContent) => {
    const upload = uploads.get(content.fileId);
    const { fileId, commitment, manifestHash } = content;
    const stopped = interrupted.get(fileId);
    return {
      kind: 'file',
      fileId,
      commitment,
      manifestHash,
      ...calledSo(content),
      ...marksOf(content),
      ...(upload && { upload }),
      ...(stopped && {
        interrupted: {
          name: shownName(stopped.name),
          size: stopped.size,
          ...(stopped.kept && ({ kept: true } as const)),
          ...(stopped.commitment === undefined && ({ unsent: true } as const)),
        },
      }),
    } as const;
  };
  const said: TimelineItem[] = [];
  /** What each was called up to here. */
  const called = new Map<string, string>();
  const came = (userId: string) => arrival(input.history, userId)?.seq ?? -1;
  for (const message of messages) {
    const { id, seq, at, sender, content, roster, renamed: noted } = message;
    const before = changes.has(id) ? undefined : made?.get(message);
    if (before && isAs(before)) {
      said.push(before);
      continue;
    }
    const isDoubtful = roster !== undefined && !input.wasMember(sender, roster);
    const expiry = expiryOf({ at, content });
    const item = {
      ...{ ...base(id, at, sender), seq },
      ...(isDoubtful && { doubt: m.engine_otherListThen() }),
      ...(expiry !== undefined && { expiresAt: expiry }),
    };
    if (content.kind === 'deleted' || changes.get(id)?.deleted) said.push({ ...item, kind: 'deleted' });
    else if (isContent(content, 'text')) {
      const state = changing.has(id) ? 'waiting' : 'sent';
      const words = { ...item, ...text(id, content), state } as const;
      said.push(words);
      if (!changes.has(id) && isByItself(content) && roster === undefined) made?.set(message, words);
    } else if (isContent(content, 'file'))
      said.push({ ...item, ...file(content), ...marked(id), state: 'sent' });
    else if (isContent(content, 'timer') || isContent(content, 'pin') || isContent(content, 'room')) {
      const event = stateEvent(content);
      if (event !== undefined) said.push({ ...item, kind: 'notice', event });
    } else if (isContent(content, 'profile')) {
      const first = input.joinedAs(sender);
      // Of who came after this person nothing can have been said before that they would not know.
      const repeats = content.again && came(sender) <= came(me);
      const renamed = noted ?? (content.name !== (called.get(sender) ?? first) && !repeats);
      called.set(sender, content.name);
      if (renamed)
        said.push({ ...item, kind: 'notice', event: { what: 'renamed', first, name: content.name } });
    } else if (content.kind === 'unreadable')
      said.push({
        ...item,
        kind: 'unreadable',
        reason: whyUnreadable((content as { reason: string }).reason),
      });
    else if (!silent.has(content.kind))
      said.push({
        ...item,
        kind: 'unreadable',
        reason: whyUnreadable('needs-newer'),
      });
  }
  const notices = roomNotices(input);
  const merged = mergeByTime(said, notices);
  const waiting = input.outbox.flatMap((row): TimelineItem[] => {
    const item = {
      ...base(row.id, row.at, me),
      state: row.problem === undefined ? 'waiting' : 'failed',
      ...(row.problem !== undefined && { problem: row.problem }),
    } as const;
    if (changes.get(row.id)?.deleted) return [];
    if (row.content.kind === 'text') return [{ ...item, ...text(row.id, row.content) }];
    if (row.content.kind === 'file') return [{ ...item, ...file(row.content), ...marked(row.id) }];
    // What changes another message shows there, unless it failed.
    const words = row.problem === undefined ? undefined : changeText(row.content);
    return words === undefined ? [] : [{ ...item, kind: 'text', text: words }];
  });
  const known = (id: string) => [input.outbox, messages].some((rows) => rows.some((row) => row.id === id));
  const problems = new Map(input.sending.map(({ fileId, problem }) => [fileId, problem]));
  const stopped = input.interrupted
    .filter(({ messageId, announced }) => !announced && !known(messageId))
    .map(({ messageId, at, commitment = '', manifestHash = '', ...content }): FileItem => {
      const problem = problems.get(content.fileId);
      const item = {
        ...base(messageId, at, me),
        ...file({ kind: 'file', commitment, manifestHash, ...content }),
        state: 'failed',
      } as const;
      return { ...item, ...(problem !== undefined && { problem }) };
    });
  const starting = input.sending
    .filter((sending) => !known(sending.messageId) && !interrupted.has(sending.fileId))
    .map(({ messageId, fileId, at, name, upload, problem, ...marks }): FileItem => {
      const state = problem === undefined ? 'waiting' : 'failed';
      return {
        ...base(messageId, at, me),
        kind: 'file',
        fileId,
        commitment: '',
        manifestHash: '',
        ...calledSo({ name, ...marks }),
        ...marks,
        upload,
        state,
        ...(problem !== undefined && { problem }),
      };
    });
  return [...merged, ...waiting, ...stopped, ...starting];
}

/** Whether nothing in it is told by something else: what it answers, how people are called. */
const isByItself = ({ replyTo, mentions = [] }: TextContent): boolean =>
  replyTo === undefined && mentions.length === 0;

function changeText(content: { kind: string }): string | undefined {
  if (isContent(content, 'edit')) return content.body;
  if (isContent(content, 'reaction')) return content.emoji;
  if (isContent(content, 'pin')) return content.remove ? m.engine_changeUnpin() : m.engine_changePin();
  if (isContent(content, 'profile')) return m.engine_changeProfile();
  if (isContent(content, 'room')) return m.engine_changeRoom();
  if (isContent(content, 'timer')) return m.engine_changeTimer();
  return isContent(content, 'delete') ? m.engine_changeDelete() : undefined;
}

/** Earlier versions stored sentences in place of reasons: those are shown as they are. */
const whyUnreadable = (reason: string): string => m.engine_unreadable({ reason });

/** What somebody changed about the room. */
function stateEvent(content: PinContent | TimerContent | RoomContent): RoomEvent | undefined {
  if (content.kind === 'room') {
    if (content.again) return undefined;
    if (content.name !== undefined) return { what: 'named', name: content.name };
    return { what: content.picture === null ? 'picture-removed' : 'picture-changed' };
  }
  if (content.kind === 'pin') return { what: content.remove ? 'unpinned' : 'pinned' };
  return { what: 'timer', lasts: content.lasts };
}

/** What shows in others, or not at all. */
const silent: ReadonlySet<string> = new Set(['device', 'edit', 'delete', 'reaction']);

/** How somebody came into the room, the last time. */
const arrival = (history: readonly RosterEntry[], userId: string): RosterEntry | undefined =>
  history.findLast(({ by, kind }) => by === userId && (kind === 'joined' || kind === 'created'));

function roomNotices({ history, messages, complete, before, name, me }: TimelineInput): TimelineItem[] {
  const from = complete ? 0 : (messages[0]?.at ?? 0);
  const joinedAt = arrival(history, me)?.at ?? 0;
  const notices = history.flatMap((entry): TimelineItem[] => {
    const event = rosterEvent(entry, name, me);
    if (!event || entry.at < from) return [];
    return [
      {
        kind: 'notice',
        id: `roster-${entry.seq}`,
        at: entry.at,
        author: entry.by,
        authorName: name(entry.by),
        mine: entry.by === me,
        event,
      },
    ];
  });
  if (!before || !complete) return notices;
  const event = { what: 'before' } as const;
  return mergeByTime(notices, [
    { kind: 'notice', id: 'before', at: joinedAt, author: me, authorName: name(me), mine: true, event },
  ]);
}

function rosterEvent(
  entry: RosterEntry,
  name: (userId: string) => string,
  me: string,
): RoomEvent | undefined {
  switch (entry.kind) {
    case 'created':
    case 'joined':
    case 'left':
      return { what: entry.kind };
    case 'removed':
      return { what: 'removed', ...(entry.user !== me && { whom: name(entry.user) }) };
    case 'role':
      if (entry.user === entry.by) return { what: 'own-role', role: entry.role };
      return { what: 'role', role: entry.role, ...(entry.user !== me && { whom: name(entry.user) }) };
    default:
      return undefined;
  }
}

/** Keeps the order of `first` (by seq) and puts each of `second` before the first item that is later. */
function mergeByTime(first: readonly TimelineItem[], second: readonly TimelineItem[]): TimelineItem[] {
  const out: TimelineItem[] = [];
  let next = 0;
  for (const item of first) {
    while (next < second.length && second[next]!.at <= item.at) out.push(second[next++]!);
    out.push(item);
  }
  return [...out, ...second.slice(next)];
}

/** One line for the list of rooms; undefined for what is not worth one. */
export function summaryText(content: { kind: string }): string | undefined {
  if (isContent(content, 'text')) return firstWords(content.body);
  if (!isContent(content, 'file')) return undefined;
  return content.voice ? m.engine_sentVoice() : m.engine_sentFile();
}

/** A file's name as it is shown; what was said aloud is called what it is, in the language of who reads. */
function calledSo({ name, voice }: { name?: string | undefined; voice?: true | undefined }): {
  name?: string;
} {
  if (voice) return { name: m.engine_voice() };
  return name ? { name: shownName(name) } : {};
}

const firstWords = (body: string): string => body.slice(0, 200);

/** The line again, after its author changed or deleted what it shows. */
export function changedSummary<Line extends { id?: string | undefined; author: string; text: string }>(
  line: Line,
  sender: string,
  content: { kind: string },
): Line {
  const isEdit = isContent(content, 'edit');
  if (!isEdit && !isContent(content, 'delete')) return line;
  if (content.target !== line.id || sender !== line.author) return line;
  return { ...line, text: isEdit ? firstWords(content.body) : m.engine_deletedOne() };
}
