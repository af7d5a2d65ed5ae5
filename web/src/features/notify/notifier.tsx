import { useNavigate } from '@solidjs/router';
import { onCleanup } from 'solid-js';
import { inBackground } from '../../engine/background.ts';
import { isQuiet, keepQuiet } from '../../engine/quiet.ts';
import { useEngine } from '../../engine/solid/context.tsx';
import type { RoomSummary } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { badgeCount, worthTelling } from './judge.ts';
import { beWoken, offersNotices, showNotice } from './push.ts';
import { anyInFront, sayInFront } from './seen.ts';
import { playTone } from './sound.ts';

/** So many milliseconds after a tone there is no other: what comes after a night offline is one event. */
const pause = 2_000;

/** Tells the person of what comes in: a tone while the app is in front of them, a notice while it isn't, the badge always. Shows nothing itself. */
export function Notifier() {
  const engine = useEngine();
  let known = new Map<string, RoomSummary>();
  let sounded = 0;

  const tell = async (room: RoomSummary) => {
    const { sounds, notices } = engine.preferences.get();
    if (notices && offersNotices() && !(await anyInFront())) {
      const { author, text } = room.last!;
      await showNotice(room.id, room.name, m.notify_said({ author, text }));
    } else if (sounds && Date.now() - sounded > pause) {
      sounded = Date.now();
      playTone();
    }
  };

  const look = (list: readonly RoomSummary[]) => {
    const preferences = engine.preferences.get();
    const session = engine.session.get();
    if (session.kind !== 'signed-in') return;
    const news = list.filter((room) => worthTelling(known.get(room.id), room, preferences, session.me.name));
    known = new Map(list.map((room) => [room.id, room]));
    showBadge(badgeCount(list, preferences));
    if (isQuiet(preferences.quiet, new Date())) return;
    for (const room of news) if (!inFront(room.id)) void tell(room);
  };

  look(engine.rooms.get());
  onCleanup(engine.rooms.subscribe(look));
  // For when the app is closed, and the service worker is woken.
  const leaveWord = () => inBackground(keepQuiet(engine.preferences.get().quiet), 'keeping the quiet hours');
  leaveWord();
  onCleanup(
    engine.preferences.subscribe(() => {
      leaveWord();
      look(engine.rooms.get());
    }),
  );
  const navigate = useNavigate();
  // Somebody pressed a notice; the service worker leads here.
  const go = ({ data }: MessageEvent<{ t?: string; path?: string }>) => {
    if (data.t === 'go' && data.path) navigate(data.path);
  };
  navigator.serviceWorker?.addEventListener('message', go);
  onCleanup(() => navigator.serviceWorker?.removeEventListener('message', go));
  onCleanup(sayInFront());
  onCleanup(() => showBadge(0));
  // Offline, or a service that is away: the next start says it again.
  if (engine.preferences.get().notices && offersNotices()) void beWoken(engine).catch(() => undefined);
  return null;
}

/** Whether the person has this very room before them: they see what comes. */
const inFront = (room: string): boolean => document.hasFocus() && location.pathname === `/r/${room}`;

/** On the icon of an installed app; elsewhere there is none. */
function showBadge(count: number): void {
  if ('setAppBadge' in navigator) void navigator.setAppBadge(count).catch(() => undefined);
}
