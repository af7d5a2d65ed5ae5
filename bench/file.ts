import { openAsBlob, statSync } from 'node:fs';

/** The file at `path` as a page has one that was picked. Node takes the size of a Blob's file modulo 2 ** 32. */
export const fileAt = async (path: string, name: string): Promise<Blob & { readonly name: string }> =>
  Object.defineProperty(Object.assign(await openAsBlob(path), { name }), 'size', {
    value: statSync(path).size,
  });
