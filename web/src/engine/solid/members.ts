import type { RoomView } from '../types.ts';

/** The names of those of the accounts `ids` who are somebody else; who has gone has none. */
export const othersOf = (view: RoomView, ids: readonly string[]): string[] =>
  ids.filter((id) => id !== view.me).map((id) => view.members.find((member) => member.id === id)?.name ?? '');
