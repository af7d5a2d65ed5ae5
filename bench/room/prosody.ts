// Prosody MUC from Debian: a room of people over plain TCP. Nothing is written down: storage in memory, no archive, no TLS,
// no presence, which is as quick as it gets.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../local/ports.ts';
import { xmppDomain } from './dialects.ts';
import type { Server } from './server.ts';

/** The version of the Prosody that is installed; undefined where there is none. */
function version(): string | undefined {
  const { stdout } = spawnSync('prosodyctl', ['about'], { encoding: 'utf8' });
  return /^Prosody (\S+)/m.exec(stdout ?? '')?.[1];
}

/** Installs Prosody where that takes no more than saying so: for root, with apt. The service that comes with it is not wanted. */
function install(): void {
  if (process.getuid?.() !== 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'prosody'], { env, stdio: 'ignore' });
}

/** Starts it with its data and configuration in `directory`; undefined where it is not to be had. */
export async function startProsody(
  directory: string,
): Promise<(Server & { readonly version: string }) | undefined> {
  if (version() === undefined) install();
  const installed = version();
  if (installed === undefined) return undefined;
  const data = join(directory, 'prosody');
  mkdirSync(data, { recursive: true });
  const port = await freePort();
  const file = join(data, 'prosody.cfg.lua');
  writeFileSync(file, configuration(data, port));
  const child = spawn('prosody', ['-F', '--config', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  await listening(port);
  return {
    version: installed,
    pid: child.pid as number,
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      process.off('exit', kill);
    },
  };
}

const configuration = (data: string, port: number): string => `
run_as_root = ${process.getuid?.() === 0}
pidfile = "${join(data, 'prosody.pid')}"
data_path = "${data}"
log = { error = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
modules_enabled = { "saslauth" }
modules_disabled = { "s2s", "offline" }
c2s_require_encryption = false
storage = "memory"
VirtualHost "${xmppDomain}"
  authentication = "anonymous"
Component "rooms.${xmppDomain}" "muc"
  muc_room_locking = false
  muc_room_default_presence_broadcast = { visitor = false, participant = false, moderator = false }
`;

async function listening(port: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const open = await new Promise<boolean>((answer) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => answer(true));
      socket.once('error', () => answer(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Error('Prosody does not listen');
}
