// The Worker as it ships, in workerd itself: no development server stands in front of what is measured.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../local/ports.ts';
import { bundleWorker, serve, workerdConfig } from '../../local/workerd.ts';
import type { Server } from './server.ts';

/**
 * Builds the Worker, and runs it in workerd with its objects' SQLite on disk under `directory`.
 *
 * @param variables the Worker's secrets and variables
 * @throws Error with what was said when it can't be built, or ends.
 */
export async function startWorkerd(directory: string, variables: Record<string, string>): Promise<Server> {
  bundleWorker(join(directory, 'bundle'));
  const port = await freePort();
  const objects = join(directory, 'objects');
  mkdirSync(objects, { recursive: true });
  const config = workerdConfig({
    address: `127.0.0.1:${port}`,
    objects,
    bundle: 'bundle/index.js',
    variables,
  });
  return serve(directory, port, config);
}
