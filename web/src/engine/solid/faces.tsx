import { createContext, createMemo, type ParentProps, useContext } from 'solid-js';
import type { Room } from '../types.ts';
import { useObservable } from './observable.ts';
import { pictureUrl } from './picture.ts';

const Context = createContext<(userId: string) => string | undefined>(() => undefined);

/** Inside, `useFaces` knows what the members of a room look like. */
export function Faces(props: ParentProps<{ room: Room }>) {
  const view = useObservable(() => props.room.view);
  const pictures = createMemo(() => new Map(view().members.map(({ id, picture }) => [id, picture])));
  return (
    <Context.Provider value={(userId) => pictureUrl(pictures().get(userId))}>
      {props.children}
    </Context.Provider>
  );
}

/** The address of somebody's picture, for an `Avatar`; undefined for who shows none, or is no member. */
export const useFaces = (): ((userId: string) => string | undefined) => useContext(Context);
