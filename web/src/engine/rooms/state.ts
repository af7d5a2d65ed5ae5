import { type Content, isContent } from '../../../../protocol/content.ts';
import type { Row } from '../store/store.ts';

/** What messages say of the room itself. */
export type RoomState = Partial<Pick<Row<'rooms'>, 'name' | 'picture' | 'pins' | 'lasts'>>;

/** How many messages stay pinned: the oldest makes room. */
export const mostPins = 20;

/** The room's state after a message. The log's order decides, so every device comes to the same. Pure. */
export function changedState(
  state: RoomState,
  message: { readonly sender: string; readonly byAdmin: boolean },
  content: { readonly kind: string },
): RoomState {
  if (isContent(content, 'pin')) {
    const { target: id, seq, remove } = content;
    const others = (state.pins ?? []).filter((pin) => pin.id !== id);
    return {
      ...state,
      pins: remove ? others : [...others, { id, seq, by: message.sender }].slice(-mostPins),
    };
  }
  if (isContent(content, 'timer')) return { ...state, lasts: content.lasts };
  if (isContent(content, 'room')) return message.byAdmin ? described(state, content) : state;
  // Who came after the timer was set learns it from what others say.
  if (
    (isContent(content, 'text') || isContent(content, 'file')) &&
    state.lasts === undefined &&
    content.lasts
  )
    return { ...state, lasts: content.lasts };
  return state;
}

function described(state: RoomState, content: Extract<Content, { kind: 'room' }>): RoomState {
  const { name, picture, lasts } = content;
  const { picture: before, ...rest } = state;
  const shown = picture === undefined ? before : picture;
  return {
    ...rest,
    ...(name !== undefined && { name }),
    ...(shown && { picture: shown }),
    ...(lasts !== undefined && state.lasts === undefined && { lasts }),
  };
}
