// `npm test`: types, lint, then the tests in Node, in workerd and in browsers. `npm test -- worker e2e` runs some of
// them; `npm test -- unit crypto/signal` those of some files.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, findFirefox, howToGetChromium, howToGetFirefox } from './browsers.ts';
import { compileMessages } from './messages.ts';
import { command, Refusal } from './refusal.ts';
import { type Count, countOf, none, sum } from './testing/count.ts';
import { runQuietly } from './testing/run.ts';
import { runVitest } from './testing/vitest.ts';
import { root } from './worker-process.ts';

const testServer = process.env.TEST_DATABASE_URL;

const steps: Record<string, (filters: string[]) => Promise<Count> | Count> = {
  types: () => types(),
  lint: () => runQuietly('lint', 'biome', ['check', '--error-on-warnings', '.']).then(countOf),
  unit: (filters) => runVitest('unit', filters),
  worker: (filters) => runVitest('worker', filters, { TEST_DATABASE_URL: '' }),
  // The Worker again, on the PostgreSQL server that TEST_DATABASE_URL names.
  postgres: (filters) =>
    testServer ? runVitest('worker', filters, { TEST_DATABASE_URL: testServer }) : none,
  e2e: (filters) => runVitest('e2e', filters),
};

await command(async () => {
  const args = process.argv.slice(2);
  const chosen = Object.keys(steps).filter((name) => args.includes(name));
  const filters = args.filter((arg) => !(arg in steps));
  const names = chosen.length > 0 ? chosen : Object.keys(steps);
  if (chosen.length === 0 && filters.length > 0) {
    throw new Refusal(`Say which tests: ${Object.keys(steps).join(', ')}, not "${filters[0]}".`);
  }
  const lacking: string[] = [];
  if (names.includes('e2e')) {
    const [chromium, firefox] = [findChromium(), findFirefox()];
    if (chromium !== undefined) process.env.CHROMIUM = chromium;
    else lacking.push(howToGetChromium);
    if (firefox !== undefined) process.env.FIREFOX = firefox;
    else lacking.push(howToGetFirefox);
  }
  for (const line of lacking) console.log(line);

  // The sources import them.
  await compileMessages();
  let total = none;
  for (const name of names) total = sum(total, (await steps[name]?.(filters)) ?? none);

  for (const line of lacking) console.log(line);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  if (total.failed > 0) process.exitCode = 1;
});

/** Each project of TypeScript counts as one test. */
async function types(): Promise<Count> {
  const projects = globSync('{protocol,crypto,worker,durable-objects,web,local}/**/tsconfig*.json', {
    cwd: root,
    exclude: (name) => name.includes('node_modules'),
  });
  let total = none;
  for (const project of projects.sort()) {
    const ok = await runQuietly(`types: ${project}`, 'tsc', ['--project', join(root, project)]);
    total = sum(total, countOf(ok));
  }
  return total;
}
