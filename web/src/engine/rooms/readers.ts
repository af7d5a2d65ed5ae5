import type { TimelineItem } from '../types.ts';

/**
 * Under the last message that each of the others has read: who that is. Nobody under their own words, which they have read of course.
 * Pure.
 *
 * @param reads up to which `seq` each of them has read
 */
export function withReaders(
  timeline: readonly TimelineItem[],
  reads: ReadonlyMap<string, number>,
  name: (userId: string) => string,
): readonly TimelineItem[] {
  const readers = new Map<string, { id: string; name: string }[]>();
  let left = new Map(reads);
  for (let i = timeline.length - 1; i >= 0 && left.size > 0; i--) {
    const item = timeline[i]!;
    const { seq } = item;
    if (seq === undefined || item.kind === 'notice') continue;
    const here: [string, number][] = [];
    for (const reader of left) if (reader[1] >= seq || reader[0] === item.author) here.push(reader);
    if (here.length === 0) continue;
    left = new Map([...left].filter(([userId]) => !here.some(([found]) => found === userId)));
    const others = here.filter(([userId]) => userId !== item.author);
    if (others.length > 0)
      readers.set(
        item.id,
        others.map(([id]) => ({ id, name: name(id) })),
      );
  }
  if (readers.size === 0) return timeline;
  return timeline.map((item) => {
    const readBy = readers.get(item.id);
    return readBy ? { ...item, readBy } : item;
  });
}
