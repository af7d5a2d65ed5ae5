// What is asked of a server's process from outside: its CPU time and memory, by Linux' /proc.
import { readFileSync } from 'node:fs';

export interface Server {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** Linux counts in hundredths of a second, whatever the kernel's own clock. */
const ticks = 100;

/** CPU time that a process has used, in seconds, all its threads. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before the last parenthesis may have spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** Memory of a process that is in RAM, in bytes. */
export function memoryOf(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) * 1024;
}
