import type { ReportReason } from '../../../../protocol/rest/index.ts';

export const strings = {
  title: (author: string) => `Report ${author}’s message?`,
  revealed: 'This is what the moderators of this service will see',
  file: 'A file, which they will be able to open',
  named: (name: string) => `The file “${name}”, which they will be able to open`,
  text: 'With it goes the proof that it was sent, just so, by that account. Nothing else of this room is revealed, and nobody here is told who reported it.',
  reason: 'What is wrong with it?',
  reasons: {
    harassment: 'Harassment or threats',
    violence: 'Violence',
    sexual: 'Sexual content that nobody asked for',
    minors: 'Sexual content of minors',
    illegal: 'Something else that is illegal',
    spam: 'Spam or fraud',
    other: 'Something else',
  } satisfies Record<ReportReason, string>,
  note: 'Anything to add? (optional)',
  cancel: 'Cancel',
  send: 'Send report',
  sentTitle: 'Thank you, it has been reported',
  sentText:
    'A moderator will look at it. You can leave the room, or ask one of its admins to remove them, at any time.',
  done: 'Done',
} as const;
