import { describe, expect, it } from 'vitest';
import { actionOf } from './keys.ts';
import type { Playback } from './playback.ts';

/** A playback that writes down what is asked of it. */
function pressed(key: string, modifiers: Partial<KeyboardEvent> = {}): string[] | undefined {
  const done: string[] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void done.push([name, ...args].join(' '));
  const playback: Playback = {
    status: () => ({ state: 'playing' }),
    playing: () => true,
    time: () => 0,
    duration: () => 10,
    available: () => 10,
    volume: () => 1,
    rate: () => 1,
    toggle: note('toggle'),
    seek: note('seek'),
    jump: note('jump'),
    setVolume: note('setVolume'),
    changeVolume: note('changeVolume'),
    toggleMute: note('toggleMute'),
    setRate: note('setRate'),
    changeRate: note('changeRate'),
  };
  const event = { key, ctrlKey: false, metaKey: false, altKey: false, ...modifiers };
  const action = actionOf(event, playback, { toggleCaptions: note('toggleCaptions') }, note('fullScreen'));
  action?.();
  return action && done;
}

describe('keys of the player', () => {
  it.each([
    [' ', 'toggle'],
    ['k', 'toggle'],
    ['ArrowLeft', 'jump -5'],
    ['ArrowRight', 'jump 5'],
    ['j', 'jump -10'],
    ['l', 'jump 10'],
    ['ArrowUp', 'changeVolume 1'],
    ['ArrowDown', 'changeVolume -1'],
    ['Home', 'seek 0'],
    ['End', 'seek 10'],
    ['0', 'seek 0'],
    ['7', 'seek 7'],
    ['<', 'changeRate -1'],
    ['>', 'changeRate 1'],
    ['c', 'toggleCaptions'],
    ['f', 'fullScreen'],
    ['F', 'fullScreen'],
    ['m', 'toggleMute'],
  ])('%j does: %s', (key, action) => {
    expect(pressed(key)).toEqual([action]);
  });

  it.each(['Tab', 'Escape', 'Enter', 'a'])('%s is left alone', (key) => {
    expect(pressed(key)).toBeUndefined();
  });

  it('leaves shortcuts of the browser alone', () => {
    expect(pressed('f', { ctrlKey: true })).toBeUndefined();
    expect(pressed('ArrowLeft', { altKey: true })).toBeUndefined();
    expect(pressed('m', { metaKey: true })).toBeUndefined();
  });
});
