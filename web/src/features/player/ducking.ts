import { type Accessor, createEffect, onCleanup } from 'solid-js';

/** The part of its volume that a film keeps while somebody talks. */
const ducked = 0.3;
/** Milliseconds for which it stays so after the last word: people breathe between two. */
const breath = 1_200;
/** Milliseconds in which the volume goes from one to the other, and between two steps of it. */
const glideFor = 240;
const stepEvery = 30;
const step = ((1 - ducked) * stepEvery) / glideFor;

/**
 * Makes a film quieter while somebody talks, for as long as the component lives; `apply` is called when its part of the volume has
 * changed, which is what this answers: 1, or less.
 */
export function createDucking(talks: Accessor<boolean>, apply: () => void): () => number {
  let share = 1;
  let wanted = 1;
  let gliding: ReturnType<typeof setInterval> | undefined;
  let calming: ReturnType<typeof setTimeout> | undefined;
  const move = () => {
    share = wanted > share ? Math.min(wanted, share + step) : Math.max(wanted, share - step);
    apply();
    if (share !== wanted) return;
    clearInterval(gliding);
    gliding = undefined;
  };
  const glide = (to: number) => {
    wanted = to;
    if (share !== wanted) gliding ??= setInterval(move, stepEvery);
  };
  createEffect(() => {
    clearTimeout(calming);
    if (talks()) glide(ducked);
    else calming = setTimeout(() => glide(1), breath);
  });
  onCleanup(() => {
    clearInterval(gliding);
    clearTimeout(calming);
  });
  return () => share;
}
