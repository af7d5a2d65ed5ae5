// Prometheus itself against the running system, where it is installed (Debian's package `prometheus`).
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { freePort } from '../local/ports.ts';
import { register } from './headless.ts';
import { freshSystem } from './system.ts';

const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;
const rules = fileURLToPath(new URL('../ops/prometheus/rules.yml', import.meta.url));

it.skipIf(!hasPrometheus)('Prometheus reads what is measured, and its rules work on it', async () => {
  const token = crypto.randomUUID();
  const system = await freshSystem({ web: false, METRICS_TOKEN: token });
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-prometheus-'));
  const port = await freePort();
  try {
    const ana = await register(system.url, 'Ana');
    await ana.createRoom('A room');
    const text = await (
      await fetch(`${system.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
    ).text();
    // It has words on style too, which are no faults: the exit code tells.
    execFileSync('promtool', ['check', 'metrics'], { input: text, stdio: ['pipe', 'ignore', 'ignore'] });

    copyFileSync(rules, join(directory, 'rules.yml'));
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yml'],
      scrape_configs: [
        {
          job_name: 'streamchat',
          authorization: { credentials: token },
          static_configs: [{ targets: [new URL(system.url).host] }],
        },
      ],
    };
    writeFileSync(join(directory, 'prometheus.yml'), JSON.stringify(config));
    const args = [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const prometheus = spawn('prometheus', args, { stdio: 'ignore' });
    try {
      const ask = async (query: string): Promise<unknown> => {
        const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
        const response = await fetch(url).catch(() => undefined);
        const answer = (await response?.json().catch(() => undefined)) as
          | { data?: { result?: { value: [number, string] }[] } }
          | undefined;
        return Number(answer?.data?.result?.[0]?.value[1] ?? Number.NaN);
      };
      const poll = (query: string) => expect.poll(() => ask(query), { timeout: 90_000, interval: 1000 });
      await poll('up{job="streamchat"}').toBe(1);
      await poll('sum(streamchat_auth_outcomes_total{operation="register",outcome="ok"})').toBe(1);
      await poll('streamchat:requests:rate5m').toBeGreaterThan(0);
      await poll('count(ALERTS{alertstate="firing"}) or vector(0)').toBe(0);
    } finally {
      prometheus.kill('SIGKILL');
      await once(prometheus, 'exit');
    }
    await ana.close();
  } finally {
    await system.remove();
    rmSync(directory, { recursive: true, force: true });
  }
});
