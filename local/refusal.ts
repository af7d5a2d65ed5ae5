// What the commands say when they can't go on: one sentence, never a stack.
import { statfsSync } from 'node:fs';

/** An error whose message is a sentence for the person at the terminal. */
export class Refusal extends Error {
  override name = 'Refusal';
}

/** Whether the disk that holds `directory` has at least `bytes` left. */
export function hasSpace(directory: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize >= bytes;
}

export function diskFull(directory: string): Refusal {
  return new Refusal(`The disk is full: free some space for ${directory} and try again.`);
}

/** The sentence for any error: its own for a Refusal, ours for a full disk, the stack for what nobody foresaw. */
export function explain(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return diskFull(path ?? 'this directory').message;
  return error.stack ?? error.message;
}

/** Runs a command's main function; what it throws is explained, and the exit code becomes 1. */
export async function command(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(explain(error));
    process.exitCode = 1;
  } finally {
    // The channel to whoever started us would keep this process alive.
    if (process.connected) process.disconnect();
  }
}
