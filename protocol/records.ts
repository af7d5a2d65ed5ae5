/** How a file is cut: the sizes of records and objects. */

/** Plaintext bytes of one AEAD record, and the bytes of its tag (DESIGN section 5). */
export const recordSize = 65_536;
export const tagSize = 16;
/** Stored bytes of a full record. */
export const sealedRecordSize = recordSize + tagSize;

/** Records in the storage object `index`: 256, 256, 512 KiB, 1, 2, 4, then 8 MiB of plaintext. */
export const recordsInObject = (index: number): number => [4, 4, 8, 16, 32, 64][index] ?? 128;

/** The number of the first record of object `index`. */
export function firstRecord(index: number): number {
  let sum = 0;
  for (let i = 0; i < Math.min(index, 6); i++) sum += recordsInObject(i);
  return sum + Math.max(0, index - 6) * 128;
}

/** Records of a last object that holds `records` of content: padded up to a power of two. */
export const paddedRecords = (records: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, records)));

/** Whether an object of `size` stored bytes may stand at `index`: its full size, or as the last one a smaller power of two. */
export function allowedObjectSize(index: number, size: number): boolean {
  const records = size / sealedRecordSize;
  return (
    Number.isInteger(records) &&
    records >= 1 &&
    records <= recordsInObject(index) &&
    Number.isInteger(Math.log2(records))
  );
}
