// A relay for calls: Debian's coturn, with the settings that operators are given, as far as one machine permits.
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../local/ports.ts';
import { canRun, pathsOf } from '../local/program.ts';
import { root } from '../local/worker-process.ts';

/** How to get one, in one line. */
export const howToGetCoturn =
  'No turnserver was found, so calls by a relay are not tried: install coturn (Debian: apt-get install coturn), or set TURNSERVER to its path.';

/** The path of TURNSERVER (environment), or of turnserver in PATH; undefined where there is none. */
export function findCoturn(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.TURNSERVER) return env.TURNSERVER;
  return pathsOf(['turnserver'], env).find(canRun);
}

export interface Relay {
  /** For TURN_URLS. */
  readonly url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  remove(): Promise<void>;
}

/** Starts coturn on this machine's loopback, with `secret`; resolves when it listens. */
export async function startCoturn(program: string, secret: string): Promise<Relay> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-coturn-'));
  const port = await freePort();
  writeFileSync(join(directory, 'turnserver.conf'), configuration(directory, port, secret));
  const child = spawn(program, ['-c', join(directory, 'turnserver.conf')], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  await listening(child, port);
  const kill = () => {
    child.kill('SIGKILL');
    return ended;
  };
  return {
    url: `turn:127.0.0.1:${port}?transport=udp`,
    kill,
    async remove() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The file of `ops/`, less what needs a name, a certificate and another machine. */
function configuration(directory: string, port: number, secret: string): string {
  const replaced = /^(static-auth-secret|listening-port|tls-listening-port|cert|pkey|realm)=/;
  const hardened = readFileSync(join(root, 'ops/coturn/turnserver.conf'), 'utf8')
    .split('\n')
    .filter((line) => !replaced.test(line) && !line.startsWith('denied-peer-ip=127.'));
  return [
    ...hardened,
    'realm=test.local',
    `static-auth-secret=${secret}`,
    `listening-port=${port}`,
    'listening-ip=127.0.0.1',
    'relay-ip=127.0.0.1',
    'allow-loopback-peers',
    'no-tls',
    'no-dtls',
    `userdb=${join(directory, 'db')}`,
    `pidfile=${join(directory, 'pid')}`,
    '',
  ].join('\n');
}

/** A STUN binding request (RFC 5389), which any such server answers. */
const binding = Buffer.from('000100002112a442' + '0123456789abcdef01234567', 'hex');

/** Resolves when coturn answers; rejects with what it said when it ends before. */
function listening(child: ChildProcess, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const asking = setInterval(() => socket.send(binding, port, '127.0.0.1'), 100);
    let open = true;
    const end = () => {
      clearInterval(asking);
      if (open) socket.close();
      open = false;
    };
    // Before it listens, asking comes back as an error.
    socket.on('error', () => {});
    socket.once('message', () => {
      end();
      resolve();
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data) => {
        said = `${said}${data}`.slice(-2000);
      });
    child.once('exit', (code) => {
      end();
      reject(new Error(`turnserver ended (${code}): ${said}`));
    });
  });
}
