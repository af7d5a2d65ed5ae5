import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { concat } from '../../../../protocol/bytes.ts';
import { openSource } from './source.ts';

// The first of them loads the parsers.
vi.setConfig({ testTimeout: 30_000 });
afterEach(() => vi.unstubAllGlobals());

const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1';
const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

it.each([
  ['Safari, whose streams of files fail', safari, false],
  ['Chrome', chrome, true],
])('a file is read whole in %s', async (_, userAgent, streams) => {
  vi.stubGlobal('navigator', { userAgent });
  const bytes = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 31) ^ (i >> 8));
  const source = new File([bytes], 'large.bin');
  const stream = vi.spyOn(source, 'stream');
  const open = await openSource(source);
  stream.mockClear();
  const read: Uint8Array[] = [];
  for await (const piece of open.pieces()) read.push(piece.bytes.slice());
  expect(Buffer.from(concat(...read)).equals(bytes)).toBe(true);
  expect(stream.mock.calls.length > 0).toBe(streams);
});

it('a file that changes while it is read does not end as if it were whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'source-'));
  const path = join(folder, 'notes.bin');
  writeFileSync(path, new Uint8Array(300_000));
  const source = new File([await openAsBlob(path)], 'notes.bin');
  const open = await openSource(source);
  let read = 0;
  const readAll = async () => {
    for await (const { bytes } of open.pieces()) {
      read += bytes.length;
      if (read === source.size) writeFileSync(path, new Uint8Array(300_000).fill(1));
    }
  };
  await expect(readAll()).rejects.toThrow();
  expect(read).toBe(source.size);
  rmSync(folder, { recursive: true });
});

it.each([
  ['as systems know it', 'image/heic', 'heic', 'image/heic'],
  ['which systems have no type for', '', 'heic', 'image/heic'],
  ['called a JPEG', 'image/jpeg', 'heic', 'image/heic'],
  ['of another camera', '', 'mif1', 'image/heif'],
  ['which is an AVIF', 'image/avif', 'avif', 'image/avif'],
  ['which is a film', 'video/quicktime', 'qt  ', 'video/quicktime'],
])('a picture of a phone %s has the right type', async (_, told, brand, type) => {
  const box = [0, 0, 0, 24, ...Buffer.from(`ftyp${brand}\0\0\0\0mif1${brand}`), ...Array(4000).fill(0)];
  const source = new File([Uint8Array.from(box)], 'IMG_0001', { type: told });
  const { head } = await openSource(source);
  expect(head).toMatchObject({ type, layout: 'raw', size: source.size });
});

it('a recording of television is one, whatever its ending is taken for; a program in TypeScript is a text', async () => {
  const packets = new Uint8Array(4 * 188);
  for (let at = 0; at < packets.length; at += 188) packets[at] = 0x47;
  const type = async (bytes: BlobPart) =>
    (await openSource(new File([bytes], 'film.ts', { type: 'text/typescript' }))).head.type;
  expect(await type(packets)).toBe('video/mp2t');
  expect(await type('Gather(\n'.repeat(100))).toBe('text/typescript');
});
