import type { Track } from '../../../../protocol/manifest.ts';
import { m } from '../../language/index.ts';

/** What people call the codecs of a media type. */
const names: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^avc/, 'H.264'],
  [/^(hev1|hvc1|dvh)/, 'HEVC (H.265)'],
  [/^av01/, 'AV1'],
  [/^vp0?8/, 'VP8'],
  [/^vp0?9/, 'VP9'],
  [/^mp4a\.(6b|69)|^mp3/i, 'MP3'],
  [/^mp4a/, 'AAC'],
  [/^ac-3/, 'Dolby Digital (AC-3)'],
  [/^ec-3/, 'Dolby Digital Plus (E-AC-3)'],
  [/^dts/, 'DTS'],
  [/pcm|^(sowt|twos|in24|in32|fl32|lpcm)/, m.engine_uncompressed()],
  [/^opus/i, 'Opus'],
  [/^flac/i, 'FLAC'],
  [/^vorbis/, 'Vorbis'],
];

/** The codec of a track, in people's words; its own where it is none of those known here. */
export function codecName({ mime }: Pick<Track, 'mime'>): string {
  const codec = /codecs="?([^",]+)/.exec(mime)?.[1] ?? mime;
  return names.find(([pattern]) => pattern.test(codec))?.[1] ?? codec;
}
