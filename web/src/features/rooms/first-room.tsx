import MessagesSquare from 'lucide-solid/icons/messages-square';
import { Show } from 'solid-js';
import { useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { beginRoom } from './create-room.tsx';

/** What stands where there is no room: on a new device that the account's own are looked for, then the way to a first one. */
export function FirstRoom() {
  const engine = useEngine();
  const complete = useObservable(() => engine.roomsComplete);
  return (
    <Show
      when={complete()}
      fallback={
        <div role="status" class="appear-late h-full">
          <Empty icon={<Spinner class="size-7" />} title={m.rooms_looking()} text={m.rooms_lookingText()} />
        </div>
      }
    >
      <Empty
        icon={<MessagesSquare class="size-9" stroke-width={1.5} />}
        title={m.rooms_noRooms()}
        text={m.rooms_noRoomsText()}
      >
        <Button variant="primary" onClick={beginRoom}>
          {m.rooms_newRoom()}
        </Button>
      </Empty>
    </Show>
  );
}
