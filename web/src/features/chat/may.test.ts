import { describe, expect, it } from 'vitest';
import type { Member, RoomView } from '../../engine/types.ts';
import { mayBecome, mayInvite, mayLeave, mayRemove } from './may.ts';

const member = (id: string, role: Member['role']): Member => ({ id, name: id, role, isMe: id === 'me' });
const room = (role: Member['role'], others: Member['role'][], gone?: RoomView['gone']): RoomView => ({
  id: 'room',
  name: 'Room',
  me: 'me',
  role,
  members: [member('me', role), ...others.map((other, i) => member(`other ${i}`, other))],
  connection: 'online',
  timeline: [],
  hasOlder: false,
  warnings: [],
  ...(gone && { gone }),
});

describe('leaving', () => {
  it.each([
    ['a member', room('member', ['owner']), true],
    ['an owner who is alone', room('owner', []), true],
    ['one of two owners', room('owner', ['owner', 'member']), true],
    ['the only owner among others', room('owner', ['admin', 'member']), false],
    ['somebody who was removed', room('member', ['owner'], 'removed'), false],
  ])('%s', (_, view, may) => expect(mayLeave(view)).toBe(may));
});

describe('inviting and removing', () => {
  it('is for those who stand above', () => {
    const view = room('admin', ['owner', 'admin', 'member']);
    expect(view.members.map((other) => mayRemove(view, other))).toEqual([false, false, false, true]);
    expect(mayInvite(view)).toBe(true);
    expect(mayInvite(room('member', ['owner']))).toBe(false);
  });

  it('is for nobody once the room is over', () => {
    const view = room('owner', ['member'], 'deleted');
    expect([mayInvite(view), mayRemove(view, view.members[1]!)]).toEqual([false, false]);
  });
});

describe('giving roles', () => {
  const offered = (view: RoomView) => view.members.map((other) => mayBecome(view, other));

  it('is for owners, and never leaves a room without one', () => {
    expect(offered(room('owner', ['admin', 'member']))).toEqual([
      [],
      ['owner', 'member'],
      ['owner', 'admin'],
    ]);
    expect(offered(room('owner', ['owner']))).toEqual([
      ['admin', 'member'],
      ['admin', 'member'],
    ]);
    expect(offered(room('admin', ['owner', 'member']))).toEqual([[], [], []]);
    expect(offered(room('owner', ['owner'], 'removed'))).toEqual([[], []]);
  });
});
