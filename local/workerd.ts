// The Worker in workerd itself, without Wrangler's development server: bundled as for a deployment, configured as wrangler.toml says.
// What benchmarks measure and what runs on servers of one's own (ops/own).
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { unstable_readConfig } from 'wrangler';
import * as z from 'zod/mini';
import { ensureAssetsDirectory } from './build-web.ts';
import { root } from './worker-process.ts';

const require = createRequire(import.meta.url);
const quiet = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  NO_UPDATE_NOTIFIER: '1',
};

/** The part of wrangler.toml that workerd is configured by. */
const Config = z.object({
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  durable_objects: z.object({ bindings: z.array(z.object({ name: z.string(), class_name: z.string() })) }),
  assets: z.object({ run_worker_first: z.array(z.string()) }),
  triggers: z.object({ crons: z.array(z.string()) }),
});

const readConfig = () =>
  Config.parse(unstable_readConfig({ config: join(root, 'wrangler.toml') }, { hideWarnings: true }));

/** The addresses that are the Worker's and not the web app's, as wrangler.toml lists them. */
export const workerPaths = (): string[] => readConfig().assets.run_worker_first;

/** The compatibility date of wrangler.toml. */
export const compatibilityDate = (): string => readConfig().compatibility_date;

/** Bundles the Worker into `directory` (`index.js`); throws with what Wrangler said when it can't. */
export function bundleWorker(directory: string): void {
  ensureAssetsDirectory(root);
  const wrangler = join(dirname(require.resolve('wrangler/package.json')), 'bin/wrangler.js');
  const args = [wrangler, 'deploy', '--dry-run', '--env', '', '--outdir', directory];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...quiet },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the Worker could not be built:\n${stderr}`);
}

export interface WorkerdOptions {
  /** Where it listens, `host:port`. */
  readonly address: string;
  /** Where objects keep their SQLite. */
  readonly objects: string;
  /** The bundle's path, from the configuration's. */
  readonly bundle: string;
  /** Values of variables; undefined takes one from workerd's environment when it starts, so that no secret stands in the file. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What stands before the Worker, takes people's addresses and scheme from a proxy's `X-Forwarded-For` and `-Proto`, and serves the web app, too (ops/own/front.js). Without it the Worker alone is there. */
  readonly front?: {
    /** front.js, from the configuration's path. */
    readonly script: string;
    /** The built web app. */
    readonly web: string;
    /** What of `_headers` is sent with pages. */
    readonly headers: string;
    /** Where a POST has what expired swept, `host:port`: workerd has no clock of its own. For the operator alone. */
    readonly cron: string;
  };
}

/** A configuration of workerd (Cap'n Proto's text form). */
export function workerdConfig({ address, objects, bundle, variables, front }: WorkerdOptions): string {
  const config = readConfig();
  const classes = config.durable_objects.bindings;
  const bindings = [
    ...Object.entries(variables).map(([name, value]) =>
      value === undefined
        ? `(name = ${text(name)}, fromEnvironment = ${text(name)})`
        : `(name = ${text(name)}, text = ${text(value)})`,
    ),
    ...classes.map(
      ({ name, class_name }) => `(name = ${text(name)}, durableObjectNamespace = ${text(class_name)})`,
    ),
  ];
  const namespaces = classes.map(
    ({ class_name }) =>
      `(className = ${text(class_name)}, uniqueKey = ${text(`stream-chat-${class_name}`)}, enableSql = true)`,
  );
  const dated = `compatibilityDate = ${text(config.compatibility_date)}`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "objects", disk = (path = ${text(objects)}, writable = true)),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),${
      front
        ? `
    (name = "front", worker = .front),
    (name = "cron", worker = .cron),
    (name = "web", disk = (path = ${text(front.web)})),`
        : ''
    }
  ],
  sockets = [
    (name = "http", address = ${text(address)}, http = (${front ? 'forwardedProtoHeader = "X-Forwarded-Proto"' : ''}), service = ${text(front ? 'front' : 'worker')}),${
      front
        ? `
    (name = "cron", address = ${text(front.cron)}, http = (), service = "cron"),`
        : ''
    }
  ],
);
const worker :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed ${text(bundle)})],
  ${dated},
  compatibilityFlags = [${config.compatibility_flags.map(text).join(', ')}],
  bindings = [
    ${bindings.join(',\n    ')}
  ],
  durableObjectNamespaces = [${namespaces.join(', ')}],
  durableObjectStorage = (localDisk = "objects"),
);
${front ? frontConfig(front, dated, config.assets.run_worker_first, config.triggers.crons) : ''}`;
}

function frontConfig(
  front: NonNullable<WorkerdOptions['front']>,
  dated: string,
  paths: string[],
  crons: string[],
): string {
  const worker = (bindings: string[]) => `(
  modules = [(name = "front.js", esModule = embed ${text(front.script)})],
  ${dated},
  compatibilityFlags = ["service_binding_extra_handlers"],
  bindings = [
    ${bindings.join(',\n    ')}
  ],
)`;
  const app = '(name = "APP", service = "worker")';
  const json = (name: string, value: unknown) =>
    `(name = ${text(name)}, json = ${text(JSON.stringify(value))})`;
  return `const front :Workerd.Worker = ${worker([
    app,
    '(name = "WEB", service = "web")',
    json('PATHS', paths),
    `(name = "HEADERS", text = ${text(front.headers)})`,
    // The page may talk to the storage that addresses lead to.
    '(name = "S3_ENDPOINT", fromEnvironment = "S3_ENDPOINT")',
  ])};
const cron :Workerd.Worker = ${worker([app, json('CRON', crons[0])])};
`;
}

/** A text of Cap'n Proto: its escapes are C's, as JSON's are. */
const text = (value: string): string => JSON.stringify(value);

export interface Workerd {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** Runs workerd by `config`, written into `directory`; resolves when it answers `/healthz` on `port`. */
export async function serve(
  directory: string,
  port: number,
  config: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Workerd> {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'config.capnp');
  writeFileSync(file, config, { mode: 0o600 });
  const binary: string = require('workerd').default;
  const child = spawn(binary, ['serve', '--experimental', file], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  process.once('exit', () => child.kill('SIGKILL'));
  await healthy(child, port);
  return {
    pid: child.pid as number,
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function healthy(child: ChildProcess, port: number): Promise<void> {
  let ended = false;
  child.once('exit', () => (ended = true));
  for (let i = 0; i < 600 && !ended; i++) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((again) => setTimeout(again, 50));
  }
  child.kill('SIGKILL');
  throw new Error('workerd did not come up; its last words are above');
}
