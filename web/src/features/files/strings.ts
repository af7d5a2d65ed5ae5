import { formatDuration } from '../../ui/format.ts';

export const strings = {
  drop: (room: string) => `Drop to send to ${room}`,
  dropText: 'Encrypted here, before it leaves. Any size.',

  preparing: 'Getting it ready…',
  opening: 'Opening…',
  file: 'File',
  save: 'Save',
  saveFile: (name: string) => `Save ${name}`,
  saveFilm: (type: string) => `As it plays${type ? ` (${type})` : ''}`,
  saveFilmText: 'Same picture and sound, rewritten for playing',
  saveOriginal: 'The original file',
  saveOriginalText: 'Exactly as it was sent, byte for byte',
  savedFilm:
    'Saved with the same picture and sound. It was rewritten for playing, so its bytes are not those of the file that was sent.',
  playFile: (name: string) => `Play ${name}`,
  playFilm: (name: string, seconds: number | undefined) =>
    seconds === undefined ? `Play ${name}` : `Play ${name}, ${formatDuration(seconds)}`,
  together: 'Watch together',
  watchTogether: (name: string) => `Watch ${name} together`,
  more: (name: string) => `Actions for ${name}`,
  remove: 'Delete file',
  removeTitle: (name: string) => `Delete ${name}?`,
  removeText: 'Nobody in the room can open it any more. Copies that were saved stay where they are.',
  removeConfirm: 'Delete',
  cancel: 'Cancel',
  deleted: 'This file was deleted.',
  damaged: 'This file was altered on its way and can’t be trusted.',
  cannotPlay:
    'It can’t be played here: it is of a kind that can’t be, is damaged, or part of it is missing. Save it to open it elsewhere.',
  empty: 'It is empty: there is nothing in it to play.',
  open: 'Open',
  openFile: (name: string) => `Open ${name}`,
  close: 'Close',
  previewText: 'Shown apart from everything else here. Nothing in it can run, or reach anything.',
  previewOf: (name: string) => `Contents of ${name}`,
  previewEmpty: 'It is empty.',
  previewTooLarge: (size: string) =>
    `It is too large to be shown here (over ${size}). Save it to open it elsewhere.`,
  previewFirst: (size: string) => `Only the first ${size} are shown.`,
  previewFailed:
    'It can’t be shown here: it is damaged, or not what its name says. Save it to open it elsewhere.',
  previewLocked: 'It is locked with a password. Save it to open it elsewhere.',
  unreadable: 'This file can’t be read any further.',
  retry: 'Try again',

  pause: 'Pause',
  resume: 'Go on',
  stop: 'Cancel upload',
  progress: 'Upload',
  queued: 'Waits for its turn',
  paused: 'Paused',
  waiting: 'Waiting for the network…',
  sending: (percent: string, speed: string) => `${percent} · ${speed}`,
  sendingLeft: (percent: string, speed: string, left: string) => `${percent} · ${speed} · ${left} left`,
  perSecond: (amount: string) => `${amount}/s`,
  stillUploading: (name: string) => `${name} is still uploading`,
  stalled: (name: string) =>
    `Nothing has come from ${name} for two minutes. They may have paused, or closed the page.`,
  ownStopped:
    'Not all of it was sent. Unless another window of yours is still sending it, delete it and send it again.',
  interrupted: 'The upload was interrupted. Choose the file again, and it goes on where it stopped.',
  interruptedKept:
    'The upload was interrupted. It goes on where it stopped; the browser may ask whether the file can be read again.',
  goOn: 'Go on',
  chooseAgain: 'Choose the file',
  playSoFar: 'You can start now.',

  saving: (percent: string) => `Saving… ${percent}`,
  stopSaving: 'Stop saving',
  noSpace: 'There is no space left on this device for it. Make some, then save it again.',
  saveFailed: 'It could not be saved.',
} as const;
