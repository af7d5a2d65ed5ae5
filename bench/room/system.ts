// Ours as it ships, with a database that holds a million messages already: three processes, as in production.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { makeSecrets } from '../../local/secrets.ts';
import type { Service } from './people.ts';
import type { Server } from './server.ts';
import { startWorkerd } from './workerd.ts';

export interface System extends Server {
  readonly service: Service;
}

/** Nobody is slowed down: the limits of a socket are for people. */
const withoutLimits = { LIMIT_PER_SOCKET: '1000000' };
/** Files are not measured here. */
const noStorage = { S3_ENDPOINT: '/none', S3_ACCESS_KEY_ID: '', S3_SECRET_ACCESS_KEY: '', S3_REGION: 'auto' };

/** Starts the database with `rows` messages, and the Worker, with everything in `directory`. */
export async function startSystem(directory: string, rows: number): Promise<System> {
  const { DATABASE_PASSWORD: password, ...secrets } = makeSecrets();
  const args = [join(directory, 'postgres'), password, String(rows)];
  const database = fork(new URL('database-process.ts', import.meta.url), args);
  const address = (await answer(database)) as { endpoint: string; databaseUrl: string };
  const variables = {
    ...secrets,
    ...withoutLimits,
    ...noStorage,
    DATABASE_URL: address.databaseUrl,
    NEON_ENDPOINT: address.endpoint,
  };
  const worker = await startWorkerd(directory, variables);
  return {
    ...worker,
    service: {
      url: `http://127.0.0.1:${worker.port}`,
      signingKey: secrets.JWT_PRIVATE_JWK,
      async query(query, params) {
        database.send({ query, params });
        return ((await answer(database)) as { rows: Record<string, unknown>[] }).rows;
      },
    },
    async stop() {
      await worker.stop();
      database.disconnect();
      await once(database, 'exit');
    },
  };
}

/** The next message of a child; throws when it ends instead. */
function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((done, failed) => {
    const ended = (code: number | null) => failed(new Error(`the database ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      done(message);
    });
  });
}
