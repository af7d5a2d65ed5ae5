// `npm run smoke -- <address>`: whether a live system does its work, from outside. With `--talk` two new people meet there, talk, send
// a file, and delete their accounts again.
import { command, Refusal } from './refusal.ts';
import { smoke } from './smoke/index.ts';

await command(async () => {
  const args = process.argv.slice(2);
  const [address, ...more] = args.filter((arg) => arg !== '--talk');
  if (address === undefined || more.length > 0 || !URL.canParse(address))
    throw new Refusal('Say where: npm run smoke -- https://chat.example.org [--talk].');
  const faults = await smoke(new URL(address).origin, args.includes('--talk'), console.log);
  if (faults > 0) throw new Refusal(`${faults === 1 ? 'One thing does' : `${faults} things do`} not work.`);
  console.log('It works.');
});
