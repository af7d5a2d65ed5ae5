// Browsers that are not what the app takes them for: scripts that a page runs before the app's own.
import type { Page } from 'playwright-core';
import { alterAnswers } from './browser.ts';

/** One that knows no way to encrypt frames. */
export const withoutTransforms = (page: Page) =>
  page.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform');
    Reflect.deleteProperty(RTCRtpSender.prototype, 'createEncodedStreams');
  });

/** One that has only the older of the two ways (`createEncodedStreams`). */
export const withOldStreams = (page: Page) =>
  page.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform');
  });

/** One that takes transforms and uses none: it sends in clear, and shows what comes as it comes. */
export const ignoringTransforms = (page: Page) =>
  page.addInitScript(() => {
    const plain = (configuration: RTCConfiguration = {}): RTCConfiguration => {
      const { encodedInsertableStreams: _, ...rest } = configuration as {
        encodedInsertableStreams?: boolean;
      };
      return rest;
    };
    const Native = RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(plain(configuration));
      }
      override setConfiguration(configuration?: RTCConfiguration) {
        super.setConfiguration(plain(configuration));
      }
    };
    for (const { prototype } of [RTCRtpSender, RTCRtpReceiver])
      Object.defineProperty(prototype, 'transform', { set() {}, get: () => null });
  });

/** One to which every frame comes twice, as from an SFU or a network that replays them. */
export const hearingTwice = (page: Page) =>
  alterAnswers(page, /frames\.worker.*\.js/, async (answer) => {
    const twice = () => {
      type Listen = (type: string, listener: (event: never) => void) => void;
      const add = self.addEventListener.bind(self) as Listen;
      const addTwice: Listen = (type, listener) =>
        add(type, (event: never) => {
          const { transformer } = event as {
            transformer?: { options: { side: string }; readable: ReadableStream };
          };
          if (type !== 'rtctransform' || transformer?.options.side !== 'receive') return listener(event);
          const again = new TransformStream({
            transform(frame: { data: ArrayBuffer }, out) {
              const copy = { data: frame.data.slice(0) };
              out.enqueue(frame);
              out.enqueue(copy);
            },
          });
          const readable = transformer.readable.pipeThrough(again);
          const changed = new Proxy(transformer, {
            get: (real, name) => {
              if (name === 'readable') return readable;
              const value = Reflect.get(real, name);
              return typeof value === 'function' ? value.bind(real) : value;
            },
          });
          listener({ transformer: changed } as never);
        });
      Object.assign(self, { addEventListener: addTwice });
    };
    return { body: `(${twice})();\n${await answer.text()}` };
  });

/** A network that lets nothing pass but what goes to a relay. */
export const behindStrictWalls = (page: Page) =>
  page.addInitScript(() => {
    const Native = RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Native {
      constructor(configuration: RTCConfiguration = {}) {
        super({ ...configuration, iceTransportPolicy: 'relay' });
      }
      override setConfiguration(configuration: RTCConfiguration = {}) {
        super.setConfiguration({ ...configuration, iceTransportPolicy: 'relay' });
      }
    };
  });

/** One in which keys of others get lost for as long as `loseKeys` is set. */
export const losingKeys = (page: Page) =>
  page.addInitScript(() => {
    Object.assign(globalThis, { loseKeys: false });
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message: { t?: string }, ...rest: never[]) {
      if (message.t === 'learn' && (globalThis as { loseKeys?: boolean }).loseKeys) return;
      Reflect.apply(post, this, [message, ...rest]);
    };
  });

/** One that is told of another fingerprint than its peer's. */
export const swappingFingerprints = (page: Page) =>
  page.addInitScript(() => {
    const set = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = function (
      this: RTCPeerConnection,
      { type, sdp = '' },
    ) {
      const swapped = sdp.replace(
        /(a=fingerprint:sha-256 )(..)/g,
        (_, head: string, byte: string) => head + (byte === '00' ? '01' : '00'),
      );
      return Reflect.apply(set, this, [{ type, sdp: swapped }]);
    } as typeof set;
  });

/** Pictures that the page's connections have decoded, and bytes that came for them. */
export const decoded = (page: Page): Promise<{ frames: number; bytes: number }> =>
  page.evaluate(async () => {
    const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
    const total = { frames: 0, bytes: 0 };
    for (const connection of connections)
      for (const report of (await connection.getStats()).values()) {
        if (report.type !== 'inbound-rtp' || report.kind !== 'video') continue;
        total.frames += report.framesDecoded ?? 0;
        total.bytes += report.bytesReceived ?? 0;
      }
    return total;
  });

/** Remembers the page's connections, for `decoded`; after what else changes `RTCPeerConnection`. */
export const rememberConnections = (page: Page) =>
  page.addInitScript(() => {
    const Native = RTCPeerConnection;
    const connections: RTCPeerConnection[] = [];
    Object.assign(globalThis, { connections });
    globalThis.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        connections.push(this);
      }
    };
  });

/** The way of the page's connection that carries: what kind each end of it is, and by which relay ours goes. */
export const way = (page: Page): Promise<{ local: string; remote: string; relay: string } | undefined> =>
  page.evaluate(async () => {
    const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
    const connection = connections.findLast(({ connectionState }) => connectionState === 'connected');
    const stats = await connection?.getStats();
    if (!stats) return undefined;
    const all = [...stats.values()];
    const transport = all.find(({ type }) => type === 'transport');
    const pair = all.find(({ id }) => id === transport?.selectedCandidatePairId);
    const end = (id: string) => all.find((report) => report.id === id);
    const local = end(pair?.localCandidateId);
    const remote = end(pair?.remoteCandidateId);
    return local && remote && { local: local.candidateType, remote: remote.candidateType, relay: local.url };
  });

/** Remembers what the page's cameras and microphones have opened. */
export const rememberTracks = (page: Page) =>
  page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    const tracks: MediaStreamTrack[] = [];
    Object.assign(globalThis, { tracks });
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      tracks.push(...stream.getTracks());
      return stream;
    };
  });
