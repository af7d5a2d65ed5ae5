import type { Locale } from '../../language/index.ts';
import type { Answer } from '../answer.ts';
import type { HostSettings } from './index.ts';

/** What the page tells the worker that owns the keys. */
export type ToHost =
  /** First of all. `alive` is a lock that the worker holds until it ends, however it ends. */
  | {
      readonly t: 'start';
      readonly settings: HostSettings;
      readonly alive: string;
      readonly language: Locale;
    }
  | { readonly t: 'call'; readonly call: number; readonly name: string; readonly args: readonly unknown[] }
  /** Gives up a call's work on keys. */
  | { readonly t: 'abort'; readonly call: number }
  /** What the service answered. */
  | { readonly t: 'replied'; readonly request: number; readonly answer: Answer };

/** What the worker tells the page. */
export type FromHost =
  /** The lock `alive` is held; calls are taken. */
  | { readonly t: 'ready' }
  | { readonly t: 'answer'; readonly call: number; readonly answer: Answer }
  | { readonly t: 'progress'; readonly call: number; readonly part: number }
  /** A request to the service: tokens stay with the page. */
  | { readonly t: 'request'; readonly request: number; readonly name: string; readonly args: unknown };
