import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import type { Store } from '../store/store.ts';

/** Bytes up to which a file is kept here until it has been sent: what a phone's camera or its microphone makes. */
const largest = 4 * 1024 * 1024;

/**
 * Keeps a file of which the browser does not tell where it is (spoken, pasted, picked on a phone), sealed, so that its upload goes on after a
 * reload. A large one is not kept: its person picks it once more.
 */
export async function keepFile(store: Store, fileId: string, file: File): Promise<void> {
  if (file.size > largest) return;
  const bytes = toBase64(new Uint8Array(await file.arrayBuffer()));
  await store.write([{ table: 'files', key: fileId, value: { type: file.type, bytes } }]);
}

/** A file that was kept so; undefined where there is none. */
export async function keptFile(store: Store, fileId: string, name: string): Promise<File | undefined> {
  const row = await store.get('files', fileId);
  return row && new File([fromBase64(row.bytes)], name, { type: row.type });
}
