/** Encrypted files on their way: sending, reading while they arrive, saving (DESIGN section 5). */
export { filesApi } from './api.ts';
export { openFile } from './download.ts';
export { TransferError, type TransferReason } from './errors.ts';
export { startUpload } from './upload.ts';
