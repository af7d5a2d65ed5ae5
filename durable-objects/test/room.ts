// A room in the hands of its members, for tests: entries as clients make them, with identity signatures that the
// server doesn't look at.
import { env as bindings } from 'cloudflare:workers';
import { fromBase64, toBase64, utf8 } from '../../protocol/bytes.ts';
import {
  entryHash,
  inviteLookSigned,
  type Role,
  type RosterEntry,
  rosterSigned,
  type SignedEntry,
} from '../../protocol/roster.ts';
import type { Outgoing } from '../../protocol/socket.ts';
import type { Chatroom } from '../chatroom.ts';
import type { RoomEnv } from '../env.ts';
import type { Result } from '../rpc.ts';

export interface TestEnv extends RoomEnv {
  ROOMS: DurableObjectNamespace<Chatroom>;
}
export const env = bindings as unknown as TestEnv;

export const random = (length: number): string => toBase64(crypto.getRandomValues(new Uint8Array(length)));
export const newId = (): string => crypto.randomUUID();

/** The value of an answer; throws its problem. */
export function value<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.problem.type}: ${result.problem.detail ?? ''}`);
}

/** The last segment of the problem that was answered, or `none`. */
export const fault = (result: Result<unknown>): string =>
  result.ok ? 'none' : result.problem.type.slice('/problems/'.length);

/** An invitation with its private key, as a link carries it. */
export interface Invite {
  readonly key: string;
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
}

export async function newInvite(): Promise<Invite> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const raw = (await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer;
  return {
    key: toBase64(new Uint8Array(raw)),
    sign: async (bytes) =>
      toBase64(new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, bytes))),
  };
}

type Kind<K> = Extract<RosterEntry, { kind: K }>;
type Linked = 'v' | 'room' | 'seq' | 'prev' | 'by' | 'at' | 'kind';

/** The entry as it travels. */
export const sealed = (entry: RosterEntry): SignedEntry => ({
  body: toBase64(utf8(JSON.stringify(entry))),
  signature: random(64),
});

/** A room and the head of its roster, as an honest client keeps them. */
export class TestRoom {
  readonly id = newId();
  readonly owner: string;
  readonly name = random(40);
  readonly stub = env.ROOMS.getByName(this.id);
  seq = -1;
  head: string | null = null;

  constructor(owner = newId()) {
    this.owner = owner;
  }

  /** An entry that follows the newest. */
  entry<K extends RosterEntry['kind']>(kind: K, by: string, rest: Omit<Kind<K>, Linked>): Kind<K> {
    const link = { v: 1, room: this.id, seq: this.seq + 1, prev: this.head, by, at: Date.now() };
    return { ...link, kind, ...rest } as unknown as Kind<K>;
  }

  /** The room's first entry. */
  created(): SignedEntry {
    return sealed(this.entry('created', this.owner, { identityKey: random(33), profile: random(20) }));
  }

  /** Remembers that the server took `entry`. */
  async follow(entry: SignedEntry): Promise<void> {
    this.seq += 1;
    this.head = await entryHash(entry);
  }

  /** Appends `entry`; throws the problem when it is refused. */
  async append(by: string, entry: SignedEntry, sealedKey?: string): Promise<void> {
    value(await this.stub.append(by, entry, sealedKey));
    await this.follow(entry);
  }

  async invite(
    options: { role?: 'admin' | 'member'; uses?: number; expires?: number } = {},
  ): Promise<Invite> {
    const invite = await newInvite();
    const { role = 'member', uses = 10, expires = Date.now() + 60_000 } = options;
    const rest = { inviteKey: invite.key, role, uses, expires, sealed: random(60) };
    await this.append(this.owner, sealed(this.entry('invite', this.owner, rest)));
    return invite;
  }

  /** A `joined` entry with both signatures; `signer` forges the invite's, `at` the time. */
  async joined(by: string, invite: Invite, signer: Invite = invite, at = Date.now()): Promise<SignedEntry> {
    const rest = { identityKey: random(33), inviteKey: invite.key, profile: random(20) };
    const entry = sealed({ ...this.entry('joined', by, rest), at });
    return { ...entry, inviteSignature: await signer.sign(rosterSigned(fromBase64(entry.body))) };
  }

  /** A new member. */
  async join(invite: Invite): Promise<string> {
    const userId = newId();
    await this.append(userId, await this.joined(userId, invite), random(60));
    return userId;
  }

  /** So many new members, by one invitation. */
  async members(count: number): Promise<string[]> {
    const invite = await this.invite({ uses: count });
    const people: string[] = [];
    for (let i = 0; i < count; i++) people.push(await this.join(invite));
    return people;
  }

  removal = (by: string, user: string): SignedEntry => sealed(this.entry('removed', by, { user }));

  async remove(by: string, user: string): Promise<void> {
    await this.append(by, this.removal(by, user));
  }

  async setRole(by: string, user: string, role: Role): Promise<void> {
    await this.append(by, sealed(this.entry('role', by, { user, role })));
  }

  leaving = (by: string): SignedEntry => sealed(this.entry('left', by, {}));

  async leave(by: string): Promise<void> {
    await this.append(by, this.leaving(by));
  }

  look = async (userId: string, invite: Invite) => ({
    invite: invite.key,
    proof: await invite.sign(inviteLookSigned(this.id, userId)),
  });
}

/** A room that exists. */
export async function newRoom(): Promise<TestRoom> {
  const room = new TestRoom();
  const entry = room.created();
  value(await room.stub.create(room.owner, { id: room.id, name: room.name, sealedKey: random(60), entry }));
  await room.follow(entry);
  return room;
}

/** A message; `text` stands for its ciphertext. */
export const outgoing = (text: string, rest: Partial<Outgoing> = {}): Outgoing => ({
  id: newId(),
  device: 1,
  box: toBase64(utf8(text)),
  ...rest,
});
