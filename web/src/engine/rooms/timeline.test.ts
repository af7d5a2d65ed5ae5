import { describe, expect, it } from 'vitest';
import type { Row } from '../store/store.ts';
import type { TimelineItem } from '../types.ts';
import { buildTimeline, type TimelineInput } from './timeline.ts';

const message = (seq: number, content: { kind: string; [field: string]: unknown }): Row<'messages'> => ({
  ...{ id: `m${seq}`, seq, at: seq, sender: 'ben', content },
});

describe('an item that was made before', () => {
  const made = new WeakMap<Row<'messages'>, TimelineItem>();
  const show = (messages: readonly Row<'messages'>[], changed: Partial<TimelineInput> = {}) =>
    buildTimeline({
      ...{ me: 'ana', messages, made, outbox: [], sending: [], interrupted: [], history: [] },
      ...{ complete: true, before: false, wasMember: () => true, isVerified: () => false },
      ...{ name: (who) => who, joinedAs: (who) => who },
      ...changed,
    });
  const said = message(1, { kind: 'text', body: 'hello' });

  it('is the same again as long as nothing has happened to it', () => {
    expect(show([said, message(2, { kind: 'text', body: 'there' })])[0]).toBe(show([said])[0]);
  });

  it.each([
    ['was edited', { kind: 'edit', target: said.id, body: 'hallo' }, { text: 'hallo', edited: true }],
    ['was deleted', { kind: 'delete', target: said.id, seq: 1 }, { kind: 'deleted' }],
    ['got a reaction', { kind: 'reaction', target: said.id, emoji: '👍' }, { reactions: [{ emoji: '👍' }] }],
  ])('is another when it %s, and as before when that is undone', (_what, change, now) => {
    const before = show([said])[0];
    expect(show([said, message(2, change)])[0]).toMatchObject(now);
    expect(show([said])[0]).toBe(before);
  });

  it('is not taken for told while a change of it waits to be sent', () => {
    const content = { kind: 'edit', target: said.id, body: 'hallo' } as const;
    const waits = { id: 'e1', room: 'r', at: 2, content };
    const mine = { ...said, sender: 'ana' };
    const now = (outbox: TimelineInput['outbox']) => show([mine], { outbox })[0];
    expect(now([waits])).toMatchObject({ text: 'hallo', state: 'waiting' });
    expect(now([])).toMatchObject({ text: 'hello', state: 'sent' });
  });

  it('is another when its author is called or trusted otherwise', () => {
    show([said]);
    expect(show([said], { name: () => 'Benny' })[0]).toMatchObject({ authorName: 'Benny' });
    expect(show([said], { isVerified: () => true })[0]).toMatchObject({ verified: true });
    expect(show([said])[0]).not.toHaveProperty('verified');
  });

  it('is made anew where others tell part of it: whom it answers, whom it names', () => {
    const answer = message(2, { kind: 'text', body: 'yes', replyTo: said.id, mentions: ['carla'] });
    show([said, answer]);
    const edit = message(3, { kind: 'edit', target: said.id, body: 'hallo' });
    expect(show([said, answer, edit])[1]).toMatchObject({ replyTo: { text: 'hallo' } });
    const named = message(2, { kind: 'text', body: '@carla', mentions: ['carla'] });
    show([named]);
    const renamed = { name: (who: string) => (who === 'carla' ? 'Carlotta' : who) };
    expect(show([named], renamed)[0]).toMatchObject({ mentions: [{ name: 'Carlotta' }] });
  });

  it('is made anew where it was written with a member list that is not known here yet', () => {
    const doubtful = { ...said, roster: 'unknown' };
    expect(show([doubtful], { wasMember: () => true })[0]).not.toHaveProperty('doubt');
    expect(show([doubtful], { wasMember: () => false })[0]).toHaveProperty('doubt');
  });
});
