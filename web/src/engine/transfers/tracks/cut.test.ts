import { readFileSync } from 'node:fs';
import { ALL_FORMATS, BlobSource, EncodedPacketSink, Input } from 'mediabunny';
import { describe, expect, it, vi } from 'vitest';
import { concat } from '../../../../../protocol/bytes.ts';
import { mendMatroska } from './cut.ts';
import { readItems } from './items.ts';
import { openFilm, type StreamedFilm } from './remux.ts';

vi.setConfig({ testTimeout: 30_000 });

const fixture = (name: string) =>
  readFileSync(new URL(`../../../../../e2e/fixtures/${name}`, import.meta.url));

/** The first `part` of a fixture, as a copy that broke off there. */
const cut = (name: string, part: number) => {
  const bytes = fixture(name);
  return new Blob([bytes.subarray(0, Math.floor(bytes.length * part))]);
};

/** The bytes of each packet of a file's first track. */
async function packets(file: Blob): Promise<string[]> {
  const input = new Input({ source: new BlobSource(file), formats: ALL_FORMATS });
  const [track] = await input.getTracks();
  const found: string[] = [];
  for await (const { data } of new EncodedPacketSink(track!).packets())
    found.push(Buffer.from(data).toString('base64'));
  return found;
}

/** The same of a remuxed film. */
async function sent(film: StreamedFilm): Promise<string[]> {
  const plaintext: Uint8Array[] = [];
  for await (const { bytes } of film.pieces()) plaintext.push(bytes.slice());
  const track: Uint8Array<ArrayBuffer>[] = [];
  const all = async function* () {
    yield concat(...plaintext);
  };
  for await (const item of readItems(all())) if (item.track === 0) track.push(item.bytes);
  return packets(new Blob(track));
}

describe('a film that was cut short', () => {
  it.each([
    // name, what is left of it, at least so many seconds
    ['recording.webm', 0.5, 1.2],
    ['recording.webm', 0.99, 2.8],
    ['clip.webm', 0.1, 0.5],
    ['clip.webm', 0.9, 8.5],
    ['av1.webm', 0.6, 1.5],
    ['film.mkv', 0.3, 0.8],
    ['film.mkv', 0.9, 2.5],
    ['subtitled.mp4', 0.3, 0.3],
    ['subtitled.mp4', 0.9, 2.4],
    ['fragmented.mp4', 0.6, 1.8],
  ])('%s, %f of it: what is whole of it plays, as long as it is', async (name, part, seconds) => {
    const film = (await openFilm(cut(name, part))) as StreamedFilm;
    expect(film).toMatchObject({ as: 'tracks', cut: true });
    expect(film.duration).toBeGreaterThan(seconds);
    const whole = await packets(new Blob([fixture(name)]));
    const left = await sent(film);
    expect(left).toEqual(whole.slice(0, left.length));
    const length = (await openFilm(new Blob([fixture(name)])))! as StreamedFilm;
    expect(left.length / whole.length).toBeCloseTo(film.duration! / length.duration!, 1);
    film.dispose();
    length.dispose();
  });

  it.each([
    ['camera.mp4', 0.5, 'no-index'],
    ['phone.mov', 0.99, 'no-index'],
    ['tone.m4a', 0.6, 'no-index'],
    // Its index stands first, and that is cut.
    ['subtitled.mp4', 0.05, 'no-index'],
    ['fragmented.mp4', 0.1, 'cut'],
  ])('%s, %f of it: nothing of it can be played, because of "%s"', async (name, part, flaw) => {
    expect(await openFilm(cut(name, part))).toEqual({ as: 'broken', flaw });
  });

  it('loses no block but the one that it was cut in, wherever that is', async () => {
    const bytes = fixture('recording.webm');
    const whole = await packets(new Blob([bytes]));
    let before = 0;
    for (let length = 9000; length < bytes.length; length += 397) {
      const mended = await mendMatroska(new Blob([bytes.subarray(0, length)]));
      const left = await packets(mended.file);
      expect(left).toEqual(whole.slice(0, left.length));
      expect(left.length).toBeGreaterThanOrEqual(before);
      before = left.length;
    }
    expect(before).toBeGreaterThan(whole.length - 3);
  });
});

it.each(['camera.mp4', 'recording.webm', 'clip.webm', 'film.mkv', 'trimmed.mp4', 'tone.m4a'])(
  '%s is whole',
  async (name) => {
    const file = new Blob([fixture(name)]);
    expect(await openFilm(file)).toMatchObject({ cut: false });
    expect((await mendMatroska(file)).file).toBe(file);
  },
);

it('a picture without a film’s index is no broken film', async () => {
  const box = (type: string, length: number) =>
    concat(Uint8Array.of(0, 0, 0, 8 + length), new TextEncoder().encode(type), new Uint8Array(length));
  expect(await openFilm(new Blob([box('ftyp', 16), box('meta', 40), box('mdat', 100)]))).toBeUndefined();
});
