import type { ManifestHead } from '../../../../protocol/manifest.ts';
import type { Routes } from '../../../../protocol/rest/index.ts';
import type { FileDelta } from '../../../../protocol/socket.ts';
import type { Arguments, Reply } from '../api.ts';
import type { Observable } from '../observable.ts';
import type { TransferReason } from './errors.ts';

type Calls<N extends keyof Routes> = {
  readonly [P in N]: (args: Arguments<Routes[P]>) => Promise<Reply<Routes[P]>>;
};
/** What an upload asks of the service; `filesApi` makes it from the typed client. */
export type UploadApi = Calls<
  'startUpload' | 'moreChunks' | 'reportProgress' | 'completeUpload' | 'getFile' | 'deleteFile'
>;
/** What a reader asks of the service. */
export type DownloadApi = Calls<'getFile'>;

/** `fetch` as the platform has it; storage is reached by nothing else. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Somebody who may open the file. */
export interface Recipient {
  readonly userId: string;
  /** Identity key from the verified roster: 05 ‖ u, 33 bytes. */
  readonly identityKey: Uint8Array;
}

/** A file to send: a browser's `File`, or a named Blob (`fs.openAsBlob` under Node). */
export type UploadSource = Blob & { readonly name: string };

/** What every run of one upload shares, so that each sends the same bytes. */
export interface UploadPlan {
  /** 32 bytes. */
  readonly dek: Uint8Array;
  /** As the service stores it. */
  readonly sealedHead: Uint8Array;
  /** The key, wrapped for the uploader. */
  readonly encryptedKey: Uint8Array;
}

/**
 * What this device keeps of an upload while it runs. Both resolve when it is kept, and nothing that they tell of leaves before:
 * so another run knows all that may have left, and never seals something else in its place.
 */
export interface UploadJournal {
  begun(plan: UploadPlan): Promise<void>;
  /** SHA-256 of an object's bytes, base64url. */
  made(object: { readonly index: number; readonly hash: string }): Promise<void>;
}

/** How far an earlier run of the same upload came, by its journal. */
export interface EarlierRun extends UploadPlan {
  /** SHA-256 of each object that may have left, by index. */
  readonly hashes: readonly (string | undefined)[];
}

export interface UploadDeps {
  readonly api: UploadApi;
  readonly roomId: string;
  /** UUIDv7, fresh for every upload. */
  readonly fileId: string;
  readonly me: Recipient;
  /** Everybody else who gets the key (an entry for `me` is ignored). */
  readonly recipients: readonly Recipient[];
  readonly fetch: Fetch;
  readonly journal: UploadJournal;
  /** The run that this one goes on from; its source must be the same file. */
  readonly earlier?: EarlierRun;
  /** Whether a film or sound goes along as the file that it is, besides what is played: twice the size. */
  readonly keepOriginal?: boolean;
  /** When the server drops the file. */
  readonly expiry?: Date;
}

/** What the file message says (`FileContent`), and the opened head for the sender's own card. */
export interface UploadedHead {
  readonly fileId: string;
  /** base64url */
  readonly commitment: string;
  /** base64url */
  readonly manifestHash: string;
  readonly head: ManifestHead;
}

export type UploadState =
  /** It starts when others are through. */
  | 'queued'
  | 'preparing'
  | 'uploading'
  /** By `pause()`. */
  | 'paused'
  /** The network or the service is away; it goes on by itself. */
  | 'waiting'
  | 'done'
  | 'cancelled'
  /** By `stop()`: another run can go on from here. */
  | 'stopped'
  | 'failed';

export interface UploadProgress {
  readonly state: UploadState;
  /** Stored bytes that have reached storage. */
  readonly sent: number;
  /** Stored bytes in all; an estimate until a remuxed film has been read to its end. */
  readonly total: number;
  /** Over the last seconds; 0 until known. */
  readonly bytesPerSecond: number;
  /** Why it failed, as a sentence. */
  readonly problem?: string;
}

export interface Upload {
  /** Resolves once the service knows the file and the room can be told, before the bulk has left. */
  readonly head: Promise<UploadedHead>;
  /** Resolves when everything is stored and closed; rejects with `TransferError` (`cancelled` after `cancel()`, `stopped` after `stop()`). */
  readonly done: Promise<void>;
  readonly progress: Observable<UploadProgress>;
  pause(): void;
  resume(): void;
  /** Stops, and deletes what was sent. Does nothing after the end. */
  cancel(): void;
  /** Stops, and leaves what was sent for another run. Does nothing after the end. */
  stop(): void;
}

/** A `file` frame of the room's socket that concerns this file. */
export interface FileEvent {
  readonly state: 'uploading' | 'complete' | 'deleted';
  readonly delta?: FileDelta | undefined;
}

export interface OpenDeps {
  readonly api: DownloadApi;
  readonly fileId: string;
  /** From the file message, base64url. */
  readonly commitment: string;
  /** From the file message, base64url. */
  readonly manifestHash: string;
  /** Opens the caller's wrapped key (`unwrapKey` of crypto/file with the identity's private key). Throws `FileError`. */
  readonly unwrap: (encryptedKey: Uint8Array) => Promise<Uint8Array>;
  /** Frames of this file from now on; answers how to stop. Frames may be missed: the reader asks again by itself. */
  readonly subscribe: (listener: (event: FileEvent) => void) => () => void;
  readonly fetch: Fetch;
}

/** How much of a file is readable now. */
export interface Arrived {
  /** Plaintext bytes. */
  readonly bytes: number;
  /** Seconds of a film or sound (0 for other files): what lies before can be sought. */
  readonly seconds: number;
  /** The final piece of the manifest is here: nothing more will come. */
  readonly complete: boolean;
  /** Plaintext bytes in all, once complete. */
  readonly length?: number;
  /** Set when nothing more can be read. */
  readonly failed?: TransferReason;
}

/** A file being read: playable while it still arrives. */
export interface OpenedFile {
  readonly fileId: string;
  readonly head: ManifestHead;
  readonly arrived: Observable<Arrived>;
  /**
   * Plaintext from byte `offset` on, waiting at the live edge until more arrives, to the end of the file.
   * Every byte is authenticated before it comes out. Errors with `TransferError`.
   */
  stream(offset?: number, signal?: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** `length` plaintext bytes at `offset` (fewer at the end of the file), waiting until they have arrived. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** The seek point at or before `time` (seconds): its own time, and where to start reading; undefined where there is none. */
  seekPoint(time: number): { readonly time: number; readonly offset: number } | undefined;
  /**
   * Writes the whole file: the original bytes, or for `tracks` one film or sound of the source's own kind with the
   * packets copied, unless the original goes along and is wanted. Waits for a running upload; resolves only after the final piece and the objects' hashes hold.
   */
  save(target: SaveTarget, options?: SaveOptions): Promise<void>;
  /** The same as a Blob in memory, for small files. */
  blob(options?: SaveOptions): Promise<Blob>;
  /** Stops following the file and whatever is being read. */
  close(): void;
}

export interface SaveOptions {
  /** The source file byte for byte, where `head.original` says that it was sent. */
  readonly original?: boolean;
  readonly signal?: AbortSignal;
  /** Fraction between 0 and 1 of what is known so far. */
  readonly onProgress?: (fraction: number) => void;
}

/** Positioned writes: a `FileSystemWritableFileStream` (save picker, OPFS) is one. Closed at the end, aborted on failure. */
export type SaveTarget = WritableStream<{
  readonly type: 'write';
  readonly position: number;
  readonly data: Uint8Array<ArrayBuffer>;
}>;
