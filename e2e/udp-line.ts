// The network between the pages of a call, as far as it isn't the service: each packet goes through here, and can be held back.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Page } from 'playwright-core';

export interface UdpLine {
  /** Leads all of the page's connections through this line; before it goes anywhere. */
  install(page: Page): Promise<void>;
  /** Nothing passes until `mend`. */
  cut(): void;
  mend(): void;
  close(): void;
}

/** A line that lets everything pass so far. */
export function openUdpLine(): UdpLine {
  const sockets = new Set<Socket>();
  const ways = new Map<string, Promise<number>>();
  let isCut = false;

  const open = async (
    address: string,
    receive: (data: Buffer, from: { address: string; port: number }) => void,
  ) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('message', (data, from) => {
      if (!isCut) receive(data, from);
    });
    socket.bind(0, address);
    await once(socket, 'listening');
    return socket;
  };

  /** A port that leads to the one at `address`, for any number of others: each gets a port of its own there, for what comes back. */
  const lead = async (address: string, port: number): Promise<number> => {
    const others = new Map<number, Promise<Socket>>();
    const here = await open(address, async (data, from) => {
      const outside =
        others.get(from.port) ?? open(address, (answer) => here.send(answer, from.port, from.address));
      others.set(from.port, outside);
      (await outside).send(data, port, address);
    });
    return here.address().port;
  };

  return {
    async install(page) {
      await page.exposeFunction('lineTo', (address: string, port: number) => {
        const key = `${address} ${port}`;
        const way = ways.get(key) ?? lead(address, port);
        ways.set(key, way);
        return way;
      });
      await page.addInitScript(() => {
        const { lineTo } = globalThis as unknown as {
          lineTo(address: string, port: number): Promise<number>;
        };
        /** The candidate as it leads through the line; undefined for one that isn't by UDP and an address. */
        const through = async (candidate: string): Promise<string | undefined> => {
          const parts = candidate.split(' ');
          const [, , transport = '', , address = '', port] = parts;
          if (transport.toLowerCase() !== 'udp' || !/^[\d.]+$|:/.test(address)) return undefined;
          parts[5] = String(await lineTo(address, Number(port)));
          return parts.join(' ');
        };
        const { prototype } = RTCPeerConnection;
        const { addIceCandidate, setRemoteDescription } = prototype;
        prototype.addIceCandidate = async function (
          this: RTCPeerConnection,
          init?: RTCIceCandidateInit | null,
        ) {
          if (!init?.candidate) return Reflect.apply(addIceCandidate, this, [init]);
          const candidate = await through(init.candidate);
          if (candidate) await Reflect.apply(addIceCandidate, this, [{ ...init, candidate }]);
        };
        prototype.setRemoteDescription = async function (this: RTCPeerConnection, { type, sdp = '' }) {
          const lines = sdp.split('\r\n').map(async (line) => {
            if (!line.startsWith('a=candidate:')) return line;
            const candidate = await through(line.slice(2));
            return candidate && `a=${candidate}`;
          });
          const changed = (await Promise.all(lines)).filter((line) => line !== undefined).join('\r\n');
          await Reflect.apply(setRemoteDescription, this, [{ type, sdp: changed }]);
        };
      });
    },
    cut() {
      isCut = true;
    },
    mend() {
      isCut = false;
    },
    close() {
      for (const socket of sockets) socket.close();
    },
  };
}
