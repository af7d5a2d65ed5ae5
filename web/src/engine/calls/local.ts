import type { MediaState, TrackKind } from '../../../../protocol/call.ts';
import { m } from '../../language/index.ts';
import { EngineError } from '../types.ts';
import { openCamera, openMicrophone, openScreen } from './devices.ts';
import type { LocalPart } from './types.ts';

export interface LocalOptions {
  /** What is sent as `kind` from now on. */
  readonly onTrack: (kind: TrackKind, track: MediaStreamTrack | null) => void;
  readonly onChange: () => void;
}

/** This side's camera, microphone and screen. What is off is closed, so that its light goes out; a microphone is only silenced. */
export class LocalMedia {
  readonly #options: LocalOptions;
  readonly #tracks = new Map<TrackKind, MediaStreamTrack>();
  /** What this browser has sent without encrypting it. */
  readonly #halted = new Set<TrackKind>();
  readonly #chosen: { audioinput?: string; videoinput?: string } = {};
  #muted = false;
  #camera: MediaStream | undefined;
  #display: MediaStream | undefined;
  #closed = false;

  constructor(options: LocalOptions) {
    this.#options = options;
    globalThis.navigator?.mediaDevices?.addEventListener('devicechange', this.#devicesChanged);
  }

  get tracks(): ReadonlyMap<TrackKind, MediaStreamTrack> {
    return this.#tracks;
  }

  get state(): MediaState {
    return {
      audio: this.#tracks.has('audio') && !this.#muted,
      video: this.#tracks.has('video'),
      screen: this.#tracks.has('screen'),
    };
  }

  get part(): LocalPart {
    return {
      ...this.state,
      used: this.#used(),
      ...(this.#camera && { camera: this.#camera }),
      ...(this.#display && { display: this.#display }),
    };
  }

  #used(): NonNullable<LocalPart['used']> {
    const idOf = (kind: TrackKind) => this.#tracks.get(kind)?.getSettings().deviceId;
    const [audioinput, videoinput] = [idOf('audio'), idOf('video')];
    return { ...(audioinput && { audioinput }), ...(videoinput && { videoinput }) };
  }

  async setAudio(on: boolean): Promise<void> {
    if (on) this.#mayOpen('audio');
    if (on && !this.#tracks.has('audio')) this.#put('audio', await openMicrophone(this.#chosen.audioinput));
    this.#muted = !on;
    const track = this.#tracks.get('audio');
    if (track) track.enabled = on;
    this.#options.onChange();
  }

  async setVideo(on: boolean): Promise<void> {
    if (on === this.#tracks.has('video')) return;
    if (on) this.#mayOpen('video');
    const track = on ? await openCamera(this.#chosen.videoinput) : undefined;
    this.#put('video', track);
    this.#camera = track && new MediaStream([track]);
    this.#options.onChange();
  }

  async setScreen(on: boolean): Promise<void> {
    if (on === this.#tracks.has('screen')) return;
    if (on) this.#mayOpen('screen');
    const stream = on ? await openScreen() : undefined;
    if (on && !stream) return;
    // Text that can be read is worth more than smooth movement.
    for (const track of stream?.getVideoTracks() ?? []) track.contentHint = 'detail';
    this.#put('screen', stream?.getVideoTracks()[0]);
    this.#put('screen-audio', stream?.getAudioTracks()[0]);
    this.#display = stream;
    this.#options.onChange();
  }

  /** Another device from now on; one that is off stays off. Throws EngineError `no-device`. */
  async choose(kind: 'audioinput' | 'videoinput', deviceId: string): Promise<void> {
    this.#chosen[kind] = deviceId;
    if (kind === 'videoinput') {
      if (!this.#tracks.has('video')) return;
      this.#stop('video');
      const track = await openCamera(deviceId);
      this.#put('video', track);
      this.#camera = new MediaStream([track]);
    } else if (this.#tracks.has('audio')) {
      const track = await openMicrophone(deviceId);
      track.enabled = !this.#muted;
      this.#put('audio', track);
    }
    this.#options.onChange();
  }

  /** Closes what is sent as `kind`, for good. */
  halt(kind: TrackKind): void {
    this.#halted.add(kind);
    this.#drop(kind);
  }

  #mayOpen(kind: TrackKind): void {
    if (this.#halted.has(kind)) throw new EngineError('not-encrypted', m.engine_trackNotEncrypted());
  }

  close(): void {
    this.#closed = true;
    globalThis.navigator?.mediaDevices?.removeEventListener('devicechange', this.#devicesChanged);
    for (const kind of [...this.#tracks.keys()]) this.#stop(kind);
  }

  #put(kind: TrackKind, track: MediaStreamTrack | undefined): void {
    if (this.#closed) track?.stop();
    if (this.#closed || (!track && !this.#tracks.has(kind))) return;
    this.#stop(kind);
    if (track) {
      this.#tracks.set(kind, track);
      // Unplugged, taken back, or the sharing was ended by the browser's own button.
      track.onended = () => {
        if (this.#tracks.get(kind) === track) this.#ended(kind);
      };
    }
    this.#options.onTrack(kind, track ?? null);
  }

  #stop(kind: TrackKind): void {
    const track = this.#tracks.get(kind);
    if (!track) return;
    track.onended = null;
    track.stop();
    this.#tracks.delete(kind);
  }

  #drop(kind: TrackKind): void {
    this.#put(kind, undefined);
    if (kind === 'screen') {
      this.#put('screen-audio', undefined);
      this.#display = undefined;
    }
    if (kind === 'video') this.#camera = undefined;
    this.#options.onChange();
  }

  #ended(kind: TrackKind): void {
    this.#drop(kind);
    if (kind === 'audio') void this.#devicesChanged();
  }

  /**
   * A microphone that was unplugged has ended; the browser's next one takes its place, at once or when there is one. A camera
   * stays off until somebody wants it on.
   */
  readonly #devicesChanged = async (): Promise<void> => {
    if (this.#closed || this.#muted || this.#tracks.has('audio')) return;
    delete this.#chosen.audioinput;
    await this.setAudio(true).catch(() => {});
  };
}
