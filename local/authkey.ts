// `node local/run.mjs authkey <email> <password>`: what the API wants as `password`, for trying it with curl. With
// `--register` the whole body of POST /auth/register: an account that one can then sign in to in the browser as well.
import {
  accountKeys,
  createAccountSecret,
  deriveAccountKeys,
  deriveMasterKey,
  wrapSecret,
} from '../crypto/account/index.ts';
import { toBase64 } from '../protocol/bytes.ts';
import { normaliseEmail } from '../protocol/scalars.ts';
import { command, Refusal } from './refusal.ts';

await command(async () => {
  const args = process.argv.slice(2);
  const [typed, password, ...more] = args.filter((arg) => arg !== '--register');
  if (typed === undefined || password === undefined || more.length > 0) {
    throw new Refusal('Say for whom: authkey <email> <password> [--register].');
  }
  const email = normaliseEmail(typed);
  const { authKey, wrapKey } = deriveAccountKeys(await deriveMasterKey(password, email));
  if (!args.includes('--register')) {
    console.log(toBase64(authKey));
    return;
  }
  const secret = createAccountSecret();
  const { identity } = accountKeys(secret);
  const body = {
    email,
    password: toBase64(authKey),
    publicKey: toBase64(identity.publicKey),
    wrappedSecret: toBase64(await wrapSecret(secret, wrapKey)),
    transport: 'body',
  };
  console.log(JSON.stringify(body));
});
