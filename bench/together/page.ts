// In each of the browsers: a film, and what keeps it in step with the others'.
import type { Said, Timeline } from '../../protocol/cowatch.ts';
import { screenOf } from '../../web/src/engine/cowatch/element.ts';
import { Follower } from '../../web/src/engine/cowatch/follower.ts';
import { WatchTogether } from '../../web/src/engine/cowatch/watch.ts';
import { jellyfin, openTogetherTube, type Rule, syncplay, watchParty } from './rules.ts';

const now = () => performance.timeOrigin + performance.now();
const mediaId = '01890000-0000-7000-8000-000000000001';
const video = document.querySelector('video')!;
const rules: Record<string, (place: Parameters<typeof openTogetherTube>[0]) => Rule> = {
  jellyfin: (place) => jellyfin(place, true),
  'jellyfin as it comes': (place) => jellyfin(place, false),
  openTogetherTube,
  syncplay,
  watchParty,
};

/** Pictures as they came on the screen: when, and which. */
const frames: { readonly at: number; readonly place: number }[] = [];
const note: VideoFrameRequestCallback = (_, { expectedDisplayTime, mediaTime }) => {
  frames.push({ at: performance.timeOrigin + expectedDisplayTime, place: mediaTime });
  if (frames.length > 2000) frames.splice(0, 1000);
  video.requestVideoFrameCallback(note);
};
video.requestVideoFrameCallback(note);

let watch: WatchTogether | undefined;
let rule: Rule | undefined;

/** Ours: signing and sealing are left out, which take a millisecond each way, the same there and back. */
function ours(name: string, say: (message: unknown) => void): (message: Record<string, unknown>) => void {
  const userId = name;
  let n = 0;
  const own = new WatchTogether({
    me: { watcher: name, userId },
    now,
    say: (said) => say({ watcher: name, n: ++n, said }),
    sign: async (state, newRules) => {
      const mark = { by: userId, watcher: name, proof: '', signature: '' };
      return { ...state, rules: newRules ? { ...newRules, mark } : state.rules!, mark } satisfies Timeline;
    },
    onReaction: () => {},
    onChange: () => {
      clearTimeout(timer);
      timer = setTimeout(turn);
    },
  });
  watch = own;
  const follower = new Follower({ watch: own, screen: screenOf(video, () => false), now });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const turn = () => {
    clearTimeout(timer);
    const next = Math.min(own.tick(), own.goal ? follower.step() : Number.POSITIVE_INFINITY);
    timer = setTimeout(turn, next);
  };
  turn();
  return ({ watcher, n: number, said }) =>
    own.hear({ watcher: String(watcher), userId: String(watcher), n: Number(number) }, said as Said);
}

/** Comes in, as `name`, by one of the rules or ours; the film is there when it resolves. */
async function come(name: string, by: string): Promise<void> {
  video.muted = true;
  video.src = '/film.mp4';
  const socket = new WebSocket(location.origin.replace('http', 'ws'));
  await new Promise((open) => socket.addEventListener('open', open));
  const say = (message: unknown) => socket.send(JSON.stringify(message));
  let offset = 0;
  let shortest = Number.POSITIVE_INFINITY;
  const hear = by === 'ours' ? ours(name, say) : (message: Record<string, unknown>) => rule?.hear(message);
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data));
    if (message.time === undefined) return hear(message);
    const trip = now() - message.time;
    // The quickest answer is the best, as theirs have it too.
    if (trip < shortest) [shortest, offset] = [trip, message.at - (message.time + trip / 2)];
  });
  if (by !== 'ours') {
    rule = rules[by]!({ video, say, name, serverTime: () => now() + offset });
    for (let i = 0; i < 8; i++) {
      say({ time: now() });
      await new Promise((go) => setTimeout(go, 100));
    }
  }
  if (video.readyState < video.HAVE_ENOUGH_DATA)
    await new Promise((there) => video.addEventListener('canplaythrough', there, { once: true }));
}

/** Has everybody play. */
async function start(): Promise<void> {
  rule?.start();
  await watch?.begin({ mediaId, pos: 0 });
}

/** Where the film is at each of these moments, and which picture is on the screen. */
async function sample(moments: readonly number[]): Promise<{ place: number; frame: number }[]> {
  const seen: { place: number; frame: number }[] = [];
  for (const moment of moments) {
    await new Promise((go) => setTimeout(go, moment - now()));
    const late = video.paused ? 0 : (now() - moment) / 1000;
    const place = video.currentTime - late * video.playbackRate;
    // What is to be displayed by then may be noted after it.
    await new Promise((go) => requestAnimationFrame(go));
    const frame = frames.findLast(({ at }) => at <= moment)?.place ?? Number.NaN;
    seen.push({ place, frame });
  }
  return seen;
}

/** Puts this film behind by so many seconds at that moment, as a busy machine does. */
const fallBehind = (seconds: number, moment: number) => {
  setTimeout(() => {
    video.currentTime -= seconds;
  }, moment - now());
};

/** Has everybody jump; the milliseconds until this film plays there are told by `arrived`. */
const jump = (place: number) => void watch?.wish({ pos: place });

/** When the film plays on from `place`, by the clock of the machine. */
async function arrived(place: number): Promise<number> {
  for (;;) {
    const frame = frames.find((each) => each.place > place + 0.04 && each.place < place + 5);
    if (frame) return frame.at;
    await new Promise((go) => video.requestVideoFrameCallback(go));
  }
}

Object.assign(globalThis, { come, start, sample, fallBehind, jump, arrived, clock: now });
