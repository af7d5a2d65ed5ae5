const key = 'stream-chat.volume';

/** How loud this browser played last. */
export function keptVolume(): { readonly volume: number; readonly muted: boolean } {
  const [, volume = '1', muted] = /^([01](?:\.\d+)?)( muted)?$/.exec(localStorage.getItem(key) ?? '') ?? [];
  return { volume: Math.min(1, Number(volume)), muted: muted !== undefined };
}

export const keepVolume = ({ volume, muted }: { readonly volume: number; readonly muted: boolean }): void =>
  localStorage.setItem(key, `${Math.round(volume * 100) / 100}${muted ? ' muted' : ''}`);
