// Many sockets in one room, in a process of their own.
import { fork } from 'node:child_process';

export type Dialect = 'ours' | 'plain' | 'prosody';

export type CrowdCommand =
  | { readonly do: 'open'; readonly dialect: Dialect; readonly port: number; readonly entries: string[] }
  | {
      readonly do: 'saturate';
      readonly senders: number;
      readonly window: number;
      readonly warmUp: number;
      readonly seconds: number;
    }
  | { readonly do: 'pace'; readonly senders: number; readonly rate: number; readonly seconds: number };

export type CrowdReply =
  | { readonly mark: 'begin' | 'end' }
  | { readonly done: unknown }
  | { readonly failed: string };

/** What was counted between the marks; `cpu` is what the crowd itself used, in seconds. */
export interface Saturated {
  readonly deliveries: number;
  readonly messages: number;
  readonly seconds: number;
  readonly cpu: number;
}

/** `p50` and `p99`: from a message's leaving its sender to its coming to a socket, in milliseconds. */
export interface Paced {
  readonly deliveries: number;
  readonly p50: number;
  readonly p99: number;
  readonly seconds: number;
  readonly cpu: number;
}

export interface Crowd {
  open(dialect: Dialect, port: number, entries: string[]): Promise<void>;
  /** `meter` is asked at the beginning and the end of what is counted. */
  saturate(
    load: { senders: number; window: number; warmUp: number; seconds: number },
    meter: () => void,
  ): Promise<Saturated>;
  pace(load: { senders: number; rate: number; seconds: number }, meter: () => void): Promise<Paced>;
  close(): Promise<void>;
}

/** Starts a crowd without sockets. */
export function startCrowd(): Crowd {
  const child = fork(new URL('crowd-process.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const command = <T>(what: CrowdCommand, meter: () => void = () => {}): Promise<T> =>
    new Promise((done, failed) => {
      const settle = () => {
        child.off('message', hear);
        child.off('exit', exit);
      };
      const exit = (code: number | null) => {
        settle();
        failed(new Error(`the crowd ended with ${code}`));
      };
      const hear = (reply: CrowdReply) => {
        if ('mark' in reply) {
          meter();
          return;
        }
        settle();
        if ('failed' in reply) failed(new Error(`the crowd: ${reply.failed}`));
        else done(reply.done as T);
      };
      child.on('message', hear);
      child.once('exit', exit);
      child.send(what);
    });
  return {
    open: (dialect, port, entries) => command({ do: 'open', dialect, port, entries }),
    saturate: (load, meter) => command({ do: 'saturate', ...load }, meter),
    pace: (load, meter) => command({ do: 'pace', ...load }, meter),
    async close() {
      child.disconnect();
      await ended;
    },
  };
}
