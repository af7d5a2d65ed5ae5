const people = (count: number) => (count === 1 ? '1 person' : `${count} people`);

export const strings = {
  back: 'Back to rooms',
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  noRoom: 'You’re not in this room',
  noRoomText: 'It may have been deleted, you may have left it, or this account was never in it.',
  toRooms: 'Go to your rooms',

  people,
  onlyYou: 'Only you so far',
  connecting: 'Connecting…',
  offline: 'Offline. What you write is sent later.',
  details: 'Members and details',
  invite: 'Invite',

  messages: 'Messages',
  startTitle: (room: string) => room,
  startText:
    'This is where the room begins. What’s said and sent here is encrypted; only its members can open it.',
  startAlone: 'Nobody else is here yet. Invite the first people with a link.',
  invitePeople: 'Invite people',
  typing: (names: readonly string[]) =>
    names.length === 1
      ? `${names[0]} is typing…`
      : names.length === 2
        ? `${names[0]} and ${names[1]} are typing…`
        : 'Several people are typing…',
  newMessages: 'New',
  jump: 'Jump to the latest message',
  jumpNew: (count: number) => (count === 1 ? '1 new message' : `${count} new messages`),
  loadingOlder: 'Loading earlier messages',
  announce: (author: string, text: string) => `${author}: ${text}`,
  announceFile: (author: string) => `${author} sent a file`,
  announceMany: (count: number) => `${count} new messages`,

  you: 'You',
  waiting: 'Waiting to be sent',
  sent: 'Sent',
  notSent: 'Not sent.',
  discard: 'Discard',
  showAll: 'Show all',
  unreadable: 'This message can’t be read on this device.',
  failedMany: (count: number) => (count === 1 ? '1 message wasn’t sent.' : `${count} messages weren’t sent.`),
  retryAll: 'Send again',

  composer: (room: string) => `Message to ${room}`,
  placeholder: 'Write a message',
  send: 'Send',
  attach: 'Send a file',
  removeFile: (name: string) => `Don’t send ${name}`,
  tooLong: (over: number) => `${over.toLocaleString()} characters too many. Send it as a file instead.`,
  folders: 'Folders can’t be sent. Pack it into one file first.',
  dismiss: 'Dismiss',

  gone: {
    removed: 'You were removed from this room. Nothing new reaches you here.',
    left: 'You left this room.',
    deleted: 'This room was deleted.',
    'signed-out': 'You were signed out. Sign in again to go on.',
  },
  warning: 'Something doesn’t add up in this room',
  moreWarnings: (count: number) => `${count} more`,

  members: 'Members',
  memberYou: 'you',
  roles: { owner: 'Owner', admin: 'Admin', member: '' },
  safetyNumber: 'Safety number',
  verified: 'Verified',
  notThem: { changed: 'Not who you know', contradicted: 'Not who you verified' },
  blocked: (name: string) =>
    `Nothing is sent here: ${name} is not who you verified. Have them removed, or leave the room.`,
  why: 'Why?',
  memberActions: (name: string) => `Actions for ${name}`,
  remove: 'Remove from room',
  removeTitle: (name: string) => `Remove ${name}?`,
  removeText: (name: string) =>
    `${name} can’t read anything new from then on. What was read before stays with them.`,
  removeConfirm: 'Remove',
  become: { owner: 'Make an owner', admin: 'Make an admin', member: 'Make a plain member' },
  becomeTitle: (name: string, isMe: boolean) => (isMe ? 'Give up being an owner?' : `Make ${name} an owner?`),
  becomeText: (name: string, isMe: boolean) =>
    isMe
      ? 'Another owner would have to give it back to you.'
      : `${name} can then do all that you can, also take your own role away.`,
  becomeConfirm: { owner: 'Make an owner', admin: 'Become an admin', member: 'Become a plain member' },
  leave: 'Leave room',
  onlyOwner: 'You’re the only owner. To leave, make somebody else an owner first.',
  leaveTitle: (room: string) => `Leave ${room}?`,
  leaveText: 'You can’t read anything new from then on, and you need a new invitation to come back.',
  encryption: 'Messages, files, names: all are encrypted between the members’ devices.',

  inviteTitle: (room: string) => `Invite people to ${room}`,
  inviteText: 'Whoever has this link can join during the next 7 days. Send it only to the people you mean.',
  inviteLink: 'Invite link',
  makingLink: 'Making a link…',
  copy: 'Copy link',
  copied: 'Copied',
  share: 'Share…',
  makeLink: 'Make a link',
  openLinks: 'Open links',
  linkBy: (by: string, mine: boolean) => (mine ? 'Yours' : `By ${by}`),
  linkThis: 'This link',
  linkUntil: (day: string, uses: number) => `Until ${day} · ${uses === 1 ? '1 use' : `${uses} uses`} left`,
  endLink: 'End',
  endLinkOf: (which: string, until: string) => `End: ${which}, ${until}`,
  inviteNote: 'What comes after the # is a secret. It never reaches our server.',
} as const;
