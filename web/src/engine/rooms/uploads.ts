import { uuidv7 } from 'uuidv7';
import { keyCommitment, manifestHash } from '../../../../crypto/file/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import type { FileContent } from '../../../../protocol/content.ts';
import type { RosterMember } from '../../../../protocol/roster.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { inBackground } from '../background.ts';
import type { Row } from '../store/store.ts';
import { mayGoOn, TransferError } from '../transfers/errors.ts';
import { filesApi, startUpload } from '../transfers/index.ts';
import { queueUpload } from '../transfers/queue.ts';
import type { EarlierRun, Recipient, Upload, UploadDeps, UploadPlan } from '../transfers/types.ts';
import { EngineError, type SendFileOptions } from '../types.ts';
import { readable } from './handles.ts';
import { keptFile } from './kept-file.ts';
import { type Interrupted, marksOf, type Sending } from './timeline.ts';
import { planOf, UploadRecords } from './upload-records.ts';

/** The longest name that a message tells, in characters (`protocol/content.ts`). */
const longestName = 255;

export interface RoomUploadsOptions {
  readonly session: Session;
  readonly room: string;
  /** Members by the verified roster who are who they seem: only they are given a file's key. */
  readonly members: () => Promise<readonly RosterMember[]>;
  /** Puts the file message into the outbox. */
  readonly announce: (content: FileContent, messageId: string) => Promise<void>;
  /** Seconds for which what is said here lasts; 0 or undefined: for good. */
  readonly lasts: () => number | undefined;
  readonly onChange: () => void;
}

/** After this long the service has given up an upload that nobody finished, in ms. */
const abandonedAfter = 7 * 24 * 3_600_000;

/** How much longer than its message the service keeps a file that disappears, in ms: clocks differ, and who sent it deletes it. */
const uploadSlack = 3_600_000;

/** What one upload is to the room. */
type Errand = Pick<
  Row<'uploads'>,
  'fileId' | 'messageId' | 'at' | 'announced' | 'keepOriginal' | 'voice' | 'forwarded'
>;

/** What is to be sent, and what an earlier run has sent of it. */
interface Task extends Pick<SendFileOptions, 'handle' | 'onBegun'> {
  readonly errand: Errand;
  readonly file: File;
  readonly earlier?: EarlierRun;
}

/**
 * The files that this browser sends to one room. Each has a journal in the store from before it is shown, so that one which was interrupted
 * (a closed tab, a crash) is begun, or goes on where it stopped, once its file is there again: by itself where the browser lets us read it
 * where it was picked or the file is small enough to be kept here, else when its person allows that, or picks it once more. A Web Lock says
 * which tab is at it.
 */
export class RoomUploads {
  readonly #options: RoomUploadsOptions;
  readonly #records: UploadRecords;
  /** Until what was picked before is told of in the room, or never will be: it shows there in the order of picking. */
  #told = Promise.resolve();
  /** Resolves as all stops. */
  readonly #over = Promise.withResolvers<false>();
  #sending: readonly Sending[] = [];

  constructor(options: RoomUploadsOptions) {
    this.#options = options;
    this.#records = new UploadRecords(options.session, options.room);
  }

  /** What this tab sends, or has sent. */
  get sending(): readonly Sending[] {
    return this.#sending;
  }

  /** Whether something is on its way. */
  get busy(): boolean {
    return this.#sending.some(({ upload }) => !hasEnded(upload));
  }

  /** What no tab is sending any more, and another run can finish. */
  async interrupted(): Promise<Interrupted[]> {
    const { session } = this.#options;
    const found: Interrupted[] = [];
    for (const row of await this.#records.all()) {
      const running = this.#sending.some(({ fileId, upload }) => fileId === row.fileId && !hasEnded(upload));
      if (running || (await session.locks.taken(lockOf(row.fileId)))) continue;
      // Of one that waits for its turn the service has nothing to give up; of what is forwarded the copy goes.
      if ((planOf(row) || row.forwarded) && Date.now() - row.at > abandonedAfter)
        await this.#records.forget(row.fileId);
      else {
        const { fileId, messageId, at, name, size, announced } = row;
        const kept =
          (await session.store.handle(fileId)) !== undefined || (await session.store.any('files', fileId));
        const what = { fileId, messageId, at, name, size, kept, announced, ...marksOf(row) };
        const plan = planOf(row);
        found.push({ ...what, ...(plan && (await announcement(fileId, plan))) });
      }
    }
    return found;
  }

  /** Goes on with what this tab was sending when its session ended, and with what can be read; what can't go on waits for its person. */
  async goOn(): Promise<void> {
    const { session, onChange } = this.#options;
    const going: Promise<void>[] = [];
    for (const { fileId, name } of await this.interrupted()) {
      const handle = await session.store.handle(fileId);
      const kept = () => (handle ? readable(handle, name) : keptFile(session.store, fileId, name));
      const file = session.picked.get(fileId) ?? (await kept());
      // Those that wait for their turn are told of only then: the next one does not wait for that.
      if (file) going.push(this.resume(fileId, file).catch(onChange));
    }
    await Promise.all(going);
  }

  /** Starts an upload; resolves once the room has been told (or the upload has failed and says so in the timeline). */
  send(file: File, { keepOriginal = false, handle, onBegun, ...marks }: SendFileOptions = {}): Promise<void> {
    const errand = {
      ...{ fileId: uuidv7(), messageId: uuidv7(), at: Date.now(), announced: false, keepOriginal },
      ...marksOf(marks),
    };
    const before = this.#told;
    const told = this.#alone(errand.fileId, async () => ({ errand, file, handle, onBegun }), before);
    // One that fails is told to who waits for it; it hinders none after it, nor lets them overtake those before.
    this.#told = told.catch(() => undefined).then(() => before);
    return told;
  }

  /**
   * Goes on with an interrupted upload, of which `picked` must be the same file; whether it is shows as it goes. Without it, the file is
   * read where it was picked.
   *
   * @throws EngineError `busy` when another tab is sending it, `gone` when there is nothing to go on with, `no-file` when it can't be
   * read
   */
  async resume(fileId: string, picked?: File): Promise<void> {
    await this.#alone(fileId, async () => {
      const row = await this.#records.get(fileId);
      if (!row) throw new EngineError('gone', m.engine_uploadOver());
      const file = picked ?? (await this.#records.file(row));
      if (row.name !== file.name || row.size !== file.size) throw new TransferError('other-file');
      const plan = planOf(row);
      if (!plan) return { errand: row, file };
      return { errand: row, file, earlier: { ...plan, hashes: await this.#records.hashes(fileId) } };
    });
  }

  /** Gives an upload up, wherever it stands: what was sent of it is deleted. */
  async cancel(messageId: string): Promise<void> {
    const { session } = this.#options;
    const running = this.#sending.find((sending) => sending.messageId === messageId);
    this.#sending = this.#sending.filter((sending) => sending !== running);
    running?.upload.cancel();
    const row = (await this.#records.all()).find((one) => one.messageId === messageId);
    const fileId = running?.fileId ?? row?.fileId;
    if (fileId === undefined) return;
    if (row && planOf(row) && (!running || hasEnded(running.upload)))
      inBackground(
        session.api('deleteFile', { params: { id: fileId } }).catch(() => {
          // Not known, or not reachable: the service drops what nobody finishes.
        }),
        'deleting what was sent of a file',
      );
    await this.#records.forget(fileId);
  }

  /** The file was completed or deleted: there is nothing to go on with. */
  async ended(fileId: string): Promise<void> {
    // What the room has not been told of, this run or another one still has to tell.
    if ((await this.#records.get(fileId))?.announced) await this.#records.forget(fileId);
  }

  /** Gives all up: this browser is about to forget their keys. Resolves when that is done as far as it can be. */
  async abandon(): Promise<void> {
    const { session } = this.#options;
    const begun = (await this.#records.all()).filter((row) => planOf(row) !== undefined);
    for (const { upload } of this.#sending) upload.cancel();
    await Promise.allSettled([
      ...this.#sending.map(({ upload }) => upload.done),
      ...begun.map(({ fileId }) => session.api('deleteFile', { params: { id: fileId } })),
    ]);
  }

  /** Stops all; they can go on, and be told of, later. */
  close(): void {
    this.#over.resolve(false);
    for (const { upload } of this.#sending) upload.stop();
  }

  /**
   * One tab at a time sends a file: from before it is read what is to be sent until that has ended, in whichever way. Two would put the
   * same objects, and each tell the service how far it has come.
   *
   * @param before until then the room is not told of it
   * @throws EngineError `busy` when another tab has it
   */
  async #alone(fileId: string, prepare: () => Promise<Task>, before?: Promise<void>): Promise<void> {
    const { session, onChange } = this.#options;
    const letGo = await session.locks.take(lockOf(fileId));
    if (!letGo) throw new EngineError('busy', m.engine_uploadElsewhere());
    const begin = async () => {
      const task = await prepare();
      return { ...task, upload: await this.#start(task) };
    };
    const { errand, file, upload, onBegun } = await begin().catch((error) => {
      letGo();
      throw error;
    });
    const told = this.#tell(errand, file.name, upload, before);
    // How it goes is told by the upload's own progress.
    inBackground(this.#until(upload, told, fileId).finally(letGo).then(onChange), 'sending a file');
    onBegun?.();
    await told;
  }

  async #start({ errand, file, earlier, handle }: Task): Promise<Upload> {
    const { session, room, members, onChange } = this.#options;
    const life = this.#options.lasts();
    const { fileId, messageId, at } = errand;
    const everybody = (await members()).map(
      ({ userId, identityKey }): Recipient => ({ userId, identityKey: fromBase64(identityKey) }),
    );
    const me = everybody.find(({ userId }) => userId === session.account.id);
    if (!me) throw new EngineError('gone', m.engine_notMember());
    const row = { ...errand, room, name: file.name, size: file.size };
    if (!earlier) await this.#records.wait(row);
    const kept = this.#records.keep(fileId, file, handle).catch(() => {
      // It has to be picked again, and nothing is lost.
    });
    const deps: UploadDeps = {
      api: filesApi(session.api),
      roomId: room,
      fileId,
      me,
      recipients: everybody.filter((recipient) => recipient !== me),
      fetch: (url, init) => fetch(url, init),
      journal: this.#records.journal(row, kept),
      ...(earlier && { earlier }),
      ...(life && { expiry: new Date(Date.now() + life * 1000 + uploadSlack) }),
      keepOriginal: errand.keepOriginal ?? false,
    };
    const upload = queueUpload(session.lanes, file.size, () => startUpload(file, deps));
    session.picked.set(fileId, file);
    const others = this.#sending.filter((sending) => sending.fileId !== fileId);
    this.#sending = [...others, { messageId, fileId, at, name: file.name, upload, ...marksOf(errand) }];
    onChange();
    return upload;
  }

  /** Says in the room what is being sent, once that is known; or here why it isn't. Answers whether the room knows. */
  async #tell(errand: Errand, fileName: string, upload: Upload, before?: Promise<void>): Promise<boolean> {
    const { fileId, messageId, announced } = errand;
    const { announce, onChange } = this.#options;
    try {
      const { commitment, manifestHash } = await upload.head;
      if (announced) return true;
      const goesOn = await Promise.race([before?.then(() => true) ?? true, this.#over.promise]);
      // It was cancelled, or has failed for good, while it waited.
      if (!goesOn || !(await this.#records.get(fileId))) return false;
      const name = fileName.slice(0, longestName);
      const content = { kind: 'file', fileId, commitment, manifestHash, name } as const;
      await announce({ ...content, ...marksOf(errand) }, messageId);
      await this.#records.change(fileId, (row) => ({ ...row, announced: true }));
      return true;
    } catch (error) {
      const problem = error instanceof Error ? error.message : m.engine_fileNotSent();
      this.#sending = this.#sending.map((sending) =>
        sending.fileId === fileId ? { ...sending, problem } : sending,
      );
      onChange();
      return false;
    }
  }

  /** Waits for the end of an upload, and until the room has been told of it; forgets those that no other run has to finish. */
  async #until(upload: Upload, told: Promise<boolean>, fileId: string): Promise<void> {
    try {
      await upload.done;
      if (await told) await this.#records.forget(fileId);
    } catch (error) {
      // It goes on, or is told of, once somebody is in again.
      if (error instanceof EngineError && error.reason === 'signed-out') return;
      const reason = error instanceof TransferError ? error.reason : 'refused';
      if (!mayGoOn.has(reason)) await this.#records.forget(fileId);
    }
  }
}

const lockOf = (fileId: string) => `upload ${fileId}`;

/** What the file message of a planned upload says. */
async function announcement(fileId: string, { dek, sealedHead }: UploadPlan) {
  return {
    commitment: toBase64(await keyCommitment(dek, fileId)),
    manifestHash: toBase64(await manifestHash(sealedHead)),
  };
}

const ended = new Set(['done', 'failed', 'cancelled', 'stopped']);
const hasEnded = (upload: Upload): boolean => ended.has(upload.progress.get().state);
