import type { LiveRoom } from './rooms/room.ts';
import type { Me, TimelineItem } from './types.ts';

/** All that this device can read (`Engine.exportAll`). One room at a time is in memory as objects. */
export async function exportAll({ id, email, name }: Me, rooms: readonly LiveRoom[]): Promise<Blob> {
  const head = { format: 'stream-chat-export', version: 1, exportedAt: new Date().toISOString() };
  const parts = [`${JSON.stringify({ ...head, account: { id, email, name } }).slice(0, -1)},"rooms":[`];
  for (const [i, room] of rooms.entries()) {
    const { members } = room.view.get();
    const people = members.map((member) => ({ id: member.id, name: member.name, role: member.role }));
    const messages = (await room.everything()).map(readable);
    const json = JSON.stringify(
      { id: room.id, name: room.row.name, members: people, messages },
      undefined,
      1,
    );
    parts.push(i > 0 ? ',' : '', json);
  }
  return new Blob([...parts, ']}'], { type: 'application/json' });
}

/** A line of the timeline without what only screens need. */
function readable(item: TimelineItem) {
  const base = {
    ...{ id: item.id, at: new Date(item.at).toISOString(), author: item.author, authorName: item.authorName },
    kind: item.kind,
  };
  if (item.kind === 'notice') return { ...base, text: item.text };
  if (item.kind === 'file') return { ...base, fileId: item.fileId };
  if (item.kind !== 'text') return base;
  const { text, edited, forwarded, replyTo, reactions } = item;
  return {
    ...base,
    text,
    ...(edited && { edited }),
    ...(forwarded && { forwarded }),
    ...(replyTo && { replyTo: replyTo.id }),
    ...(reactions && {
      reactions: reactions.map(({ emoji, others, mine }) => ({
        emoji,
        by: [...others, ...(mine ? ['me'] : [])],
      })),
    }),
  };
}
