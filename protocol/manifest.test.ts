import { describe, expect, it } from 'vitest';
import {
  allowedObjectSize,
  firstRecord,
  paddedRecords,
  recordsInObject,
  sealedRecordSize,
} from './manifest.ts';

const KiB = 1024;

describe('the ramp of storage objects', () => {
  it('holds 256, 256, 512 KiB, 1, 2, 4, then 8 MiB of plaintext', () => {
    const sizes = [0, 1, 2, 3, 4, 5, 6, 7, 100].map((index) => (recordsInObject(index) * 65_536) / KiB);
    expect(sizes).toEqual([256, 256, 512, 1024, 2048, 4096, 8192, 8192, 8192]);
  });

  it('numbers records without a hole', () => {
    for (let index = 0; index < 20; index++)
      expect(firstRecord(index + 1) - firstRecord(index)).toBe(recordsInObject(index));
  });

  it('takes 133 objects for a GiB, as the cost estimate says', () => {
    let objects = 0;
    while (firstRecord(objects) * 65_536 < 2 ** 30) objects++;
    expect(objects).toBe(133);
  });
});

describe('the sizes that a server signs', () => {
  it.each([
    [0, 4, true],
    [0, 1, true],
    [0, 3, false],
    [0, 8, false],
    [3, 16, true],
    [50, 128, true],
    [50, 256, false],
  ])('object %i of %i records: %s', (index, records, allowed) => {
    expect(allowedObjectSize(index, records * sealedRecordSize)).toBe(allowed);
  });

  it('refuses what is not whole records, and nothing', () => {
    expect(allowedObjectSize(0, sealedRecordSize + 1)).toBe(false);
    expect(allowedObjectSize(0, 0)).toBe(false);
  });

  it('pads the last object to a size that it allows', () => {
    for (let records = 0; records <= 128; records++) {
      const padded = paddedRecords(records);
      expect(padded).toBeGreaterThanOrEqual(Math.max(1, records));
      expect(allowedObjectSize(99, padded * sealedRecordSize)).toBe(true);
    }
  });
});
