// One launcher at a time on a data directory. The lock names a process, so one that was killed doesn't hold it for ever.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from './refusal.ts';

interface Holder {
  pid: number;
  /** When the process began, as its system tells it: a number given again to another process isn't taken for it. */
  began: string | undefined;
  /** The group of processes that runs the Worker, while there is one. */
  worker?: Omit<Holder, 'worker'>;
}

export interface Lock {
  /** A killed launcher's Worker was ended just now: its port may take a moment to be free. */
  endedWorker: boolean;
  /** Notes the Worker's process group, for whoever recovers after us. */
  noteWorker(pid: number): void;
  release(): void;
}

/**
 * Takes the lock of `directory`. A lock left by a killed launcher is taken over, and a Worker that it left is ended.
 *
 * @throws Refusal when a running launcher has it.
 */
export function takeLock(directory: string): Lock {
  const file = join(directory, 'lock.json');
  const self: Holder = { pid: process.pid, began: processBegan(process.pid) };
  let endedWorker = false;
  if (!writeNew(file, self)) {
    const other = readLock(file);
    if (other !== undefined && isRunning(other)) {
      throw new Refusal(
        `${directory} is in use by another Stream Chat (process ${other.pid}): stop it first.`,
      );
    }
    if (other?.worker !== undefined) endedWorker = endLeftover(other.worker);
    rmSync(file, { force: true });
    if (!writeNew(file, self)) throw new Refusal(`${directory} was just taken by another Stream Chat.`);
  }
  return {
    endedWorker,
    noteWorker: (pid) => {
      writeFileSync(file, JSON.stringify({ ...self, worker: { pid, began: processBegan(pid) } }));
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** Who holds the lock of `directory`: the launcher and the Worker's group. */
export function lockHolder(directory: string): { pid: number; worker: number | undefined } | undefined {
  const holder = readLock(join(directory, 'lock.json'));
  return holder && { pid: holder.pid, worker: holder.worker?.pid };
}

/** Its leader may have died before its group did; what never was ours is left alone. */
function endLeftover(worker: Omit<Holder, 'worker'>): boolean {
  const began = processBegan(worker.pid);
  return (began === undefined || began === worker.began) && endGroup(worker.pid);
}

/** Kills a process group outright; false when it had ended already. */
export function endGroup(leader: number): boolean {
  try {
    return process.kill(process.platform === 'win32' ? leader : -leader, 'SIGKILL');
  } catch {
    return false;
  }
}

function writeNew(file: string, holder: Holder): boolean {
  try {
    writeFileSync(file, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readLock(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isRunning({ pid, began }: Holder): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = processBegan(pid);
  return now === undefined || began === undefined || now === began;
}

function processBegan(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      // proc(5): the 22nd field is the start time; the second, in parentheses, may hold anything.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
