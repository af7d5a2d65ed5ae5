import { type CallSignal, isPicture, type TrackKind } from '../../../../protocol/call.ts';
import type { IceServers } from '../../../../protocol/rest/index.ts';
import { inBackground } from '../background.ts';
import type { FrameCounts } from './frames.messages.ts';
import { encodedOnly, type Frames } from './frames.ts';
import { asRtc, relayLast } from './ice.ts';
import type { Incoming } from './peer.ts';
import { listedFeedback } from './sdp.ts';
import { Senders } from './senders.ts';
import type { LinkState } from './types.ts';
import { framesAt, pathOf, stillCarries, Watch } from './watch.ts';

/** An offer that was not answered for so long, in milliseconds, is sent again: it, or its answer, was lost. */
const answeredWithin = 5_000;
export interface LinkOptions {
  /** The peer's device. */
  readonly peer: string;
  /** Of two offers that meet, the polite side's gives way. */
  readonly polite: boolean;
  readonly ice: () => IceServers['iceServers'];
  readonly frames: Frames;
  /** Sends `signal`, unless it is not wanted any more by the time that it could leave. */
  readonly send: (signal: CallSignal, wanted: () => boolean) => void;
  readonly onTrack: (kind: TrackKind, incoming: Incoming) => void;
  /** The way for bytes, anew with each connection. */
  readonly onChannel: (channel: RTCDataChannel) => void;
  readonly onState: (state: LinkState) => void;
  /** What is sent as `kind` leaves without having been encrypted. */
  readonly onLeak: (kind: TrackKind) => void;
}

type Description = Extract<CallSignal, { t: 'description' }>;

/**
 * The connection with one peer: perfect negotiation (WebRTC, section 10.7), ICE restarts, and a new connection where those don't
 * help. Each side sends in media sections of its own, so neither has to fit into the other's.
 */
export class Link {
  readonly #options: LinkOptions;
  /** What is sent, by kind; outlives a connection. */
  readonly #tracks = new Map<TrackKind, MediaStreamTrack | null>();
  #connection!: RTCPeerConnection;
  #id = '';
  /** The connection at the other end that ours belongs to, and what it sends. */
  #theirs: string | undefined;
  #theirTracks: Readonly<Record<string, TrackKind>> = {};
  #senders!: Senders;
  /** What comes, by its numbers with the worker that opens it. */
  #ends: number[] = [];
  #channel: RTCDataChannel | undefined;
  #offering = false;
  #ignoring = false;
  #turn: Promise<unknown> = Promise.resolve();
  /** Resolves when the present connection is closed. */
  #ended!: Promise<void>;
  #end = () => {};
  readonly #watch = new Watch(performance.now());
  /** The relay that was in use when the connection last fell silent. */
  #avoided: string | undefined;
  /** When a description was last sent. */
  #offered = 0;
  /** Offers that the connection has made, and what it said to the newest of theirs. */
  #offers = 0;
  #answer: Description | undefined;
  #was: LinkState = 'connecting';
  #closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#build();
  }

  get state(): LinkState {
    return this.#was;
  }

  /** The connection itself, for measuring. */
  get connection(): RTCPeerConnection {
    return this.#connection;
  }

  /** Sends `track` as `kind`; null for nothing, with the section kept for later. */
  send(kind: TrackKind, track: MediaStreamTrack | null): void {
    this.#tracks.set(kind, track);
    this.#senders.put(kind, track);
  }

  /** The most that each video may take: bits a second, and how many times smaller than the camera's picture it is. */
  limit(bitsPerSecond: number, smaller: number): void {
    this.#senders.limit(bitsPerSecond, smaller);
  }

  /** Signals in the order of their coming. */
  take(signal: Extract<CallSignal, { t: 'description' | 'candidate' }>): void {
    this.#inTurn(() => (signal.t === 'description' ? this.#describe(signal) : this.#candidate(signal)));
  }

  /** Other ICE servers, or other credentials, from the next gathering on. */
  useIce(): void {
    if (!this.#closed) this.#connection.setConfiguration(this.#configuration());
  }

  /** All of it each time: what is left out is taken for a wish to change it, and refused. */
  #configuration(): RTCConfiguration {
    const servers = this.#options.ice();
    return {
      ...encodedOnly,
      iceServers: asRtc(this.#avoided === undefined ? servers : relayLast(servers, this.#avoided)),
      bundlePolicy: 'max-bundle',
    };
  }

  /** The network is another one now. */
  restart(): void {
    if (!this.#closed) this.#connection.restartIce();
  }

  /** Signals can be sent again, and some may have been lost. */
  resume(): void {
    if (this.#closed) return;
    const { signalingState, connectionState } = this.#connection;
    if (signalingState === 'have-local-offer' || connectionState !== 'connected') this.#again();
  }

  /** Offers once more: what was offered and not answered, or else new ICE candidates. */
  #again(): void {
    if (this.#connection.signalingState === 'have-local-offer') this.#sendDescription();
    else this.#connection.restartIce();
  }

  /** Looks for another path where this one is dead. */
  async #detour(): Promise<void> {
    if (await this.#isDead()) this.#again();
  }

  /**
   * Whether the path carries nothing: its relay is then the last that is asked for another one. Packets that still come by it, though
   * no frame does, are its acquittal: then it is their sender who is busy, or we.
   */
  async #isDead(): Promise<boolean> {
    const connection = this.#connection;
    const path = pathOf(await connection.getStats());
    if (this.#closed || connection !== this.#connection || (path && stillCarries(path))) return false;
    if (path?.relay !== undefined) {
      this.#avoided = path.relay;
      this.useIce();
    }
    return true;
  }

  /** What has left so far, by its statistics; they cost something. */
  stats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  /**
   * Looks whether the connection carries what it should, and nothing else; to be called every `lookEvery`.
   *
   * @param expects whether the peer has its microphone or camera on, so that something comes all the time
   * @param counts of frames that came to be encrypted or opened
   * @param stats from before the counting
   */
  look(expects: boolean, counts: FrameCounts, stats?: RTCStatsReport): void {
    if (this.#closed) return;
    const connection = this.#connection;
    if (stats) for (const kind of this.#senders.leaks(counts, stats)) this.#options.onLeak(kind);
    const now = performance.now();
    const connected = connection.connectionState === 'connected';
    const received = this.#ends.reduce((sum, end) => sum + framesAt(counts, end), 0);
    const remedy = this.#watch.look({ now, connected, expects, received });
    if (this.#watch.silent) this.#tell('reconnecting');
    else if (connected) this.#tell('connected');
    else if (this.#watch.retrying) this.#tell('retrying');
    if (remedy === 'rebuild') this.#rebuild();
    else if (remedy === 'restart') inBackground(this.#detour(), 'looking for another path');
    else if (connection.signalingState === 'have-local-offer' && now - this.#offered > answeredWithin)
      this.#sendDescription();
  }

  close(): void {
    this.#closed = true;
    this.#hangUp();
  }

  #hangUp(): void {
    this.#connection.close();
    this.#end();
  }

  /** `task` after all before it; it changes over to a new connection, if it does, before it first waits for one. */
  #inTurn(task: () => Promise<void>): void {
    this.#turn = this.#turn.then(async () => {
      if (this.#closed) return;
      // What a connection had begun when it was closed never ends (webrtc-pc, section 4.4.1.2), and would hold up all that follows.
      await Promise.race([task(), this.#ended]);
    });
    // A description that doesn't fit is a peer's fault or a race; the watch mends what comes of it.
    this.#turn = this.#turn.catch((error) => console.warn('a signal could not be used', error));
  }

  #build(): void {
    const { peer, frames, onTrack } = this.#options;
    this.#id = crypto.randomUUID();
    this.#ends = [];
    this.#channel = undefined;
    this.#offering = false;
    this.#ignoring = false;
    this.#offers = 0;
    this.#answer = undefined;
    const id = this.#id;
    const connection = new RTCPeerConnection(this.#configuration());
    this.#connection = connection;
    this.#senders = new Senders(connection, frames);
    this.#ended = new Promise((end) => {
      this.#end = end;
    });
    connection.onnegotiationneeded = () => this.#inTurn(() => this.#offer(connection));
    connection.onicecandidate = ({ candidate }) => {
      const { candidate: text = '', sdpMid, sdpMLineIndex, usernameFragment } = candidate ?? {};
      const init = candidate && {
        candidate: text,
        sdpMid: sdpMid ?? null,
        sdpMLineIndex: sdpMLineIndex ?? null,
        usernameFragment: usernameFragment ?? null,
      };
      this.#say({ t: 'candidate', link: id, candidate: init });
    };
    connection.ontrack = ({ transceiver, track, receiver }) => {
      const kind = this.#theirTracks[transceiver.mid ?? ''];
      // What it is, it has not said: its key is not known, and nothing of it is shown.
      if (!kind || track.kind !== (isPicture(kind) ? 'video' : 'audio')) return;
      const end = frames.open(receiver, kind, peer);
      this.#ends.push(end);
      onTrack(kind, { track, receiver, end });
    };
    connection.onconnectionstatechange = () => this.#changed();
    connection.oniceconnectionstatechange = () => this.#changed();
    for (const [kind, track] of this.#tracks) this.#senders.put(kind, track);
    if (!this.#options.polite) this.#openChannel();
  }

  /**
   * A channel makes a connection of two who send nothing, and carries what is between them. One side offers it: Chromium can't take
   * back an offer of a channel for one that has it in another section ("Failed to start SCTP transport").
   */
  #openChannel(): void {
    if (this.#channel) return;
    this.#channel = this.#connection.createDataChannel('call', { negotiated: true, id: 0, ordered: false });
    this.#options.onChannel(this.#channel);
  }

  #rebuild(): void {
    this.#hangUp();
    this.#theirs = undefined;
    this.#theirTracks = {};
    this.#build();
  }

  #changed(): void {
    if (this.#closed) return;
    const { connectionState, iceConnectionState, sctp } = this.#connection;
    if (connectionState === 'connected') this.#tell('connected');
    else if (sctp?.transport.state === 'failed' && iceConnectionState !== 'failed') this.#tell('refused');
    else if (connectionState === 'failed' || connectionState === 'disconnected') this.#tell('reconnecting');
    if (iceConnectionState === 'failed') this.#connection.restartIce();
  }

  #tell(state: LinkState): void {
    if (state === this.#was || (state === 'reconnecting' && this.#was !== 'connected')) return;
    this.#was = state;
    this.#options.onState(state);
  }

  async #offer(connection: RTCPeerConnection): Promise<void> {
    if (connection !== this.#connection || connection.signalingState !== 'stable') return;
    this.#offering = true;
    try {
      await connection.setLocalDescription();
      this.#offers++;
      this.#sendDescription();
    } finally {
      this.#offering = false;
    }
  }

  /** Sends the offer, or the answer to the `answered`th of theirs. */
  #sendDescription(answered?: number): void {
    const description = this.#connection.localDescription;
    if (!description || (description.type !== 'offer' && description.type !== 'answer')) return;
    const { type } = description;
    const n = type === 'offer' ? this.#offers : answered;
    const known = this.#theirs !== undefined && { for: this.#theirs };
    const sdp = listedFeedback(description.sdp);
    const said = {
      t: 'description',
      link: this.#id,
      ...known,
      ...(n !== undefined && { n }),
      type,
      sdp,
      tracks: this.#senders.tracks,
    } as const;
    this.#offered = performance.now();
    if (type === 'answer') this.#answer = said;
    this.#say(said);
  }

  /** Where signals take long, those of connections that are no more would hold up those of this one. */
  #say(signal: Extract<CallSignal, { t: 'description' | 'candidate' }>): void {
    this.#options.send(signal, () => !this.#closed && signal.link === this.#id);
  }

  async #describe(signal: Description): Promise<void> {
    const { type, sdp, link, for: ours, n, tracks } = signal;
    // Late, for a connection that we have no more.
    if (ours !== undefined && ours !== this.#id) return;
    if (this.#theirs === undefined || this.#theirs === link) this.#watch.answered(performance.now());
    else {
      // An answer of a connection that is no more, from a client that does not say for which.
      if (type === 'answer' && ours === undefined) return;
      this.#watch.rebuilt(performance.now());
      this.#rebuild();
      // Ours belonged to another one of theirs, and this does not fit its successor: taken by it, both sides would begin anew by turns,
      // without end. What the successor offers, theirs follows.
      if (ours !== undefined) return;
    }
    const connection = this.#connection;
    const awaited = connection.signalingState === 'have-local-offer' && n === this.#offers;
    if (type === 'answer' && n !== undefined && !awaited) return;
    // Said again, as our answer was not there yet: taken twice, it could undo what has been agreed on since.
    if (type === 'offer' && n !== undefined && n === this.#answer?.n) return this.#say(this.#answer);
    // Who has noticed first has us look for another path, too: with our relays in the old order the new one would rank below the dead.
    if (type === 'offer') await this.#isDead();
    if (connection !== this.#connection) return;
    const collision = type === 'offer' && (this.#offering || connection.signalingState !== 'stable');
    this.#ignoring = !this.#options.polite && collision;
    if (this.#ignoring) return;
    this.#theirs = link;
    this.#theirTracks = tracks;
    await connection.setRemoteDescription({ type, sdp });
    if (sdp.includes('\nm=application')) this.#openChannel();
    if (type !== 'offer') return;
    await connection.setLocalDescription();
    this.#sendDescription(n);
  }

  async #candidate({ link, candidate }: Extract<CallSignal, { t: 'candidate' }>): Promise<void> {
    if (link !== this.#theirs) return;
    try {
      await this.#connection.addIceCandidate(candidate ?? undefined);
    } catch (error) {
      if (!this.#ignoring) throw error;
    }
  }
}
