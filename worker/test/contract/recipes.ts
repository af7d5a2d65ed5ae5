// How each operation is called so that it succeeds, and what it answers to who may not. A new operation needs a line here.
import { env } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { newInvite, outgoing, random, TestRoom, value } from '../../../durable-objects/test/room.ts';
import { sealedRecordSize } from '../../../protocol/manifest.ts';
import type { ProblemType } from '../../../protocol/problem.ts';
import { type AdminRoutes, adminRoutes } from '../../../protocol/rest/admin.ts';
import { type Routes, routes } from '../../../protocol/rest/index.ts';
import { inviteLookSigned } from '../../../protocol/roster.ts';
import { openDatabase } from '../../db/client.ts';
import { reports } from '../../db/schema.ts';
import { Authenticator, additionOf } from '../authenticator.ts';
import { ask, type Call, deviceList, newGuest, newPerson, type Person, registration } from '../client.ts';
import { newModerator, setRole } from '../moderators.ts';

/** Who is there: Ana owns a room that Ben is in, Dan was removed from, and Carla never came to. */
export interface World {
  readonly ana: Person;
  readonly ben: Person;
  readonly carla: Person;
  readonly dan: Person;
  readonly room: TestRoom;
  /** An admin of the service, in no room. */
  readonly admin: Person;
}

export async function newWorld(): Promise<World> {
  const people = await Promise.all([newPerson(), newPerson(), newPerson(), newPerson()]);
  const [ana, ben, carla, dan] = people as [Person, Person, Person, Person];
  const admin = await newModerator('admin');
  return { ana, ben, carla, dan, room: await newRoom({ ana, ben, dan }), admin };
}

/** A room as the world's. */
async function newRoom({ ana, ben, dan }: Pick<World, 'ana' | 'ben' | 'dan'>): Promise<TestRoom> {
  const room = new TestRoom(ana.id);
  const { id, name, stub } = room;
  const entry = room.created();
  value(await stub.create(ana.id, { id, name, sealedKey: random(60), entry }));
  await room.follow(entry);
  const invite = await room.invite({ uses: 2 });
  for (const { id } of [ben, dan]) await room.append(id, await room.joined(id, invite), random(60));
  await room.remove(ana.id, dan.id);
  return room;
}

export interface Recipe {
  /**
   * A call that succeeds, of things of its own where it uses them up. With `as` it is the same request as that person would
   * make it, who then gets what `stranger` or `removed` says.
   */
  readonly call: (world: World, as?: Person) => Call | Promise<Call>;
  /** What somebody is answered who has nothing to do with the room or the thing; `own`: it acts on what is theirs, whoever asks. */
  readonly stranger: ProblemType | 'own';
  /** And a member who was removed. */
  readonly removed: ProblemType | 'own';
}

const own = { stranger: 'own', removed: 'own' } as const;
const both = (type: ProblemType) => ({ stranger: type, removed: type }) as const;
const membersOnly = both('not-a-member');
const hidden = both('not-found');

const inRoom = async ({ ana, room }: World): Promise<Call> => ({ params: { id: room.id }, token: ana.token });
/** A signal of Ana's to Ben. */
const signalled = ({ ana, ben, room }: World): Call => ({
  token: ana.token,
  body: { room: room.id, id: crypto.randomUUID(), device: 1, to: `${ben.id}:1`, box: random(60) },
});
/** Somebody new, whose call it is. */
const bySomebody = (make: (person: Person) => Call | Promise<Call>) => async () => {
  const person = await newPerson();
  return { token: person.token, ...(await make(person)) };
};

const signedPreKey = (size: number) => ({ id: 1, publicKey: random(size), signature: random(64) });
const device = ({ id }: Person) => ({
  deviceId: 1,
  registrationId: 101,
  signedPreKey: signedPreKey(33),
  kyberPreKey: signedPreKey(1569),
  oneTimePreKeys: [{ id: 1, publicKey: random(33) }],
  kyberPreKeys: [signedPreKey(1569)],
  sealedName: random(40),
  deviceList: deviceList(id, 1, [1]),
});
/** Somebody new with a device. */
const byDevice = (make: (person: Person) => Call) =>
  bySomebody(async (person) => {
    await ask(routes.putDevice, { token: person.token, body: device(person) });
    return make(person);
  });
/** Somebody new with a recovery code. */
const byRecovery = (make: (known: { email: string; recoveryKey: string }) => Call) =>
  bySomebody(async ({ token, email, password }) => {
    const recoveryKey = random(32);
    await ask(routes.putRecovery, { token, body: { password, recoveryKey, wrappedSecret: random(60) } });
    return make({ email, recoveryKey });
  });
/** Somebody new with a passkey. */
const byPasskey = (make: (passkey: Authenticator) => Call | Promise<Call>) =>
  bySomebody(async ({ token, password }) => {
    const passkey = await Authenticator.make();
    await ask(routes.addPasskey, { token, body: await additionOf(passkey, password) });
    return make(passkey);
  });

const upload = ({ room, ben }: World) => ({
  id: crypto.randomUUID(),
  chatroomId: room.id,
  fileName: random(200),
  encryptedKey: random(80),
  keys: [{ userId: ben.id, encryptedKey: random(80) }],
  objects: [{ index: 0, size: sealedRecordSize }],
  size: sealedRecordSize,
  expiry: '2100-01-01T00:00:00.000Z',
});
/** A file that Ana uploads. */
const byUpload = (make: () => Call) => async (world: World) => {
  const { token } = world.ana;
  const body = upload(world);
  const { objects } = await ask(routes.startUpload, { token, body });
  const { url, headers } = objects[0]!;
  // No two are the same: what is taken down is blocked for everybody.
  const object = new Uint8Array(sealedRecordSize);
  crypto.getRandomValues(object.subarray(0, 32));
  await (await fetch(url, { method: 'PUT', headers, body: object })).body?.cancel();
  return { params: { id: body.id }, token, ...make() };
};
/** Ana's report of something that nobody said. */
async function reported({ ana, room }: World): Promise<string> {
  const body = { id: crypto.randomUUID(), chatroomId: room.id, seq: 1 + Math.floor(Math.random() * 2 ** 40) };
  const { token } = ana;
  const evidence = { envelope: random(300), reason: 'spam' } as const;
  return (await ask(routes.report, { token, body: { ...body, ...evidence } })).id;
}

/** A report of a file that is proven to be what Ana sent. */
async function reportedFile(world: World): Promise<string> {
  const { params } = await byUpload(() => ({}))(world);
  const id = await reported(world);
  await openDatabase(env)
    .update(reports)
    .set({ evidence: 'verified', fileId: params!.id!, fileKey: random(32) })
    .where(eq(reports.id, id));
  return id;
}

/** A call of the admin's. */
const byAdmin = (make: (world: World) => Call | Promise<Call>) => async (world: World) => ({
  ...(await make(world)),
  token: world.admin.token,
});
const moderatorsOnly = both('forbidden');
const delta = () => ({ n: 0, sealed: random(100) });
const upgrade = { headers: { upgrade: 'websocket' } };

/** A link by which people ask to come in, and what shows that somebody holds it. */
async function newAskLink() {
  const { key, sign } = await newInvite();
  const link = { key, nonce: random(16), expires: Date.now() + 60_000, label: random(60) };
  return { link, key, proofOf: (room: string, userId: string) => sign(inviteLookSigned(room, userId)) };
}
/** A room with such a link. */
async function newAsking(world: World) {
  const [room, asking] = [await newRoom(world), await newAskLink()];
  await ask(routes.openAsking, { params: { id: room.id }, token: world.ana.token, body: asking.link });
  return { ...asking, room };
}

export const recipes: Readonly<Record<keyof Routes | keyof AdminRoutes | 'health', Recipe>> = {
  health: { call: () => ({}), ...own },

  register: { call: () => ({ body: { ...registration(), sealedProfile: random(40) } }), ...own },
  login: {
    call: bySomebody(({ email, password }) => ({ body: { email, password, transport: 'body' } })),
    ...own,
  },
  refresh: { call: bySomebody(({ refreshToken }) => ({ body: { refreshToken } })), ...own },
  reportError: {
    call: () => ({
      body: {
        id: crypto.randomUUID(),
        error: 'TypeError',
        screen: 'r',
        frames: [{ function: 'open', file: 'index-1.js', line: 1, column: 2 }],
      },
    }),
    ...own,
  },
  logout: { call: bySomebody(({ refreshToken }) => ({ body: { refreshToken } })), ...own },
  listSessions: { call: ({ ana }) => ({ token: ana.token, query: { limit: 10 } }), ...own },
  revokeSession: {
    call: bySomebody(async ({ token }) => {
      const { items } = await ask(routes.listSessions, { token, query: {} });
      return { params: { id: items[0]!.id } };
    }),
    ...hidden,
  },
  changePassword: {
    call: bySomebody(({ password }) => ({
      body: { password, newPassword: random(32), wrappedSecret: random(60) },
    })),
    ...both('wrong-password'),
  },
  keepAccount: {
    call: async () => {
      const { token, password } = await newGuest();
      const { email } = registration();
      return { token, body: { password, email, newPassword: random(32), wrappedSecret: random(60) } };
    },
    ...both('conflict'),
  },
  putProfile: { call: ({ ana }) => ({ token: ana.token, body: { sealedProfile: random(40) } }), ...own },
  putRecovery: {
    call: bySomebody(({ password }) => ({
      body: { password, recoveryKey: random(32), wrappedSecret: random(60) },
    })),
    ...both('wrong-password'),
  },
  deleteRecovery: { call: ({ ana }) => ({ token: ana.token }), ...own },
  readRecovery: { call: byRecovery((body) => ({ body })), ...own },
  resetPassword: {
    call: byRecovery((known) => ({
      body: { ...known, newPassword: random(32), wrappedSecret: random(60), transport: 'body' },
    })),
    ...own,
  },
  passkeyChallenge: { call: () => ({}), ...own },
  addPasskey: {
    call: bySomebody(async ({ password }) => ({
      body: await additionOf(await Authenticator.make(), password),
    })),
    ...both('wrong-password'),
  },
  listPasskeys: { call: ({ ana }) => ({ token: ana.token }), ...own },
  dropPasskey: { call: byPasskey(({ credentialId }) => ({ params: { id: credentialId } })), ...hidden },
  signInByPasskey: {
    call: byPasskey(async (passkey) => ({
      body: { credentialId: passkey.credentialId, assertion: await passkey.assert(), transport: 'body' },
    })),
    ...own,
  },
  me: { call: ({ ana }) => ({ token: ana.token }), ...own },
  deleteAccount: { call: bySomebody(({ password }) => ({ body: { password } })), ...both('wrong-password') },
  exportAccount: { call: ({ ana }) => ({ token: ana.token }), ...own },

  getAccountTicket: {
    call: ({ ana }) => ({ token: ana.token, params: { id: ana.id } }),
    ...both('forbidden'),
  },
  openAccountSocket: {
    call: async ({ ana: { id, token } }) => {
      const { ticket } = await ask(routes.getAccountTicket, { token, params: { id } });
      return { params: { id }, query: { ticket }, ...upgrade };
    },
    ...own,
  },
  getPushKey: { call: ({ ana }) => ({ token: ana.token }), ...own },
  subscribePush: {
    call: ({ ana }) => ({ token: ana.token, body: { endpoint: `http://127.0.0.1:1/${random(16)}` } }),
    ...own,
  },
  unsubscribePush: { call: ({ ana }) => ({ token: ana.token }), ...own },

  putDevice: { call: bySomebody((person) => ({ body: device(person) })), ...both('invalid-body') },
  listDevices: { call: ({ ana }) => ({ token: ana.token }), ...own },
  nameDevice: {
    call: byDevice(() => ({ params: { device: '1' }, body: { sealedName: random(40) } })),
    ...hidden,
  },
  dropDevice: {
    call: byDevice(({ id }) => ({ params: { device: '1' }, body: { deviceList: deviceList(id, 2, [], 1) } })),
    ...both('invalid-body'),
  },
  addPreKeys: {
    call: byDevice(() => {
      const oneTimePreKeys = [{ id: 2, publicKey: random(33) }];
      return { body: { deviceId: 1, oneTimePreKeys, kyberPreKeys: [{ ...signedPreKey(1569), id: 2 }] } };
    }),
    ...hidden,
  },
  getBundles: {
    call: ({ ana, ben, room }) => ({
      token: ana.token,
      params: { id: ben.id },
      query: { room: room.id, devices: '1,2' },
    }),
    ...membersOnly,
  },
  putBackup: {
    call: ({ ana, room }) => ({
      token: ana.token,
      body: { entries: [{ id: random(32), sealed: random(200), chatroomId: room.id }] },
    }),
    ...membersOnly,
  },
  // One's own, also of rooms that one has left.
  getBackup: { call: ({ ana, room }) => ({ token: ana.token, query: { room: room.id, limit: 5 } }), ...own },

  createRoom: {
    call: ({ ana }, as = ana) => {
      const room = new TestRoom(as.id);
      const entry = room.created();
      return { token: as.token, body: { id: room.id, name: room.name, sealedKey: random(60), entry } };
    },
    ...own,
  },
  listRooms: { call: ({ ana }) => ({ token: ana.token, query: { limit: 10 } }), ...own },
  getRoom: { call: inRoom, ...membersOnly },
  patchRoom: {
    call: async (world) => ({ ...(await inRoom(world)), body: { name: random(40) } }),
    ...membersOnly,
  },
  deleteRoom: {
    call: async (world) => ({ params: { id: (await newRoom(world)).id }, token: world.ana.token }),
    ...membersOnly,
  },
  joinRoom: {
    call: async (world, as) => {
      const room = await newRoom(world);
      const joiner = as ?? (await newPerson());
      const invite = await room.invite({ uses: 1 });
      // Who was not invited signs by a key of their own.
      const entry = await room.joined(joiner.id, invite, as && (await newInvite()));
      return { params: { id: room.id }, token: joiner.token, body: { entry, sealedKey: random(60) } };
    },
    ...both('invite-invalid'),
  },
  leaveRoom: {
    call: async (world, as = world.ben) => {
      const room = await newRoom(world);
      return { params: { id: room.id }, token: as.token, body: { entry: room.leaving(as.id) } };
    },
    ...membersOnly,
  },
  listMembers: { call: inRoom, ...membersOnly },
  openAsking: {
    call: async (world) => ({ ...(await inRoom(world)), body: (await newAskLink()).link }),
    ...membersOnly,
  },
  closeAsking: { call: inRoom, ...membersOnly },
  askToJoin: {
    call: async (world, as) => {
      const { room, key, proofOf } = await newAsking(world);
      const asker = as ?? (await newPerson());
      // Who does not hold the link has another one's signature.
      const proof = await (as ? (await newAskLink()).proofOf : proofOf)(room.id, asker.id);
      return { params: { id: room.id }, token: asker.token, body: { key, proof, box: random(60) } };
    },
    ...both('invite-invalid'),
  },
  listRequests: { call: inRoom, ...membersOnly },
  getRequest: {
    call: async (world, as) => {
      const { room, key, proofOf } = await newAsking(world);
      const asker = as ?? (await newPerson());
      const proof = await (as ? (await newAskLink()).proofOf : proofOf)(room.id, asker.id);
      return { params: { id: room.id, userId: asker.id }, token: asker.token, query: { key, proof } };
    },
    ...both('invite-invalid'),
  },
  answerRequest: {
    call: async (world) => {
      const { room, key, proofOf } = await newAsking(world);
      const { id: userId, token } = await newPerson();
      const proof = await proofOf(room.id, userId);
      await ask(routes.askToJoin, { params: { id: room.id }, token, body: { key, proof, box: random(60) } });
      const params = { id: room.id, userId };
      return { params, token: world.ana.token, body: { answer: random(120) } };
    },
    ...membersOnly,
  },
  removeMember: {
    call: async (world, as = world.ana) => {
      const room = await newRoom(world);
      const params = { id: room.id, userId: world.ben.id };
      return { params, token: as.token, body: { entry: room.removal(as.id, world.ben.id) } };
    },
    ...membersOnly,
  },
  listMessages: {
    call: async (world) => ({ ...(await inRoom(world)), query: { after: 0, limit: 20 } }),
    ...membersOnly,
  },
  sendMessage: {
    call: async (world) => {
      const rest = { commitment: random(32), expiresAt: Date.now() + 60_000, recipient: `${world.ben.id}:1` };
      return { ...(await inRoom(world)), body: outgoing('a message', rest) };
    },
    ...membersOnly,
  },
  getTicket: { call: inRoom, ...membersOnly },
  openSocket: {
    call: async (world) => {
      const params = { id: world.room.id };
      const { ticket } = await ask(routes.getTicket, { params, token: world.ana.token });
      return { params, query: { ticket }, ...upgrade };
    },
    ...own,
  },

  getIce: {
    call: ({ ana, room }) => ({ query: { room: room.id }, token: ana.token }),
    ...membersOnly,
  },
  sendOffer: { call: signalled, ...membersOnly },
  sendAnswer: { call: signalled, ...membersOnly },
  sendCandidate: { call: signalled, ...membersOnly },
  joinSfu: {
    call: (world) => ({ token: world.ana.token, body: { room: world.room.id, device: 1 } }),
    ...membersOnly,
  },

  // Who shows a message as it was sent may have left since; with anything else one must be in the room.
  report: {
    call: ({ ana, room }) => ({
      token: ana.token,
      body: {
        id: crypto.randomUUID(),
        chatroomId: room.id,
        seq: 1,
        envelope: random(300),
        fileKey: random(32),
        reason: 'spam',
        note: 'A note',
      },
    }),
    ...membersOnly,
  },

  startUpload: { call: (world) => ({ token: world.ana.token, body: upload(world) }), ...membersOnly },
  moreChunks: {
    call: byUpload(() => ({ body: { objects: [{ index: 1, size: sealedRecordSize }] } })),
    ...hidden,
  },
  reportProgress: { call: byUpload(() => ({ body: delta() })), ...hidden },
  completeUpload: {
    call: byUpload(() => ({ body: { objects: [sealedRecordSize], delta: delta() } })),
    ...hidden,
  },
  stepUp: {
    call: async () => {
      const person = await newPerson();
      await setRole(person, 'moderator');
      return { token: person.token, body: { password: person.password } };
    },
    ...moderatorsOnly,
  },
  listReports: {
    call: byAdmin(() => ({ query: { limit: 5, state: 'open', evidence: 'verified' } })),
    ...moderatorsOnly,
  },
  patchReport: {
    call: byAdmin(async (world) => ({
      params: { id: await reported(world) },
      body: { state: 'closed', verdict: 'dismissed', note: 'A note' },
    })),
    ...moderatorsOnly,
  },
  getReportedFile: {
    call: byAdmin(async (world) => ({
      params: { id: await reportedFile(world) },
      query: { from: 0, count: 1, deltas: 0 },
    })),
    ...moderatorsOnly,
  },
  listFiles: {
    call: byAdmin(({ ana, room }) => ({ query: { limit: 5, uploader: ana.id, room: room.id } })),
    ...moderatorsOnly,
  },
  takeDownFile: {
    call: byAdmin(async (world) => ({
      params: (await byUpload(() => ({}))(world)).params,
      body: { reason: 'A reason' },
    })),
    ...moderatorsOnly,
  },
  listUsers: {
    call: byAdmin(({ ana }) => ({
      query: { limit: 5, id: ana.id, email: ana.email, status: 'active', role: 'user' },
    })),
    ...moderatorsOnly,
  },
  patchUser: {
    call: byAdmin(async () => ({
      params: { id: (await newPerson()).id },
      body: { status: 'suspended', reason: 'A reason' },
    })),
    ...moderatorsOnly,
  },
  listAllRooms: { call: byAdmin(({ room }) => ({ query: { limit: 5, id: room.id } })), ...moderatorsOnly },
  listAudit: { call: byAdmin(() => ({ query: { after: 0, limit: 5 } })), ...moderatorsOnly },
  getServiceCounts: { call: byAdmin(() => ({})), ...moderatorsOnly },
  listBlocked: { call: byAdmin(() => ({ query: { limit: 5 } })), ...moderatorsOnly },
  block: {
    call: byAdmin(() => ({ body: { hash: random(32), reason: 'A reason' } })),
    ...moderatorsOnly,
  },
  unblock: {
    call: byAdmin(async ({ admin }) => {
      const hash = random(32);
      await ask(adminRoutes.block, { token: admin.token, body: { hash, reason: 'A reason' } });
      return { params: { hash }, body: { reason: 'A reason' } };
    }),
    ...moderatorsOnly,
  },

  getFile: { call: byUpload(() => ({ query: { from: 0, count: 1, deltas: 0 } })), ...hidden },
  deleteFile: { call: byUpload(() => ({})), ...hidden },
};
