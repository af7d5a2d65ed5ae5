import type { Accessor } from 'solid-js';
import type { MediaStatus } from '../../engine/media/index.ts';

/** Who decides what a film does where it isn't the player's own person alone: those who watch it together. */
export interface Steering {
  /** Whether it plays, or waits to. */
  readonly playing: Accessor<boolean>;
  readonly rate: Accessor<number>;
  play(): void;
  pause(): void;
  seek(seconds: number): void;
  setRate(rate: number): void;
  /** Whether somebody talks, so that the film is to be quieter. */
  readonly quieter: Accessor<boolean>;
  /** Moves the element from now on; answers how to stop. */
  attach(element: HTMLMediaElement, status: Accessor<MediaStatus>): () => void;
}

/** What an element does by its own person's presses alone. */
export interface Pressed {
  play(): void;
  pause(): void;
  seek(seconds: number): void;
  setRate(rate: number): void;
}
