import { openAsBlob } from 'node:fs';
import { expect, it } from 'vitest';
import { concat } from '../../../../protocol/bytes.ts';
import { readItems } from '../transfers/tracks/items.ts';
import { openFilm, type StreamedFilm } from '../transfers/tracks/remux.ts';
import { BareMp3, isMp3 } from './bare-mp3.ts';

it('MP3 comes out of its MP4 frame by frame, one after the other', async () => {
  const source = await openAsBlob(new URL('../../../../e2e/fixtures/mp3.mkv', import.meta.url));
  const film = (await openFilm(source)) as StreamedFilm;
  const sound = film.tracks.findIndex(({ mime }) => isMp3(mime));
  const all = async function* () {
    for await (const { bytes } of film.pieces()) yield bytes.slice();
  };
  const bare = new BareMp3();
  const taken = [];
  for await (const { track, bytes } of readItems(all())) if (track === sound) taken.push(bare.take(bytes));
  const [init, ...frames] = taken;
  expect(init).toBeUndefined();
  let end = 0;
  for (const piece of frames) {
    expect(piece!.from).toBeCloseTo(end, 1);
    end = piece!.to;
    // A frame of MPEG audio begins with eleven bits that are set; these are of 104 or 105 bytes.
    expect([piece!.bytes[0], piece!.bytes[1]! & 0xe0]).toEqual([0xff, 0xe0]);
  }
  expect(end).toBeCloseTo(3, 0);
  expect(concat(...frames.map((piece) => piece!.bytes)).length).toBeGreaterThan(3 * 3900);
  film.dispose();
});
