import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { dropForwarded } from '../leftovers.ts';
import type { Row } from '../store/store.ts';
import type { UploadJournal, UploadPlan } from '../transfers/types.ts';
import { EngineError, type SendFileOptions } from '../types.ts';
import { askFor } from './handles.ts';
import { keepFile, keptFile } from './kept-file.ts';

/** What is kept of an upload before its turn has come. */
type WaitingRow = Omit<Row<'uploads'>, 'dek' | 'sealedHead' | 'encryptedKey'>;

/** What this browser keeps of the uploads to one room, so that another run can finish them. */
export class UploadRecords {
  readonly #session: Session;
  readonly #room: string;

  constructor(session: Session, room: string) {
    this.#session = session;
    this.#room = room;
  }

  /** Before anybody sees it: what shows as waiting for its turn is there again after a crash. */
  async wait(row: WaitingRow): Promise<void> {
    await this.#session.store.write([{ table: 'uploads', key: this.#waitingKey(row.fileId), value: row }]);
  }

  /** Of the objects that were made so far, by number. */
  async hashes(fileId: string): Promise<string[]> {
    const hashes: string[] = [];
    for (const [key, { hash }] of await this.#session.store.list('uploadObjects', `${fileId}/`))
      hashes[Number(key.slice(key.indexOf('/') + 1))] = hash;
    return hashes;
  }

  /**
   * The file of an upload: what was kept of it, or what lies where it was picked, once its person allows that.
   *
   * @throws EngineError `no-file` when it can't be read
   */
  async file({ fileId, name }: Row<'uploads'>): Promise<File> {
    const { store } = this.#session;
    const file = await keptFile(store, fileId, name);
    if (file) return file;
    const handle = await store.handle(fileId);
    if (!handle) throw new EngineError('no-file', m.engine_chooseAgain());
    return askFor(handle, name);
  }

  /** What one upload writes down as it goes; `kept`: until its file is. */
  journal(row: WaitingRow, kept: Promise<void>): UploadJournal {
    const { store } = this.#session;
    return {
      begun: async ({ dek, sealedHead, encryptedKey }) => {
        const plan = {
          dek: toBase64(dek),
          sealedHead: toBase64(sealedHead),
          encryptedKey: toBase64(encryptedKey),
        };
        await store.write([
          { table: 'uploads', key: this.#key(row.fileId), value: { ...row, ...plan } },
          { table: 'uploads', key: this.#waitingKey(row.fileId), value: undefined },
        ]);
        await kept;
      },
      made: ({ index, hash }) => {
        const place = `${row.fileId}/${String(index).padStart(4, '0')}`;
        return store.write([{ table: 'uploadObjects', key: place, value: { hash } }]);
      },
    };
  }

  /** Keeps where a file lies or, where that is not known and it is small, itself: one after the other, however many are dropped. */
  async keep(fileId: string, file: File, handle: SendFileOptions['handle']): Promise<void> {
    const { store, locks } = this.#session;
    const where = await handle?.catch(() => undefined);
    await locks.run('kept files', async () => {
      if ((await store.handle(fileId)) || (await store.any('files', fileId))) return;
      await (where ? store.keepHandle(fileId, where) : keepFile(store, fileId, file));
      // Cancelled meanwhile.
      if (!(await this.get(fileId))) await this.#drop(fileId);
    });
  }

  #key(fileId: string): string {
    return `${this.#room}/${fileId}`;
  }

  #waitingKey(fileId: string): string {
    return `waiting/${this.#key(fileId)}`;
  }

  async get(fileId: string): Promise<Row<'uploads'> | undefined> {
    const { store } = this.#session;
    // It may begin meanwhile: looked for in the other order it would seem to be in neither place.
    const waiting = await store.get('uploads', this.#waitingKey(fileId));
    return (await store.get('uploads', this.#key(fileId))) ?? waiting;
  }

  /** Those that have begun, then those that wait for their turn. */
  async all(): Promise<Row<'uploads'>[]> {
    const { store } = this.#session;
    const prefixes = [this.#key(''), this.#waitingKey('')];
    const rows = await Promise.all(prefixes.map((prefix) => store.list('uploads', prefix)));
    return rows.flat().map(([, row]) => row);
  }

  /** Changes what is kept of one that has begun. */
  async change(fileId: string, change: (row: Row<'uploads'>) => Row<'uploads'>): Promise<void> {
    const session = this.#session;
    const key = this.#key(fileId);
    await session.locks.run('uploads', async () => {
      const row = await session.store.get('uploads', key);
      if (row) await session.store.write([{ table: 'uploads', key, value: change(row) }]);
    });
  }

  /** It has ended, one way or the other. */
  async forget(fileId: string): Promise<void> {
    const session = this.#session;
    session.picked.delete(fileId);
    await session.locks.run('uploads', async () => {
      const objects = await session.store.list('uploadObjects', `${fileId}/`);
      await session.store.write([
        { table: 'uploads', key: this.#key(fileId), value: undefined },
        { table: 'uploads', key: this.#waitingKey(fileId), value: undefined },
        ...objects.map(([key]) => ({ table: 'uploadObjects', key, value: undefined }) as const),
      ]);
      await this.#drop(fileId);
    });
  }

  async #drop(fileId: string): Promise<void> {
    const { store } = this.#session;
    await store.write([{ table: 'files', key: fileId, value: undefined }]);
    const handle = await store.handle(fileId);
    if (handle) await dropForwarded(handle);
    await store.dropHandle(fileId);
  }
}

/** What was planned of an upload that has begun; undefined of one that waits. */
export const planOf = ({ dek, sealedHead, encryptedKey }: Row<'uploads'>): UploadPlan | undefined =>
  dek && sealedHead && encryptedKey
    ? { dek: fromBase64(dek), sealedHead: fromBase64(sealedHead), encryptedKey: fromBase64(encryptedKey) }
    : undefined;
