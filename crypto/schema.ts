import { fromUtf8 } from '../protocol/bytes.ts';

/**
 * How something that was decrypted is read: a schema of `protocol/` has this form. Callers hand it in, so that no library of
 * schemas belongs to this folder.
 */
export interface Schema<T> {
  /** The value, known to have its form. Throws when it has another. */
  parse(value: unknown): T;
}

/** What stands in the JSON of UTF-8 `bytes`. Throws when they are none, or the schema does. */
export const readJson = <T>(schema: Schema<T>, bytes: Uint8Array): T =>
  schema.parse(JSON.parse(fromUtf8(bytes)));
