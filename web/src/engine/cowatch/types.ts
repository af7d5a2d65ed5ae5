import type { Control, Report } from '../../../../protocol/cowatch.ts';
import type { Observable } from '../observable.ts';
import type { Screen } from './follower.ts';

export type { Screen } from './follower.ts';
export type { Control };

/** What is watched together in a room. */
export interface Watch {
  readonly view: Observable<WatchView>;
  /**
   * Has everybody who watches watch the film of a message, from `seconds` on; begins a watch where there is none.
   *
   * @throws EngineError `may-not` where others decide what is watched
   */
  start(messageId: string, seconds: number): Promise<void>;
  /** Joins those who watch. Throws EngineError `no-watch` where nobody does any more. */
  join(): Promise<void>;
}

export interface WatchView {
  /** Those who watch, by their own word; this tab may be one of them. Undefined where nobody does. */
  readonly running?: { readonly people: readonly string[] };
  /** Set while this tab watches too. */
  readonly joined?: JoinedWatch;
}

/** This tab's part in a watch. What it does to the film it does to everybody's; what it may not do is not done. */
export interface JoinedWatch {
  readonly view: Observable<JoinedView>;
  play(): void;
  pause(): void;
  /** To `seconds`, playing or not as before. */
  seek(seconds: number): void;
  setRate(rate: number): void;
  /** Does not wait for a watcher any longer, who catches up alone. */
  goOnWithout(watcher: string): void;
  /** Says, as the host, who may control the film. */
  allow(control: Control): void;
  /** Makes another one host, as the host. */
  makeHost(userId: string): void;
  react(emoji: string): void;
  /** Calls `listener` with each reaction, one's own too; answers how to stop. */
  onReaction(listener: (userId: string, emoji: string) => void): () => void;
  /** Has the film of `messageId` on `screen` do what the watch wants; answers how to stop. */
  show(messageId: string, screen: Screen): () => void;
  /** Whether this screen is kept in step. Without, it still plays, stops and jumps with everybody. */
  setCorrecting(on: boolean): void;
  /** Seconds that this screen is to be ahead of the others. */
  setOffset(seconds: number): void;
  leave(): void;
}

/**
 * `joining`: not in step with the clock yet; `waiting`: until all are ready; `playing` and `paused` as everybody's film is.
 */
export type WatchPhase = 'joining' | 'waiting' | 'playing' | 'paused';

export interface JoinedView {
  readonly phase: WatchPhase;
  /** The message of the film; undefined before it is known. */
  readonly messageId?: string;
  readonly rate: number;
  readonly others: readonly OtherWatcher[];
  /** Who it waits for, by watcher; this tab may be among them. */
  readonly waitsFor: readonly string[];
  readonly me: { readonly watcher: string; readonly waitedFor: boolean; readonly leftBehind: boolean };
  readonly host?: string;
  readonly control: Control;
  readonly isHost: boolean;
  readonly mayControl: boolean;
  readonly correcting: boolean;
  /** Seconds. */
  readonly offset: number;
}

export interface OtherWatcher {
  readonly watcher: string;
  readonly userId: string;
  readonly ready: boolean;
  readonly cause?: Report['cause'];
  /** The others go on without them. */
  readonly leftBehind: boolean;
}
