import { openAsBlob } from 'node:fs';
import fc from 'fast-check';
import {
  ALL_FORMATS,
  BlobSource,
  BufferSource,
  type EncodedPacket,
  EncodedPacketSink,
  Input,
} from 'mediabunny';
import { describe, expect, it, vi } from 'vitest';
import { concat } from '../../../../../protocol/bytes.ts';
import type { ManifestHead, Track } from '../../../../../protocol/manifest.ts';
import { parseCues } from './cue.ts';
import { cutFragments } from './fragments.ts';
import { withoutGaps } from './gaps.ts';
import { type Item, itemHeader, readItems } from './items.ts';
import { openFilm, type StreamedFilm, type WholeFilm } from './remux.ts';
import { restoreFilm } from './restore.ts';
import { readTrackInfo } from './track.ts';

vi.setConfig({ testTimeout: 30_000 });

const fixture = (name: string) => openAsBlob(new URL(`../../../../../e2e/fixtures/${name}`, import.meta.url));

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* of<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all;
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

/** A fixture as it is sent. */
async function remuxed(name: string) {
  const film = (await openFilm(await fixture(name))) as StreamedFilm;
  const pieces = await collect(film.pieces());
  const points = pieces.flatMap(({ point }) => (point ? [point] : []));
  const plaintext = concat(...pieces.map(({ bytes }) => bytes));
  film.dispose();
  return { film, points, plaintext };
}

/** Everything about each track that a player or editor would notice. */
async function facts(file: Blob | Uint8Array) {
  const source = file instanceof Blob ? new BlobSource(file) : new BufferSource(file);
  const input = new Input({ source, formats: ALL_FORMATS });
  return Promise.all(
    (await input.getTracks()).map(async (track) => {
      const packets = await collect(new EncodedPacketSink(track).packets());
      return {
        codec: await track.getCodecParameterString(),
        size: track.isVideoTrack() && [await track.getDisplayWidth(), await track.getDisplayHeight()],
        packets: packets.map(({ type, timestamp, byteLength }) => [
          type,
          Math.round(timestamp * 1000),
          byteLength,
        ]),
        bytes: await crypto.subtle.digest('SHA-256', concat(...packets.map(({ data }) => data))),
      };
    }),
  );
}

async function restored(
  head: { readonly type: string; readonly tracks?: readonly Track[] | undefined },
  plaintext: Uint8Array,
) {
  let file = new Uint8Array();
  const write = async ({ data, position }: { data: Uint8Array; position: number }) => {
    const grown = new Uint8Array(Math.max(file.length, position + data.length));
    grown.set(file);
    grown.set(data, position);
    file = grown;
  };
  await restoreFilm(head as unknown as ManifestHead, chunked(plaintext, 65_536), write);
  return file;
}

describe('items', () => {
  const items: Item[] = [0, 1, 5, 300].map((size, track) => ({
    track,
    bytes: new Uint8Array(size).fill(track),
  }));
  const plaintext = concat(...items.flatMap(({ track, bytes }) => [itemHeader(track, bytes.length), bytes]));

  it('come back whatever the chunks they come in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), async (size) => {
        expect(await collect(readItems(chunked(plaintext, size)))).toEqual(items);
      }),
    );
  });

  it('are refused when the last is incomplete, or one is larger than any sane one', async () => {
    for (const length of [1, 4, 6, plaintext.length - 1])
      await expect(collect(readItems(chunked(plaintext.subarray(0, length), 50)))).rejects.toMatchObject({
        reason: 'damaged',
      });
    const huge = Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff, 1);
    await expect(collect(readItems(chunked(huge, 6)))).rejects.toMatchObject({ reason: 'damaged' });
  });
});

describe('fragments', () => {
  it('are about half a second long, in decode order, and lose no frame', async () => {
    const input = new Input({ source: new BlobSource(await fixture('camera.mp4')), formats: ALL_FORMATS });
    const track = (await input.getPrimaryVideoTrack())!;
    const fragments = await collect(cutFragments(new EncodedPacketSink(track).packets()));
    const samples = fragments.flatMap(({ samples }) => samples);
    expect(samples.length).toBe(1800);
    for (const { start, end } of fragments) expect(end - start).toBeLessThan(0.75);
    samples.forEach(({ decode, next }, i) => {
      expect(next).toBeGreaterThan(decode);
      expect(samples[i + 1]?.decode ?? next).toBe(next);
    });
    // A key frame every two seconds: one can start at each of them.
    expect(fragments.filter(({ key }) => key).length).toBe(30);
  });
});

describe('a film whose tracks don’t begin together', () => {
  it('has silence where its sound begins late, and all else as it was', async () => {
    const { film, plaintext } = await remuxed('late-sound.mp4');
    const [picture, sound] = await facts(await restored(film, plaintext));
    const [pictureBefore, soundBefore] = await facts(await fixture('late-sound.mp4'));
    expect(picture).toEqual(pictureBefore);
    const added = sound!.packets.length - soundBefore!.packets.length;
    expect(sound!.packets[0]![1]).toBeLessThan(30);
    expect(sound!.packets.slice(added)).toEqual(soundBefore!.packets);
  });
});

describe('a sound with a hole in it', () => {
  it.each(['tone.m4a', 'tone.opus'])(
    '%s is silent there, and from its end to that of the film',
    async (name) => {
      const input = new Input({ source: new BlobSource(await fixture(name)), formats: ALL_FORMATS });
      const track = (await input.getPrimaryAudioTrack())!;
      const info = (await readTrackInfo(track))!;
      const packets = await collect(new EncodedPacketSink(track).packets());
      const holed = packets.filter(({ timestamp }) => timestamp < 1 || timestamp > 2);
      // The other track of its film goes on until it is cut short.
      const film = { from: info.start, to: 20, going: 2 };
      const filled: EncodedPacket[] = [];
      for await (const packet of withoutGaps(film, info, of(holed))) {
        filled.push(packet);
        if (packet.timestamp > 5) film.going = 0;
      }
      expect(filled.at(-1)!.timestamp).toBeGreaterThan(5);
      expect(filled.at(-1)!.timestamp).toBeLessThan(5.1);
      expect(filled.filter((packet) => holed.includes(packet))).toEqual(holed);
      filled.forEach(({ timestamp, duration }, i) => {
        const next = filled[i + 1]?.timestamp ?? timestamp + duration;
        expect(next).toBeGreaterThan(timestamp);
        expect(next - timestamp).toBeLessThan(0.06);
      });
      // Nothing is missing where nothing was.
      const whole = { from: info.start, to: 3, going: 2 };
      expect(await collect(withoutGaps(whole, info, of(packets)))).toEqual(packets);
      input.dispose();
    },
  );
});

describe('a film that plays only in its own container', () => {
  it.each([
    // Trimmed by its index alone: what was cut off is still in it.
    ['trimmed.mp4', 'video/mp4', 2.8],
    // With sound that no browser takes in pieces.
    ['pcm.mov', 'video/quicktime', 1],
  ])('%s is not taken apart; it says what it is and how long, and is shown', async (name, type, seconds) => {
    const film = (await openFilm(await fixture(name))) as WholeFilm;
    expect(film).toMatchObject({ as: 'whole', type, width: 160, height: 90 });
    expect(film.duration).toBeCloseTo(seconds, 1);
    film.dispose();
  });
});

describe.each(['camera.mp4', 'clip.webm', 'phone.mov', 'recording.webm'])('%s', (name) => {
  it('comes back with every packet, its bytes and its time', async () => {
    const { film, plaintext } = await remuxed(name);
    const file = await restored(film, plaintext);
    expect(await facts(file)).toEqual(await facts(await fixture(name)));
  });

  it('plays from each seek point: a key frame, and sound from there on', async () => {
    const { points, plaintext } = await remuxed(name);
    const inits = (await collect(readItems(chunked(plaintext, 65_536)))).slice(0, 2);
    expect(points.length).toBeGreaterThan(1);
    for (const [time, offset] of points) {
      const items = await collect(readItems(chunked(plaintext.subarray(offset), 65_536)));
      for (const { track, bytes } of inits) {
        const media = items.filter((item) => item.track === track && item.bytes !== bytes).slice(0, 3);
        const file = concat(bytes, ...media.map((item) => item.bytes));
        const input = new Input({ source: new BufferSource(file), formats: ALL_FORMATS });
        const sink = new EncodedPacketSink((await input.getTracks())[0]!);
        const key = await sink.getKeyPacket(time / 1000);
        expect(key?.type, `track ${track} at ${time} ms`).toBe('key');
        expect(time / 1000 - key!.timestamp).toBeLessThan(0.03);
      }
    }
  });
});

describe('film.mkv', () => {
  it('comes back with all its sounds, also the one that no browser here can play', async () => {
    const { film, plaintext } = await remuxed('film.mkv');
    expect(film.tracks!.map(({ kind, language }) => `${kind} ${language}`)).toEqual([
      'video undefined',
      'audio eng',
      'audio ger',
      'audio fre',
      'subtitles ger',
      'subtitles eng',
    ]);
    const file = await restored(film, plaintext);
    expect(await facts(file)).toEqual(await facts(await fixture('film.mkv')));
  });
});

describe('subtitles', () => {
  it.each([
    ['film.mkv', 'Bis <i>morgen</i>', 0.02],
    // Its marks are not in the text.
    ['subtitled.mp4', 'Bis morgen', 0],
  ])(
    'of %s go along at their times, and a place in the middle of one begins before it',
    async (name, goodbye, later) => {
      const { film, points, plaintext } = await remuxed(name);
      const german = film.tracks!.findIndex(
        ({ kind, language }) => kind === 'subtitles' && /^(deu|ger)$/.test(language!),
      );
      const said = async (from: number) => {
        const items = await collect(readItems(chunked(plaintext.subarray(from), 65_536)));
        const parts = items
          .filter(({ track }) => track === german)
          .map(({ bytes }) => new TextDecoder().decode(bytes));
        return parseCues(parts.join(''));
      };
      const cues = await said(0);
      expect(cues.map(({ text }) => text)).toEqual(['Guten Abend', goodbye]);
      expect(cues[0]!.start).toBeCloseTo(0.5 + later, 1);
      expect(cues[1]!.end).toBeCloseTo(2.9 + later, 1);
      const inside = points.filter(([time]) => time > cues[1]!.start * 1000 + 1)[0] ?? points.at(-1)!;
      expect((await said(inside[1])).at(-1)?.text).toBe(goodbye);
    },
  );
});

describe('what somebody made up', () => {
  it('is refused, not written', async () => {
    const { film, plaintext } = await remuxed('clip.webm');
    const stray = concat(plaintext, itemHeader(7, 1), Uint8Array.of(0));
    await expect(restored(film, stray)).rejects.toMatchObject({ reason: 'damaged' });
    await expect(restored({ type: 'video/mp4' }, plaintext)).rejects.toMatchObject({ reason: 'damaged' });
    const garbage = concat(itemHeader(0, 100), new Uint8Array(100), itemHeader(1, 100), new Uint8Array(100));
    await expect(restored(film, garbage)).rejects.toThrow();
  });
});

it('reads a film no further ahead than it must, however fast it is taken', async () => {
  const file = await fixture('camera.mp4');
  let [read, taken, ahead] = [0, 0, 0];
  Object.defineProperty(file, 'slice', {
    value: (from: number, to: number) => {
      const part = Blob.prototype.slice.call(file, from, to);
      const counted = () =>
        Blob.prototype.stream.call(part).pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              read += chunk.length;
              controller.enqueue(chunk);
            },
          }),
        );
      return Object.defineProperty(part, 'stream', { value: counted });
    },
  });
  const film = (await openFilm(file)) as StreamedFilm;
  read = 0;
  for await (const { bytes } of film.pieces()) {
    taken += bytes.length;
    // Time to read on, for who would.
    await new Promise(setImmediate);
    ahead = Math.max(ahead, read - taken);
  }
  film.dispose();
  expect(ahead).toBeLessThan(400_000);
});
