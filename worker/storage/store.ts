import type { Env } from '../env.ts';
import { behind, S3Bucket, type SignedPut, type SignedUrl, StorageError } from './s3.ts';

/** What the service does with stored objects itself, without a person's request. */
export interface ObjectStore {
  /** Stored bytes of every object below `prefix`, by key. Throws StorageError, as all here do. */
  sizes(prefix: string): Promise<Map<string, number>>;
  /** The names of folders below `prefix` after `after`, ascending: one page, and whether there is more. */
  folders(prefix: string, after: string | undefined): Promise<{ names: string[]; more: boolean }>;
  /** The bytes of an object; undefined where there is none. For small ones: all of it is in memory. */
  read(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Stores a small object of ours, in place of any that is there. */
  put(key: string, body: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Removes up to 1000 objects; those that aren't there count as removed. */
  remove(keys: readonly string[]): Promise<void>;
}

/** What makes URLs for clients, who then talk to storage themselves. */
export interface Signer {
  signPut(key: string, size: number): Promise<SignedPut>;
  signGet(key: string): Promise<SignedUrl>;
}

/** An endpoint without a host is on the origin that the request came to: wrangler serves S3 beside the Worker. */
const isLocal = (env: Env): boolean => env.S3_ENDPOINT.startsWith('/');
const trimmed = (url: string): string => url.replace(/\/+$/, '');

/** The signer for requests that came to `origin`. */
export const openSigner = (env: Env, origin: string): Signer =>
  new S3Bucket(env, trimmed(isLocal(env) ? origin + env.S3_ENDPOINT : env.S3_ENDPOINT));

/** The bucket by S3, or by its binding where its S3 endpoint depends on who asks. */
export const openStore = (env: Env): ObjectStore =>
  isLocal(env) ? new BoundBucket(env.FILES) : new S3Bucket(env, trimmed(env.S3_ENDPOINT));

/** The bucket by its binding. */
class BoundBucket implements ObjectStore {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  async sizes(prefix: string): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    let cursor: string | undefined;
    do {
      const page = await this.#bucket.list({ prefix, ...(cursor !== undefined && { cursor }) }).catch(away);
      for (const { key, size } of page.objects) sizes.set(key, size);
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
    return sizes;
  }

  async folders(prefix: string, after: string | undefined): Promise<{ names: string[]; more: boolean }> {
    const startAfter = after === undefined ? {} : { startAfter: behind(prefix, after) };
    const page = await this.#bucket.list({ prefix, delimiter: '/', ...startAfter }).catch(away);
    return {
      names: page.delimitedPrefixes.map((folder) => folder.slice(prefix.length, -1)),
      more: page.truncated,
    };
  }

  async read(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const object = await this.#bucket.get(key).catch(away);
    return object ? new Uint8Array(await object.arrayBuffer()) : undefined;
  }

  async put(key: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#bucket.put(key, body).catch(away);
  }

  async remove(keys: readonly string[]): Promise<void> {
    await this.#bucket.delete([...keys]).catch(away);
  }
}

function away(cause: unknown): never {
  throw new StorageError('storage cannot be reached', { cause });
}

/** Removes every object below `prefix`. */
export async function removeAll(store: ObjectStore, prefix: string): Promise<void> {
  const keys = [...(await store.sizes(prefix)).keys()];
  for (let i = 0; i < keys.length; i += 1000) await store.remove(keys.slice(i, i + 1000));
}
