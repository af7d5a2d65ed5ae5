import { describe, expect, it } from 'vitest';
import { hear, reactionsOf, type Said } from './changes.ts';
import { buildTimeline, changedSummary, type TimelineInput } from './timeline.ts';

let ids = 0;
const say = (sender: string, content: { kind: string; [field: string]: unknown }): Said => ({
  id: `m${++ids}`,
  sender,
  content,
});
const text = (sender: string, body: string, replyTo?: string) => say(sender, { kind: 'text', body, replyTo });

describe('what later messages make of earlier ones', () => {
  it('the last edit by the author counts, nobody else edits', () => {
    const said = text('ana', 'helo');
    const edit = (sender: string, body: string) => say(sender, { kind: 'edit', target: said.id, body });
    const { changes } = hear([said, edit('ana', 'hello'), edit('ben', 'gotcha'), edit('ana', 'hello!')]);
    expect(changes.get(said.id)?.body).toBe('hello!');
  });

  it('only the author deletes; what is no text is not edited', () => {
    const [mine, file] = [text('ana', 'secret'), say('ana', { kind: 'file' })];
    const drop = (sender: string, target: string) => say(sender, { kind: 'delete', target, seq: 1 });
    const { changes: forged } = hear([mine, drop('ben', mine.id)]);
    expect(forged.get(mine.id)?.deleted).toBeUndefined();
    const { changes } = hear([
      mine,
      file,
      drop('ana', mine.id),
      say('ana', { kind: 'edit', target: file.id, body: 'x' }),
    ]);
    expect(changes.get(mine.id)?.deleted).toBe(true);
    expect(changes.get(file.id)?.body).toBeUndefined();
  });

  it('a reaction counts once a person, and goes when it is taken back', () => {
    const said = text('ana', 'cake?');
    const react = (sender: string, emoji: string, remove?: true) =>
      say(sender, { kind: 'reaction', target: said.id, emoji, remove });
    const { changes } = hear([
      said,
      react('ben', '👍'),
      react('ben', '👍'),
      react('carla', '🎂'),
      react('ana', '👍'),
      react('carla', '🎂', true),
    ]);
    expect(reactionsOf(changes.get(said.id), 'ana', (who) => who.toUpperCase())).toEqual([
      { emoji: '👍', others: ['BEN'], mine: true },
    ]);
  });

  it('what comes before its message, or is about another change, is not heard', () => {
    const said = text('ana', 'one');
    const early = say('ana', { kind: 'edit', target: said.id, body: 'two' });
    const reaction = say('ben', { kind: 'reaction', target: early.id, emoji: '👍' });
    expect(hear([early, said, reaction]).changes.size).toBe(0);
  });
});

describe('in the timeline', () => {
  const show = (said: readonly Said[], outbox: readonly Said[] = [], problem?: string) =>
    buildTimeline({
      me: 'ana',
      messages: said.map((each, i) => ({ ...each, seq: i + 1, at: i })),
      outbox: outbox.map((each, i) => ({ ...each, room: 'r', at: 100 + i, ...(problem && { problem }) })),
      sending: [],
      interrupted: [],
      history: [],
      complete: true,
      before: false,
      wasMember: () => true,
      isVerified: () => false,
      name: (who: string) => who,
    } as unknown as TimelineInput);

  it('an edit shows at once, also before it is sent', () => {
    const said = text('ana', 'helo');
    const [item, ...more] = show([said], [say('ana', { kind: 'edit', target: said.id, body: 'hello' })]);
    expect(item).toMatchObject({ kind: 'text', text: 'hello', edited: true, state: 'waiting' });
    expect(more).toEqual([]);
  });

  it('one that could not be sent changes nothing, and can be tried again', () => {
    const said = text('ana', 'helo');
    const edit = say('ana', { kind: 'edit', target: said.id, body: 'hello' });
    const [item, failed] = show([said], [edit], 'No.');
    expect(item).toMatchObject({ text: 'helo' });
    expect(item).not.toHaveProperty('edited');
    expect(failed).toMatchObject({ id: edit.id, state: 'failed', text: 'hello', problem: 'No.' });
  });

  it('deleted words are nowhere, not in answers to them either', () => {
    const said = text('ana', 'secret');
    const items = show([
      said,
      text('ben', 'what?', said.id),
      say('ana', { kind: 'delete', target: said.id, seq: 1 }),
    ]);
    expect(items.map(({ kind }) => kind)).toEqual(['deleted', 'text']);
    expect(items[1]).toMatchObject({ replyTo: { id: said.id, authorName: 'ana' } });
    expect(JSON.stringify(items)).not.toContain('secret');
  });

  it('an answer quotes the words as they are now', () => {
    const said = text('ben', 'fuor');
    const edit = say('ben', { kind: 'edit', target: said.id, body: 'four' });
    expect(show([said, edit, text('ana', 'yes', said.id)])[1]).toMatchObject({
      replyTo: { id: said.id, authorName: 'ben', text: 'four' },
    });
  });
});

it('the list of rooms shows what was made of its line, by its author alone', () => {
  const line = { id: 'm', author: 'ana', text: 'helo' };
  const edit = { kind: 'edit', target: 'm', body: 'hello' };
  expect(changedSummary(line, 'ana', edit).text).toBe('hello');
  expect(changedSummary(line, 'ben', edit).text).toBe('helo');
  expect(changedSummary(line, 'ana', { kind: 'delete', target: 'm' } as { kind: string }).text).not.toContain(
    'helo',
  );
});
