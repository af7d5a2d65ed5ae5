/** Encrypted files on their way: sending, reading while they arrive, saving (DESIGN section 5). */
import type { Upload, UploadDeps, UploadSource } from './types.ts';
import { startUploadInWorker } from './upload.host.ts';
import { startUpload as startUploadHere } from './upload.ts';

export { filesApi } from './api.ts';
export { openFile } from './download.ts';
export { TransferError, type TransferReason } from './errors.ts';

/** Sends a file: in a worker where the platform has them for pages, in place under Node. */
export const startUpload = (source: UploadSource, deps: UploadDeps): Upload =>
  typeof Worker === 'undefined' ? startUploadHere(source, deps) : startUploadInWorker(source, deps);
