export const strings = {
  title: (name: string) => `Is it really ${name}?`,
  text: (name: string) =>
    `If ${name} sees these same digits for you, nobody sits between you. Scan each other’s code, or compare the digits in a call.`,
  close: 'Close',
  working: 'Working out the number…',
  code: (name: string) => `Code for ${name} to scan`,
  digits: 'Safety number',
  scan: 'Scan their code',
  stopScanning: 'Stop scanning',
  copy: 'Copy digits',
  copied: 'Copied',
  aim: (name: string) => `Hold the code on ${name}’s screen into the picture.`,
  picture: 'What the camera sees',
  starting: 'Starting the camera…',
  noCode: 'This is another kind of code. On their screen, open the safety number for you.',
  cameraRefused:
    'The camera is not allowed here. Allow it in the browser’s settings for this site, or compare the digits.',
  noCamera: 'No camera was found. Compare the digits instead.',
  match: 'They match',
  matchText: (name: string) => `Nobody sits between you and ${name}.`,
  mismatch: 'They don’t match',
  mismatchText: (name: string) =>
    `Either this code belongs to somebody else, or somebody sits between you and ${name}. Scan again; if it stays like this, say nothing here that matters.`,
  verify: 'Mark as verified',
  verified: (name: string) => `You have verified ${name}.`,
  verifiedText: 'The mark is kept on this device.',
  unmark: 'Take the mark back',
  changedTitle: (name: string) => `This is not the ${name} you know`,
  changedText: (name: string) =>
    `Somebody is in this room as ${name}, with another identity than the one this device met first. Accounts keep their identity for life, so this is somebody else, or ${name} under a forged name. They get no keys from you, and can’t read what you write. Ask ${name} by another way.`,
  contradictedTitle: (name: string) => `This is not the ${name} you verified`,
  contradictedText: (name: string) =>
    `Somebody is in this room as ${name}, with another identity than the one you compared. Accounts keep their identity for life, so this is somebody else. Nothing is sent to this room as long as they are in it: have them removed, or leave.`,
  goOn: 'Or take your mark back: then the others can be written to again. This one still gets no keys.',
} as const;
