import { uuidv7 } from 'uuidv7';
import { unwrapKey } from '../../../../crypto/file/index.ts';
import { fromBase64 } from '../../../../protocol/bytes.ts';
import type { FileContent } from '../../../../protocol/content.ts';
import type { RosterMember } from '../../../../protocol/roster.ts';
import type { ServerFrame } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { filesApi, openFile, startUpload } from '../transfers/index.ts';
import type { FileEvent, OpenedFile, Recipient } from '../transfers/types.ts';
import { EngineError, type FileItem } from '../types.ts';
import type { Sending } from './timeline.ts';

export interface RoomFilesOptions {
  readonly session: Session;
  readonly room: string;
  /** Members by the verified roster: only they are given a file's key. */
  readonly members: () => ReadonlyMap<string, RosterMember>;
  /** Puts the file message into the outbox. */
  readonly announce: (content: FileContent, messageId: string) => Promise<void>;
  readonly onChange: () => void;
}

/** The files of one room: what this tab uploads, and what it has open. */
export class RoomFiles {
  readonly #options: RoomFilesOptions;
  readonly #listeners = new Map<string, Set<(event: FileEvent) => void>>();
  readonly #open = new Map<string, Promise<OpenedFile>>();
  #sending: Sending[] = [];

  constructor(options: RoomFilesOptions) {
    this.#options = options;
  }

  get sending(): readonly Sending[] {
    return this.#sending;
  }

  /** Starts an upload; resolves once the room has been told (or the upload has failed and says so in the timeline). */
  async send(file: File): Promise<void> {
    const { session, room, members, announce, onChange } = this.#options;
    const everybody = [...members().values()].map(
      ({ userId, identityKey }): Recipient => ({ userId, identityKey: fromBase64(identityKey) }),
    );
    const me = everybody.find(({ userId }) => userId === session.account.id);
    if (!me) throw new EngineError('gone', 'You are not in this room any more.');
    const fileId = uuidv7();
    const messageId = uuidv7();
    const upload = startUpload(file, {
      api: filesApi(session.api),
      roomId: room,
      fileId,
      me,
      recipients: everybody.filter((recipient) => recipient !== me),
      fetch: (url, init) => fetch(url, init),
    });
    this.#sending = [...this.#sending, { messageId, fileId, at: Date.now(), upload }];
    onChange();
    // What became of it is told by the upload's own progress; here only so that it isn't an unhandled rejection.
    upload.done.catch(() => {});
    try {
      const { commitment, manifestHash } = await upload.head;
      await announce({ kind: 'file', fileId, commitment, manifestHash }, messageId);
    } catch (error) {
      const problem = error instanceof Error ? error.message : 'The file could not be sent.';
      this.#sending = this.#sending.map((sending) =>
        sending.fileId === fileId ? { ...sending, problem } : sending,
      );
      onChange();
    }
  }

  /** Forgets an upload that failed or was given up. */
  forget(messageId: string): void {
    const sending = this.#sending.find((candidate) => candidate.messageId === messageId);
    sending?.upload.cancel();
    this.#sending = this.#sending.filter((candidate) => candidate !== sending);
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
      unwrap: async (encryptedKey) => {
        const { identity } = session.keys;
        const context = { roomId: room, fileId, recipientId: session.account.id };
        return unwrapKey(encryptedKey, identity.privateKey, context);
      },
      subscribe: (listener) => this.#subscribe(fileId, listener),
      fetch: (url, init) => fetch(url, init),
    });
    this.#open.set(fileId, opening);
    // A failed opening is not remembered: the next try may find the network back.
    opening.catch(() => this.#open.delete(fileId));
    return opening;
  }

  async onFrame({ fileId, state, delta }: Extract<ServerFrame, { t: 'file' }>): Promise<void> {
    for (const listener of this.#listeners.get(fileId) ?? []) listener({ state, delta });
  }

  /** Ends what is under way: what comes after belongs to another session. */
  close(): void {
    for (const { upload } of this.#sending) upload.cancel();
    for (const opening of this.#open.values()) void opening.then((file) => file.close()).catch(() => {});
    this.#open.clear();
  }

  #subscribe(fileId: string, listener: (event: FileEvent) => void): () => void {
    const listeners = this.#listeners.get(fileId) ?? new Set();
    this.#listeners.set(fileId, listeners.add(listener));
    return () => listeners.delete(listener);
  }
}
