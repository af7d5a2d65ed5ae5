// What operators are given: dashboards and alerts speak of what is measured, and the viewer's policy fits the viewer.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exposition, metrics, prefix, Tally } from '../protocol/metrics.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe('metrics', () => {
  it.each(['ops/prometheus/rules.yml', 'ops/prometheus/rules.test.yml', 'ops/grafana/streamchat.json'])(
    '%s names only what is measured',
    (file) => {
      const named = [...read(file).matchAll(/streamchat_(\w+)/g)].map(([, name = '']) =>
        name.replace(/_(bucket|sum|count)$/, ''),
      );
      expect(named.length).toBeGreaterThan(5);
      expect(named.filter((name) => !(name in metrics))).toEqual([]);
    },
  );

  it('are told once, in a text that keeps what labels hold in its place', () => {
    const tally = new Tally();
    tally.count('problems_total', ['a"b\\c\nd']);
    tally.observe('http_request_duration_seconds', 0.03, ['/x']);
    const told = tally.take(100_000, 10_000)!;
    expect(tally.take(200_000, 10_000)).toBeUndefined();
    const text = exposition(told.map(([series, value]) => ({ series, value })));
    expect(text).toContain(`${prefix}problems_total{type="a\\"b\\\\c\\nd"} 1\n`);
    expect(text).toContain(`${prefix}http_request_duration_seconds_bucket{route="/x",le="0.05"} 1\n`);
    expect(text).not.toContain('le="0.025"');
    tally.count('messages_total');
    expect(tally.take(105_000, 10_000)).toBeUndefined();
    expect(tally.take(110_000, 10_000)).toEqual([['messages_total', 1]]);
  });

  it.skipIf(!hasPromtool)("Prometheus' own tool finds no fault in rules, alerts and settings", () => {
    const directory = mkdtempSync(join(tmpdir(), 'stream-chat-prometheus-'));
    for (const file of globSync('*.yml', { cwd: join(root, 'ops/prometheus') }))
      writeFileSync(join(directory, file), read(`ops/prometheus/${file}`));
    writeFileSync(join(directory, 'token'), 'token');
    for (const args of [
      ['check', 'rules', 'rules.yml'],
      ['test', 'rules', 'rules.test.yml'],
      ['check', 'config', 'prometheus.yml'],
    ])
      expect(execFileSync('promtool', args, { cwd: directory, encoding: 'utf8' })).toContain('SUCCESS');
  });
});

describe('the frame that shows files', () => {
  const page = read('web/public/viewer.html');
  const [, policy = ''] = /\/viewer\n(?: {2}.*\n)*? {2}Content-Security-Policy: (.*)/.exec(
    read('web/public/_headers'),
  )!;

  it.each([
    ['script', " blob: 'wasm-unsafe-eval'"],
    ['style', ''],
  ])('is allowed exactly its own %s, and what it is handed', (tag, handed) => {
    const [, text = ''] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)!;
    const hash = createHash('sha256').update(text).digest('base64');
    expect(policy).toContain(`${tag}-src 'sha256-${hash}'${handed};`);
  });

  it('has an origin of its own and no way out, wherever it is opened', () => {
    expect(policy).toContain("sandbox allow-scripts; default-src 'none';");
    expect(policy).not.toMatch(/allow-same-origin|connect-src|'unsafe/);
    expect(policy.match(/[a-z-]+ 'self'/g)).toEqual(["frame-ancestors 'self'"]);
  });
});
