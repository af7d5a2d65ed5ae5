import { Show } from 'solid-js';
import { useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { m } from '../../language/index.ts';
import { Empty } from '../../ui/empty.tsx';
import { FirstRoom } from './first-room.tsx';

/** The place of the conversation while none is open. */
export function NoRoom() {
  const engine = useEngine();
  const rooms = useObservable(() => engine.rooms);
  return (
    <Show when={rooms().length} fallback={<FirstRoom />}>
      <Empty title={m.rooms_chooseRoom()} text={m.rooms_chooseRoomText()} />
    </Show>
  );
}
