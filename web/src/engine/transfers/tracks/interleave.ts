import type { EncodedPacket, InputTrack } from 'mediabunny';
import { utf8 } from '../../../../../protocol/bytes.ts';
import { cueBlock, cueHeader } from './cue.ts';
import { cutFragments, type Fragment } from './fragments.ts';
import { type Together, withoutGaps } from './gaps.ts';
import { itemHeader } from './items.ts';
import { mp4Fragment, mp4Init } from './mp4.ts';
import { packetsOf } from './packets.ts';
import type { Subtitles } from './subtitles.ts';
import type { TrackInfo } from './track.ts';
import { webmCluster, webmInit } from './webm.ts';

/** Plaintext in order, and the seek points in it: time in ms, plaintext offset. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly point?: readonly [time: number, offset: number];
}

/** A track to send, and the container that browsers take it in. */
export interface OpenTrack {
  readonly source: InputTrack;
  readonly info: TrackInfo;
  readonly container: 'mp4' | 'webm';
}

/** The text tracks that go along, numbered after the others. */
export interface Texts extends Pick<Subtitles, 'cues'> {
  readonly count: number;
}

/** Milliseconds between seek points, at least. */
const pointDistance = { video: 500, audio: 2000 };

interface Head {
  readonly track: number;
  readonly open: OpenTrack;
  readonly fragments: AsyncGenerator<Fragment>;
  next: Fragment | undefined;
  sequence: number;
  /** Where its last item began, and when what that holds ends. */
  last: { offset: number; end: number };
}

/** Seconds of a cue that a place in the middle of it can still be started at with it. */
const longestCue = 10;

/**
 * Initialisation segments of all tracks, then their fragments and cues by start time; all times are `shift` seconds later, where they
 * end (0: not known) too. A text track is a WebVTT file in parts: its head, then a block for each cue.
 */
export async function* interleave(
  tracks: readonly OpenTrack[],
  end: number,
  shift: number,
  texts: Texts,
): AsyncGenerator<Piece> {
  let offset = 0;
  function* item(track: number, parts: readonly Uint8Array[], point?: Piece['point']): Generator<Piece> {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const header = itemHeader(track, length);
    yield point ? { bytes: header, point } : { bytes: header };
    for (const bytes of parts) yield { bytes };
    offset += header.length + length;
  }

  const from = Math.max(0, Math.min(...tracks.map(({ info }) => info.start)) + shift);
  const film: Together = { from, to: end + shift, going: tracks.length };
  const heads: Head[] = [];
  for (const [track, { source, info: before, container }] of tracks.entries()) {
    const start = before.start + shift;
    const info = { ...before, start, offset: Math.min(0, start) };
    const open = { source, info, container };
    const init = container === 'mp4' ? await mp4Init(info) : await webmInit(info);
    yield* item(track, [init]);
    const fragments = cutFragments(withoutGaps(film, info, later(source, shift)));
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

  for (let i = 0; i < texts.count; i++) yield* item(tracks.length + i, [utf8(cueHeader)]);
  const cues = texts.cues();
  const nextCue = async () => {
    for (;;) {
      const { value } = await cues.next();
      if (!value || value.track < texts.count) return value ?? undefined;
    }
  };
  let cue = texts.count > 0 ? await nextCue() : undefined;
  /** Cues that may still be shown: where each began, and until when. */
  let shown: { offset: number; end: number }[] = [];

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
      for (; cue && cue.start + shift <= start; cue = await nextCue()) {
        const moved = { ...cue, start: cue.start + shift, end: cue.end + shift };
        shown.push({ offset, end: Math.min(moved.end, moved.start + longestCue) });
        yield* item(tracks.length + cue.track, [utf8(cueBlock(moved))]);
      }
      let point: Piece['point'];
      if (head.track === 0 && fragment.key && time - lastPoint >= pointDistance[kind]) {
        const reaching = heads.filter((other) => other.last.end > start && other !== head);
        shown = shown.filter(({ end }) => end > start);
        const earlier = [...reaching.map((other) => other.last), ...shown];
        point = [time, Math.min(offset, ...earlier.map((other) => other.offset))];
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
    await Promise.all([cues.return(undefined), ...heads.map(({ fragments }) => fragments.return(undefined))]);
  }
}

async function* later(source: InputTrack, shift: number): AsyncGenerator<EncodedPacket> {
  for await (const packet of packetsOf(source))
    yield shift > 0 ? packet.clone({ timestamp: packet.timestamp + shift }) : packet;
}
