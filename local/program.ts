// Programs of this machine.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether `path` is something that can be run. */
export function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where PATH may have a program of one of `names`, in its order. */
export const pathsOf = (names: readonly string[], env: NodeJS.ProcessEnv): string[] =>
  (env.PATH ?? '').split(delimiter).flatMap((place) => names.map((name) => join(place, name)));

/** Where Go puts a program that it has made. */
export const goPathOf = (name: string, env: NodeJS.ProcessEnv): string =>
  join(env.HOME ?? '', 'go/bin', name);
