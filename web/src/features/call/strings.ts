import type { TrackKind } from '../../../../protocol/call.ts';
import type { CallAlarm } from '../../engine/types.ts';

const list = (names: readonly string[]) =>
  new Intl.ListFormat(undefined, { type: 'conjunction' }).format(names);

const sent: Readonly<Record<TrackKind, string>> = {
  audio: 'voice',
  video: 'picture',
  screen: 'screen',
  'screen-audio': 'screen’s sound',
};

export const strings = {
  call: 'Call',
  start: 'Start a call',
  startVideo: 'Start a video call',
  join: 'Join',
  joinVideo: 'Join with video',
  going: (names: readonly string[]) =>
    names.length === 1 ? `${names[0]} is in a call` : `${list(names)} are in a call`,
  elsewhere: 'You’re in this call on another device or in another window',
  alone: 'Nobody else is here yet. The others see in the room that there is a call.',
  you: 'You',
  own: (name: string) => `${name} (you)`,
  mute: 'Mute microphone',
  unmute: 'Unmute microphone',
  cameraOff: 'Turn camera off',
  cameraOn: 'Turn camera on',
  share: 'Share your screen',
  unshare: 'Stop sharing',
  pip: 'Picture in picture',
  leavePip: 'Leave picture in picture',
  leave: 'Leave call',
  devices: 'Camera, microphone and speaker',
  camera: 'Camera',
  microphone: 'Microphone',
  speaker: 'Speaker',
  noDevices: 'None found',
  muted: (name: string) => `${name} is muted`,
  speaking: (name: string) => `${name} is speaking`,
  screenOf: (name: string) => `${name}’s screen`,
  yourScreen: 'Your screen',
  secure: 'Encrypted end to end: their frames open with their key, and they have yours',
  notYetSecure: 'Not encrypted yet: nothing is heard or seen',
  states: {
    connecting: 'Connecting…',
    connected: '',
    reconnecting: 'Reconnecting…',
    refused: 'Refused: not their key',
  },
  /** What is wrong, a sentence a kind. */
  alarms: (alarms: readonly CallAlarm[]): readonly string[] => {
    const tracks = alarms.flatMap((alarm) => (alarm.what === 'unsealed' ? [sent[alarm.track]] : []));
    const named = (what: 'forged' | 'wrong-key') =>
      alarms.flatMap((alarm) => (alarm.what === what ? [alarm.name] : []));
    const [forged, answered] = [named('forged'), named('wrong-key')];
    return [
      ...(tracks.length > 0
        ? [
            `Your browser sent your ${list(tracks)} without encrypting it, so it was turned off. Leave the call and restart the browser before you try again.`,
          ]
        : []),
      ...(answered.length > 0
        ? [
            `Somebody answered in place of ${list(answered)}, without their key. The connection was refused. Try another network.`,
          ]
        : []),
      ...(forged.length > 0
        ? [
            `Something came in the name of ${list(forged)} that is not from them. It was ignored, and the call goes on.`,
          ]
        : []),
    ];
  },
  back: (room: string) => `In a call in ${room}`,
  return: 'Return',
  dismiss: 'Dismiss',
} as const;
