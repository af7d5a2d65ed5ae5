// The README's commands, as they stand there.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startSystem, system } from './started.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
startSystem();

it('the API by curl works as the README says', async () => {
  const section = readFileSync(`${root}/README.md`, 'utf8')
    .split('## The API by curl')[1]!
    .split('\n## ')[0]!;
  const blocks = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands]) => commands);
  expect(blocks.length).toBeGreaterThan(4);
  const env = {
    ...process.env,
    URL: system.url,
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  };
  const script = blocks.join('\necho\n');
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: root,
    env,
  });
  expect(stdout).toContain('"email":"ana@example.org"');
  expect(stdout).toContain(`Ben has read it. Invite more friends: ${system.url}/invite#`);
  expect(stdout).toMatch(/"members":\[\{"userId":"[^"]+","role":"owner"/);
  expect(stdout).toMatch(/\{"t":"welcome","seq":\d+,/);
  expect(stdout).toMatch(/\{"t":"message","items":\[.*bm90IGEgY2lwaGVydGV4dA/);
  expect(stdout).not.toContain('Eight');
});
