// `npm run verify -- <address>`: builds the web app of this checkout, and compares it with what a live site serves.
// `--storage=https://s3.example.org` for a site that keeps its files there and not at R2.
import { join } from 'node:path';
import { differences } from './build-manifest.ts';
import { buildWeb } from './build-web.ts';
import { command, Refusal } from './refusal.ts';
import { root } from './worker-process.ts';

await command(async () => {
  const args = process.argv.slice(2);
  const [address, ...more] = args.filter((arg) => !arg.startsWith('--storage='));
  const storage = args.find((arg) => arg.startsWith('--storage='))?.slice('--storage='.length);
  if (address === undefined || more.length > 0 || !URL.canParse(address))
    throw new Refusal('Say which site: npm run verify -- https://chat.example.org.');
  const { origin } = new URL(address);
  await buildWeb(root);
  const found = await differences(join(root, 'dist/web'), origin, storage).catch(() => {
    throw new Refusal(`${origin} does not answer.`);
  });
  if (found.length > 0) {
    const list = found.map((sentence) => `  ${sentence}`).join('\n');
    throw new Refusal(
      `${origin} does not serve this checkout:\n${list}\nIs this checkout the version that is deployed there? If it is, don't enter your password.`,
    );
  }
  console.log(`${origin} serves exactly what this checkout builds.`);
});
