import { type NeonDbError, neon, neonConfig } from '@neondatabase/serverless';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NeonServer, startNeon } from './neon.ts';
import { openPGlite, type Postgres } from './postgres.ts';
import { openTestDatabase } from './testing/database.ts';

const servers = process.env.TEST_DATABASE_URL ? ['PGlite', 'PostgreSQL'] : ['PGlite'];

describe.each(servers)("Neon's protocol in front of %s", (kind) => {
  let postgres: Postgres;
  let server: NeonServer;

  beforeAll(async () => {
    postgres = kind === 'PGlite' ? await openPGlite() : await openTestDatabase();
    server = await startNeon(postgres.pool, 'p4ss');
    neonConfig.fetchEndpoint = () => server.endpoint;
    await connect()`CREATE TABLE room (id bigint PRIMARY KEY, name text NOT NULL, CHECK (id > 0))`;
  }, 60_000);
  afterAll(async () => {
    await server.close();
    await postgres.close();
  });

  const connect = (url = server.databaseUrl) => neon(url);

  it('gives each type as the driver reads it from Neon', async () => {
    const [row] = await connect()`
      SELECT ${'Ana'}::text AS name, ${42}::int AS small, ${'9007199254740993'}::bigint AS big, ${true}::boolean AS yes,
        ${JSON.stringify({ a: [1, null] })}::jsonb AS json, ${Buffer.from([0, 255])}::bytea AS bytes,
        ${new Date(1e12)}::timestamptz AS time, ${null}::text AS nothing, ${['a', 'b,"c']}::text[] AS list`;
    expect(row).toEqual({
      name: 'Ana',
      small: 42,
      big: '9007199254740993',
      yes: true,
      json: { a: [1, null] },
      bytes: Buffer.from([0, 255]),
      time: new Date(1e12),
      nothing: null,
      list: ['a', 'b,"c'],
    });
  });

  it('says how many rows a statement touched', async () => {
    const sql = neon(server.databaseUrl, { fullResults: true });
    await sql`INSERT INTO room VALUES (101, 'a'), (102, 'b')`;
    const result = await sql`DELETE FROM room WHERE id > 100`;
    expect(result).toMatchObject({ command: 'DELETE', rowCount: 2 });
  });

  it("passes on PostgreSQL's errors with their fields", async () => {
    await connect()`INSERT INTO room VALUES (1, 'a')`;
    const error = await connect()`INSERT INTO room VALUES (1, 'b')`.catch((reason: NeonDbError) => reason);
    expect(error).toMatchObject({
      name: 'NeonDbError',
      code: '23505',
      constraint: 'room_pkey',
      table: 'room',
    });
    await expect(connect()`SELEC 1`).rejects.toMatchObject({ code: '42601', position: '1' });
    await expect(connect()`SELECT 1 / ${0}::int`).rejects.toMatchObject({ code: '22012' });
  });

  it('runs a batch in one transaction: all of it or nothing', async () => {
    const sql = connect();
    const [first] = await sql.transaction([
      sql`INSERT INTO room VALUES (2, 'a') RETURNING name`,
      sql`INSERT INTO room VALUES (3, 'b')`,
    ]);
    expect(first).toEqual([{ name: 'a' }]);
    const broken = sql.transaction([
      sql`INSERT INTO room VALUES (4, 'c')`,
      sql`INSERT INTO room VALUES (-1, 'd')`,
    ]);
    await expect(broken).rejects.toMatchObject({ code: '23514' });
    expect(await sql`SELECT id FROM room WHERE id IN (2, 3, 4) ORDER BY id`).toEqual([
      { id: '2' },
      { id: '3' },
    ]);
  });

  it('keeps the isolation level and the access mode that a batch asks for', async () => {
    const sql = connect();
    const [rows] = await sql.transaction([sql`SHOW transaction_isolation`], {
      isolationLevel: 'Serializable',
    });
    expect(rows).toEqual([{ transaction_isolation: 'serializable' }]);
    const write = sql.transaction([sql`INSERT INTO room VALUES (9, 'x')`], { readOnly: true });
    await expect(write).rejects.toMatchObject({ code: '25006' });
  });

  it('keeps transactions apart when many arrive at once', async () => {
    const sql = connect();
    const batches = Array.from({ length: 20 }, (_, i) =>
      sql.transaction([
        sql`INSERT INTO room VALUES (${1000 + i}, 'many')`,
        i % 2 ? sql`SELECT 1 / 0` : sql`SELECT 1`,
      ]),
    );
    const settled = await Promise.allSettled(batches);
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    expect(await sql`SELECT count(*)::int AS n FROM room WHERE name = 'many'`).toEqual([{ n: 10 }]);
  });

  it('serves nobody without the password: any web page can reach loopback', async () => {
    await expect(connect('postgresql://worker:wrong@localhost/x')`SELECT 1`).rejects.toMatchObject({
      code: '28P01',
    });
    const bare = await fetch(server.endpoint, { method: 'POST', body: '{"query":"SELECT 1"}' });
    expect(bare.status).toBe(400);
  });
});

describe('a database that is not there', () => {
  it('is a failure of the service, not of the query', async () => {
    const server = await startNeon(Promise.reject(new Error('it is on fire')), 'p4ss');
    neonConfig.fetchEndpoint = () => server.endpoint;
    await expect(neon(server.databaseUrl)`SELECT 1`).rejects.toThrow(/503.*it is on fire/);
    await server.close();
  });

  it('answers why, while there is an outage', async () => {
    let outage: string | undefined = 'The disk is full.';
    const postgres = await openPGlite();
    const server = await startNeon(postgres.pool, 'p4ss', () => outage);
    neonConfig.fetchEndpoint = () => server.endpoint;
    await expect(neon(server.databaseUrl)`SELECT 1 AS one`).rejects.toThrow(/503.*The disk is full/);
    outage = undefined;
    expect(await neon(server.databaseUrl)`SELECT 1 AS one`).toEqual([{ one: 1 }]);
    await server.close();
    await postgres.close();
  }, 60_000);
});
