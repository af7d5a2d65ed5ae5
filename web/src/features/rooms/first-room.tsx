import MessagesSquare from 'lucide-solid/icons/messages-square';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { beginRoom } from './create-room.tsx';

/** What somebody without a room sees: what one is, and the way to it. */
export function FirstRoom() {
  return (
    <Empty
      icon={<MessagesSquare class="size-9" stroke-width={1.5} />}
      title={m.rooms_noRooms()}
      text={m.rooms_noRoomsText()}
    >
      <Button variant="primary" onClick={beginRoom}>
        {m.rooms_newRoom()}
      </Button>
    </Empty>
  );
}
