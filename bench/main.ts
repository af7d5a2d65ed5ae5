// `npm run bench -- <name> [--json]`: runs one benchmark; a table for people, or one line for programs.
import { compileMessages } from '../local/messages.ts';
import { command, Refusal } from '../local/refusal.ts';
import { type Benchmark, jsonLine, table } from './harness.ts';

/** Every benchmark, by name. */
const benchmarks: Readonly<Record<string, () => Promise<{ benchmark: Benchmark }>>> = {
  app: () => import('./app.ts'),
  calls: () => import('./calls.ts'),
  media: () => import('./media.ts'),
  room: () => import('./room.ts'),
  signal: () => import('./signal.ts'),
  start: () => import('./start.ts'),
  together: () => import('./together.ts'),
  upload: () => import('./upload.ts'),
};

await command(async () => {
  const args = process.argv.slice(2);
  const json = args.includes('--json');
  const [name, ...more] = args.filter((arg) => arg !== '--json');
  const known = Object.keys(benchmarks).join(', ');
  if (name === undefined || more.length > 0) {
    throw new Refusal(`Say which one benchmark to run: ${known}.`);
  }
  const load = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
  if (load === undefined) throw new Refusal(`There is no benchmark "${name}": there is ${known}.`);
  // The engine that benchmarks run imports them.
  await compileMessages();
  const { benchmark } = await load();
  const rows = await benchmark.run((line) => console.error(line));
  console.log(json ? jsonLine(benchmark.name, rows) : table(rows));
});
