// `npm run migrations`: writes the SQL that brings the tables to worker/db/schema.ts into migrations/, to be read by a
// person before it is committed. `npm run migrations -- --name what-it-does`
import { command, Refusal } from './refusal.ts';
import { run } from './testing/run.ts';

await command(async () => {
  const { code } = await run('drizzle-kit', [
    ...['generate', '--dialect', 'postgresql', '--schema', 'worker/db/schema.ts', '--out', 'migrations'],
    ...process.argv.slice(2),
  ]);
  if (code !== 0) throw new Refusal('drizzle-kit could not write a migration; what it said is above.');
});
