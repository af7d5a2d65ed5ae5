import type { Api } from '../api.ts';
import type { DownloadApi, UploadApi } from './types.ts';

/** The calls that transfers make, out of the typed client. */
export const filesApi = (api: Api): UploadApi & DownloadApi => ({
  startUpload: (args) => api('startUpload', args),
  moreChunks: (args) => api('moreChunks', args),
  reportProgress: (args) => api('reportProgress', args),
  completeUpload: (args) => api('completeUpload', args),
  deleteFile: (args) => api('deleteFile', args),
  getFile: (args) => api('getFile', args),
});
