import type { CallAlarm } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { formatList } from '../../ui/format.ts';

/** What is wrong with a call, a sentence a kind. */
export function alarmTexts(alarms: readonly CallAlarm[]): string[] {
  const named = (what: 'forged' | 'wrong-key') =>
    alarms.flatMap((alarm) => (alarm.what === what ? [alarm.name] : []));
  const tracks = alarms.flatMap((alarm) =>
    alarm.what === 'unsealed' ? [m.call_track({ track: alarm.track })] : [],
  );
  const [forged, answered] = [named('forged'), named('wrong-key')];
  return [
    ...(tracks.length > 0 ? [m.call_unsealed({ tracks: formatList(tracks) })] : []),
    ...(answered.length > 0 ? [m.call_wrongKey({ names: formatList(answered) })] : []),
    ...(forged.length > 0 ? [m.call_forged({ names: formatList(forged) })] : []),
  ];
}
