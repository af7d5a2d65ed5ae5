import { join } from 'node:path';
import { Refusal } from '../refusal.ts';
import { run } from '../testing/run.ts';
import { root } from '../worker-process.ts';
import { originOf } from './bindings.ts';
import { type Environment, environments, type Subject } from './check.ts';

const usage =
  'Say --env=staging or --env=production (which it is without), --env-file=<file> and --url=<address>, each as needed.';

/**
 * What the arguments of a command name: `--env=production|staging`, `--env-file=<file>` (read into the environment), `--url=<address>`.
 *
 * @throws Refusal for any other argument, or a file or address that makes no sense
 */
export function readSubject(args: readonly string[]): Subject & { readonly environment: Environment } {
  let environment: Environment = 'production';
  let origin: string | undefined;
  for (const arg of args) {
    const [, name, value = ''] = /^--(env|env-file|url)=(.+)$/.exec(arg) ?? [];
    if (name === 'env-file') loadFile(value);
    else if (name === 'env' && isEnvironment(value)) environment = value;
    else if (name === 'url' && URL.canParse(value)) origin = new URL(value).origin;
    else throw new Refusal(`"${arg}" is not understood. ${usage}`);
  }
  let asked: Promise<ReadonlySet<string>> | undefined;
  return {
    environment,
    settings: process.env,
    origin: origin ?? originOf(join(root, 'wrangler.toml'), environment),
    kept: () => (asked ??= keptSecrets(environment)),
    now: Date.now,
  };
}

const isEnvironment = (name: string): name is Environment =>
  (environments as readonly string[]).includes(name);

function loadFile(file: string): void {
  try {
    process.loadEnvFile(file);
  } catch {
    throw new Refusal(`${file} cannot be read: --env-file names a file of NAME='value' lines.`);
  }
}

/** Names of the secrets of the deployed Worker; none where Wrangler can't say. */
async function keptSecrets(environment: Environment): Promise<ReadonlySet<string>> {
  const args = ['secret', 'list', '--env', environment, '--format', 'json'];
  const { code, said } = await run('wrangler', args, { output: 'pipe', env: { CI: '1' } });
  return new Set(
    code === 0 ? [...said.matchAll(/"name":\s*"(\w+)"/g)].map(([, name]) => name as string) : [],
  );
}
