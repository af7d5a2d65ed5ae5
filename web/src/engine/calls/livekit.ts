import {
  ConnectionState,
  DefaultReconnectPolicy,
  type LocalTrackPublication,
  type Participant,
  ParticipantEvent,
  type RemoteTrack,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  Track,
} from 'livekit-client';
import { isPicture, TrackKind } from '../../../../protocol/call.ts';
import { inBackground } from '../background.ts';
import { Turns } from '../turns.ts';
import { encodedOnly } from './frames.ts';
import type { SfuEvents, SfuProvider } from './sfu.ts';
import type { LinkState } from './types.ts';

const sources: Readonly<Record<TrackKind, Track.Source>> = {
  audio: Track.Source.Microphone,
  video: Track.Source.Camera,
  screen: Track.Source.ScreenShare,
  'screen-audio': Track.Source.ScreenShareAudio,
};
const kindBySource = new Map(Object.entries(sources).map(([kind, source]) => [source, kind as TrackKind]));
/** One encoding serves all: small pictures, as there are many, and a screen that can be read. */
const encodings = {
  video: { maxBitrate: 400_000, maxFramerate: 24 },
  screen: { maxBitrate: 1_200_000, maxFramerate: 15 },
};

/** How high a camera's picture is among many, in pixels. */
const smallHeight = 360;

/**
 * When the line to the server is lost, it is taken up again after so many milliseconds, more or less: media may well flow on meanwhile.
 * After the last it is given up, and entered anew.
 */
const resumedAfter = [0, 300, 1_000, 2_000];

/** Tracks without anything in them. */
class Blanks {
  readonly #sound = new AudioContext();
  readonly #canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });

  constructor() {
    // Without a context there is no picture, and so no track of one.
    this.#canvas.getContext('2d');
  }

  of(kind: TrackKind): MediaStreamTrack {
    const stream = isPicture(kind)
      ? this.#canvas.captureStream(0)
      : this.#sound.createMediaStreamDestination().stream;
    return stream.getTracks()[0]!;
  }

  close(): void {
    void this.#sound.close();
  }
}

/**
 * LiveKit's server. It knows tracks by their kind and devices by their address; its own encryption is off, the frames are sealed
 * before they come to it.
 *
 * The library is given blank tracks, and the senders that it makes of them are given the real ones: it would switch on whatever it
 * publishes, a silenced microphone too.
 */
export class LiveKit implements SfuProvider {
  readonly devices = new Set<string>();
  readonly senders = new Map<TrackKind, RTCRtpSender>();
  /** What is to be sent. */
  readonly #tracks = new Map<TrackKind, MediaStreamTrack>();
  readonly #blanks = new Blanks();
  readonly #events: SfuEvents;
  readonly #room: Room;
  readonly #published = new Map<TrackKind, LocalTrackPublication>();
  readonly #turns = new Turns();
  #left = false;

  constructor(events: SfuEvents) {
    this.#events = events;
    // Two connections, as each receiver of the one that only receives belongs to one track.
    this.#room = new Room({
      singlePeerConnection: false,
      stopLocalTrackOnUnpublish: false,
      disconnectOnPageLeave: true,
      reconnectPolicy: new DefaultReconnectPolicy(resumedAfter),
    });
    const changed = () => events.onChange();
    const count = () => {
      this.devices.clear();
      for (const identity of this.#room.remoteParticipants.keys()) this.devices.add(identity);
      changed();
    };
    this.#room
      .on(RoomEvent.Connected, count)
      .on(RoomEvent.ParticipantConnected, count)
      .on(RoomEvent.ParticipantDisconnected, count)
      .on(RoomEvent.ConnectionStateChanged, changed)
      .on(RoomEvent.TrackSubscribed, (track, publication, participant) =>
        this.#got(track, publication, participant),
      )
      .on(RoomEvent.TrackUnsubscribed, ({ mediaStreamTrack }, publication, participant) => {
        const kind = kindOf(publication);
        if (kind) events.onTrackGone(participant.identity, kind, mediaStreamTrack);
      })
      // Beginning anew by itself, the library would send what it was given, the blank tracks, and all that we send a second time.
      .on(RoomEvent.Reconnecting, () => this.#end())
      .on(RoomEvent.Disconnected, () => this.#end());
    this.#room.localParticipant.on(ParticipantEvent.LocalSenderCreated, (sender, track) => {
      const kind = kindBySource.get(track.source);
      if (!kind) return;
      events.onSender(kind, sender);
      this.senders.set(kind, sender);
      const real = this.#tracks.get(kind);
      if (real) inBackground(sender.replaceTrack(real), 'sending by the SFU');
    });
  }

  get state(): LinkState {
    switch (this.#room.state) {
      case ConnectionState.Connected:
        return 'connected';
      case ConnectionState.Reconnecting:
      case ConnectionState.SignalReconnecting:
        return 'reconnecting';
      default:
        return 'connecting';
    }
  }

  async join(url: string, token: string): Promise<void> {
    await this.#room.connect(url, token, { rtcConfig: encodedOnly, autoSubscribe: true, maxRetries: 1 });
  }

  publish(kind: TrackKind, track: MediaStreamTrack | null): Promise<void> {
    if (track) this.#tracks.set(kind, track);
    else this.#tracks.delete(kind);
    return this.#turns.run(async () => {
      if (!this.#left) await this.#publish(kind);
    });
  }

  async #publish(kind: TrackKind): Promise<void> {
    const track = this.#tracks.get(kind);
    const present = this.#published.get(kind)?.track;
    const { localParticipant } = this.#room;
    if (present && track) return this.senders.get(kind)?.replaceTrack(track);
    if (present) {
      this.#published.delete(kind);
      this.senders.delete(kind);
      await localParticipant.unpublishTrack(present, true);
    }
    if (!track) return;
    const published = await localParticipant.publishTrack(this.#blanks.of(kind), {
      name: kind,
      source: sources[kind],
      simulcast: false,
      videoCodec: 'vp8',
      backupCodec: false,
      red: false,
      dtx: false,
      ...(isPicture(kind) && {
        videoEncoding: kind === 'screen' ? encodings.screen : encodings.video,
        screenShareEncoding: encodings.screen,
      }),
    });
    this.#published.set(kind, published);
    if (kind === 'video') await this.#shrink();
  }

  /** The camera's picture as small as the encoding is meant for: the library knows the blank one's size alone. */
  async #shrink(): Promise<void> {
    const sender = this.senders.get('video');
    const height = sender?.track?.getSettings().height ?? smallHeight;
    const parameters = sender?.getParameters();
    if (!sender || !parameters) return;
    for (const encoding of parameters.encodings)
      encoding.scaleResolutionDownBy = Math.max(1, height / smallHeight);
    await sender.setParameters(parameters);
  }

  #got(track: RemoteTrack, publication: RemoteTrackPublication, participant: Participant): void {
    const kind = kindOf(publication);
    const { receiver, mediaStreamTrack } = track;
    if (!kind || !receiver || isPicture(kind) !== (mediaStreamTrack.kind === 'video')) return;
    this.#events.onTrack(participant.identity, kind, mediaStreamTrack, receiver);
  }

  #end(): void {
    if (this.#left) return;
    this.leave();
    this.#events.onEnd();
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#blanks.close();
    void this.#room.disconnect(false).catch(() => {});
  }
}

const kindOf = ({ trackName }: RemoteTrackPublication): TrackKind | undefined =>
  TrackKind.safeParse(trackName).data;
