import { m } from '../../language/index.ts';
import { EngineError } from '../types.ts';

/** What Chromium adds to handles, and the types of the DOM lack. */
interface AskedHandle extends FileSystemFileHandle {
  queryPermission?(wanted: { readonly mode: 'read' }): Promise<PermissionState>;
  requestPermission?(wanted: { readonly mode: 'read' }): Promise<PermissionState>;
}

/** The file behind a kept handle, where the browser lets us read it without a question. */
export async function readable(handle: AskedHandle): Promise<File | undefined> {
  try {
    return (await handle.queryPermission?.({ mode: 'read' })) === 'granted'
      ? await handle.getFile()
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The file behind a kept handle; the browser may ask its person, which wants a click just before.
 *
 * @throws EngineError `no-file` when the person says no, or the file has gone
 */
export async function askFor(handle: AskedHandle): Promise<File> {
  try {
    const state = (await handle.requestPermission?.({ mode: 'read' })) ?? 'denied';
    if (state === 'granted') return await handle.getFile();
  } catch (cause) {
    throw new EngineError('no-file', m.engine_fileMoved(), { cause });
  }
  throw new EngineError('no-file', m.engine_fileNotReadable());
}
