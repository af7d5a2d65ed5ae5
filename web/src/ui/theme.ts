import { createSignal } from 'solid-js';

/** `system` follows the device. */
export type Theme = 'system' | 'light' | 'dark';

const key = 'stream-chat.theme';
const isTheme = (value: string | null): value is Theme =>
  value === 'system' || value === 'light' || value === 'dark';

function stored(): Theme {
  const value = localStorage.getItem(key);
  return isTheme(value) ? value : 'system';
}

const [theme, setSignal] = createSignal<Theme>(stored());

export { theme };

/** Puts the chosen theme on the page. */
export function applyTheme(): void {
  const { classList } = document.documentElement;
  classList.toggle('light', theme() === 'light');
  classList.toggle('dark', theme() === 'dark');
}

/** Chooses a theme and remembers it in this browser; anything unknown counts as `system`. */
export function setTheme(value: string): void {
  const next = isTheme(value) ? value : 'system';
  setSignal(next);
  localStorage.setItem(key, next);
  applyTheme();
}
