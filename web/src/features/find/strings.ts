const count = (n: number, one: string, many: string) =>
  n === 1 ? `1 ${one}` : `${n.toLocaleString()} ${many}`;

export const strings = {
  find: 'Find',
  placeholder: 'Rooms, people, messages',
  close: 'Close',
  clear: 'Clear',
  results: 'What was found',
  recent: 'Recent rooms',
  rooms: 'Rooms',
  people: 'People',
  messages: 'Messages',
  peopleRooms: (rooms: readonly string[]) => rooms.join(', '),
  personMessages: (name: string) => `What ${name} said`,
  you: 'You',
  sentFile: 'Sent a file',
  inRoom: (room: string) => `in ${room}`,
  hints: 'Narrow it down',
  hint: {
    from: 'from a person',
    in: 'in a room',
    file: 'with a file',
    link: 'with a link',
    after: 'since a day',
    before: 'before a day',
  },
  looking: 'Looking through your messages…',
  nothing: 'Nothing was found',
  nothingText: 'Try fewer words, or the beginning of one.',
  failed: 'The messages on this device could not be read. Try again, or reload.',
  retry: 'Try again',
  found: (n: number) => (n === 0 ? 'Nothing was found' : count(n, 'message found', 'messages found')),
  more: (n: number) =>
    `${count(n, 'older message', 'older messages')} not listed. Add a word, or before:2026-01.`,
  reach: (n: number, since: string) =>
    `Looked through ${count(n, 'message', 'messages')} on this device, back to ${since}.`,
  reachNothing: 'There is nothing to look through on this device yet.',
  cut: (room: string, since: string | undefined) =>
    since === undefined
      ? `What was said in ${room} before this device joined can’t be read here.`
      : `What was said in ${room} before ${since} can’t be read on this device.`,
  cutMany: (n: number) => `In ${count(n, 'room', 'rooms')} the beginning can’t be read on this device.`,
} as const;
