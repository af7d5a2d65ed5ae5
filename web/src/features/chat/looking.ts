import { type Accessor, createEffect, onCleanup } from 'solid-js';
import type { Room } from '../../engine/types.ts';

/** Tells a room that it is in front of the person, for as long as the page can be seen and its owner shows the room. */
export function lookAt(room: Accessor<Room>): void {
  createEffect(() => {
    const looked = room();
    const tell = () => looked.looks(document.visibilityState === 'visible');
    tell();
    document.addEventListener('visibilitychange', tell);
    onCleanup(() => {
      document.removeEventListener('visibilitychange', tell);
      looked.looks(false);
    });
  });
}
