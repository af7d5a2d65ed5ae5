import { doors } from './doors.ts';
import { meeting } from './meeting.ts';

/** Something that should be so; throws an Error that says what is not. */
export interface Trial {
  readonly name: string;
  run(origin: string): Promise<void>;
}

/**
 * Tries the system at `origin`, and tells how each trial went by `say`.
 *
 * @param talk whether two people meet there, too, which leaves nothing behind but a room's log without readers
 * @returns how many trials failed
 */
export async function smoke(origin: string, talk: boolean, say: (line: string) => void): Promise<number> {
  let faults = 0;
  for (const { name, run } of talk ? [...doors, meeting] : doors) {
    try {
      await run(origin);
      say(`ok    ${name}`);
    } catch (error) {
      faults++;
      say(`FAULT ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return faults;
}
