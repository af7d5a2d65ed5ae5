import type { ServerFrame } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { filesApi, openFile } from '../transfers/index.ts';
import type { FileEvent, OpenedFile } from '../transfers/types.ts';
import type { FileItem } from '../types.ts';

export interface RoomFilesOptions {
  readonly session: Session;
  readonly room: string;
  /** A file was completed, or deleted. */
  readonly onEnd: (fileId: string) => Promise<void>;
}

/** Files whose place is kept. */
const mostPlaces = 200;

/** The files of one room that this tab has open, and where playing them stopped. */
export class RoomFiles {
  readonly #options: RoomFilesOptions;
  readonly #listeners = new Map<string, Set<(event: FileEvent) => void>>();
  readonly #open = new Map<string, Promise<OpenedFile>>();

  constructor(options: RoomFilesOptions) {
    this.#options = options;
  }

  /** Opens a file for reading; calls for the same file share one reader. */
  open({ fileId, commitment, manifestHash }: FileItem): Promise<OpenedFile> {
    const already = this.#open.get(fileId);
    if (already) return already;
    const { session, room } = this.#options;
    const opening = openFile({
      api: filesApi(session.api),
      fileId,
      commitment,
      manifestHash,
      unwrap: (encryptedKey) => session.keys.openFileKey(room, fileId, encryptedKey),
      subscribe: (listener) => this.#subscribe(fileId, listener),
      fetch: (url, init) => fetch(url, init),
    });
    this.#open.set(fileId, opening);
    // A failed opening is not remembered: the next try may find the network back.
    opening.catch(() => this.#open.delete(fileId));
    return opening;
  }

  /** Seconds at which playing stopped. */
  async placeIn(fileId: string): Promise<number | undefined> {
    return (await this.#options.session.store.get('places', fileId))?.seconds;
  }

  async keepPlace(fileId: string, seconds: number | undefined): Promise<void> {
    const { store } = this.#options.session;
    // Ids rise with time: what is forgotten is of the oldest files.
    const known = await store.get('places', fileId);
    const old = known ? [] : (await store.list('places')).slice(0, -mostPlaces);
    await store.write([
      ...old.map(([key]) => ({ table: 'places', key, value: undefined }) as const),
      { table: 'places', key: fileId, value: seconds === undefined ? undefined : { seconds } },
    ]);
  }

  async onFrame({ fileId, state, delta }: Extract<ServerFrame, { t: 'file' }>): Promise<void> {
    for (const listener of this.#listeners.get(fileId) ?? []) listener({ state, delta });
    if (state !== 'uploading') await this.#options.onEnd(fileId);
  }

  /** Frames were missed while there was no connection: whoever follows a file that was on its way asks how far it has come. */
  connected(): void {
    for (const listeners of this.#listeners.values())
      for (const listener of listeners) listener({ state: 'uploading' });
  }

  /** Ends what is under way: what comes after belongs to another session. */
  close(): void {
    for (const opening of this.#open.values()) void opening.then((file) => file.close()).catch(() => {});
    this.#open.clear();
  }

  #subscribe(fileId: string, listener: (event: FileEvent) => void): () => void {
    const listeners = this.#listeners.get(fileId) ?? new Set();
    this.#listeners.set(fileId, listeners.add(listener));
    return () => listeners.delete(listener);
  }
}
