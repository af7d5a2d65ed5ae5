import { type ManifestHead, mostPixels } from '../../../../protocol/manifest.ts';
import { cleanPicture } from './pictures/clean.ts';
import { posterOfPicture } from './pictures/poster.ts';
import { sizeToTell } from './pictures/size.ts';
import { chunksOf } from './streams.ts';
import type { Piece } from './tracks/interleave.ts';
import type { UploadSource } from './types.ts';

/** A file ready to be sent: what its manifest says of it, and its plaintext. */
export interface OpenSource {
  readonly head: Omit<ManifestHead, 'prefix'>;
  /** Plaintext bytes: exact, or an estimate that a remuxed film comes close to. */
  readonly size: { readonly bytes: number; readonly exact: boolean };
  pieces(): AsyncGenerator<SourcePiece>;
  dispose(): void;
}

/** A piece of the plaintext, used up when the next one is asked for; `original`: what follows it is the source file itself. */
export type SourcePiece = Piece & { readonly original?: true };

/** Bytes up to which a film that was cut short goes unasked with the file itself: twice as much is well within what a file may be. */
const largestTwice = 8 * 2 ** 30;

/**
 * Looks into a file and decides how it is sent: films and sounds as `tracks`, with the file itself after them when `keepOriginal`;
 * everything else `raw`. A `raw` film whose length is told can be played in one piece.
 */
export async function openSource(source: UploadSource, keepOriginal = false): Promise<OpenSource> {
  const common = { v: 1, name: source.name, size: source.size } as const;
  const heif = await heifType(source);
  if (heif ?? source.type.startsWith('image/')) return openPicture(source, common, heif ?? source.type);
  // The parsers stay out of the first load.
  const { openFilm } = await import('./tracks/remux.ts');
  const type = (await isTransportStream(source)) ? 'video/mp2t' : source.type.slice(0, 255);
  const film = await openFilm(source);
  const asItIs = (head: Omit<OpenSource['head'], 'layout'>): OpenSource => ({
    head: { ...head, layout: 'raw' },
    size: { bytes: source.size, exact: true },
    pieces: () => whileUnchanged(source, rawPieces(source)),
    dispose: () => film && film.as !== 'broken' && film.dispose(),
  });
  if (!film) return asItIs({ ...common, type });
  if (film.as === 'broken') return asItIs({ ...common, type, flaw: film.flaw });
  const { duration, width, height, cut } = film;
  const poster = await film.poster();
  const shown = {
    ...common,
    type: film.type,
    ...(duration !== undefined && { duration }),
    ...(width !== undefined && height !== undefined && { width, height }),
    ...(poster !== undefined && { poster }),
    ...(cut && { flaw: 'cut' as const }),
  };
  if (film.as === 'whole') return asItIs(shown);
  // Of a film that was cut short what plays is not all: somebody may mend the file itself.
  const original = keepOriginal || (cut && source.size <= largestTwice);
  return {
    head: { ...shown, layout: 'tracks', tracks: [...film.tracks], ...(original && { original }) },
    size: { bytes: source.size * (original ? 2 : 1), exact: false },
    pieces: () => whileUnchanged(source, original ? withOriginal(film.pieces(), source) : film.pieces()),
    dispose: () => film.dispose(),
  };
}

/** Whether it is MPEG-TS (ISO/IEC 13818-1), by its first packets: systems take its ending for TypeScript or for a translation. */
async function isTransportStream(source: Blob): Promise<boolean> {
  const packet = 188;
  const bytes = new Uint8Array(await source.slice(0, 2 * packet + 1).arrayBuffer());
  return [0, packet, 2 * packet].every((at) => bytes[at] === 0x47);
}

const heifBrands: Readonly<Record<string, string>> = {
  ...{ heic: 'image/heic', heix: 'image/heic', heim: 'image/heic', heis: 'image/heic' },
  ...{ hevc: 'image/heic-sequence', hevx: 'image/heic-sequence' },
  ...{ mif1: 'image/heif', msf1: 'image/heif-sequence' },
};

/**
 * What kind of HEIF (ISO/IEC 23008-12) a picture of a phone is, by its major brand, whatever it is called: many systems have no type for its
 * ending, and some give it that of a JPEG. Undefined for anything else, AVIF too.
 */
async function heifType(source: Blob): Promise<string | undefined> {
  const text = new TextDecoder('latin1').decode(await source.slice(4, 64).arrayBuffer());
  if (!text.startsWith('ftyp')) return undefined;
  const [major = '', , ...others] = text.slice(4).match(/.{4}/gs) ?? [];
  return others.includes('avif') || others.includes('avis') ? undefined : heifBrands[major];
}

/** Milliseconds between two looks at whether a file is still the one that was picked. */
const lookEvery = 1000;

/**
 * Pieces of a file that nobody changes meanwhile. A stream that is open reads on in one that does, half of it old and half new (seen in
 * Chromium); opened again, it is refused by the browser, at the latest before anybody is told that all of it is there.
 */
async function* whileUnchanged<T>(source: Blob, pieces: AsyncGenerator<T>): AsyncGenerator<T> {
  const look = () => source.slice(0, 1).arrayBuffer();
  let looked = Date.now();
  for await (const piece of pieces) {
    yield piece;
    if (Date.now() - looked < lookEvery) continue;
    await look();
    looked = Date.now();
  }
  await look();
}

/** A picture goes without what its camera wrote into it; one of another kind as it is. */
async function openPicture(
  source: UploadSource,
  common: Pick<ManifestHead, 'v' | 'name' | 'size'>,
  type: string,
): Promise<OpenSource> {
  const looked = await cleanPicture(source, type);
  const clean = looked === 'cut' ? undefined : looked;
  const cut = looked === 'cut' || looked?.cut;
  const blob = clean ? new Blob([clean.bytes]) : source;
  const { width = 0, height = 0 } = clean ?? {};
  const size = width > 0 ? sizeToTell(width, height) : undefined;
  const poster =
    width * height > mostPixels
      ? undefined
      : await posterOfPicture(clean ? new Blob([clean.bytes], { type: source.type }) : source);
  return {
    head: {
      ...common,
      size: blob.size,
      type: type.slice(0, 255),
      layout: 'raw',
      ...size,
      ...(poster !== undefined && { poster }),
      ...(cut && { flaw: 'cut' as const }),
    },
    size: { bytes: blob.size, exact: true },
    pieces: () => whileUnchanged(blob, rawPieces(blob)),
    dispose: () => undefined,
  };
}

/**
 * As a stream: asked for slice by slice, Chromium spends three times as much on reading a file. WebKit, in all browsers of iOS too,
 * fails or stalls in streams of large files (mediabunny's issue 184).
 */
async function* rawPieces(source: Blob): AsyncGenerator<SourcePiece> {
  const chunks = isWebKit(navigator.userAgent) ? slicesOf(source) : chunksOf(source.stream());
  for await (const bytes of chunks) yield { bytes };
}

const isWebKit = (agent: string): boolean => /AppleWebKit\//.test(agent) && !/Chrom(?:e|ium)\//.test(agent);

const sliceSize = 2 ** 20;

/** The next slice is read while one is used. */
async function* slicesOf(source: Blob): AsyncGenerator<Uint8Array> {
  const read = (at: number) => source.slice(at, at + sliceSize).arrayBuffer();
  let next = read(0);
  for (let at = 0; at < source.size; at += sliceSize) {
    const bytes = new Uint8Array(await next);
    next = read(at + sliceSize);
    // Looked at when its turn comes; until then its failure is nobody's.
    next.catch(() => undefined);
    yield bytes;
  }
}

async function* withOriginal(tracks: AsyncGenerator<Piece>, source: Blob): AsyncGenerator<SourcePiece> {
  yield* tracks;
  // The parsers stay out of the first load.
  const { endOfItems } = await import('./tracks/items.ts');
  yield { bytes: endOfItems(), original: true };
  yield* rawPieces(source);
}
