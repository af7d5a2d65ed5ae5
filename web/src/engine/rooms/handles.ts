import { m } from '../../language/index.ts';
import { EngineError } from '../types.ts';

/** What Chromium adds to handles, and the types of the DOM lack. */
interface AskedHandle extends FileSystemFileHandle {
  queryPermission?(wanted: { readonly mode: 'read' }): Promise<PermissionState>;
  requestPermission?(wanted: { readonly mode: 'read' }): Promise<PermissionState>;
}

/** The file behind a kept handle, by the name that it is sent by, where the browser lets us read it without a question. */
export async function readable(handle: AskedHandle, name: string): Promise<File | undefined> {
  try {
    // Browsers that know no permissions have no handles but those of their private file system, which need none.
    const state = (await handle.queryPermission?.({ mode: 'read' })) ?? 'granted';
    return state === 'granted' ? await named(handle, name) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The same file; the browser may ask its person, which wants a click just before.
 *
 * @throws EngineError `no-file` when the person says no, or the file has gone
 */
export async function askFor(handle: AskedHandle, name: string): Promise<File> {
  try {
    const state = (await handle.requestPermission?.({ mode: 'read' })) ?? 'granted';
    if (state === 'granted') return await named(handle, name);
  } catch (cause) {
    throw new EngineError('no-file', m.engine_fileMoved(), { cause });
  }
  throw new EngineError('no-file', m.engine_fileNotReadable());
}

/** A copy that is forwarded lies under a name of ours. */
async function named(handle: FileSystemFileHandle, name: string): Promise<File> {
  const file = await handle.getFile();
  return file.name === name ? file : new File([file], name, { type: file.type });
}
