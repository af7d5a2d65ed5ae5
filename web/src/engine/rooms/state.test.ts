import { describe, expect, it } from 'vitest';
import { changedState, mostPins, type RoomState } from './state.ts';

const stateOf = (...contents: { kind: string; [field: string]: unknown }[]): RoomState =>
  contents.reduce<RoomState>(
    (state, content) => changedState(state, { sender: 'ana', byAdmin: content.by !== 'member' }, content),
    {},
  );
const pin = (id: number, remove?: true) => ({ kind: 'pin', target: `m${id}`, seq: id, remove });

describe('what messages say of the room', () => {
  it('the newest pin comes last, one pinned again moves there, one taken away is gone', () => {
    expect(stateOf(pin(1), pin(2), pin(1)).pins?.map(({ id }) => id)).toEqual(['m2', 'm1']);
    expect(stateOf(pin(1), pin(2), pin(1, true)).pins?.map(({ id }) => id)).toEqual(['m2']);
  });

  it('of too many pins the oldest goes', () => {
    const { pins } = stateOf(...Array.from({ length: mostPins + 3 }, (_, i) => pin(i + 1)));
    expect([pins?.length, pins?.[0]?.id]).toEqual([mostPins, 'm4']);
  });

  it('owners and admins name it and give it a picture, members do not', () => {
    const named = { kind: 'room', name: 'Film', picture: 'abc' };
    expect(stateOf(named)).toMatchObject({ name: 'Film', picture: 'abc' });
    expect(stateOf({ ...named, by: 'member' })).toEqual({});
    expect(stateOf(named, { kind: 'room', picture: null })).toEqual({ name: 'Film' });
    expect(stateOf(named, { kind: 'room', name: 'Books' })).toEqual({ name: 'Books', picture: 'abc' });
  });

  it('who has just come is told the timer, which changes nothing for the others', () => {
    const told = { kind: 'room', lasts: 60, again: true };
    expect(stateOf(told).lasts).toBe(60);
    expect(stateOf({ kind: 'timer', lasts: 0 }, told).lasts).toBe(0);
  });

  it('the last timer holds; who never heard of one learns it from what others say', () => {
    const text = (lasts?: number) => ({ kind: 'text', body: 'x', lasts });
    expect(stateOf({ kind: 'timer', lasts: 60 }, { kind: 'timer', lasts: 0 }).lasts).toBe(0);
    expect(stateOf(text(60)).lasts).toBe(60);
    // Written before its author heard that it was switched off.
    expect(stateOf({ kind: 'timer', lasts: 0 }, text(60)).lasts).toBe(0);
    expect(stateOf(text()).lasts).toBeUndefined();
  });
});
