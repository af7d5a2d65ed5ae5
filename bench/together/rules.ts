// How others keep films in step, by their published sources, as of 2026-11: their rules in our words, nothing of their code.

/** What a rule works with. */
export interface Place {
  readonly video: HTMLVideoElement;
  /** To the others; what they say comes to `hear`. */
  readonly say: (message: Record<string, unknown>) => void;
  readonly name: string;
  /** Milliseconds of the server's clock. */
  readonly serverTime: () => number;
}

export interface Rule {
  /** Everybody plays from the beginning; the first of them says so. */
  start(): void;
  hear(message: Record<string, unknown>): void;
}

const every = (milliseconds: number, task: () => void) => setInterval(task, milliseconds);

/**
 * jellyfin-web, SyncPlay's PlaybackCore: commands name a moment of the server's clock. Errors of 60 ms to 3 s are made up for by a
 * second of another speed, larger ones by a jump; looked at every 1.5 s at most, on `timeupdate`. Off unless somebody switches it on.
 */
export function jellyfin({ video, say, serverTime }: Place, correcting: boolean): Rule {
  let began: number | undefined;
  let looked = 0;
  let enabled = true;
  const begin = (when: number) => {
    began = when;
    setTimeout(() => void video.play(), when - serverTime());
  };
  video.addEventListener('timeupdate', () => {
    const now = performance.now();
    if (!correcting || began === undefined || video.paused || now - looked < 1500) return;
    looked = now;
    if (!enabled) return;
    const should = (serverTime() - began) / 1000;
    const behind = (should - video.currentTime) * 1000;
    if (Math.abs(behind) >= 60 && Math.abs(behind) < 3000) {
      const takes = behind <= -200 ? Math.abs(behind) / 0.8 : 1000;
      video.playbackRate = Math.max(0.0625, 1 + behind / takes);
      enabled = false;
      setTimeout(() => {
        video.playbackRate = 1;
        enabled = true;
      }, takes);
    } else if (Math.abs(behind) >= 400) {
      video.currentTime = should;
      enabled = false;
      setTimeout(() => {
        enabled = true;
      }, 1500);
    }
  });
  return {
    start() {
      const when = serverTime() + 500;
      say({ when });
      begin(when);
    },
    hear: ({ when }) => begin(Number(when)),
  };
}

/** OpenTogetherTube, Room.vue: plays when told so; four times a second a look, and a jump when it is more than a second off. */
export function openTogetherTube({ video, say }: Place): Rule {
  let began: number | undefined;
  const begin = () => {
    began = performance.now();
    void video.play();
  };
  every(250, () => {
    if (began === undefined) return;
    const should = (performance.now() - began) / 1000;
    if (Math.abs(should - video.currentTime) > 1) video.currentTime = should;
  });
  return {
    start() {
      say({ play: true });
      begin();
    },
    hear: begin,
  };
}

/**
 * Syncplay, client.py: the server tells once a second where all are. Who is more than 1.5 s ahead plays at 95 % until within 0.1 s, who
 * is more than 4 s ahead goes back, who is more than 5 s behind goes on.
 */
export function syncplay({ video, say, name }: Place): Rule {
  every(1000, () => {
    if (!video.paused) say({ at: video.currentTime, name });
  });
  return {
    start() {
      say({ play: true });
      void video.play();
    },
    hear({ play, at }) {
      if (play) void video.play();
      if (typeof at !== 'number') return;
      // The age of what is heard is known by pings: half of what they take.
      const ahead = video.currentTime - (at + 0.04);
      if (ahead > 4 || ahead < -5) video.currentTime = at;
      else if (ahead > 1.5) video.playbackRate = 0.95;
      else if (ahead < 0.1) video.playbackRate = 1;
    },
  };
}

/**
 * WatchParty, `REC:tsMap` in App.tsx and `setTimestamp` in room.ts: each tells the server once a second where its film is, which brings
 * that to one moment for all and tells them. Who is more than half a second behind the foremost (of two: among more the median counts)
 * plays faster by a per cent for each 100 ms, at most ten, until told otherwise a second later. Nobody jumps, nobody slows down.
 */
export function watchParty({ video, say, name, serverTime }: Place): Rule {
  /** Where each film was at the beginning of the server's clock, by what it told last, in seconds. */
  const phases = new Map<string, number>();
  every(1000, () => {
    if (video.paused) return;
    const told = { at: video.currentTime, when: serverTime(), name };
    phases.set(name, told.at - told.when / 1000);
    say(told);
  });
  every(1000, () => {
    const own = phases.get(name);
    if (own === undefined) return;
    const behind = Math.max(...phases.values()) - own;
    video.playbackRate = behind > 0.5 ? Math.min(1.1, 1 + Number((behind / 10).toFixed(2))) : 1;
  });
  return {
    start() {
      say({ play: true });
      void video.play();
    },
    hear({ play, at, when, name: who }) {
      if (play) void video.play();
      if (typeof at === 'number') phases.set(String(who), at - Number(when) / 1000);
    },
  };
}
