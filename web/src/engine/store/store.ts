import { type IDBPDatabase, openDB } from 'idb';
import type * as z from 'zod/mini';
import { concat, fromUtf8, utf8 } from '../../../../protocol/bytes.ts';
import {
  StoredAccount,
  StoredBackup,
  StoredChain,
  StoredContact,
  StoredDraft,
  StoredExpiry,
  StoredFile,
  StoredMessage,
  StoredOutgoing,
  StoredOwnChain,
  StoredPeer,
  StoredPlace,
  StoredPreferences,
  StoredPreKey,
  StoredProfile,
  StoredRoom,
  StoredSecret,
  StoredSession,
  StoredStretch,
  StoredUpload,
  StoredUploadObject,
} from '../../../../protocol/stored.ts';
import { m } from '../../language/index.ts';
import { EngineError } from '../types.ts';

/** The tables that the page works with, and what each holds. Keys are strings; parts are joined by `/`. */
const openTables = {
  /** `me` */
  account: StoredAccount,
  /** `<id>`: sealed chains on their way to the server */
  backups: StoredBackup,
  /** `<room>` */
  rooms: StoredRoom,
  /** `<room>/<seq, 12 digits>` */
  messages: StoredMessage,
  /** `<room>/<number, 9 digits>`: what a search must know of messages (`search/stretches.ts`) */
  stretches: StoredStretch,
  /** `<when, 15 digits>/<room>/<seq>`: what disappears by itself */
  expiries: StoredExpiry,
  /** `<room>/<message id>` */
  outbox: StoredOutgoing,
  /** `<room>/<file id>`; `waiting/<room>/<file id>` before its turn has come (earlier versions know none without a plan) */
  uploads: StoredUpload,
  /** `<file id>/<index, 4 digits>` */
  uploadObjects: StoredUploadObject,
  /** `<file id>` */
  files: StoredFile,
  /** `<file id>` */
  places: StoredPlace,
  /** `<room>`, and `<room>/change` for a message that is being changed */
  drafts: StoredDraft,
  /** `me` */
  preferences: StoredPreferences,
  /** `me`, and `<room>/<user>` for what each has said there, oneself too */
  profiles: StoredProfile,
} as const;

/** The tables of the host of keys (`crypto/`), which nothing else reads. */
const keyTables = {
  /** `me` */
  secrets: StoredSecret,
  /** `<kind>/<id>` */
  prekeys: StoredPreKey,
  /** `<user>:<device>` */
  sessions: StoredSession,
  /** `<user>` */
  peers: StoredPeer,
  /** `<user>` */
  contacts: StoredContact,
  /** `<room>` */
  ownChains: StoredOwnChain,
  /** `<room>/<user>:<device>/<distribution id>/<chain id>` */
  chains: StoredChain,
} as const;

/**
 * Where files of unfinished uploads were picked, by file id. Handles are the browser's own and can't be sealed: the file's name on this device
 * stands there as the browser writes it.
 */
const handles = 'handles';

const tables = { ...openTables, ...keyTables };
export type OpenTable = keyof typeof openTables;
export type Table = keyof typeof tables;
export type Row<T extends Table> = z.infer<(typeof tables)[T]>;

/** Key of a message: sorts by `seq`. */
export const messageKey = (room: string, seq: number): string => `${room}/${String(seq).padStart(12, '0')}`;

interface Write<T extends Table = Table> {
  readonly table: T;
  readonly key: string;
  /** Undefined deletes. */
  readonly value: unknown;
}

/**
 * IndexedDB with every value (but handles) sealed under a key that script cannot export (AES-256-GCM; the table and key are
 * authenticated, so values cannot be swapped). Works in browsers, and under Node with a shim of IndexedDB. `Allowed` are the
 * tables that its holder may touch.
 */
export class Store<Allowed extends Table = OpenTable> {
  readonly #db: IDBPDatabase;
  readonly #key: CryptoKey;

  private constructor(db: IDBPDatabase, key: CryptoKey) {
    this.#db = db;
    this.#key = key;
  }

  /**
   * Opens (or makes) the store called `name`.
   *
   * @param onLost called when the store is closed from outside: another tab deletes it, or the browser does
   * @throws EngineError `no-storage` where the browser keeps nothing for us
   */
  static async open(name: string, onLost: () => void = () => {}): Promise<Store<Table>> {
    const db = await openDB(name, 10, {
      upgrade(database) {
        for (const table of ['keys', handles, ...Object.keys(tables)])
          if (!database.objectStoreNames.contains(table)) database.createObjectStore(table);
      },
      // Another tab signs out or upgrades: let it.
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
        onLost();
      },
      terminated: onLost,
    }).catch((cause) => {
      throw new EngineError('no-storage', m.engine_noStorage(), { cause });
    });
    const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]);
    // Two tabs that open a new store at once must end up with one key: the transaction decides.
    const tx = db.transaction('keys', 'readwrite');
    let key = (await tx.store.get('at-rest')) as CryptoKey | undefined;
    if (!key) {
      key = fresh;
      await tx.store.put(key, 'at-rest');
    }
    await tx.done;
    return new Store(db, key);
  }

  /** The row, or undefined. Throws when it was tampered with. */
  async get<T extends Allowed>(table: T, key: string): Promise<Row<T> | undefined> {
    const sealed = (await this.#db.get(table, key)) as Uint8Array<ArrayBuffer> | undefined;
    return sealed && this.#open(table, key, sealed);
  }

  /** All rows whose key starts with `prefix`, ascending by key. */
  async list<T extends Allowed>(table: T, prefix = ''): Promise<[string, Row<T>][]> {
    return this.#range(table, startingWith(prefix));
  }

  /** Whether there is a row whose key starts with `prefix`. */
  async any(table: Allowed, prefix: string): Promise<boolean> {
    return (await this.#db.getKey(table, startingWith(prefix))) !== undefined;
  }

  /** The lowest key of a table. */
  async firstKey(table: Allowed): Promise<string | undefined> {
    const cursor = await this.#db.transaction(table).store.openKeyCursor();
    return cursor?.key as string | undefined;
  }

  /** The last `limit` rows with prefix and key below `before`, ascending by key. */
  async listBefore<T extends Allowed>(
    table: T,
    prefix: string,
    before: string,
    limit: number,
  ): Promise<[string, Row<T>][]> {
    const rows: [string, Uint8Array<ArrayBuffer>][] = [];
    const range = IDBKeyRange.bound(prefix, before, false, true);
    let cursor = await this.#db.transaction(table).store.openCursor(range, 'prev');
    while (cursor && rows.length < limit) {
      rows.push([cursor.key as string, cursor.value as Uint8Array<ArrayBuffer>]);
      cursor = await cursor.continue();
    }
    return Promise.all(
      rows
        .reverse()
        .map(async ([key, sealed]) => [key, await this.#open(table, key, sealed)] as [string, Row<T>]),
    );
  }

  /** All rows with prefix and key from `from` on, ascending by key. */
  async listFrom<T extends Allowed>(table: T, prefix: string, from: string): Promise<[string, Row<T>][]> {
    return this.#range(table, IDBKeyRange.bound(from, `${prefix}\uffff`));
  }

  /** All rows with key from `first` to `last`, both included, ascending by key. */
  async listBetween<T extends Allowed>(table: T, first: string, last: string): Promise<[string, Row<T>][]> {
    return this.#range(table, IDBKeyRange.bound(first, last));
  }

  /** Starts a draft: reads see its own writes; nothing is kept until `commit`. */
  draft(this: Store<Table>): Draft {
    return new Draft(this);
  }

  /**
   * Writes all in one transaction, durable before it resolves. With `relaxed` it may be lost as a whole when the machine loses
   * power, but never without all that was written after it: for what can be had again.
   */
  async write(writes: readonly Write<Allowed>[], durability: 'strict' | 'relaxed' = 'strict'): Promise<void> {
    if (writes.length === 0) return;
    // Sealing awaits WebCrypto, which would end the transaction: so first all of it, then one transaction.
    const sealed = await Promise.all(
      writes.map(async ({ table, key, value }) => ({
        table,
        key,
        value: value === undefined ? undefined : await this.#seal(table, key, value),
      })),
    );
    const tx = this.#db.transaction([...new Set(writes.map((w) => w.table))], 'readwrite', {
      durability,
    });
    const requests = sealed.map(({ table, key, value }) => {
      const store = tx.objectStore(table);
      return value === undefined ? store.delete(key) : store.put(value, key);
    });
    try {
      await Promise.all([...requests, tx.done]);
    } catch (cause) {
      if ((cause as Error).name !== 'QuotaExceededError') throw cause;
      throw new EngineError('storage-full', m.engine_storageFull(), { cause });
    }
  }

  /** Keeps where a file was picked. Rejects where the browser can't keep handles. */
  async keepHandle(fileId: string, handle: FileSystemFileHandle): Promise<void> {
    await this.#db.put(handles, handle, fileId);
  }

  /** Where a file was picked. */
  async handle(fileId: string): Promise<FileSystemFileHandle | undefined> {
    return (await this.#db.get(handles, fileId)) as FileSystemFileHandle | undefined;
  }

  async dropHandle(fileId: string): Promise<void> {
    await this.#db.delete(handles, fileId);
  }

  close(): void {
    this.#db.close();
  }

  async #range<T extends Table>(table: T, range: IDBKeyRange): Promise<[string, Row<T>][]> {
    const tx = this.#db.transaction(table);
    const [keys, values] = await Promise.all([tx.store.getAllKeys(range), tx.store.getAll(range)]);
    return Promise.all(
      keys.map(
        async (key, i) =>
          [key as string, await this.#open(table, key as string, values[i])] as [string, Row<T>],
      ),
    );
  }

  async #seal(table: Table, key: string, value: unknown): Promise<Uint8Array<ArrayBuffer>> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const params = { name: 'AES-GCM', iv, additionalData: utf8(`${table}/${key}`) };
    return concat(
      iv,
      new Uint8Array(await crypto.subtle.encrypt(params, this.#key, utf8(JSON.stringify(value)))),
    );
  }

  async #open<T extends Table>(table: T, key: string, sealed: Uint8Array<ArrayBuffer>): Promise<Row<T>> {
    const params = { name: 'AES-GCM', iv: sealed.subarray(0, 12), additionalData: utf8(`${table}/${key}`) };
    const plain = await crypto.subtle.decrypt(params, this.#key, sealed.subarray(12));
    return tables[table].parse(JSON.parse(fromUtf8(new Uint8Array(plain)))) as Row<T>;
  }
}

const startingWith = (prefix: string) => IDBKeyRange.bound(prefix, `${prefix}\uffff`);

/** A set of changes that become true together. Only to be used while holding the lock that guards what it reads. */
export class Draft {
  readonly #store: Store<Table>;
  readonly #writes = new Map<string, Write>();

  constructor(store: Store<Table>) {
    this.#store = store;
  }

  async get<T extends Table>(table: T, key: string): Promise<Row<T> | undefined> {
    const write = this.#writes.get(`${table}/${key}`);
    return write ? (write.value as Row<T> | undefined) : this.#store.get(table, key);
  }

  /** Whether there is, or will be, a row whose key starts with `prefix`. */
  async any(table: Table, prefix: string): Promise<boolean> {
    for (const write of this.#writes.values())
      if (write.table === table && write.value !== undefined && write.key.startsWith(prefix)) return true;
    return this.#store.any(table, prefix);
  }

  put<T extends Table>(table: T, key: string, value: Row<T>): void {
    this.#writes.set(`${table}/${key}`, { table, key, value });
  }

  delete(table: Table, key: string): void {
    this.#writes.set(`${table}/${key}`, { table, key, value: undefined });
  }

  /** As `Store.write`. */
  async commit(durability?: 'strict' | 'relaxed'): Promise<void> {
    await this.#store.write([...this.#writes.values()], durability);
    this.#writes.clear();
  }
}

/** Deletes the store called `name` with everything in it. */
export function deleteStore(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
    // Other tabs close on `versionchange`; it goes through as soon as they have.
    request.onblocked = () => {};
  });
}
