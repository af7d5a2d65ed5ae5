import { expect, it } from 'vitest';
import { roomView, type ViewInput } from './view.ts';

it('who asks to come in is shown to owners and admins, and no more to who was one', () => {
  const shown = (role: 'admin' | 'member') => {
    const { requests, asking } = roomView({
      me: 'ana',
      row: { id: 'r', name: 'Film', role: 'admin' },
      membership: {
        members: [{ userId: 'ana', role }],
        log: { departed: new Map(), entries: [] },
        warnings: [],
        name: () => 'Ana',
        picture: () => undefined,
      },
      trust: new Map(),
      requests: [{ id: 'carla', name: 'Carla', at: 1 }],
      asking: 2,
    } as unknown as ViewInput);
    return { asked: requests.length, asking };
  };
  expect(shown('admin')).toEqual({ asked: 1, asking: 2 });
  expect(shown('member')).toEqual({ asked: 0, asking: undefined });
});
