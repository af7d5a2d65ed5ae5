/** Milliseconds until a finger that stays means more than a tap. */
const long = 450;
/** Pixels that it may wander. */
const near = 10;

/** Handlers for an element on which a finger (not a mouse) may rest: calls `onPress` while it still does. */
export function longPress(onPress: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from = { x: 0, y: 0 };
  let pressed = false;
  const end = () => clearTimeout(timer);
  return {
    onPointerDown(event: PointerEvent) {
      end();
      if (event.pointerType === 'mouse' || !event.isPrimary) return;
      from = { x: event.clientX, y: event.clientY };
      pressed = false;
      timer = setTimeout(() => {
        pressed = true;
        onPress();
      }, long);
    },
    onPointerMove(event: PointerEvent) {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > near) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    // No click follows: it would land beside what has opened.
    onTouchEnd(event: TouchEvent) {
      if (pressed && event.cancelable) event.preventDefault();
      pressed = false;
    },
    // The browser's own menu would cover ours.
    onContextMenu(event: MouseEvent) {
      if ((event as PointerEvent).pointerType === 'touch') event.preventDefault();
    },
  };
}
