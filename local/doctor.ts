// `npm run doctor`: looks at a set-up before it is deployed, and says of each fault what to do about it. It deploys and changes nothing,
// but for one probe object that it puts into the bucket and deletes. No secret is ever printed.

import { describeFindings, examine, faultsIn } from './doctor/check.ts';
import { checks } from './doctor/index.ts';
import { readSubject } from './doctor/subject.ts';
import { command, Refusal } from './refusal.ts';

await command(async () => {
  const found = await examine(checks, readSubject(process.argv.slice(2)));
  console.log(describeFindings(found));
  const faults = faultsIn(found);
  if (faults > 0) throw new Refusal(`${faults === 1 ? 'One fault' : `${faults} faults`} to mend.`);
  console.log('No fault found.');
});
