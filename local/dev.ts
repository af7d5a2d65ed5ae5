// `npm run dev`: the same system, with the web app served by Vite, which reloads what is edited. One address: Vite's
// server is what people open, and what belongs to the Worker goes on to it.
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { join } from 'node:path';
import { createServer as createViteServer, type ProxyOptions } from 'vite';
import { launch, type Running } from './launch.ts';
import { freePort, requireFreePort } from './ports.ts';
import { command } from './refusal.ts';
import { serve } from './serve.ts';
import { readSettings } from './settings.ts';
import { root } from './worker-process.ts';

await command(() => serve(start));

async function start(signal: AbortSignal): Promise<Running> {
  const settings = readSettings(process.env);
  await requireFreePort(settings.port);
  const system = await launch({ ...settings, port: await freePort(), buildWeb: false, signal });
  const stopWeb = await startVite(settings.port, system.url).catch(async (error: unknown) => {
    await system.stop();
    throw error;
  });
  return {
    url: `http://localhost:${settings.port}`,
    ended: system.ended,
    stop: async () => {
      await stopWeb();
      await system.stop();
    },
  };
}

/** In middleware mode, since Vite's own server would end the process at SIGTERM, before the database is closed. */
async function startVite(port: number, workerUrl: string): Promise<() => Promise<void>> {
  const http = createHttpServer();
  const vite = await createViteServer({
    configFile: join(root, 'vite.config.ts'),
    server: { middlewareMode: { server: http }, ws: { server: http }, proxy: proxyTo(workerUrl) },
  });
  http.on('request', vite.middlewares);
  await listen(http, port);
  return async () => {
    await vite.close();
    http.closeAllConnections();
    await new Promise((closed) => http.close(closed));
  };
}

/** What wrangler.toml gives to the Worker before the assets, and the bucket's local S3 endpoint. */
function proxyTo(workerUrl: string): Record<string, ProxyOptions> {
  const config = readFileSync(join(root, 'wrangler.toml'), 'utf8');
  const list = /run_worker_first = \[([^\]]*)\]/.exec(config)?.[1] ?? '';
  const paths = [...list.matchAll(/"([^"]+)"/g)].map(([, path]) => path as string);
  return Object.fromEntries(
    [...paths, '/cdn-cgi/*'].map((path) => [
      `^${path.replaceAll('.', '\\.').replaceAll('*', '.*')}(\\?.*)?$`,
      { target: workerUrl, ws: true },
    ]),
  );
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(port, 'localhost', listening);
  });
}
