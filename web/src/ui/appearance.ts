import { type Accessor, createSignal } from 'solid-js';

/** `system` follows the device. */
export type Theme = 'system' | 'light' | 'dark';
export type TextSize = 'small' | 'normal' | 'large' | 'larger';
export type Motion = 'system' | 'reduced';

/** One way to look that a person chooses, remembered by this browser: it is wanted before anything else can be read. */
interface Choice<T extends string> {
  readonly value: Accessor<T>;
  /** Chooses it; anything unknown counts as the first of all. */
  set(value: string): void;
}

function choice<T extends string>(name: string, values: readonly [T, ...T[]]): Choice<T> {
  const key = `stream-chat.${name}`;
  const known = (value: string | null): T => values.find((each) => each === value) ?? values[0];
  const [value, setValue] = createSignal<T>(known(localStorage.getItem(key)));
  return {
    value,
    set(next) {
      setValue(() => known(next));
      localStorage.setItem(key, value());
      applyAppearance();
    },
  };
}

const themes = choice<Theme>('theme', ['system', 'light', 'dark']);
const sizes = choice<TextSize>('text-size', ['normal', 'small', 'large', 'larger']);
const motions = choice<Motion>('motion', ['system', 'reduced']);

export const theme = themes.value;
export const setTheme = themes.set;
export const textSize = sizes.value;
export const setTextSize = sizes.set;
export const motion = motions.value;
export const setMotion = motions.set;

/** Puts what was chosen on the page (`tokens.css`, `base.css` know the names). */
export function applyAppearance(): void {
  const { classList, dataset } = document.documentElement;
  classList.toggle('light', theme() === 'light');
  classList.toggle('dark', theme() === 'dark');
  dataset.text = textSize();
  dataset.motion = motion();
}
