import { describe, expect, it } from 'vitest';
import { type CleanPicture, cleanPicture } from './clean.ts';

/** 12 × 8 pixels each, written by Pillow, to be turned by a quarter; with camera, place, time, XMP, comments, trailing bytes. */
const pictures = [
  {
    kind: 'baseline JPEG',
    type: 'image/jpeg',
    data: '/9j/4AAQSkZJRgABAQAAAQABAAD/4QCURXhpZgAATU0AKgAAAAgABAEPAAIAAAAOAAAAPgESAAMAAAABAAYAAAEyAAIAAAAUAAAATIglAAQAAAABAAAAYAAAAABTRUNSRVQgY2FtZXJhADIwMjY6MDE6MDEgMTA6MDA6MDAAAAIAAQACAAAAAk4AAAAAHQACAAAADQAAAH4AAAAAU0VDUkVUIHBsYWNlAAD/4QAwaHR0cDovL25zLmFkb2JlLmNvbS94YXAvMS4wLwA8eD5TRUNSRVQgeG1wPC94Pv/+AA5TRUNSRVQgd29yZHP/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wAARCAAIAAwDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDnNO8IZx+7/Suig8Hfuh+6/SiivkpYmpLdl5LmOI9nuf/ZU0VDUkVUIHRyYWlsZXI=',
  },
  {
    kind: 'progressive JPEG',
    type: 'image/jpeg',
    data: '/9j/4AAQSkZJRgABAQAAAQABAAD/4QCURXhpZgAATU0AKgAAAAgABAEPAAIAAAAOAAAAPgESAAMAAAABAAYAAAEyAAIAAAAUAAAATIglAAQAAAABAAAAYAAAAABTRUNSRVQgY2FtZXJhADIwMjY6MDE6MDEgMTA6MDA6MDAAAAIAAQACAAAAAk4AAAAAHQACAAAADQAAAH4AAAAAU0VDUkVUIHBsYWNlAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wgARCAAIAAwDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAVAQEBAAAAAAAAAAAAAAAAAAABBf/aAAwDAQACEAMQAAABm0SQ/wD/xAAYEAACAwAAAAAAAAAAAAAAAAAABAEDIf/aAAgBAQABBQKtQhPP/8QAFxEAAwEAAAAAAAAAAAAAAAAAAAMEEv/aAAgBAwEBPwGKhmT/xAAXEQEAAwAAAAAAAAAAAAAAAAABAAID/9oACAECAQE/AXSzP//EABUQAQEAAAAAAAAAAAAAAAAAAAAx/9oACAEBAAY/Aoj/xAAUEAEAAAAAAAAAAAAAAAAAAAAQ/9oACAEBAAE/IRR//9oADAMBAAIAAwAAABD/AP/EABURAQEAAAAAAAAAAAAAAAAAAABB/9oACAEDAQE/EKj/xAAWEQADAAAAAAAAAAAAAAAAAAAAATH/2gAIAQIBAT8QqM//xAAXEAADAQAAAAAAAAAAAAAAAAAAEcEh/9oACAEBAAE/EHqDPJ//2Q==',
  },
  {
    kind: 'PNG',
    type: 'image/png',
    data: 'iVBORw0KGgoAAAANSUhEUgAAAAwAAAAICAIAAABChommAAAAFHRFWHRBdXRob3IAU0VDUkVUIGF1dGhvciNgaMcAAAAgaVRYdFhNTDpjb20uYWRvYmUueG1wAAAAAABTRUNSRVQgeG1wgTLuvwAAAIxlWElmTU0AKgAAAAgABAEPAAIAAAAOAAAAPgESAAMAAAABAAYAAAEyAAIAAAAUAAAATIglAAQAAAABAAAAYAAAAABTRUNSRVQgY2FtZXJhADIwMjY6MDE6MDEgMTA6MDA6MDAAAAIAAQACAAAAAk4AAAAAHQACAAAADQAAAH4AAAAAU0VDUkVUIHBsYWNlAAB4dPVNAAAANElEQVR4nGNkYGAQIYRYGOQYGBgY8SO4IiY8CFkRMy6EpogFK8JUxIqJsCpiQ0O4FLEjIwDUkwLIHtKbawAAAABJRU5ErkJggg==',
  },
  {
    kind: 'WebP',
    type: 'image/webp',
    data: 'UklGRu4AAABXRUJQVlA4WAoAAAAMAAAACwAABwAAVlA4TCIAAAAvC8ABALkyRPQ/dhHR/wBhtlFJzp90rwMYigmICYDqYP0BRVhJRowAAABNTQAqAAAACAAEAQ8AAgAAAA4AAAA+ARIAAwAAAAEABgAAATIAAgAAABQAAABMiCUABAAAAAEAAABgAAAAAFNFQ1JFVCBjYW1lcmEAMjAyNjowMTowMSAxMDowMDowMAAAAgABAAIAAAACTgAAAAAdAAIAAAANAAAAfgAAAABTRUNSRVQgcGxhY2UAAFhNUCARAAAAPHg+U0VDUkVUIHhtcDwveD4A',
  },
];
const picture = ({ type, data }: (typeof pictures)[number]) =>
  new Blob([Uint8Array.from(atob(data), (char) => char.charCodeAt(0))], { type });
const text = async (blob: Blob) => Buffer.from(await blob.arrayBuffer()).toString('latin1');

describe.each(pictures)('a $kind', (one) => {
  const source = picture(one);

  it('goes without what was written into it, and still stands upright', async () => {
    expect(await text(source)).toMatch(/SECRET.*SECRET/s);
    const clean = (await cleanPicture(source)) as CleanPicture;
    const cleaned = new Blob([clean.bytes], { type: one.type });
    expect(await text(cleaned)).not.toMatch(/SECRET|2026|Exif\0\0II|GPS/);
    expect(clean).toMatchObject({ width: 8, height: 12 });
    // Cleaned again it is the same: nothing is left to go, the way up included.
    expect(((await cleanPicture(cleaned)) as CleanPicture).bytes).toEqual(clean.bytes);
  });

  it('keeps each byte of the picture itself', async () => {
    const clean = Buffer.from(((await cleanPicture(source)) as CleanPicture).bytes).toString('latin1');
    const [before, after] = [await text(source), clean];
    const itself = {
      'image/jpeg': (all: string) => all.slice(all.indexOf('\xff\xdb'), all.lastIndexOf('\xff\xd9') + 2),
      'image/png': (all: string) => all.slice(all.indexOf('IDAT') - 4),
      'image/webp': (all: string) => /VP8[L ].{4}/s.exec(all)![0],
    }[one.type as 'image/png'];
    const withoutComments = (all: string) => itself(all).replace(/\xff\xfe..SECRET words/s, '');
    expect(withoutComments(after)).toBe(withoutComments(before));
  });

  it('that is cut short goes as it is, and is known to be', async () => {
    const { size } = source;
    // What follows the end of the picture is missed by nobody.
    const { bytes } = (await cleanPicture(source)) as CleanPicture;
    const clean = new Blob([bytes], { type: one.type });
    for (const end of [40, size >> 1]) expect(await cleanPicture(source.slice(0, end, one.type))).toBe('cut');
    for (const missing of [1, 2, 9])
      expect(await cleanPicture(clean.slice(0, clean.size - missing, one.type))).toBe('cut');
    for (const end of [0, 1]) expect(await cleanPicture(source.slice(0, end, one.type))).toBeUndefined();
  });
});

it('leaves alone what only calls itself a picture, and kinds that it doesn’t know', async () => {
  for (const type of ['image/jpeg', 'image/png', 'image/webp', 'image/heic', 'text/plain'])
    expect(await cleanPicture(new Blob(['<script>alert(1)</script>'.repeat(9)], { type }))).toBeUndefined();
});
