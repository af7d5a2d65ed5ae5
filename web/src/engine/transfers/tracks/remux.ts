import {
  BlobSource,
  EncodedPacketSink,
  Input,
  type InputTrack,
  MATROSKA,
  type MediaCodec,
  MP4,
  OGG,
  QTFF,
  WEBM,
} from 'mediabunny';
import type { Track } from '../../../../../protocol/manifest.ts';
import { cutFragments, type Fragment } from './fragments.ts';
import { itemHeader } from './items.ts';
import { mp4Fragment, mp4Init } from './mp4.ts';
import { readTrackInfo, type TrackInfo } from './track.ts';
import { webmCluster, webmInit } from './webm.ts';

/** Plaintext in order, and the seek points in it: time in ms, plaintext offset. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly point?: readonly [time: number, offset: number];
}

/** A film or sound that can be sent as `tracks`. */
export interface Film {
  /** Media type of the source's container. */
  readonly type: string;
  readonly duration?: number;
  /** Of the picture as shown. */
  readonly width?: number;
  readonly height?: number;
  readonly tracks: readonly Track[];
  /** The whole plaintext, read from the source as it is asked for. */
  pieces(): AsyncGenerator<Piece>;
  dispose(): void;
}

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
/** Milliseconds between seek points, at least. */
const pointDistance = { video: 500, audio: 2000 };

/**
 * Opens a film or sound for remuxing (MP4, MOV, WebM, Matroska, Ogg). Undefined for any other file, and for one with
 * a picture or sound that could not be put together again: such a file is sent as it is.
 */
export async function openFilm(source: Blob): Promise<Film | undefined> {
  const input = new Input({ source: new BlobSource(source), formats });
  try {
    const film = await readFilm(input);
    if (!film) input.dispose();
    return film;
  } catch {
    // Whatever the parser stumbles over, the bytes themselves can still be sent.
    input.dispose();
    return undefined;
  }
}

interface OpenTrack {
  readonly source: InputTrack;
  readonly info: TrackInfo;
  readonly container: 'mp4' | 'webm';
}

async function readFilm(input: Input): Promise<Film | undefined> {
  if (!(await input.canRead())) return undefined;
  const sources = (await input.getTracks()).filter((track) => track.isVideoTrack() || track.isAudioTrack());
  const opened = await Promise.all(sources.map(openTrack));
  const tracks = opened.filter((track) => track !== undefined);
  if (tracks.length === 0 || tracks.length !== sources.length || tracks.length > 32) return undefined;
  // Pictures first: whoever plays wants the first frame first.
  tracks.sort((a, b) => Number(a.info.kind === 'audio') - Number(b.info.kind === 'audio'));
  const described = await Promise.all(tracks.map(describe));
  const duration = await input.getDurationFromMetadata(sources);
  const picture = tracks[0]!.source;
  const type = (await input.getFormat()).mimeType;
  return {
    type: picture.isVideoTrack() ? type : type.replace(/^video\//, 'audio/'),
    ...(duration !== null && duration > 0 && { duration }),
    ...(picture.isVideoTrack() && {
      width: await picture.getDisplayWidth(),
      height: await picture.getDisplayHeight(),
    }),
    tracks: described,
    pieces: () => interleave(tracks),
    dispose: () => input.dispose(),
  };
}

async function openTrack(source: InputTrack): Promise<OpenTrack | undefined> {
  const codec = await source.getCodec();
  const container = codec && containers[codec];
  if (!container) return undefined;
  if (source.isVideoTrack() && (await source.canBeTransparent())) return undefined;
  const info = await readTrackInfo(source);
  if (!info) return undefined;
  // Frames before the first key frame belong to a film that was cut out of another; they would be lost.
  if (info.first.type !== 'key') return undefined;
  // MP4 says beforehand where its last packet lies; a file that was cut short has none there.
  if (container === 'mp4' && !(await hasEnd(source))) return undefined;
  return { source, info, container };
}

async function hasEnd(source: InputTrack): Promise<boolean> {
  const format = await source.input.getFormat();
  if (!format.mimeType.startsWith('video/mp4') && !format.mimeType.startsWith('video/quicktime')) return true;
  const last = await new EncodedPacketSink(source).getPacket(Number.POSITIVE_INFINITY);
  return last !== null && last.data.length === last.byteLength;
}

async function describe({ source, info, container }: OpenTrack): Promise<Track> {
  const codecs = await source.getCodecParameterString();
  const { language } = info;
  return {
    kind: info.kind,
    mime: `${info.kind}/${container}; codecs="${codecs}"`,
    ...(language !== 'und' && { language }),
  };
}

interface Head {
  readonly track: number;
  readonly open: OpenTrack;
  readonly fragments: AsyncGenerator<Fragment>;
  next: Fragment | undefined;
  sequence: number;
  /** Where its last item began, and when what that holds ends. */
  last: { offset: number; end: number };
}

/** Initialisation segments of all tracks, then their fragments by start time. */
async function* interleave(tracks: readonly OpenTrack[]): AsyncGenerator<Piece> {
  let offset = 0;
  function* item(track: number, parts: readonly Uint8Array[], point?: Piece['point']): Generator<Piece> {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const header = itemHeader(track, length);
    yield point ? { bytes: header, point } : { bytes: header };
    for (const bytes of parts) yield { bytes };
    offset += header.length + length;
  }

  const heads: Head[] = [];
  for (const [track, open] of tracks.entries()) {
    const init = open.container === 'mp4' ? await mp4Init(open.info) : await webmInit(open.info);
    yield* item(track, [init]);
    const fragments = cutFragments(new EncodedPacketSink(open.source).packets());
    const next = (await fragments.next()).value ?? undefined;
    heads.push({
      track,
      open,
      fragments,
      next,
      sequence: 1,
      last: { offset, end: Number.NEGATIVE_INFINITY },
    });
  }

  const { kind } = heads[0]!.open.info;
  let lastPoint = Number.NEGATIVE_INFINITY;
  try {
    for (;;) {
      let head: Head | undefined;
      for (const candidate of heads)
        if (candidate.next && (!head?.next || candidate.next.start < head.next.start)) head = candidate;
      const fragment = head?.next;
      if (!head || !fragment) return;
      // One can start where the leading track has a key frame; earlier items that reach beyond it are needed too.
      const time = Math.max(0, Math.ceil(fragment.samples[0]!.presentation * 1000));
      const start = fragment.samples[0]!.presentation;
      let point: Piece['point'];
      if (head.track === 0 && fragment.key && time - lastPoint >= pointDistance[kind]) {
        const reaching = heads.filter((other) => other.last.end > start && other !== head);
        point = [time, Math.min(offset, ...reaching.map((other) => other.last.offset))];
        lastPoint = time;
      }
      head.last = { offset, end: fragment.end };
      const { info, container } = head.open;
      const parts =
        container === 'mp4' ? mp4Fragment(info, head.sequence++, fragment) : webmCluster(fragment);
      yield* item(head.track, parts, point);
      head.next = (await head.fragments.next()).value ?? undefined;
    }
  } finally {
    await Promise.all(heads.map(({ fragments }) => fragments.return(undefined)));
  }
}
