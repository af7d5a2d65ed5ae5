// Neon's HTTP protocol (POST /sql) in front of a node-postgres pool, so that the Worker uses Neon's driver unchanged.
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';

interface Statement {
  query: string;
  params?: unknown[];
}

export interface NeonServer {
  /** What the Worker gives `neonConfig.fetchEndpoint`. */
  endpoint: string;
  /** What the Worker gives `neon()`; only its password matters here. */
  databaseUrl: string;
  close(): Promise<void>;
}

/** Every value as the text that PostgreSQL wrote: the driver parses it by the column's type. */
const rawText = { getTypeParser: () => (value: string) => value };

const errorFields = [
  'severity',
  'code',
  'detail',
  'hint',
  'position',
  'internalPosition',
  'internalQuery',
  'where',
  'schema',
  'table',
  'column',
  'dataType',
  'constraint',
  'file',
  'line',
  'routine',
] as const;

const isolationLevels: Record<string, string> = {
  ReadUncommitted: 'READ UNCOMMITTED',
  ReadCommitted: 'READ COMMITTED',
  RepeatableRead: 'REPEATABLE READ',
  Serializable: 'SERIALIZABLE',
};

/**
 * Serves Neon's HTTP protocol, on a loopback port of its own choosing unless `at` says where.
 *
 * @param pool a promise is awaited by each request, so the address is there before the database is; a function is asked for it.
 * @param password what a caller must have in its `Neon-Connection-String`: any page of any site can reach loopback.
 * @param outage asked before each request: why the database can take none now, or undefined.
 */
export async function startNeon(
  pool: pg.Pool | Promise<pg.Pool> | (() => Promise<pg.Pool>),
  password: string,
  outage: () => string | undefined = () => undefined,
  at: { readonly host: string; readonly port: number } = { host: '127.0.0.1', port: 0 },
): Promise<NeonServer> {
  const server = createServer((request, response) => {
    const opened = typeof pool === 'function' ? pool() : pool;
    answer(opened, password, outage, request, response).catch((error: unknown) => refuse(response, error));
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(at.port, at.host, listening);
  });
  // A database that can't be opened is reported by whoever opens it; here it answers each request with a 503.
  if (typeof pool !== 'function') Promise.resolve(pool).catch(() => {});
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/sql`,
    databaseUrl: `postgresql://worker:${password}@localhost/stream_chat`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeIdleConnections();
      }),
  };
}

async function answer(
  pool: pg.Pool | Promise<pg.Pool>,
  password: string,
  outage: () => string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/sql') {
    reply(response, 404, { message: 'Only POST /sql is served here.' });
    return;
  }
  if (!passwordMatches(request.headers, password)) {
    reply(response, 400, { message: 'password authentication failed', code: '28P01' });
    return;
  }
  const reason = outage();
  if (reason !== undefined) {
    reply(response, 503, { message: reason });
    return;
  }
  const body = JSON.parse(await text(request)) as Statement | { queries: Statement[] };
  const results =
    'queries' in body
      ? { results: await runBatch(await pool, body.queries, request.headers) }
      : await run(await pool, body);
  reply(response, 200, results);
}

function passwordMatches(headers: IncomingHttpHeaders, password: string): boolean {
  const header = headers['neon-connection-string'];
  if (typeof header !== 'string' || !URL.canParse(header)) return false;
  const given = Buffer.from(decodeURIComponent(new URL(header).password));
  const wanted = Buffer.from(password);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function run(client: pg.Pool | pg.PoolClient, { query, params = [] }: Statement): Promise<object> {
  const result = await client.query({ text: query, values: params, rowMode: 'array', types: rawText });
  return {
    command: result.command,
    rowCount: result.rowCount,
    rowAsArray: true,
    fields: result.fields,
    rows: result.rows,
  };
}

/** One transaction: all of the statements take effect or none does. */
async function runBatch(
  pool: pg.Pool,
  statements: Statement[],
  headers: IncomingHttpHeaders,
): Promise<object[]> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query(beginStatement(headers));
    const results: object[] = [];
    for (const statement of statements) results.push(await run(client, statement));
    await client.query('COMMIT');
    return results;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

function beginStatement(headers: IncomingHttpHeaders): string {
  const level = isolationLevels[String(headers['neon-batch-isolation-level'])];
  const clauses = ['BEGIN'];
  if (level !== undefined) clauses.push(`ISOLATION LEVEL ${level}`);
  if (headers['neon-batch-read-only'] === 'true') clauses.push('READ ONLY');
  if (headers['neon-batch-deferrable'] === 'true') clauses.push('DEFERRABLE');
  return clauses.join(' ');
}

/** The driver reads a 400 as an error of PostgreSQL, with its fields, and anything else as one of the service. */
function refuse(response: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof pg.DatabaseError) {
    const fields = Object.fromEntries(errorFields.map((name) => [name, error[name]]));
    reply(response, 400, { message, ...fields });
  } else {
    reply(response, 503, { message });
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
