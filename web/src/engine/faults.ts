import { type Problem, problemType, requestNumber } from '../../../protocol/problem.ts';
import { type Observable, Subject } from './observable.ts';

/** A mistake of the service's or the app's own, by the number under which the operator's log has it. */
export interface Fault {
  readonly number: string;
}

const shown = new Subject<Fault | undefined>(undefined);

/** The fault that its person may want to tell the operator of. */
export const faults: Observable<Fault | undefined> = shown;

/** For how long one that was seen is not followed by another, in ms: what is tried again fails again. */
const rest = 60_000;
let quietUntil = 0;

/** Keeps in mind what the service has answered, where that is a mistake of its own and not a refusal or an outage. */
export function noteProblem(problem: Problem): void {
  const number = requestNumber(problem);
  if (problemType(problem) !== 'internal' || number === undefined) return;
  // The first is shown until it has been seen: who reads a number out must not see it change.
  if (shown.get() === undefined && Date.now() > quietUntil) shown.set({ number });
}

/** It has been seen. */
export function dismissFault(): void {
  quietUntil = Date.now() + rest;
  shown.set(undefined);
}
