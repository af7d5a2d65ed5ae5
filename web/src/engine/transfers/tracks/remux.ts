import {
  BlobSource,
  CanvasSink,
  EncodedPacketSink,
  Input,
  type InputTrack,
  type InputVideoTrack,
  MATROSKA,
  type MediaCodec,
  MP4,
  OGG,
  QTFF,
  WEBM,
} from 'mediabunny';
import { largestWhole, type Track } from '../../../../../protocol/manifest.ts';
import { makePoster } from '../pictures/poster.ts';
import { sizeToTell } from '../pictures/size.ts';
import { lacksIndex, type Mended, mendMatroska, reachOf } from './cut.ts';
import { interleave, type OpenTrack, type Piece } from './interleave.ts';
import { noSubtitles, openSubtitles } from './subtitles.ts';
import { readTrackInfo } from './track.ts';

/** A film or sound. */
interface Opened {
  /** Media type of the source's container. */
  readonly type: string;
  /** Seconds. */
  readonly duration?: number;
  /** Of the picture as shown. */
  readonly width?: number;
  readonly height?: number;
  /** Its end is missing; its length is what is there. */
  readonly cut: boolean;
  /** A small picture of it, base64url; undefined for sounds and where none can be made in time. */
  poster(): Promise<string | undefined>;
  dispose(): void;
}

/** One that is sent as a stream of each of its tracks. */
export interface StreamedFilm extends Opened {
  readonly as: 'tracks';
  readonly tracks: readonly Track[];
  /** The whole plaintext of its tracks, read from the source as it is asked for. */
  pieces(): AsyncGenerator<Piece>;
}

/** One that is sent as it is: browsers play it in one piece, and of its tracks it could not be put together again. */
export interface WholeFilm extends Opened {
  readonly as: 'whole';
  readonly duration: number;
}

/** One that nothing can be played of: `cut`, too early, or without the index that says where its pictures lie. */
export interface BrokenFilm {
  readonly as: 'broken';
  readonly flaw: 'cut' | 'no-index';
}

export type Film = StreamedFilm | WholeFilm | BrokenFilm;

const formats = [MP4, QTFF, MATROSKA, WEBM, OGG];
const containers: Partial<Record<MediaCodec, 'mp4' | 'webm'>> = {
  avc: 'mp4',
  hevc: 'mp4',
  vp9: 'mp4',
  av1: 'mp4',
  aac: 'mp4',
  opus: 'mp4',
  flac: 'mp4',
  vp8: 'webm',
  vorbis: 'webm',
};
/** What no browser, or only some, takes by Media Source Extensions: it goes along, so that what is saved is whole. */
const passengers = new Set<MediaCodec>([
  ...(['mp3', 'ac3', 'eac3', 'dts'] as const),
  ...([
    'pcm-s16',
    'pcm-s16be',
    'pcm-s24',
    'pcm-s24be',
    'pcm-s32',
    'pcm-s32be',
    'pcm-f32',
    'pcm-f32be',
  ] as const),
]);
/** Of all kinds together. */
const mostTracks = 32;
/** Seconds that pictures may lie before zero. */
const mostEarly = 0.1;
/** Bytes that are read only to learn how long something is; nothing leaves before. */
const mostToScan = 32 * 2 ** 20;

/** Containers that browsers play by themselves. */
const playedWhole = /^video\/(mp4|quicktime|webm)\b/;

/**
 * Opens a film or sound for remuxing (MP4, MOV, WebM, Matroska, Ogg), or what is there of one that was cut short. Undefined for any other
 * file: it is sent as it is.
 */
export async function openFilm(source: Blob): Promise<Film | undefined> {
  let input: Input | undefined;
  try {
    const mended = await mendMatroska(source);
    input = new Input({ source: new BlobSource(mended.file), formats });
    const film = await readFilm(input, mended);
    if (!film || film.as === 'broken') input.dispose();
    return film ?? ((await lacksIndex(source)) ? { as: 'broken', flaw: 'no-index' } : undefined);
  } catch {
    // Whatever the parser stumbles over, the bytes themselves can still be sent.
    input?.dispose();
    return undefined;
  }
}

async function readFilm(input: Input, mended: Mended): Promise<Film | undefined> {
  if (!(await input.canRead())) return undefined;
  const sources = (await input.getTracks()).filter((track) => track.isVideoTrack() || track.isAudioTrack());
  const { duration, cut } = await lengthOf(input, sources, mended.cut);
  const opened = (await Promise.all(sources.map(openTrack))).filter((track) => track !== 'empty');
  if (opened.length === 0 && cut) return { as: 'broken', flaw: 'cut' };
  if (opened.length === 0 || opened.length > mostTracks || opened.includes('broken')) return undefined;
  const tracks = opened.filter((track) => typeof track === 'object');
  // Browsers drop pictures before zero, and then all up to the next key frame. A film that lies a hair too early is
  // moved; one that was trimmed by its index alone has pictures there that nobody should see.
  const early = Math.max(0, ...tracks.map(({ info }) => (info.kind === 'video' ? -info.offset : 0)));
  if (tracks.length < opened.length || early > mostEarly) return wholeFilm(input, sources, { duration, cut });
  const heard =
    mended.file.size <= largestWhole &&
    onlyHeardWhole(tracks) &&
    (await wholeFilm(input, sources, { duration, cut }));
  if (heard) return heard;
  if (tracks.every(({ info }) => passengers.has(info.codec))) return undefined;
  // Pictures first: whoever plays wants the first frame first.
  tracks.sort((a, b) => Number(a.info.kind === 'audio') - Number(b.info.kind === 'audio'));
  const described = await Promise.all(tracks.map(describe));
  const picture = tracks[0]!.source;
  const type = (await input.getFormat()).mimeType;
  const subtitles = picture.isVideoTrack() ? await openSubtitles(mended.file, type) : noSubtitles;
  const texts = subtitles.tracks.slice(0, mostTracks - tracks.length).map(
    ({ language, name }): Track => ({
      kind: 'subtitles',
      mime: 'text/vtt',
      ...(language !== 'und' && { language: language.slice(0, 35) }),
      ...(name && { name }),
    }),
  );
  return {
    as: 'tracks',
    cut,
    type: picture.isVideoTrack() ? type : type.replace(/^video\//, 'audio/'),
    ...(duration !== null && duration > 0 && { duration }),
    ...(picture.isVideoTrack() && (await sizeOf(picture))),
    tracks: [...described, ...texts],
    pieces: () =>
      interleave(tracks, duration ?? 0, early, { count: texts.length, cues: () => subtitles.cues() }),
    poster: async () => (picture.isVideoTrack() ? posterOfFilm(picture, duration ?? 0) : undefined),
    dispose: () => input.dispose(),
  };
}

/** Whether a film has sound that browsers play in its own container, and none that they take in pieces: cameras record PCM, old films have MP3. */
function onlyHeardWhole(tracks: readonly OpenTrack[]): boolean {
  const sounds = tracks.filter(({ info }) => info.kind === 'audio');
  return (
    sounds.length < tracks.length &&
    sounds.some(({ info }) => info.codec === 'mp3' || info.codec.startsWith('pcm-')) &&
    sounds.every(({ info }) => passengers.has(info.codec))
  );
}

/** A film that is sent as it is, and played once all of it is there. */
async function wholeFilm(
  input: Input,
  sources: InputTrack[],
  { duration, cut }: Length,
): Promise<WholeFilm | undefined> {
  const picture = sources.find((track) => track.isVideoTrack());
  const type = (await input.getFormat()).mimeType;
  if (!picture || !playedWhole.test(type) || duration === null || duration <= 0) return undefined;
  return {
    as: 'whole',
    cut,
    type,
    duration,
    ...(await sizeOf(picture)),
    poster: () => posterOfFilm(picture, duration),
    dispose: () => input.dispose(),
  };
}

async function sizeOf(picture: InputVideoTrack): Promise<Pick<Opened, 'width' | 'height'>> {
  const width = Math.round(await picture.getDisplayWidth());
  const height = Math.round(await picture.getDisplayHeight());
  return sizeToTell(width, height);
}

/** A key frame from a little way in: many films begin in the dark. */
const posterOfFilm = (track: InputVideoTrack, duration: number): Promise<string | undefined> =>
  makePoster(async () => {
    if (!(await track.canDecode())) return undefined;
    const sink = new EncodedPacketSink(track);
    const key = await sink.getKeyPacket(Math.min(duration / 10, 30), { metadataOnly: true });
    const drawn = key && (await new CanvasSink(track, { width: 256 }).getCanvas(key.timestamp));
    return drawn
      ? { source: drawn.canvas, width: drawn.canvas.width, height: drawn.canvas.height }
      : undefined;
  });

interface Length {
  /** Seconds; null where that isn't known. */
  readonly duration: number | null;
  readonly cut: boolean;
}

/** How long a film is: as it says, or as far as it reaches where its end is missing, and it is not too large to be read for that. */
async function lengthOf(input: Input, tracks: InputTrack[], mended: boolean): Promise<Length> {
  if (mended) {
    const scanned = (await input.source.getSize()) <= mostToScan;
    return { duration: scanned ? await input.computeDuration(tracks) : null, cut: true };
  }
  const told = await toldDuration(input, tracks);
  const { mimeType } = await input.getFormat();
  if (!/^video\/(mp4|quicktime)/.test(mimeType)) return { duration: told, cut: false };
  const reaches = await Promise.all(tracks.map(reachOf));
  const cut = reaches.some((reach) => reach.cut);
  return { duration: cut ? Math.max(...reaches.map(({ end }) => end)) : told, cut };
}

/** Seconds as the file tells them; where it doesn't (recordings, Ogg), by reading a file that is not too large. */
async function toldDuration(input: Input, tracks: InputTrack[]): Promise<number | null> {
  const told = await input.getDurationFromMetadata(tracks);
  if (told !== null || (await input.source.getSize()) > mostToScan) return told;
  return input.computeDuration(tracks);
}

/** `whole`: it can't be taken out of its film and put in again. `broken`: it can't be played, as far as is known here. `empty`: there is nothing in it. */
async function openTrack(source: InputTrack): Promise<OpenTrack | 'whole' | 'broken' | 'empty'> {
  if (!(await new EncodedPacketSink(source).getFirstPacket())) return 'empty';
  const codec = await source.getCodec();
  const container = codec && (containers[codec] ?? (passengers.has(codec) ? 'mp4' : undefined));
  if (!container) return 'broken';
  if (source.isVideoTrack() && (await source.canBeTransparent())) return 'whole';
  const info = await readTrackInfo(source);
  if (!info) return 'broken';
  // Frames before the first key frame belong to a film that was cut out of another; they would be lost.
  return info.first.type === 'key' ? { source, info, container } : 'whole';
}

async function describe({ source, info, container }: OpenTrack): Promise<Track> {
  // The muxer writes `hvc1`, and Safari takes no other name for it.
  const codecs = (await source.getCodecParameterString())?.replace(/^hev1/, 'hvc1');
  const { language } = info;
  const name = await source.getName();
  return {
    kind: info.kind,
    mime: `${info.kind}/${container}; codecs="${codecs}"`,
    ...(language !== 'und' && { language: language.slice(0, 35) }),
    ...(name && { name: name.slice(0, 200) }),
  };
}
