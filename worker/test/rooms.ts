import { toBase64, utf8 } from '../../protocol/bytes.ts';
import { routes } from '../../protocol/rest/index.ts';
import { entryHash, rosterSigned, type SignedEntry } from '../../protocol/roster.ts';
import { ask, type Person, random } from './client.ts';

/** A room of the tests: its roster is real but for the identity signatures, which the server doesn't check. */
export interface TestRoom {
  readonly id: string;
  readonly owner: Person;
  /** Lets `person` in by an invitation of the owner's. */
  join(person: Person): Promise<void>;
  /** The owner removes `person`. */
  remove(person: Person): Promise<void>;
}

/** A room that `owner` has made. */
export async function newRoom(owner: Person): Promise<TestRoom> {
  const id = crypto.randomUUID();
  let seq = 0;
  let prev: string | null = null;

  const sign = async (by: Person, kind: object, invite?: CryptoKey): Promise<SignedEntry> => {
    const link = { v: 1, room: id, seq, prev, by: by.id, at: Date.now() };
    const body = utf8(JSON.stringify({ ...link, ...kind }));
    const inviteSignature = invite && (await crypto.subtle.sign('Ed25519', invite, rosterSigned(body)));
    const entry = {
      body: toBase64(body),
      signature: random(64),
      ...(inviteSignature && { inviteSignature: toBase64(new Uint8Array(inviteSignature)) }),
    };
    prev = await entryHash(entry);
    seq++;
    return entry;
  };
  const member = { identityKey: random(33), profile: random(40) };

  const entry = await sign(owner, { kind: 'created', ...member });
  await ask(routes.createRoom, {
    token: owner.token,
    body: { id, name: random(40), sealedKey: random(60), entry },
  });
  return {
    id,
    owner,
    async join(person) {
      const keys = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
      const inviteKey = ((await crypto.subtle.exportKey('jwk', keys.publicKey)) as JsonWebKey).x ?? '';
      const terms = { role: 'member', expires: Date.now() + 60_000, uses: 1, sealed: random(60) };
      const invite = await sign(owner, { kind: 'invite', inviteKey, ...terms });
      await ask(routes.patchRoom, { params: { id }, token: owner.token, body: { entry: invite } });
      const joined = await sign(person, { kind: 'joined', inviteKey, ...member }, keys.privateKey);
      await ask(routes.joinRoom, {
        params: { id },
        token: person.token,
        body: { entry: joined, sealedKey: random(60) },
      });
    },
    async remove(person) {
      const removed = await sign(owner, { kind: 'removed', user: person.id });
      const params = { id, userId: person.id };
      await ask(routes.removeMember, { params, token: owner.token, body: { entry: removed } });
    },
  };
}
