// Who is measured: each a server in processes of its own, and what lets so many sockets into one room of it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startBare } from './bare.ts';
import type { Dialect } from './crowd.ts';
import { newPeople, newRoom, type Person, tickets } from './people.ts';
import { startProsody } from './prosody.ts';
import type { Server } from './server.ts';
import type { System } from './system.ts';

/**
 * `synced`: a `ws` server that has each message on disk before it passes it on. `bare`: an object of Cloudflare's that stores nothing;
 * `storing`: one that does nothing besides.
 */
export type Name = Dialect | 'synced' | 'bare' | 'storing';

export interface Contender extends Server {
  readonly name: Name;
  readonly dialect: Dialect;
  /** How many messages each sender keeps under way at saturation: what serves the server best, and is soon delivered afterwards. */
  readonly window: number;
  /** Makes a room for `size` people; answers what lets each of them in, soon. */
  entries(size: number): Promise<string[]>;
}

export interface OurRoom {
  readonly id: string;
  readonly owner: Person;
}

/** A room of ours; `made` hears of it. Stopping it leaves the system as it is. */
export const ours = (system: System, made: (room: OurRoom) => void): Contender => ({
  pid: system.pid,
  port: system.port,
  stop: async () => {},
  name: 'ours',
  dialect: 'ours',
  window: 32,
  async entries(size) {
    const people = await newPeople(system.service, size);
    const [owner] = people;
    if (!owner) return [];
    const id = await newRoom(system.service, [owner, ...people.slice(1)]);
    made({ id, owner });
    return tickets(system.service, id, people);
  },
});

/** A `ws` server that keeps nothing; with a `directory`, one that has each message on disk there before it passes it on. */
export async function plain(directory?: string): Promise<Contender> {
  const args = directory === undefined ? [] : [join(directory, 'messages')];
  const child = fork(new URL('plain-process.ts', import.meta.url), args);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    pid: child.pid as number,
    port,
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
    name: directory === undefined ? 'plain' : 'synced',
    dialect: 'plain',
    window: 8,
    entries: async (size) => Array<string>(size).fill(''),
  };
}

/** An object that passes messages on, perhaps stores them before, and does nothing else. */
export async function bare(directory: string, storing = false): Promise<Contender> {
  return {
    ...(await startBare(directory, storing)),
    name: storing ? 'storing' : 'bare',
    dialect: 'plain',
    window: 8,
    entries: async (size) => Array<string>(size).fill(''),
  };
}

/** Prosody MUC; undefined where it is not to be had. */
export async function prosody(directory: string): Promise<Contender | undefined> {
  const server = await startProsody(directory);
  return (
    server && {
      ...server,
      name: 'prosody',
      dialect: 'prosody',
      window: 1,
      entries: async (size) => Array.from({ length: size }, (_, i) => `nick${i}`),
    }
  );
}
