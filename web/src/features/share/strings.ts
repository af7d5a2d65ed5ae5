export const strings = {
  title: 'Send to',
  more: (count: number) => (count === 1 ? 'and 1 more' : `and ${count} more`),
  here: 'It is on this device alone, and is encrypted before it leaves.',
  throwAway: 'Don’t send',
  nothing: 'There is nothing to send',
  nothingText: 'Nothing has come over from the other app. There may be no space for it on this device.',
  noRooms: 'You have no room yet',
  noRoomsText: 'Make one first. What you share will still be here.',
  toRooms: 'Go to my rooms',
  opening: 'Opening…',
} as const;
