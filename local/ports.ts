// Whether a port of this machine is free.
import { type AddressInfo, createServer } from 'node:net';
import { Refusal } from './refusal.ts';

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return tryPort(0, '127.0.0.1');
}

/**
 * Throws a Refusal when something listens on `port` of this machine already.
 *
 * @param patience how many milliseconds it may still take whoever has the port to leave it.
 */
export async function requireFreePort(port: number, patience = 0): Promise<void> {
  const deadline = Date.now() + patience;
  for (const host of ['127.0.0.1', '::1']) {
    let problem = await portProblem(port, host);
    while (problem === 'EADDRINUSE' && Date.now() < deadline) problem = await portProblem(port, host);
    if (problem === 'EADDRINUSE') {
      throw new Refusal(
        `Port ${port} is taken: stop what listens there, or choose another with PORT=<number>.`,
      );
    }
    if (problem === 'EACCES') {
      throw new Refusal(
        `Port ${port} may not be used by this account: choose one above 1023 with PORT=<number>.`,
      );
    }
  }
}

/** The error code of listening there; none, too, where this machine hasn't that address (IPv6 may be off). */
async function portProblem(port: number, host: string): Promise<string | undefined> {
  try {
    await tryPort(port, host);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

function tryPort(port: number, host: string): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen({ port, host, exclusive: true }, () => {
      const { port: given } = server.address() as AddressInfo;
      server.close(() => done(given));
    });
  });
}
