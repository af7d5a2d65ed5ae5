import { AwsClient } from 'aws4fetch';
import { utf8 } from '../../protocol/bytes.ts';

/** Seconds that a pre-signed URL is good for. */
export const signedLife = 300;

/** Storage didn't answer, or not what its protocol has. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/** A URL that does one thing to one object, without credentials. */
export interface SignedUrl {
  readonly url: string;
  readonly expiresAt: Date;
}

/** A URL that stores one object, with what its PUT must carry besides its length. */
export interface SignedPut extends SignedUrl {
  readonly headers: Readonly<Record<string, string>>;
}

/** The part of `Env` that signing takes. */
export interface S3Settings {
  readonly S3_ACCESS_KEY_ID: string;
  readonly S3_SECRET_ACCESS_KEY: string;
  readonly S3_REGION: string;
  readonly S3_CONDITIONAL?: string;
}

const patience = 10_000;
let known: { id: string; client: AwsClient } | undefined;

/** One client is kept: its signing key of the day is, too. */
function clientOf(settings: S3Settings): AwsClient {
  const id = `${settings.S3_ACCESS_KEY_ID}\0${settings.S3_SECRET_ACCESS_KEY}\0${settings.S3_REGION}`;
  if (known?.id === id) return known.client;
  const client = new AwsClient({
    accessKeyId: settings.S3_ACCESS_KEY_ID,
    secretAccessKey: settings.S3_SECRET_ACCESS_KEY,
    region: settings.S3_REGION,
    service: 's3',
    retries: 2,
  });
  known = { id, client };
  return client;
}

/**
 * A bucket by the S3 protocol. `bucketUrl` is the bucket's own, without a slash at its end: its name may be the path
 * (`https://host/bucket`) or in the host (`https://bucket.host`).
 */
export class S3Bucket {
  readonly #client: AwsClient;
  readonly #bucketUrl: string;
  readonly #putHeaders: Readonly<Record<string, string>>;

  constructor(settings: S3Settings, bucketUrl: string) {
    this.#client = clientOf(settings);
    this.#bucketUrl = bucketUrl;
    // Without it an uploader could exchange an object for five minutes; readers would refuse it by its hash.
    this.#putHeaders = settings.S3_CONDITIONAL === 'off' ? {} : { 'if-none-match': '*' };
  }

  /** A PUT of exactly `size` bytes, where no object is yet. Both are in the signature. */
  async signPut(key: string, size: number): Promise<SignedPut> {
    const headers = this.#putHeaders;
    return { ...(await this.#sign('PUT', key, { ...headers, 'content-length': String(size) })), headers };
  }

  signGet(key: string): Promise<SignedUrl> {
    return this.#sign('GET', key, {});
  }

  async #sign(method: string, key: string, headers: Record<string, string>): Promise<SignedUrl> {
    const url = new URL(`${this.#bucketUrl}/${key}`);
    url.searchParams.set('X-Amz-Expires', String(signedLife));
    const at = Math.floor(Date.now() / 1000) * 1000;
    const datetime = new Date(at).toISOString().replace(/[:-]|\.\d{3}/g, '');
    const aws = { signQuery: true, allHeaders: true, datetime };
    const signed = await this.#client.sign(url, { method, headers, aws });
    return { url: signed.url, expiresAt: new Date(at + signedLife * 1000) };
  }

  /** Stored bytes of every object below `prefix`, by key (ListObjectsV2). */
  async sizes(prefix: string): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    let token: string | undefined;
    do {
      const url = new URL(this.#bucketUrl);
      url.searchParams.set('list-type', '2');
      url.searchParams.set('prefix', prefix);
      if (token !== undefined) url.searchParams.set('continuation-token', token);
      const page = await this.#fetch(url, 'GET');
      for (const [, entry = ''] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const key = element(entry, 'Key');
        if (key !== undefined) sizes.set(key, Number(element(entry, 'Size')));
      }
      token = element(page, 'IsTruncated') === 'true' ? element(page, 'NextContinuationToken') : undefined;
    } while (token !== undefined);
    return sizes;
  }

  /** The names below `prefix` up to the next slash, after `after`, ascending: one page (ListObjectsV2), and whether there is more. */
  async folders(prefix: string, after: string | undefined): Promise<{ names: string[]; more: boolean }> {
    const url = new URL(this.#bucketUrl);
    url.searchParams.set('list-type', '2');
    url.searchParams.set('prefix', prefix);
    url.searchParams.set('delimiter', '/');
    if (after !== undefined) url.searchParams.set('start-after', behind(prefix, after));
    const page = await this.#fetch(url, 'GET');
    const found = [...page.matchAll(/<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs)];
    const names = found.map(([, entry = '']) => (element(entry, 'Prefix') ?? '').slice(prefix.length, -1));
    return { names, more: element(page, 'IsTruncated') === 'true' };
  }

  /** The bytes of an object; undefined where there is none. */
  async read(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const response = await this.#client
      .fetch(`${this.#bucketUrl}/${key}`, { signal: AbortSignal.timeout(patience) })
      .catch((cause: unknown) => {
        throw new StorageError('storage cannot be reached', { cause });
      });
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.status === 404) return undefined;
    if (!response.ok) throw new StorageError(`storage answered ${response.status}`);
    return bytes;
  }

  /** Stores `body` as `key`. */
  async put(key: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#fetch(`${this.#bucketUrl}/${key}`, 'PUT', body);
  }

  /** Removes up to 1000 objects (DeleteObjects). Keys are ours: nothing in them needs escaping in XML. */
  async remove(keys: readonly string[]): Promise<void> {
    const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('');
    const body = utf8(`<Delete><Quiet>true</Quiet>${objects}</Delete>`);
    const md5 = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('MD5', body))));
    const answer = await this.#fetch(`${this.#bucketUrl}?delete=`, 'POST', body, { 'content-md5': md5 });
    if (answer.includes('<Error>')) throw new StorageError('storage kept objects that were to be removed');
  }

  async #fetch(
    url: URL | string,
    method: string,
    body?: Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const signal = AbortSignal.timeout(patience);
    const response = await this.#client
      .fetch(url, { method, headers, signal, ...(body && { body }) })
      .catch((cause: unknown) => {
        throw new StorageError('storage cannot be reached', { cause });
      });
    const text = await response.text();
    if (!response.ok)
      throw new StorageError(`storage answered ${response.status} ${element(text, 'Code') ?? ''}`);
    return text;
  }
}

/** A key after all of folder `name`, and before all that follows it: `0` comes next after the slash. */
export const behind = (prefix: string, name: string): string => `${prefix}${name}0`;

/** The text of the first element `name` in `xml`. */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(quot|apos|lt|gt|amp);/g, (_, entity: keyof typeof entities) => entities[entity]);
}
const entities = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' };
