import {
  mayControl,
  mayFollow,
  placeAt,
  playsTheSame,
  type Report,
  type Rules,
  type Run,
  type Said,
  type Timeline,
} from '../../../../protocol/cowatch.ts';
import { Audience, type Other } from './audience.ts';
import { SharedClock } from './clock.ts';
import { Conductor } from './conductor.ts';
import { PingPlan } from './pings.ts';
import { type Again, unheededFor, Wished } from './wished.ts';

/** Milliseconds between two words of the leader, and of anybody. */
const beatEvery = 500;
const hereEvery = 1_000;
/** Milliseconds without a word after which the leader is replaced; each next in line waits a little longer. */
const leaderLostAfter = 1_300;
const nextInLine = 200;
/** Milliseconds longer that somebody waits who does not know the leader's time: who does knows better where the film is. */
const unsyncedWaits = 2_000;
/** Milliseconds after which a host who is gone may be replaced, and after which it is done: not all see them go at once. */
const hostMayGoAfter = 5_000;
const hostGoneAfter = 10_000;

export interface Speaker {
  readonly watcher: string;
  readonly userId: string;
  /** The frame's number: it grows with each that they say. */
  readonly n: number;
}

export interface WatchOptions {
  readonly me: { readonly watcher: string; readonly userId: string };
  /** This page's clock: milliseconds since 1970, with fractions, that never jump. */
  readonly now: () => number;
  readonly say: (said: Said) => void;
  /** Signs a state; with `rules`, new rules for it first. */
  readonly sign: (state: Unsigned, rules?: NewRules) => Promise<Timeline>;
  /** Somebody reacted to the film. */
  readonly onReaction: (userId: string, emoji: string) => void;
  /** Something that a screen shows, or the player follows, is different. */
  readonly onChange: () => void;
}

/** What a person can wish of the film, and, where they are the host, of who may control it. */
export type Wish = Partial<Pick<Timeline, 'mediaId' | 'pos' | 'rate' | 'paused' | 'without'>>;
export type NewRules = Omit<Rules, 'mark'>;
/** A state before its author's mark; its rules may be new ones. */
export type Unsigned = Omit<Timeline, 'mark' | 'rules'> & { readonly rules?: Rules };

const nowhere: Report = { rev: 0, seq: 0, ready: false, pos: 0, rtt: 0 };

/**
 * One page's part in a watch, without network, film or timers: it is told what others said and what time it is, and says what is to be
 * said. One of the watchers leads: theirs is the clock, and the word for when all begin. States come from whoever may control.
 */
export class WatchTogether {
  readonly clock = new SharedClock();
  readonly #options: WatchOptions;
  readonly #since: number;
  readonly #audience: Audience;
  readonly #pings = new PingPlan();
  #state: Timeline | undefined;
  #run: Run | undefined;
  #report: Report = nowhere;
  #term = 0;
  #leader: string | undefined;
  #leaderHeard: number;
  #lastBeat = 0;
  #conductor: Conductor | undefined;
  #saidHere = 0;
  #saidBeat = 0;
  readonly #wished = new Wished();
  /** Since when the leader has an older state than we do. */
  #unheeded: number | undefined;
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#since = options.now();
    this.#leaderHeard = this.#since;
    this.#audience = new Audience(this.#since);
  }

  /** Begins a watch that nobody leads yet. */
  async begin(wish: Pick<Timeline, 'mediaId' | 'pos'>): Promise<void> {
    const { me, now, sign } = this.#options;
    this.clock.lead(now());
    const state = { ...wish, rev: 1, at: now(), rate: 1, paused: false, without: [] };
    this.#state = await sign(state, { n: 1, host: me.userId, control: 'everyone' });
    this.#lead();
  }

  get state(): Timeline | undefined {
    return this.#state;
  }

  get run(): Run | undefined {
    return this.#run;
  }

  get leader(): string | undefined {
    return this.#leader;
  }

  get leads(): boolean {
    return this.#leader === this.#options.me.watcher;
  }

  /** The others who watch, in the order of their coming. */
  get others(): readonly Other[] {
    return this.#audience.others;
  }

  get report(): Report {
    return this.#report;
  }

  get mayControl(): boolean {
    return this.state !== undefined && mayControl(this.state.rules, this.#options.me.userId);
  }

  /** Shared time now. */
  get moment(): number {
    return this.clock.at(this.#options.now());
  }

  /** What the film is to do: the leader's run of the state that holds; a newer state stands still until there is one. */
  get goal():
    | (Pick<Run, 'phase' | 'pos' | 'at'> & { readonly rate: number; readonly mediaId: string })
    | undefined {
    const [state, run] = [this.state, this.#run];
    if (!state || !run || !this.clock.known) return undefined;
    const { rate, mediaId } = state;
    if (this.#fits) return { phase: run.phase, pos: run.pos, at: run.at, rate, mediaId };
    return { phase: state.paused ? 'hold' : 'gather', pos: state.pos, at: state.at, rate, mediaId };
  }

  /** Whether the run is one of the state that holds: a change of who may do what makes no other. */
  #runsState: Timeline | undefined;
  get #fits(): boolean {
    const state = this.state;
    return state !== undefined && this.#runsState !== undefined && playsTheSame(state, this.#runsState);
  }

  /** Where the film is now by what everybody follows, in seconds. */
  get place(): number {
    const goal = this.goal;
    return goal ? placeAt(goal, goal.rate, this.moment) : 0;
  }

  /** Wishes something of everybody's film; answers whether this person may, and knows where it is. */
  async wish(wish: Wish): Promise<boolean> {
    const before = this.state;
    if (!before || !this.goal || !this.mayControl) return false;
    const plays = 'mediaId' in wish || 'pos' in wish || 'rate' in wish || 'paused' in wish;
    const now = plays && { pos: this.place, at: this.moment, without: [] };
    // Who may do what can change beside it.
    const again: Again = (instead) => playsTheSame(instead, before) && this.wish(wish);
    return this.#publish({ ...before, ...now, ...wish, rev: before.rev + 1 }, again);
  }

  /** Says, as the host, who may control the film, or that somebody else is host; answers whether this person may. */
  async rule(rules: Partial<Pick<Rules, 'host' | 'control'>>): Promise<boolean> {
    const before = this.state;
    if (before?.rules.host !== this.#options.me.userId) return false;
    const { n, host, control } = before.rules;
    const again: Again = (instead) => instead.rules.n === n && this.rule(rules);
    return this.#publish({ ...before, rev: before.rev + 1 }, again, { n: n + 1, host, control, ...rules });
  }

  async #publish(unsigned: Unsigned, again: Again, rules?: NewRules): Promise<boolean> {
    const { sign, now, say } = this.#options;
    const state = await sign(unsigned, rules);
    if (this.#closed) return false;
    if (!this.#take(state)) return this.#state!.rev >= state.rev && again(this.#state!);
    this.#wished.put(state, again, now());
    say({ t: 'tl', tl: state });
    this.#options.onChange();
    return true;
  }

  react(emoji: string): void {
    this.#options.say({ t: 'react', emoji });
  }

  /** What the player says of itself: changes go out at once. */
  reports(report: Pick<Report, 'ready' | 'pos' | 'cause'>): void {
    const before = this.#report;
    this.#report = { ...report, ...this.#heardOf(), rtt: Math.min(60_000, this.clock.rtt) };
    const { ready, cause, rev, seq } = this.#report;
    if (before.ready === ready && before.cause === cause && before.rev === rev && before.seq === seq) return;
    this.#sayHere();
    this.#conduct();
    this.#options.onChange();
  }

  /** The run that this page follows; before the leader has made one of a new state, the first that it will make. */
  #heardOf(): Pick<Report, 'rev' | 'seq'> {
    const [state, run] = [this.state, this.#run];
    if (!state || !run || !this.clock.known) return { rev: 0, seq: 0 };
    return this.#fits ? { rev: run.rev, seq: run.seq } : { rev: state.rev, seq: 0 };
  }

  /** Takes what somebody said, found to be genuine. */
  hear(speaker: Speaker, said: Said): void {
    const { me, now, say, onChange, onReaction } = this.#options;
    if (this.#closed || speaker.watcher === me.watcher) return;
    const local = now();
    if (said.t === 'here') this.#heardHere(speaker, said, local);
    else if (said.t === 'bye') this.#gone(speaker.watcher, local);
    else if (said.t === 'beat') this.#heardBeat(speaker, said, local);
    else if (said.t === 'react') onReaction(speaker.userId, said.emoji);
    else if (said.t === 'tl') {
      // A state means nothing before the leader has said where we are.
      if (this.#state && this.#take(said.tl)) onChange();
    } else if (said.to === me.watcher) {
      if (said.t === 'ping' && this.leads) {
        const got = this.clock.at(local);
        say({ t: 'pong', to: speaker.watcher, id: said.id, got, sent: this.moment });
      }
      if (said.t === 'pong' && speaker.watcher === this.#leader) {
        const asked = this.#pings.answered(said.id);
        if (asked !== undefined) this.clock.add(asked, said.got, said.sent, local);
      }
    }
  }

  #heardHere(speaker: Speaker, here: Extract<Said, { t: 'here' }>, now: number): void {
    const news = this.#audience.heard(speaker, here, now);
    if (!news) return;
    // Whoever comes is told at once who is here, and what is on.
    if (news === 'came') this.#sayHere();
    if (news === 'came') this.#sayBeat();
    this.#conduct();
    if (news !== 'same') this.#options.onChange();
  }

  #heardBeat({ watcher, n }: Speaker, beat: Extract<Said, { t: 'beat' }>, now: number): void {
    const newer =
      beat.term > this.#term ||
      (beat.term === this.#term && this.#leader !== undefined && watcher < this.#leader);
    if (watcher !== this.#leader) {
      if (!newer) return;
      this.#follow(watcher, beat.term);
    } else if (n <= this.#lastBeat) return;
    this.#term = beat.term;
    this.#lastBeat = n;
    this.#leaderHeard = now;
    this.#heed(beat, now);
    this.#options.onChange();
  }

  #follow(watcher: string, term: number): void {
    this.#leader = watcher;
    this.#term = term;
    this.#lastBeat = 0;
    this.#conductor = undefined;
    this.clock.follow();
    this.#pings.restart();
  }

  /** The leader's word is what holds, but for a state that is newer than theirs and on its way to them. */
  #heed({ tl, run }: Extract<Said, { t: 'beat' }>, now: number): void {
    const mine = this.#state;
    if (mine && mine.rev > tl.rev) {
      this.#unheeded ??= now;
      if (now - this.#unheeded < unheededFor) return;
    }
    if (!mayFollow(mine, tl, (userId) => this.#isGone(userId))) return;
    this.#unheeded = undefined;
    this.#state = this.#runsState = tl;
    this.#run = run;
    this.#wished.heed(tl);
  }

  /** Takes a state that follows the one that holds; answers whether it did. */
  #take(next: Timeline): boolean {
    const before = this.#state;
    if (!before || next.rev <= before.rev || !mayFollow(before, next, (userId) => this.#isGone(userId)))
      return false;
    this.#state = next;
    this.#conductor?.take(next, this.moment);
    this.#conduct(true);
    return true;
  }

  /** Whether nobody of that name has been here for a while, by our own eyes. */
  #isGone(userId: string): boolean {
    const { me, now } = this.#options;
    return userId !== me.userId && this.#audience.absence(userId, now()) > hostMayGoAfter;
  }

  #gone(watcher: string, now: number): void {
    if (!this.#audience.gone(watcher, now)) return;
    // Nobody need wait to notice: the next in line goes on at once.
    if (watcher === this.#leader) this.#leaderHeard = now - leaderLostAfter;
    this.#conduct();
    this.#options.onChange();
  }

  /** Does what is due; answers in how many milliseconds something will be again. */
  tick(): number {
    if (this.#closed) return Number.POSITIVE_INFINITY;
    const now = this.#options.now();
    for (const watcher of this.#audience.silent(now)) this.#gone(watcher, now);
    if (now - this.#saidHere >= hereEvery) this.#sayHere();
    if (this.leads) {
      this.#conduct();
      if (now - this.#saidBeat >= beatEvery) this.#sayBeat();
      this.#inherit(now);
    } else if (this.#leader !== undefined) {
      this.#succeed(now);
      const ping = this.#pings.due(now);
      if (ping !== undefined && !this.leads) this.#options.say({ t: 'ping', to: this.#leader, id: ping });
    }
    const wished = this.#wished.due(now, this.leads);
    if (wished) this.#options.say({ t: 'tl', tl: wished });
    return this.#pings.hurried ? 20 : 50;
  }

  /** Takes the lead where the leader is lost and nobody before us in line has. */
  #succeed(now: number): void {
    const lost = now - this.#leaderHeard - leaderLostAfter - (this.clock.known ? 0 : unsyncedWaits);
    if (lost < 0 || !this.#state) return;
    const { watcher } = this.#options.me;
    const before = this.others.filter(
      (other) =>
        other.watcher !== this.#leader &&
        (other.since < this.#since || (other.since === this.#since && other.watcher < watcher)),
    );
    if (lost >= before.length * nextInLine) this.#lead();
  }

  #lead(): void {
    const { me, now } = this.#options;
    const lost = this.#leader;
    if (lost !== undefined) this.#gone(lost, now());
    this.clock.lead(now());
    this.#term += 1;
    this.#leader = me.watcher;
    this.#conductor = new Conductor(this.#state!, this.moment, this.#fits ? this.#run : undefined);
    this.#conduct(true);
  }

  /** The host is gone for good: whoever leads takes their place, so that nobody is left without. */
  #inherit(now: number): void {
    const state = this.state;
    const { userId } = this.#options.me;
    if (!state || this.#inheriting || state.rules.host === userId) return;
    if (this.#audience.absence(state.rules.host, now) < hostGoneAfter) return;
    this.#inheriting = true;
    const { n, control } = state.rules;
    // Nobody else's film stops for it: what is wished of it stays the same.
    const rules = { n: n + 1, host: userId, control };
    void this.#publish({ ...state, rev: state.rev + 1 }, () => false, rules).finally(() => {
      this.#inheriting = false;
    });
  }
  #inheriting = false;

  /** Leading: looks whether everybody is ready, or somebody stalls. */
  #conduct(news = false): void {
    const conductor = this.#conductor;
    if (!conductor) return;
    const me = { id: this.#options.me.watcher, report: this.#report };
    const others = this.others.map(({ watcher, report }) => ({ id: watcher, report }));
    const changed = conductor.look([me, ...others], this.moment);
    this.#run = conductor.run;
    this.#runsState = this.state;
    if (!changed && !news) return;
    this.#sayBeat();
    this.#options.onChange();
  }

  #sayHere(): void {
    this.#saidHere = this.#options.now();
    this.#options.say({ t: 'here', since: this.#since, report: this.#report });
  }

  #sayBeat(): void {
    if (!this.#state || !this.#run || !this.leads) return;
    this.#saidBeat = this.#options.now();
    this.#options.say({ t: 'beat', term: this.#term, run: this.#run, tl: this.#state });
  }

  /** Leaves: the others go on. */
  close(): void {
    if (this.#closed) return;
    this.#options.say({ t: 'bye' });
    this.#closed = true;
  }
}
