export { Notifier } from './notifier.tsx';
export { endNotices, offersNotices, startNotices } from './push.ts';
export { playTone } from './sound.ts';
