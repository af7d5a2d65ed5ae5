// Everything that a stopped system has kept, as bytes that can be searched.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openPGlite } from '../local/postgres.ts';

/** The rows of Postgres as text (its files may compress them), and every other file as it lies there. */
export async function storedBytes(dataDir: string): Promise<Buffer> {
  const files = (directory: string): string[] =>
    readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? files(path) : [path];
    });
  const lying = files(dataDir).filter((path) => !path.startsWith(join(dataDir, 'postgres')));
  const databases = lying.filter((path) => path.endsWith('.sqlite'));
  return Buffer.concat([
    await postgresRows(dataDir),
    ...databases.map(sqliteRows),
    ...lying.map((path) => readFileSync(path)),
  ]);
}

/** SQLite may split a value over pages: read as rows besides. */
function sqliteRows(path: string): Buffer {
  const database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("select name from sqlite_master where type = 'table'").all() as {
    name: string;
  }[];
  const rows = tables.flatMap(({ name }) => {
    const all = database.prepare(`select * from "${name}"`);
    all.setReadBigInts(true);
    return all.all();
  });
  database.close();
  return Buffer.concat(
    rows.flatMap((row) =>
      Object.values(row).map((value) =>
        value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(`${value}\n`),
      ),
    ),
  );
}

async function postgresRows(dataDir: string): Promise<Buffer> {
  const database = await openPGlite(join(dataDir, 'postgres'));
  const client = await database.pool.connect();
  try {
    const { rows: tables } = await client.query(
      "select table_name from information_schema.tables where table_schema = 'public'",
    );
    const dumps: string[] = [];
    for (const { table_name } of tables) {
      const { rows } = await client.query(`select row_to_json(t)::text as row from "${table_name}" t`);
      dumps.push(...rows.map(({ row }) => row));
    }
    return Buffer.from(dumps.join('\n'));
  } finally {
    client.release();
    await database.close();
  }
}

/** Whether bytes hold `text` in UTF-8, UTF-16, or base64 at any alignment. */
export function contains(haystack: Buffer, text: string): boolean {
  const utf8 = Buffer.from(text);
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), utf8]).toString('base64url');
    // What stands at either end depends on the neighbours.
    return encoded.slice(shift ? 4 : 0, encoded.length - 2);
  });
  return [utf8, Buffer.from(text, 'utf16le'), ...base64.map((encoded) => Buffer.from(encoded))].some(
    (needle) => haystack.includes(needle),
  );
}
