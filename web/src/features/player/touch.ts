import { type Accessor, createEffect, createSignal, onCleanup } from 'solid-js';

/** Milliseconds without a movement after which the controls of a playing film go away. */
const idleAfter = 2500;
/** Milliseconds in which a second tap belongs to the first, and how far it jumps in seconds. */
const together = 300;
const leap = 10;

/** Whether nobody has moved for a while. */
export function useIdle() {
  const [idle, setIdle] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wake = () => {
    setIdle(false);
    clearTimeout(timer);
    timer = setTimeout(() => setIdle(true), idleAfter);
  };
  const rest = () => {
    clearTimeout(timer);
    setIdle(true);
  };
  createEffect(wake);
  onCleanup(() => clearTimeout(timer));
  return { idle, wake, rest };
}

/** Fingers on the picture: one tap shows or hides the controls, two at a side go back or on, and each more goes farther. */
export function useTaps(actions: { jump(seconds: number): void; show(): void }): {
  /** Seconds that the last taps jumped, for a moment. */
  readonly jumped: Accessor<number | undefined>;
  tap(event: MouseEvent & { readonly currentTarget: Element }): void;
  /** Whether the last click was a finger's. */
  touched(): boolean;
} {
  const [jumped, setJumped] = createSignal<number>();
  let [last, lastSide] = [Number.NEGATIVE_INFINITY, 0];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let fading: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => {
    clearTimeout(timer);
    clearTimeout(fading);
  });
  const jump = (seconds: number) => {
    actions.jump(seconds);
    const before = jumped() ?? 0;
    setJumped(before * seconds > 0 ? before + seconds : seconds);
    clearTimeout(fading);
    fading = setTimeout(() => setJumped(undefined), 2 * together);
  };
  return {
    jumped,
    touched: () => performance.now() - last < 2 * together,
    tap: (event) => {
      const { left, width } = event.currentTarget.getBoundingClientRect();
      const place = (event.clientX - left) / width;
      const side = place < 1 / 3 ? -1 : place > 2 / 3 ? 1 : 0;
      const follows = event.timeStamp - last < together && side === lastSide;
      [last, lastSide] = [event.timeStamp, side];
      clearTimeout(timer);
      if (side !== 0 && (follows || Math.sign(jumped() ?? 0) === side)) jump(side * leap);
      // A second tap may be on its way.
      else timer = setTimeout(actions.show, side === 0 ? 0 : together);
    },
  };
}
