import type { MediaState, TrackKind } from '../../../../protocol/call.ts';
import type { Observable } from '../observable.ts';

/** The call of a room, as this tab has it. */
export interface Call {
  readonly view: Observable<CallView>;
  readonly data: CallData;
  /**
   * Joins the room's call, or begins one. Asks for the microphone, and for the camera with `video`; without either device one joins
   * to listen.
   *
   * @throws EngineError `no-frame-encryption` where this browser could not encrypt what is sent, `full`, `offline`
   */
  join(want: { readonly audio: boolean; readonly video: boolean }): Promise<void>;
  leave(): void;
  /** Throws EngineError `no-device`, with a sentence, when there is none or it may not be used. */
  setAudio(on: boolean): Promise<void>;
  setVideo(on: boolean): Promise<void>;
  setScreen(on: boolean): Promise<void>;
  /** Uses another camera or microphone, by its `deviceId`. */
  choose(kind: 'audioinput' | 'videoinput', deviceId: string): Promise<void>;
}

/**
 * Bytes between the devices of the call without the service, encrypted by their connection (DTLS, with fingerprints that their
 * sessions vouch for). In no order, none lost while the connection holds.
 */
export interface CallData {
  /** Addresses of the devices that a way is open to. None in a call that the SFU carries. */
  readonly open: Observable<readonly string[]>;
  /** Sends up to 16 KiB; false when there is no way to that device now, or too much waits already. */
  send(device: string, bytes: Uint8Array<ArrayBuffer>): boolean;
  /** Calls `listener` with what comes, and from which device; answers how to stop. */
  onBytes(listener: (device: string, bytes: Uint8Array<ArrayBuffer>) => void): () => void;
}

export interface CallView {
  /** Who is in the call by the room's word, this tab or not; empty when there is none. */
  readonly people: readonly string[];
  /** Whether this tab is in it. */
  readonly joined: boolean;
  /** Whether another tab or device of this account is. */
  readonly elsewhere: boolean;
  readonly me: LocalPart;
  readonly others: readonly RemotePart[];
  /** What went wrong on the way, as a sentence. */
  readonly problem?: string;
  readonly alarms: readonly CallAlarm[];
}

export interface LocalPart extends MediaState {
  /** `deviceId`s of what is open. */
  readonly used?: { readonly audioinput?: string; readonly videoinput?: string };
  readonly camera?: MediaStream;
  readonly display?: MediaStream;
}

/**
 * `connecting`: never yet connected; `retrying`: nor at the first attempt; `reconnecting`: it was; `refused`: who answers at the
 * other end has not the key that the peer's device named.
 */
export type LinkState = 'connecting' | 'retrying' | 'connected' | 'reconnecting' | 'refused';

/** Something in a call that should not be, which somebody may have brought about. */
export type CallAlarm =
  /** This browser sent it without encrypting it; it stays off for the rest of the call. */
  | { readonly what: 'unsealed'; readonly track: TrackKind }
  /** Signals came in somebody's name that are not theirs; they were ignored. */
  | { readonly what: 'forged'; readonly name: string }
  /** Somebody else answered in their place; the connection was refused. */
  | { readonly what: 'wrong-key'; readonly name: string };

/** The same, of a device instead of a name. */
export type JoinedAlarm =
  | Extract<CallAlarm, { what: 'unsealed' }>
  | { readonly what: 'wrong-key'; readonly peer: string };

export interface RemotePart extends MediaState {
  /** The device's address. */
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly state: LinkState;
  /** Frames of theirs are opened by their key, so there is something to see and hear. */
  readonly opens: boolean;
  /** That, and ours leave under a key that they have: seen, not hoped. */
  readonly secure: boolean;
  readonly speaking: boolean;
  /** Camera and microphone. */
  readonly stream?: MediaStream;
  readonly display?: MediaStream;
}
