import { describe, expect, it } from 'vitest';
import { cleanHeif } from './heif.ts';

const u16 = (value: number) => Buffer.from([value >> 8, value & 255]);
const u32 = (value: number) =>
  Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
const box = (type: string, ...parts: (Buffer | string)[]) => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([u32(content.length + 8), Buffer.from(type, 'latin1'), content]);
};
const info = (id: number, type: string, more = '') =>
  box('infe', '\x02\0\0\0', u16(id), '\0\0', `${type}\0${more}`);

const exif = Buffer.from('\0\0\0\x06Exif\0\0MM\0*SECRET place and camera', 'latin1');
const xmp = Buffer.from('<x>SECRET words</x>');
const image = Buffer.from('what is seen, and no SECRET at all');

/** As a phone writes it: where the items lie is told by `iloc` of this version; Exif in the file itself or, as some do, in `idat`. */
function photo(version: 0 | 1 | 2, inIdat: boolean, exifLength = exif.length): Buffer {
  const place = (id: number, offset: number, length: number, method = 0) =>
    Buffer.concat([
      version === 2 ? u32(id) : u16(id),
      version > 0 ? u16(method) : u16(0).subarray(2),
      ...[u16(0), u16(1), u32(offset), u32(length)],
    ]);
  const make = (at: number) => {
    const items = [image, ...(inIdat ? [] : [exif]), xmp];
    const [seen, told, words] = [at, at + image.length, at + image.length + (inIdat ? 0 : exif.length)];
    const iloc = box(
      'iloc',
      Buffer.from([version, 0, 0, 0, 0x44, 0]),
      version === 2 ? u32(3) : u16(3),
      place(1, seen, image.length),
      inIdat ? place(2, 0, exifLength, 1) : place(2, told, exifLength),
      place(3, words, xmp.length),
    );
    const infos = [info(1, 'hvc1'), info(2, 'Exif'), info(3, 'mime', 'application/rdf+xml\0')];
    const iinf = box('iinf', '\0\0\0\0', u16(3), ...infos);
    const idat = inIdat ? [box('idat', exif)] : [];
    const meta = box('meta', '\0\0\0\0', box('hdlr', '\0\0\0\0\0\0\0\0pict'), iinf, iloc, ...idat);
    const head = Buffer.concat([box('ftyp', 'heic\0\0\0\0mif1heic'), meta]);
    return { head, file: Buffer.concat([head, box('mdat', ...items)]) };
  };
  return make(make(0).head.length + 8).file;
}

describe.each([
  ['places in the file', 0, false],
  ['places in the file, told by the next version', 1, false],
  ['Exif beside its index', 1, true],
  ['large numbers', 2, false],
] as const)('a HEIC with %s', (_, version, inIdat) => {
  const source = photo(version, inIdat);
  const clean = (bytes: Uint8Array) => Buffer.from(cleanHeif(bytes)!.bytes);

  it('goes without place, camera and words, and with each byte of the picture where it was', () => {
    expect(source.toString('latin1').match(/SECRET/g)).toHaveLength(3);
    const after = clean(source);
    expect(after.length).toBe(source.length);
    expect(after.toString('latin1').match(/SECRET/g)).toHaveLength(1);
    expect(after.indexOf(image)).toBe(source.indexOf(image));
    const changed = [...after].filter((byte, i) => byte !== source[i]).length;
    expect(changed).toBeLessThanOrEqual(exif.length + xmp.length);
    expect(clean(after).equals(after)).toBe(true);
  });

  it('that is cut short is known to be, and goes without them all the same', () => {
    expect(cleanHeif(source)!.cut).toBe(false);
    for (const missing of [1, 9, 40]) {
      const { bytes, cut } = cleanHeif(source.subarray(0, -missing))!;
      expect(cut).toBe(true);
      expect(Buffer.from(bytes).equals(clean(source).subarray(0, -missing))).toBe(true);
    }
    const index = source.indexOf('meta') + 4;
    for (const length of [9, index, index + 50])
      expect(() => cleanHeif(source.subarray(0, length))).toThrow(RangeError);
  });

  it.each([
    ['a film', box('mpvd', 'SECRET film')],
    ['notes of its maker', box('sefd', 'SECRET place')],
    ['a box of somebody’s own', box('uuid', 'SECRET words and place')],
    ['a box that is cut short', box('mpvd', 'SECRET film').subarray(0, -3)],
    ['what is no box', Buffer.from('\0\0\0\x02SECRET place')],
    ['what is too short for one', Buffer.from('SECRET')],
  ])('goes without %s beside it, and is whole', (_, beside) => {
    const { bytes, cut } = cleanHeif(Buffer.concat([source, beside]))!;
    expect(cut).toBe(false);
    expect(bytes.length).toBe(source.length + beside.length);
    expect(Buffer.from(bytes.subarray(0, source.length)).equals(clean(source))).toBe(true);
    expect(Buffer.from(bytes.subarray(source.length)).toString('latin1')).not.toMatch(
      /SECRET|mpvd|sefd|uuid/,
    );
    expect(clean(bytes).equals(Buffer.from(bytes))).toBe(true);
  });
});

it('Exif without a length beside the index ends with what it lies in: the picture stays', () => {
  const [told, untold] = [photo(1, true), photo(1, true, 0)];
  const after = Buffer.from(cleanHeif(untold)!.bytes);
  expect(after.toString('latin1').match(/SECRET/g)).toHaveLength(1);
  expect(after.indexOf(image)).toBe(told.indexOf(image));
});

it('what has no index of pictures is left alone', () => {
  expect(cleanHeif(box('ftyp', 'heic\0\0\0\0mif1heic'))).toBeUndefined();
  expect(cleanHeif(Buffer.concat([box('ftyp', 'heic\0\0\0\0'), box('meta', '\0\0\0\0')]))).toBeUndefined();
});
