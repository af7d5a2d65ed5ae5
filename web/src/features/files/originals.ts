const key = 'stream-chat.keep-originals';

/** Whether films and sounds are sent from this browser as the files that they are too, besides what is played. */
export const keepsOriginals = (): boolean => localStorage.getItem(key) === 'yes';

export const keepOriginals = (keep: boolean): void =>
  keep ? localStorage.setItem(key, 'yes') : localStorage.removeItem(key);
