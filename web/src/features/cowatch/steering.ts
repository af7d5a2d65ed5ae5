import type { Accessor } from 'solid-js';
import { screenOf } from '../../engine/cowatch/element.ts';
import type { JoinedView, JoinedWatch } from '../../engine/types.ts';
import type { Steering } from '../player/index.ts';

/**
 * Lets a watch move a player, and the player's buttons move the watch.
 *
 * @param refused told when somebody presses who may not
 */
export function steeringOf(
  messageId: string,
  joined: JoinedWatch,
  view: Accessor<JoinedView>,
  quieter: Accessor<boolean>,
  refused: () => void,
): Steering {
  const may = (does: () => void) => {
    if (view().mayControl) does();
    else refused();
  };
  return {
    playing: () => view().phase === 'playing' || view().phase === 'waiting',
    rate: () => view().rate,
    quieter,
    play: () => may(joined.play),
    pause: () => may(joined.pause),
    seek: (seconds) => may(() => joined.seek(seconds)),
    setRate: (rate) => may(() => joined.setRate(rate)),
    attach: (element, status) =>
      joined.show(
        messageId,
        screenOf(element, () => status().state === 'waiting-for-uploader'),
      ),
  };
}
