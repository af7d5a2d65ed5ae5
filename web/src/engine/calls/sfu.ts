import type { TrackKind } from '../../../../protocol/call.ts';
import type { LinkState } from './types.ts';

/** What is sent by way of an SFU, as the one who carries it sees it: sealed, of a device and a kind. */
export interface SfuEvents {
  /** A sender was made for `kind`: it must be sealed before this returns. */
  readonly onSender: (kind: TrackKind, sender: RTCRtpSender) => void;
  /** Something came that is said to be `device`'s; what it can't open with that one's keys is nothing. */
  readonly onTrack: (
    device: string,
    kind: TrackKind,
    track: MediaStreamTrack,
    receiver: RTCRtpReceiver,
  ) => void;
  readonly onTrackGone: (device: string, kind: TrackKind, track: MediaStreamTrack) => void;
  /** Others came or went, or the state of the connection is another one. */
  readonly onChange: () => void;
  /** The connection ended for good: what is to go on enters anew, by a new provider. */
  readonly onEnd: () => void;
}

/** A server that passes sealed frames on from each to all: LiveKit's (`livekit.ts`), or another behind the same face. */
export interface SfuProvider {
  readonly state: LinkState;
  /** The devices that are there. */
  readonly devices: ReadonlySet<string>;
  /** Enters with a token of the Worker's. Rejects when it can't be reached. */
  join(url: string, token: string): Promise<void>;
  /** Sends `track` as `kind` from now on; null for nothing. Rejects when it could not be brought there: nothing of `kind` is sent then. */
  publish(kind: TrackKind, track: MediaStreamTrack | null): Promise<void>;
  /** What is sent now. */
  readonly senders: ReadonlyMap<TrackKind, RTCRtpSender>;
  leave(): void;
}

export type StartSfu = (events: SfuEvents) => SfuProvider;
