const list = (names: readonly string[]) =>
  new Intl.ListFormat(undefined, { type: 'conjunction' }).format(names);

export const strings = {
  watch: 'Watching together',
  going: (names: readonly string[]) =>
    names.length === 1 ? `${names[0]} is watching a film` : `${list(names)} are watching a film`,
  elsewhere: 'You’re watching on another device or in another window',
  join: 'Watch too',
  leave: 'Stop watching',
  loading: 'Opening the film…',
  joining: 'Coming in…',
  gone: 'The film can’t be opened here. It may have been deleted.',
  retry: 'Try again',

  you: 'You',
  alone: 'Nobody else is watching yet. They see in the room that you are.',
  watching: (names: readonly string[]) => `Watching: ${list(names)}`,
  paused: 'Paused',
  ready: (name: string) => `${name} is watching`,
  notReady: (name: string) => `${name}’s film is loading`,
  left: (name: string) => `${name} catches up`,
  waitsForYou: 'The others wait for your film to load',
  waitsFor: (names: readonly string[]) => `Waiting for ${list(names)}`,
  waitsForUpload: (name: string) => `${name} is still uploading: all wait for more of the film`,
  waits: 'A moment: all get ready',
  goOn: (name: string) => `Go on without ${name}`,
  behind: 'The others went on: your film catches up',
  mayNot: (host: string) => `${host} decides what plays here`,

  settings: 'Settings for watching together',
  control: 'Who may play, pause and jump',
  everyone: 'Everyone',
  hostOnly: (host: string, isMe: boolean) => (isMe ? 'Only you' : `Only ${host}`),
  and: (host: string, names: readonly string[]) => `${list([host, ...names])}`,
  letControl: (name: string) => `Let ${name} do so too`,
  makeHost: (name: string) => `Make ${name} the host`,
  sync: 'Keep in step',
  syncOn: 'On: corrected all the time',
  syncOff: 'Off: only play, pause and jumps',
  offset: 'This screen, against the others',
  offsetText: (milliseconds: number) =>
    milliseconds === 0
      ? 'Exactly as the others'
      : milliseconds > 0
        ? `${milliseconds} ms ahead`
        : `${-milliseconds} ms behind`,
  earlier: 'Later by 50 ms',
  later: 'Ahead by 50 ms',

  react: 'React',
  reactWith: (emoji: string) => `React with ${emoji}`,
  reacted: (name: string, emoji: string) => `${name}: ${emoji}`,
} as const;
