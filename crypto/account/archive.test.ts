import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../protocol/bytes.ts';
import { archiveSalt, deriveArchiveKey, openLines, sealLines } from './archive.ts';
import { SealError } from './seal.ts';

const key = deriveArchiveKey(new Uint8Array(32).fill(7));
const salt = 'AAAAAAAAAAAAAAAAAAAAAA';

async function* parts(...texts: string[]) {
  for (const text of texts) yield utf8(text);
}
async function all<T>(each: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of each) found.push(one);
  return found;
}
const sealed = (...texts: string[]) => all(sealLines(key, salt, parts(...texts)));
const opened = async (lines: readonly Uint8Array[], with_ = key, of = salt) =>
  (await all(openLines(with_, of, lines))).map(fromUtf8);

describe('an archive', () => {
  it.each([[[]], [['one']], [['one', 'two', 'three']]])('gives back %j', async (texts) => {
    expect(await opened(await sealed(...texts))).toEqual(texts);
  });

  it('opens with nothing else', async () => {
    const lines = await sealed('one', 'two');
    const touched = lines[1]!.map((byte, i) => (i === 20 ? byte ^ 1 : byte));
    const tries: Parameters<typeof opened>[] = [
      [lines, deriveArchiveKey(new Uint8Array(32).fill(8))],
      [lines, key, 'BAAAAAAAAAAAAAAAAAAAAA'],
      [[lines[1]!, lines[0]!, lines[2]!]],
      [[lines[0]!, lines[2]!]],
      [lines.slice(0, -1)],
      [[]],
      [[...lines, lines[2]!]],
      [[lines[0]!, touched, lines[2]!]],
    ];
    for (const each of tries) await expect(opened(...each)).rejects.toThrow(SealError);
  });

  it('has a salt that no email is', () => expect(archiveSalt(salt)).not.toContain('@'));
});
