export const strings = {
  title: 'Settings',
  back: 'Back to your rooms',
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  loading: 'One moment…',

  appearance: 'Appearance',
  appearanceText: 'For this browser.',
  theme: 'Colours',
  themeSystem: 'As the device',
  themeLight: 'Light',
  themeDark: 'Dark',
  textSize: 'Text',
  textSmall: 'Small',
  textNormal: 'Normal',
  textLarge: 'Large',
  textLarger: 'Larger',
  still: 'Less movement',
  stillHint: 'Nothing slides or fades. A device that asks for it gets it anyway.',

  notifications: 'Notifications',
  notificationsText: 'What tells you that somebody has written. Kept on this device, for this device.',
  notices: 'Notices while you are elsewhere',
  noticesHint:
    'Named and worded here, on your device. With the app closed, the service wakes it with an empty message, and the notice says no more than that.',
  noNotices: 'This browser shows no notices.',
  sounds: 'Sounds',
  soundsHint: 'A short tone while the app is open.',
  quiet: 'Quiet hours',
  quietHint: 'No tone and no notice while the app is open or in the background.',
  from: 'From',
  to: 'to',
  perRoom: 'For each room',
  levelAll: 'All messages',
  levelMentions: 'When I am mentioned',
  levelNothing: 'Nothing',

  signIn: 'Signing in',
  password: 'Password',
  passwordText: 'It opens your keys on every device. Changing it signs you out everywhere else.',
  changePassword: 'Change password',
  currentPassword: 'Current password',
  newPassword: 'New password',
  newPasswordHint: 'At least 8 characters. A few words in a row are easy to remember.',
  passwordMissing: 'Enter your password.',
  passwordShort: 'Use at least 8 characters. A few words in a row are easy to remember.',
  passwordWrong: 'This is not your password.',
  makingKeys: 'Making your keys…',
  sending: 'Almost there…',
  passwordChanged: 'Your password is changed. Other devices are signed out.',

  recovery: 'Recovery code',
  recoveryText:
    'Opens your account if you forget the password. Without it, a forgotten password opens nothing, for anybody.',
  hasCode: 'You have a code.',
  noCode: 'You have no code yet.',
  makeCode: 'Make a code',
  replaceCode: 'Make a new one',
  dropCode: 'Remove',
  makeCodeTitle: 'Make a recovery code',
  makeCodeText: 'Your password, please. A code that you made earlier ends.',
  make: 'Make it',
  codeTitle: 'Your recovery code',
  codeText:
    'Keep it where you keep what matters: on paper, or in a password manager. It is shown this once. It works once.',
  copy: 'Copy',
  copied: 'Copied',
  print: 'Print',
  kept: 'I have kept it',
  dropTitle: 'Remove the recovery code?',
  dropText: 'After that only your password opens your account.',
  keepCode: 'Keep it',

  passkeys: 'Passkeys',
  passkeysText:
    'Sign in and open your keys with a fingerprint, a face or the device’s own code, in place of typing the password.',
  noPasskeys: 'You have no passkey yet.',
  noPasskeysHere: 'This browser knows no passkeys. Your password opens everything.',
  addPasskey: 'Add a passkey',
  addPasskeyText:
    'Your password, please. Then your browser asks twice: once to make the passkey, once to try it.',
  add: 'Add it',
  passkeyUsed: (added: string, used: string) => `Since: ${added} · Used: ${used}`,
  removePasskey: 'Remove',
  removePasskeyTitle: 'Remove this passkey?',
  removePasskeyText:
    'It opens your account no more. Your browser or password manager may still list it: remove it there too.',
  keepPasskey: 'Keep it',

  devices: 'Devices',
  devicesText: 'Where you are signed in. Only these can read what people send you.',
  thisDevice: 'This device',
  seen: (day: string) => `Last seen: ${day}`,
  since: (day: string) => `Since: ${day}`,
  rename: 'Rename',
  renameTitle: 'What is this device called?',
  renameText: 'Only you see this name.',
  name: 'Name',
  save: 'Save',
  revoke: 'Sign out',
  revokeTitle: (name: string) => `Sign out ${name}?`,
  revokeText:
    'It gets no new messages in any room. If somebody has taken it, note that it may still hold what it had before, your keys included: then also make a new account.',
  keepDevice: 'Keep it',
  noDevices: 'Your devices could not be read.',

  sessions: 'Sessions',
  sessionsText:
    'Every sign-in that is still good. One that you end is signed out at once; its device stays in the list above.',
  thisSession: 'This session',
  noDevice: 'No device of yours',
  signedIn: (since: string, used: string) => `Since: ${since} · Used: ${used}`,
  endSession: 'End',
  endSessionTitle: 'End this session?',
  endSessionText: 'Whoever uses it needs your password to come back.',
  keepSession: 'Keep it',

  storage: 'This browser',
  storageText: 'Messages and keys are kept here sealed, so that rooms open at once.',
  used: (used: string, quota: string) => `${used} in use, of ${quota} that the browser allows`,
  leftovers: (size: string) => `${size} of it are copies of files that you saved or shared.`,
  clear: 'Remove the copies',
  originals: 'Send the original of films and sounds too',
  originalsText:
    'They are rewritten for playing, without loss: same picture, same sound, other bytes. With this, whoever saves one can also have the exact file. It takes twice the time and space.',

  privacy: 'Privacy',
  profile: 'Profile',
  profileText:
    'The people in your rooms see your name and picture. Both are encrypted like what you write; we see neither.',
  yourName: 'Your name',
  yourNameMissing: 'Say what others should call you.',
  saveName: 'Save',
  nameSaved: 'Your rooms know you by your new name.',
  chooseFace: 'Choose a picture',
  otherFace: 'Choose another picture',
  removeFace: 'Remove the picture',
  notAPicture: 'This browser can’t read that file as a picture. Choose a JPEG, PNG or WebP.',
  pictureSaved: 'Your rooms see your new picture.',
  pictureRemoved: 'Your picture is gone; your rooms see your initials.',

  privacyText: 'What others in your rooms are told.',
  typing: 'Show that I’m writing',
  typingText: 'While you write, the others see your name below the messages. This device only.',

  presence: 'Show that I’m here',
  presenceText: 'While you have a room before you, the others see that. This device only.',
  reads: 'Show what I’ve read',
  readsText:
    'In rooms of up to 50 people the others see how far you’ve read, and you see it of them. Off, you see it of nobody. This device only.',

  export: 'Your data',
  exportText:
    'All that this device can read, made on this device. A page or data anybody can open is not encrypted any more; an archive is, and can be restored.',
  exportPage: 'Save as a page',
  exportData: 'Save as data (JSON)',
  exportArchive: 'Save an archive',
  exported: 'Saved to your downloads. It is not encrypted: keep it where nobody else reads it.',
  archiveTitle: 'Save an archive',
  archiveText:
    'Your messages, sealed under a passphrase of your own. Without the passphrase nobody opens it, and we can’t either.',
  passphrase: 'Passphrase',
  passphraseHint: 'At least 8 characters, and not your password. A few words in a row are easy to remember.',
  passphraseMissing: 'Enter the passphrase of this archive.',
  saveArchive: 'Save archive',
  archived: 'The archive is in your downloads.',
  restore: 'Restore…',
  restoreTitle: 'Restore an archive',
  restoreText:
    'Brings back messages that this device lacks, in the rooms that you are in. What is here stays.',
  archiveFile: 'Archive',
  noFile: 'Choose the archive’s file first.',
  restoreNow: 'Restore',
  restored: ({
    messages,
    rooms,
    missing,
  }: {
    messages: number;
    rooms: number;
    missing: readonly string[];
  }) => {
    const back =
      messages === 0
        ? 'Nothing was missing here.'
        : `${messages} ${messages === 1 ? 'message is' : 'messages are'} back, in ${rooms} ${rooms === 1 ? 'room' : 'rooms'}.`;
    return missing.length ? `${back} Left out, as you are not in them: ${missing.join(', ')}.` : back;
  },

  deletion: 'Delete account',
  deletionText:
    'Ends your account, here and everywhere, with your files and your keys. What you wrote stays readable for the people you wrote to.',
  deleteAccount: 'Delete account',
  deletionTitle: 'Delete your account for good?',
  deletionWarning:
    'You leave all your rooms; those that only you own go to the admin or member who has been there longest. The files you shared are removed for everybody. Nobody can bring any of it back, not with a recovery code either.',
  typeEmail: (email: string) => `To go on, type ${email}`,
  emailDiffers: 'This is not the email of this account.',
  deleteForGood: 'Delete for good',
  receiptTitle: 'Your account is deleted',
  receiptText: (at: Date) =>
    `It ended on ${at.toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' })}. Nobody can sign in to it, its email is free, and this browser has forgotten everything. This went with it:`,
  receiptFile: 'stream-chat-receipt.json',
  receiptSave: 'Save this receipt',
  receiptDone: 'Done',
  /** By the kinds of the service's receipt. */
  removed: {
    memberships: 'Rooms that still had you as a member',
    files: 'Files that you had shared',
    devices: 'Devices',
    sessions: 'Sessions',
    oneTimePreKeys: 'Keys for beginning talks',
    keyBackups: 'Backups of message keys',
    fileKeys: 'Keys to files of others',
  },
} as const;
