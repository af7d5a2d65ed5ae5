const count = (n: number, one: string, many: string) =>
  n === 1 ? `1 ${one}` : `${n.toLocaleString()} ${many}`;

export const strings = {
  close: 'Close',
  retry: 'Try again',
  title: 'What the server sees',
  text: 'Nothing here needs your attention: it is for who wants to look.',
  tabs: 'What to look at',
  sees: 'The server',
  keys: 'Keys and members',
  loading: 'Asking the server…',
  reading: 'Reading…',

  knows: 'It knows',
  knowsNot: 'It can’t know',
  known: {
    members: (n: number) =>
      `That ${count(n, 'account is', 'accounts are')} in this room, which ones, since when, and their roles`,
    messages: (n: number) =>
      `That the room’s log has ${count(n, 'entry', 'entries')}: who sent each, when, and about how large it is`,
    files: 'How large files are, padded, and when they come and go',
    network: 'From which network addresses you connect, and when',
  },
  unknown: {
    said: 'What anybody says, reacts with, pins or forwards',
    names: 'What the room is called, how it looks, and what its members call themselves',
    files: 'What files are called, and what is in them',
    search: 'What you look for, read, mute or archive',
  },
  name: 'The room’s name, as the server has it',
  last: 'The newest message, as the server has it',
  noLast: 'Nobody has said anything here yet.',
  members: 'Members, as the server has them',

  chain: 'Your next message',
  chainNone: 'This device has not written here yet. Its first message begins a chain of keys.',
  chainIs: (since: string, messages: number, devices: number) =>
    `Takes the next key of a chain begun ${since}: ${count(messages, 'message', 'messages')} so far, readable on ${count(devices, 'other device', 'other devices')}. After 100 messages, a day, or when somebody leaves, a new one begins.`,
  identities: 'Identity keys',
  you: 'you',
  devices: (n: number) => count(n, 'device', 'devices'),
  log: 'The member list, entry by entry',
  logText:
    'Each entry is signed by its author and names the one before by its hash. Your device has checked all of them.',
  refused: (reason: string) => `Refused: ${reason}`,
  what: {
    created: 'Created the room',
    invite: 'Made an invitation',
    revoked: 'Ended an invitation',
    joined: 'Joined',
    role: 'Changed a role',
    removed: 'Removed somebody',
    left: 'Left',
  },

  gallery: 'Media and files',
  galleryNone: 'No files yet',
  galleryNoneText: 'Films, pictures and everything else that is sent here is gathered in this place.',
  more: 'Show earlier ones',
  inRoom: 'Show in the conversation',
  sent: (who: string, when: string) => `${who}, ${when}`,
  youSent: 'You',
} as const;
