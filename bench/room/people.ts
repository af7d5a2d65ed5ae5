// People with accounts in a room, made by the doors that clients use; their keys and signatures are noise, which the server
// can't tell and must not care about. Their accounts are put into the database: hashing a thousand passwords proves nothing here.
import { importJWK, SignJWT } from 'jose';
import { uuidv7 } from 'uuidv7';
import { call, random } from '../../e2e/rest.ts';
import { fromBase64, toBase64, utf8 } from '../../protocol/bytes.ts';
import { entryHash, rosterSigned, type SignedEntry } from '../../protocol/roster.ts';

export type Query = (query: string, params: unknown[]) => Promise<Record<string, unknown>[]>;

export interface Service {
  readonly url: string;
  readonly signingKey: string;
  readonly query: Query;
}

export interface Person {
  readonly userId: string;
  readonly sessionId: string;
}

/** An access token of `person`, as the service would sign it. */
export async function accessToken(service: Service, { userId, sessionId }: Person): Promise<string> {
  const jwk = JSON.parse(service.signingKey) as { kid: string };
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: jwk.kid })
    .setIssuer('stream-chat')
    .setAudience('stream-chat-api')
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime('600s')
    .sign(await importJWK(jwk, 'EdDSA'));
}

/** Calls the service as `person`; throws unless it answers 2xx. */
export async function ask(service: Service, person: Person, method: string, path: string, body?: unknown) {
  const token = await accessToken(service, person);
  const answer = await call(service.url, method, path, body, token);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** So many accounts, each signed in. */
export async function newPeople(service: Service, count: number): Promise<Person[]> {
  const people = Array.from({ length: count }, () => ({ userId: uuidv7(), sessionId: uuidv7() }));
  await service.query(
    `with p as (select * from jsonb_to_recordset($1::jsonb) as p ("userId" uuid, "sessionId" uuid)),
       u as (insert into users (id, email, public_key, password_hash, wrapped_secret)
         select "userId", "userId" || '@example.org', 'key', 'hash', 'secret' from p)
     insert into sessions (id, user_id, expires_at) select "sessionId", "userId", now() + '1 day' from p`,
    [JSON.stringify(people)],
  );
  return people;
}

/** A room of all `people`; the first owns it. Answers its id. */
export async function newRoom(service: Service, people: readonly [Person, ...Person[]]): Promise<string> {
  const [owner, ...others] = people;
  const room = uuidv7();
  let [seq, prev]: [number, string | null] = [0, null];
  const entry = (by: Person, rest: Record<string, unknown>): SignedEntry => {
    const link = { v: 1, room, seq, prev, by: by.userId, at: Date.now() };
    return { body: toBase64(utf8(JSON.stringify({ ...link, ...rest }))), signature: random(64) };
  };
  const follow = async (signed: SignedEntry) => {
    prev = await entryHash(signed);
    seq++;
  };
  const created = entry(owner, { kind: 'created', identityKey: random(33), profile: random(20) });
  const body = { id: room, name: random(40), sealedKey: random(60), entry: created };
  await ask(service, owner, 'POST', '/chatrooms', body);
  await follow(created);

  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const inviteKey = toBase64(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  const terms = {
    inviteKey,
    role: 'member',
    uses: 10_000,
    expires: Date.now() + 3_600_000,
    sealed: random(60),
  };
  const invite = entry(owner, { kind: 'invite', ...terms });
  await ask(service, owner, 'PATCH', `/chatrooms/${room}`, { entry: invite });
  await follow(invite);
  for (const person of others) {
    const joined = entry(person, { kind: 'joined', identityKey: random(33), inviteKey, profile: random(20) });
    const signed = await crypto.subtle.sign(
      'Ed25519',
      pair.privateKey,
      rosterSigned(fromBase64(joined.body)),
    );
    joined.inviteSignature = toBase64(new Uint8Array(signed));
    await ask(service, person, 'POST', `/chatrooms/${room}/join`, { entry: joined, sealedKey: random(60) });
    await follow(joined);
  }
  return room;
}

/** For each of `people` the path that opens a socket in `room`, good for half a minute. */
export async function tickets(service: Service, room: string, people: readonly Person[]): Promise<string[]> {
  const paths: string[] = [];
  for (let i = 0; i < people.length; i += 20) {
    const some = people.slice(i, i + 20).map(async (person) => {
      const { ticket } = await ask(service, person, 'POST', `/chatrooms/${room}/ticket`);
      return `/chatrooms/${room}/socket?ticket=${ticket}`;
    });
    paths.push(...(await Promise.all(some)));
  }
  return paths;
}
