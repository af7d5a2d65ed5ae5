import { createSignal } from 'solid-js';

/** What the box opens with; undefined while it is closed. */
export const [opened, setOpened] = createSignal<string>();

/** Opens the box in which everything is found, perhaps with the beginning of a query. */
export const openFind = (query = ''): void => {
  setOpened(query);
};
