import { fold, indexOfWord } from '../../engine/search/fold.ts';
import type { FoundMessage, Person, RoomSummary } from '../../engine/types.ts';

/** One line of the list. */
export type Result =
  | { readonly kind: 'room'; readonly key: string; readonly room: RoomSummary }
  | { readonly kind: 'person'; readonly key: string; readonly person: Person }
  | { readonly kind: 'message'; readonly key: string; readonly message: FoundMessage };

/** How many rooms and people stand above the messages. */
const most = 5;
const recent = 7;

/** Rooms by what is typed; without anything the recent ones. */
export function roomResults(rooms: readonly RoomSummary[], text: string): Result[] {
  const found = text === '' ? rooms.slice(0, recent) : named(rooms, text).slice(0, most);
  return found.map((room) => ({ kind: 'room', key: `room-${room.id}`, room }));
}

export function personResults(people: readonly Person[], text: string): Result[] {
  const found = text === '' ? [] : named(people, text).slice(0, most);
  return found.map((person) => ({ kind: 'person', key: `person-${person.id}`, person }));
}

export const messageResults = (messages: readonly FoundMessage[]): Result[] =>
  messages.map((message) => ({ kind: 'message', key: `message-${message.id}`, message }));

/** Those with a word that begins with `text`. */
function named<T extends { readonly name: string }>(all: readonly T[], text: string): T[] {
  const word = fold(text.normalize('NFC').trim());
  return all.filter(({ name }) => indexOfWord(fold(name.normalize('NFC')), word) >= 0);
}

/** Characters that stand before the first hit, and altogether. */
const before = 40;
const around = 200;

/** The part of a long text around its first mark, and the marks in it. */
export function excerpt(
  text: string,
  marks: readonly (readonly [number, number])[],
): { readonly text: string; readonly marks: readonly (readonly [number, number])[] } {
  const first = marks[0]?.[0] ?? 0;
  if (first <= before) return { text: text.slice(0, around), marks };
  // From the beginning of a word on.
  const space = text.indexOf(' ', first - before);
  const from = space < 0 || space >= first ? first : space + 1;
  return {
    text: `…${text.slice(from, from + around)}`,
    marks: marks.map(([begin, end]) => [begin - from + 1, end - from + 1] as const),
  };
}
