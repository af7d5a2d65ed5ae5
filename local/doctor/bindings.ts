import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unstable_readConfig } from 'wrangler';
import * as z from 'zod/mini';
import { root } from '../worker-process.ts';
import { type Check, type Environment, type Finding, fault, well } from './check.ts';
import { settingNames } from './settings.ts';

/** The part of Wrangler's configuration that is looked at. */
const Config = z.object({
  durable_objects: z.object({
    bindings: z.array(z.object({ name: z.string(), class_name: z.optional(z.string()) })),
  }),
  r2_buckets: z.array(z.object({ binding: z.string() })),
  migrations: z.array(z.object({ new_sqlite_classes: z.optional(z.array(z.string())) })),
  vars: z.record(z.string(), z.unknown()),
  assets: z.optional(z.object({ binding: z.optional(z.string()) })),
  triggers: z.object({ crons: z.optional(z.array(z.string())) }),
  routes: z.optional(
    z.array(z.union([z.string(), z.object({ pattern: z.string(), custom_domain: z.optional(z.boolean()) })])),
  ),
});
type Config = z.infer<typeof Config>;

/** Reads wrangler.toml at `path` as `environment` has it; the top level, which is the laptop's, without one. */
const readConfig = (path: string, environment?: Environment): Config =>
  Config.parse(
    unstable_readConfig({ config: path, ...(environment && { env: environment }) }, { hideWarnings: true }),
  );

/** The origin that `environment` has by a route of its own; undefined where its address is workers.dev's. */
export function originOf(path: string, environment: Environment): string | undefined {
  const routes = readConfig(path, environment).routes ?? [];
  const own = routes.find((route) => typeof route === 'object' && route.custom_domain);
  return typeof own === 'object' ? `https://${own.pattern}` : undefined;
}

/**
 * That an environment of the wrangler.toml at `path` binds all that the top level does (Wrangler inherits no binding), that every
 * object has its class and its migration, and that no secret stands there for all to read.
 */
export const bindings = (path = join(root, 'wrangler.toml')): Check => ({
  name: 'Bindings',
  async run({ environment }) {
    let top: Config;
    let own: Config;
    try {
      if (!readFileSync(path, 'utf8').includes(`[env.${environment}]`))
        return [
          fault(
            `wrangler.toml has no environment ${environment}.`,
            `Take [env.${environment}] back from the repository.`,
          ),
        ];
      top = readConfig(path);
      own = readConfig(path, environment);
    } catch (error) {
      return [
        fault('wrangler.toml cannot be read.', `Wrangler says: ${(error as Error).message.split('\n')[0]}`),
      ];
    }
    const faults = [
      ...missingBindings(top, own, environment),
      ...missingMigrations(own),
      ...readableSecrets(own, environment),
      ...(own.assets?.binding === 'ASSETS'
        ? []
        : [
            fault(
              'The web app is not bound as ASSETS.',
              'Take [assets] of wrangler.toml back from the repository.',
            ),
          ]),
      ...((own.triggers.crons ?? []).length > 0
        ? []
        : [
            fault(
              'No cron is set, so nothing that has expired would ever be removed.',
              'Set crons below [triggers] in wrangler.toml.',
            ),
          ]),
    ];
    return faults.length > 0
      ? faults
      : [well(`${namesOf(own).length} bindings, the web app and a cron are in [env.${environment}].`)];
  },
});

/** Bindings as (how to write one, name, what else it says). */
function namesOf(config: Config): { name: string; table: string }[] {
  return [
    ...config.durable_objects.bindings.map(({ name }) => ({ name, table: 'durable_objects.bindings' })),
    ...config.r2_buckets.map(({ binding }) => ({ name: binding, table: 'r2_buckets' })),
  ];
}

function missingBindings(top: Config, own: Config, environment: string): Finding[] {
  const there = new Set(namesOf(own).map(({ name }) => name));
  return namesOf(top)
    .filter(({ name }) => !there.has(name))
    .map(({ name, table }) =>
      fault(
        `The binding ${name} is missing from [env.${environment}].`,
        `Add it as [[env.${environment}.${table}]] in wrangler.toml, as it stands as [[${table}]]: environments inherit no bindings.`,
      ),
    );
}

function missingMigrations(own: Config): Finding[] {
  const made = new Set(own.migrations.flatMap(({ new_sqlite_classes }) => new_sqlite_classes ?? []));
  return own.durable_objects.bindings
    .filter(({ class_name }) => class_name !== undefined && !made.has(class_name))
    .map(({ class_name }) =>
      fault(
        `No migration makes the object class ${class_name}.`,
        `Add a [[migrations]] with a new tag and new_sqlite_classes = ["${class_name}"] to wrangler.toml.`,
      ),
    );
}

function readableSecrets(own: Config, environment: string): Finding[] {
  return settingNames
    .filter((name) => name in own.vars)
    .map((name) =>
      fault(
        `${name} stands in wrangler.toml, where everybody reads it.`,
        `Remove it from [env.${environment}.vars], make a new one, and set that in the environment or by wrangler secret put ${name} --env ${environment}.`,
      ),
    );
}
