// An SFU for calls of more than a mesh carries: LiveKit's server, where it is installed.
import { spawn } from 'node:child_process';
import { freePort } from '../local/ports.ts';
import { canRun, goPathOf, pathsOf } from '../local/program.ts';

/** How to get one, in one line. */
export const howToGetLivekit =
  'No livekit-server was found, so calls of more than four are not tried: go install github.com/livekit/livekit-server/cmd/server@v1.13.5 and set LIVEKIT_SERVER to the path of what that makes.';

/** The path of LIVEKIT_SERVER (environment), or of livekit-server in PATH or where Go puts it; undefined where there is none. */
export function findLivekit(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.LIVEKIT_SERVER) return env.LIVEKIT_SERVER;
  return [...pathsOf(['livekit-server'], env), goPathOf('livekit-server', env)].find(canRun);
}

export interface Sfu {
  /** What the Worker is told of it. */
  readonly settings: Record<'LIVEKIT_URL' | 'LIVEKIT_KEY' | 'LIVEKIT_SECRET', string>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again, at the same place. */
  start(): Promise<void>;
}

/** Starts LiveKit's server on this machine's loopback; resolves when it answers. */
export async function startLivekit(program: string): Promise<Sfu> {
  const [port, tcp, udp] = await Promise.all([freePort(), freePort(), freePort()]);
  const settings = {
    LIVEKIT_URL: `ws://127.0.0.1:${port}`,
    LIVEKIT_KEY: 'stream-chat',
    LIVEKIT_SECRET: 'a secret of at least thirty-two bytes',
  };
  const configuration = {
    port,
    bind_addresses: ['127.0.0.1'],
    rtc: { tcp_port: tcp, udp_port: udp, use_external_ip: false, enable_loopback_candidate: true },
    keys: { [settings.LIVEKIT_KEY]: settings.LIVEKIT_SECRET },
    logging: { level: 'error' },
  };
  let end = async () => {};
  const start = async () => {
    const child = spawn(program, ['--config-body', JSON.stringify(configuration)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (data) => {
      said = `${said}${data}`.slice(-2000);
    });
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    end = () => {
      child.kill('SIGKILL');
      return ended;
    };
    const failed = ended.then(() => {
      throw new Error(`livekit-server ended: ${said}`);
    });
    await Promise.race([failed, answers(`http://127.0.0.1:${port}`)]);
    failed.catch(() => {});
  };
  await start();
  return { settings, start, kill: () => end() };
}

/** Resolves when `url` answers. */
async function answers(url: string): Promise<void> {
  while (true) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((again) => setTimeout(again, 50));
  }
}
