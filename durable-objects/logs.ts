import { DurableObject } from 'cloudflare:workers';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { concat, fromBase64, utf8 } from '../protocol/bytes.ts';
import {
  Journal,
  joinSealed,
  type LogLine,
  logKey,
  logsInfo,
  logsName,
  writePieces,
} from '../protocol/logs.ts';
import type { LogsRpc } from './rpc.ts';

/** How long lines gather before they are worth an object of their own, in milliseconds; sooner when they are this many bytes. */
const gathering = 10_000;
const parcelSize = 1 << 20;
/** What is kept while storage is away, in bytes: past that the oldest go. */
const patience = 64 << 20;

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

interface LoggingEnv {
  readonly LOGS?: DurableObjectNamespace<Logs>;
  readonly LOG_PUBLIC_KEY?: string;
}

const journal = new Journal(console);

/** Writes a line of an object: for the sealed log where there is one. Never throws, and nobody waits for it. */
export function log(env: LoggingEnv, line: Omit<LogLine, 'at'>): void {
  const { LOGS, LOG_PUBLIC_KEY } = env;
  journal.write(line, Boolean(LOGS && LOG_PUBLIC_KEY));
  if (!LOGS || !LOG_PUBLIC_KEY) return;
  const lines = journal.take();
  void LOGS.getByName(logsName)
    .add(LOG_PUBLIC_KEY, lines)
    .catch(() => journal.giveBack(lines));
}

/** Writes that something failed, by the number of the request that met it where there was one. */
export function logFault(env: LoggingEnv, event: string, error: unknown, request: string | undefined): void {
  const by = request === undefined ? {} : { request };
  log(env, { level: 'error', event, error: (error as Error).name, ...by });
}

/** enc (32 bytes) ‖ ciphertext; null where the key is none. */
async function seal(publicKey: string, text: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(fromBase64(publicKey).buffer);
    const { enc, ct } = await suite.seal({ recipientPublicKey, info: logsInfo.buffer }, utf8(text));
    return concat(new Uint8Array(enc), new Uint8Array(ct));
  } catch {
    return null;
  }
}

/**
 * Seals what all isolates tell, at once, to the operator's key (HPKE, RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM,
 * base mode), and keeps only that until the Worker has put it into the bucket. What was sealed can't be read here either.
 */
export class Logs extends DurableObject<object> implements LogsRpc {
  constructor(context: DurableObjectState, env: object) {
    super(context, env);
    context.storage.sql.exec(`
      create table if not exists piece (
        n integer primary key autoincrement,
        at integer not null,
        sealed blob not null,
        -- The parcel that it goes with, once that has been handed out.
        parcel text
      )`);
  }

  async add(publicKey: string, lines: readonly LogLine[]): Promise<boolean> {
    const pieces = await Promise.all(writePieces(lines).map((text) => seal(publicKey, text)));
    const sealed = pieces.filter((piece) => piece !== null);
    if (sealed.length < pieces.length) return false;
    if (sealed.length === 0) return true;
    const { sql } = this.ctx.storage;
    // All or none: who is told that it failed tells the same lines again.
    this.ctx.storage.transactionSync(() => {
      for (const piece of sealed) sql.exec('insert into piece (at, sealed) values (?, ?)', Date.now(), piece);
    });
    const { size } = sql
      .exec<{ size: number }>('select coalesce(sum(length(sealed)), 0) as size from piece')
      .one();
    if (size > patience) sql.exec('delete from piece where n in (select n from piece order by n limit 100)');
    return true;
  }

  async due(): Promise<{ key: string; body: Uint8Array } | undefined> {
    const { sql } = this.ctx.storage;
    type Piece = { n: number; at: number; bytes: number; parcel: string | null };
    const pieces = sql
      .exec<Piece>('select n, at, length(sealed) as bytes, parcel from piece order by n limit 500')
      .toArray();
    const [first] = pieces;
    if (!first) return undefined;
    // One that was handed out before is handed out the same again: whoever had it may have died with it.
    let chosen = pieces.filter(({ parcel }) => parcel !== null && parcel === first.parcel);
    if (chosen.length === 0) {
      let size = 0;
      chosen = pieces.filter(({ bytes, parcel }) => {
        if (parcel !== null || size >= parcelSize) return false;
        size += bytes;
        return true;
      });
      // A clock that has jumped back must not hold them up.
      const age = Math.abs(Date.now() - first.at);
      if (size < parcelSize && age < gathering) return undefined;
    }
    const key = first.parcel ?? logKey(first.at, first.n);
    const sealed = chosen.map(({ n }) => {
      sql.exec('update piece set parcel = ? where n = ?', key, n);
      return sql.exec<{ sealed: ArrayBuffer }>('select sealed from piece where n = ?', n).one().sealed;
    });
    return { key, body: joinSealed(sealed.map((piece) => new Uint8Array(piece))) };
  }

  async stored(key: string): Promise<void> {
    this.ctx.storage.sql.exec('delete from piece where parcel = ?', key);
  }
}
