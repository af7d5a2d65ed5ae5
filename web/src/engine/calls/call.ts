import { type CallSignal, type MediaState, meshSize } from '../../../../protocol/call.ts';
import { deviceAddress, userOf } from '../../../../protocol/scalars.ts';
import type { ClientFrame, ServerFrame } from '../../../../protocol/socket.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { Subject } from '../observable.ts';
import { EngineError } from '../types.ts';
import { Channels } from './channels.ts';
import type { Joined } from './joined.ts';
import { Signals } from './signals.ts';
import type { Call, CallAlarm, CallView, JoinedAlarm } from './types.ts';

export interface CallOptions {
  readonly session: Session;
  readonly room: string;
  readonly transmit: (frame: ClientFrame) => boolean;
  /** Whether somebody is a member by the verified roster. */
  readonly isMember: (userId: string) => boolean;
  readonly name: (userId: string) => string;
  /** The room in whose call this tab is. */
  readonly inCall: Subject<string | undefined>;
  /** The call began or ended for this tab: the room needs its socket. */
  readonly onChange: () => void;
}

const nothing: MediaState = { audio: false, video: false, screen: false };

/** A device is in one call, by one tab. Answers how to let go; undefined when another tab is in. */
function onlyTab(): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    void navigator.locks.request('call', { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(undefined);
      return new Promise<void>((release) => resolve(release));
    });
  });
}

/** The call of a room. What the service says of who is in it tells where to look; who is believed, the roster and the sessions tell. */
export class RoomCall implements Call {
  readonly view: Subject<CallView>;
  readonly data = new Channels();
  readonly #options: CallOptions;
  readonly #signals: Signals;
  /** By the service: the call, and the devices in it. */
  #told: Pick<Extract<ServerFrame, { t: 'call' }>, 'id' | 'devices' | 'mode' | 'places'> = {
    id: null,
    devices: [],
    mode: 'mesh',
    places: meshSize,
  };
  #joined: Joined | undefined;
  #joining: Promise<void> | undefined;
  #problem: string | undefined;
  #sfuAway = false;
  #alarms: readonly CallAlarm[] = [];
  #release: (() => void) | undefined;

  constructor(options: CallOptions) {
    this.#options = options;
    this.#signals = new Signals({
      ...options,
      onSignal: (call, peer, signal) => this.#heard(call, peer, signal),
      onRefused: (peer) => this.#alarm({ what: 'forged', name: options.name(userOf(peer)) }),
    });
    this.view = new Subject<CallView>({
      people: [],
      joined: false,
      elsewhere: false,
      me: nothing,
      others: [],
      alarms: [],
    });
  }

  get #own(): string {
    const { id, deviceId } = this.#options.session.account;
    return deviceAddress(id, deviceId);
  }

  /** Whether this tab is in the call, so that the room must keep its socket. */
  get busy(): boolean {
    return this.#joined !== undefined || this.#joining !== undefined;
  }

  join(want: { readonly audio: boolean; readonly video: boolean }): Promise<void> {
    if (this.#joined) return Promise.resolve();
    this.#joining ??= this.#join(want).finally(() => {
      this.#joining = undefined;
      this.#options.onChange();
    });
    return this.#joining;
  }

  async #join(want: { readonly audio: boolean; readonly video: boolean }): Promise<void> {
    const [{ Frames }, { Joined }] = await Promise.all([import('./frames.ts'), import('./joined.ts')]);
    const frames = new Frames();
    const release = await onlyTab();
    try {
      if (!release) throw new EngineError('elsewhere', m.engine_callElsewhere());
      this.#options.onChange();
      if (this.#others().length >= this.#told.places)
        throw new EngineError('full', m.engine_callFull({ places: this.#told.places }));
      const { session, room } = this.#options;
      const { iceServers, expiresAt } = await session.api('getIce', { query: { room } });
      const joined = new Joined({
        ...this.#options,
        own: this.#own,
        frames,
        data: this.data,
        ice: { iceServers, expiresAt },
        send: (peer, signal, wanted) => this.#send(peer, signal, wanted),
        onChange: () => this.#show(),
        onAway: (away) => {
          this.#sfuAway = away;
          this.#show();
        },
        onFew: () => this.#announce(true),
        onAlarm: (alarm) => this.#alarm(this.#named(alarm)),
      });
      if (this.#told.id !== null) joined.id = this.#told.id;
      this.#problem = undefined;
      this.#sfuAway = false;
      this.#alarms = [];
      this.#joined = joined;
      this.#options.inCall.set(room);
      this.#release = release;
      await joined.open(want).catch((error: unknown) => {
        // One may listen without devices of one's own.
        if (!(error instanceof EngineError)) throw error;
        this.#problem = error.message;
      });
      this.#announce();
      this.#show();
    } catch (error) {
      frames.close();
      release?.();
      this.#joined = undefined;
      this.#options.inCall.set(undefined);
      throw error;
    }
  }

  #announce(mesh = false): void {
    if (!this.#joined) return;
    const { deviceId } = this.#options.session.account;
    this.#options.transmit({ t: 'call', device: deviceId, id: this.#joined.id, ...(mesh && { mesh }) });
  }

  /** There is a socket again: tells the room that this device is in the call, and its peers what they may have missed. */
  reached(): void {
    this.#announce();
    this.#joined?.resume();
  }

  leave(): void {
    const joined = this.#joined;
    if (!joined) return;
    this.#joined = undefined;
    for (const peer of joined.peers) this.#signals.send(joined.id, peer, { t: 'bye' });
    joined.close();
    this.#release?.();
    this.#options.inCall.set(undefined);
    const { deviceId } = this.#options.session.account;
    this.#options.transmit({ t: 'call', device: deviceId, id: null });
    this.#options.onChange();
    this.#show();
  }

  setAudio = (on: boolean): Promise<void> => this.#in().local.setAudio(on);
  setVideo = (on: boolean): Promise<void> => this.#in().local.setVideo(on);
  setScreen = (on: boolean): Promise<void> => this.#in().local.setScreen(on);
  choose = (kind: 'audioinput' | 'videoinput', deviceId: string): Promise<void> =>
    this.#in().local.choose(kind, deviceId);

  #in(): Joined {
    if (!this.#joined) throw new EngineError('no-call', m.engine_noCall());
    return this.#joined;
  }

  /** The service tells who is in the call. */
  onCall(frame: Extract<ServerFrame, { t: 'call' }>): void {
    const { isMember } = this.#options;
    const devices = frame.devices.filter((address) => isMember(userOf(address)));
    const { mode, places } = frame;
    this.#told = { id: frame.id, devices, mode, places };
    const joined = this.#joined;
    if (joined && frame.id !== null) {
      joined.id = frame.id;
      const place = devices.indexOf(this.#own);
      if (place >= places) {
        this.leave();
        this.#problem = m.engine_callFull({ places });
      } else
        joined.meet(
          devices.filter((address) => address !== this.#own),
          mode,
        );
    }
    this.#show();
  }

  /** The socket was lost: who is in the call is not known, and the call itself goes on. */
  onLost(): void {
    this.#told = { ...this.#told, devices: [] };
    this.#show();
  }

  onSignal(frame: Extract<ServerFrame, { t: 'signal' }>): void {
    // Each opens once: another tab of this device may be the one that is in the call.
    if (this.#joined && frame.to === this.#own) this.#signals.take(frame);
  }

  /** The roster changed: who is no member any more hears nothing more. */
  rosterChanged(): void {
    this.#joined?.keep((peer) => this.#options.isMember(userOf(peer)));
    this.#show();
  }

  #others(): string[] {
    return this.#told.devices.filter((address) => address !== this.#own);
  }

  #heard(call: string, peer: string, signal: CallSignal): void {
    const joined = this.#joined;
    if (joined && call === joined.id) joined.take(peer, signal);
  }

  #send(peer: string, signal: CallSignal, wanted?: () => boolean): void {
    if (this.#joined) this.#signals.send(this.#joined.id, peer, signal, wanted);
  }

  #named(alarm: JoinedAlarm): CallAlarm {
    if (alarm.what !== 'wrong-key') return alarm;
    return { what: alarm.what, name: this.#options.name(userOf(alarm.peer)) };
  }

  /** Says `alarm`, once. */
  #alarm(alarm: CallAlarm): void {
    const text = JSON.stringify(alarm);
    if (this.#alarms.some((said) => JSON.stringify(said) === text)) return;
    this.#alarms = [...this.#alarms, alarm];
    this.#show();
  }

  #show(): void {
    const joined = this.#joined;
    const { session, name } = this.#options;
    const problem = joined && this.#sfuAway ? m.engine_sfuAway() : this.#problem;
    this.view.set({
      people: [...new Set(this.#told.devices.map(userOf))],
      joined: joined !== undefined,
      elsewhere: !joined && this.#told.devices.some((address) => userOf(address) === session.account.id),
      me: joined?.local.part ?? nothing,
      others: joined?.parts(name) ?? [],
      alarms: this.#alarms,
      ...(problem !== undefined && { problem }),
    });
  }
}
