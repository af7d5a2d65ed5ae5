// Every door of a room, tried by people who have no business there: refused, at once, and told nothing of it.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { newInvite, outgoing, sealed, TestRoom } from '../../durable-objects/test/room.ts';
import { sealedRecordSize } from '../../protocol/manifest.ts';
import { type Route, routes } from '../../protocol/rest/index.ts';
import { ask, newPerson, type Person, problemIn, random, request } from '../test/client.ts';
import { newRoom, openSocket, type PeoplesRoom } from '../test/rooms.ts';
import { newWholeAccount, type WholeAccount } from '../test/whole.ts';

/** A room and what is in it, or would be. */
interface Target {
  readonly room: string;
  readonly file: string;
  readonly owner: string;
}

/** The routes that have been tried as doors. */
const tried = new Set<Route>();

/** What `person` is answered at every door of `target`; ids that only differ between targets are left out. */
async function doors(person: Person, { room, file, owner }: Target): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  const knock = async <R extends Route>(name: string, route: R, args: Parameters<typeof request<R>>[1]) => {
    tried.add(route);
    const problem = await problemIn(await request(route, { ...args, token: person.token }));
    // Each has a number of its own.
    answers[name] = JSON.stringify({ ...problem, instance: undefined })
      .replaceAll(room, 'the room')
      .replaceAll(file, 'the file');
  };
  const head = Object.assign(new TestRoom(owner), { id: room, seq: 2, head: random(32) });
  const entry = <K extends 'left' | 'removed' | 'role'>(kind: K, rest: object) =>
    ({ entry: sealed(head.entry(kind, person.id, rest as never)) }) as const;
  const params = { id: room };
  const ofFile = { id: file };
  const objects = [{ index: 1, size: sealedRecordSize }];
  const delta = { n: 0, sealed: random(100) };
  const invite = await newInvite();
  const { proof } = await head.look(person.id, invite);
  const joining = { entry: await head.joined(person.id, invite), sealedKey: random(60) };
  const upload = {
    id: crypto.randomUUID(),
    chatroomId: room,
    fileName: random(200),
    encryptedKey: random(80),
  };
  const backup = { entries: [{ id: random(32), chatroomId: room, sealed: random(200) }] };
  const other = await newRoom(person);
  const { ticket } = await ask(routes.getTicket, { params: { id: other.id }, token: person.token }).catch(
    () => ({ ticket: random(32) }),
  );

  await knock('read it', routes.getRoom, { params });
  await knock('name it', routes.patchRoom, { params, body: { name: random(40) } });
  const promotion = entry('role', { user: person.id, role: 'owner' });
  await knock('take it over', routes.patchRoom, { params, body: promotion });
  await knock('delete it', routes.deleteRoom, { params });
  await knock('join by a made-up invitation', routes.joinRoom, { params, body: joining });
  await knock('leave it', routes.leaveRoom, { params, body: entry('left', {}) });
  await knock('list members', routes.listMembers, { params, query: {} });
  const look = { invite: invite.key, proof };
  await knock('list members by a made-up invitation', routes.listMembers, { params, query: look });
  const asking = { key: invite.key, nonce: random(16), expires: Date.now() + 3_600_000, label: random(60) };
  await knock('make a link to ask by', routes.openAsking, { params, body: asking });
  await knock('end the link to ask by', routes.closeAsking, { params });
  const held = { key: invite.key, proof };
  await knock('ask by a made-up link', routes.askToJoin, { params, body: { ...held, box: random(60) } });
  await knock('see who asks', routes.listRequests, { params });
  for (const [who, userId] of Object.entries({ itself: person.id, another: owner })) {
    const ofRequest = { id: room, userId };
    await knock(`see what ${who} is answered`, routes.getRequest, { params: ofRequest, query: held });
    await knock(`let ${who} in`, routes.answerRequest, { params: ofRequest, body: { answer: random(60) } });
  }
  const removal = { params: { id: room, userId: owner }, body: entry('removed', { user: owner }) };
  await knock('remove its owner', routes.removeMember, removal);
  for (const query of [{}, { after: 0 }, { before: 3 }])
    await knock(`read messages ${JSON.stringify(query)}`, routes.listMessages, { params, query });
  await knock('send', routes.sendMessage, { params, body: outgoing('hi') });
  const aside = outgoing('psst', { recipient: `${owner}:1` });
  await knock('send to one device', routes.sendMessage, { params, body: aside });
  await knock('get a ticket', routes.getTicket, { params });
  const headers = { upgrade: 'websocket' };
  await knock('come with a ticket of another room', routes.openSocket, {
    params,
    query: { ticket },
    headers,
  });
  const madeUp = { params, query: { ticket: random(32) }, headers };
  await knock('come with a made-up ticket', routes.openSocket, madeUp);
  const keys = [{ userId: owner, encryptedKey: random(80) }];
  await knock('upload', routes.startUpload, {
    body: { ...upload, keys, objects: [{ index: 0, size: sealedRecordSize }] },
  });
  await knock('upload more', routes.moreChunks, { params: ofFile, body: { objects } });
  await knock('report progress', routes.reportProgress, { params: ofFile, body: delta });
  await knock('complete', routes.completeUpload, {
    params: ofFile,
    body: { objects: [sealedRecordSize], delta },
  });
  await knock('read a file', routes.getFile, { params: ofFile, query: {} });
  await knock('delete a file', routes.deleteFile, { params: ofFile });
  await knock('back up keys', routes.putBackup, { body: backup });
  await knock('get keys of a member', routes.getBundles, {
    params: { id: owner },
    query: { room, devices: '1' },
  });
  await knock("get a ticket for the owner's account", routes.getAccountTicket, { params: { id: owner } });
  const account = { params: { id: owner }, query: { ticket }, headers };
  await knock("listen to the owner's account", routes.openAccountSocket, account);
  return answers;
}

/** The problems' types of these answers. */
const typesOf = (answers: Record<string, string>) =>
  new Set(
    Object.values(answers).map((text) =>
      (JSON.parse(text) as { type: string }).type.slice('/problems/'.length),
    ),
  );

describe('who has no business in a room', () => {
  let ana: WholeAccount;
  let room: PeoplesRoom;
  let target: Target;
  let secrets: string[];
  const nothing = (): Target => ({ room: crypto.randomUUID(), file: crypto.randomUUID(), owner: ana.id });

  beforeAll(async () => {
    ana = await newWholeAccount();
    room = ana.shared;
    target = { room: room.id, file: ana.file, owner: ana.id };
    const at = { params: { id: room.id }, token: ana.token };
    const { name } = await ask(routes.getRoom, at);
    const { items } = await ask(routes.listMessages, { ...at, query: {} });
    const { encryptedKey, fileName } = await ask(routes.getFile, {
      params: { id: ana.file },
      token: ana.token,
      query: {},
    });
    secrets = [name, ...items.flatMap(({ id, box }) => [id, box]), encryptedKey!, fileName, ana.friend.id];
    expect(items.length).toBeGreaterThan(1);
  });

  /** Refused everywhere, as for what does not exist, and nothing of the room is in any answer. */
  async function expectNothing(person: Person, types: string[]): Promise<void> {
    const answers = await doors(person, target);
    expect(answers).toEqual(await doors(person, nothing()));
    expect([...typesOf(answers)].sort()).toEqual(types.sort());
    const all = JSON.stringify(answers);
    for (const secret of secrets.filter((one) => one !== person.id)) expect(all).not.toContain(secret);
  }
  const refused = ['not-a-member', 'invite-invalid', 'ticket-invalid', 'not-found', 'forbidden'];

  it('a stranger', async () => {
    await expectNothing(await newPerson(), refused);
  }, 60_000);

  it('somebody who was removed, from that moment: with tickets, sockets and files that were theirs', async () => {
    const ben = ana.friend;
    const at = { params: { id: room.id }, token: ben.token };
    const { ticket } = await ask(routes.getTicket, at);
    const socket = await openSocket(room.id, ben);
    const account = await accountSocket(ben);
    await room.remove(ben);
    expect(await socket.frame('gone')).toEqual({ t: 'gone', reason: 'removed' });
    expect((await socket.closed).code).toBe(4403);
    const headers = { upgrade: 'websocket' };
    const late = await request(routes.openSocket, { ...at, query: { ticket }, headers });
    expect((await problemIn(late)).type).toBe('/problems/ticket-invalid');
    await account.until((texts) => texts.some((text) => text.includes('dropped')));

    await expectNothing(ben, refused);
    const own = { params: { id: ana.friendsFile }, token: ben.token };
    expect((await problemIn(await request(routes.getFile, { ...own, query: {} }))).type).toBe(
      '/problems/not-found',
    );
    expect((await problemIn(await request(routes.deleteFile, own))).type).toBe('/problems/not-found');
    const heard = socket.texts.length;
    const toldBefore = account.texts.length;
    const eve = await newPerson();
    await room.join(eve);
    const { seq } = await ask(routes.sendMessage, {
      params: at.params,
      token: ana.token,
      body: outgoing('among us'),
    });
    const { items } = await ask(routes.listMessages, {
      params: at.params,
      token: ana.token,
      query: { after: seq - 1 },
    });
    expect(items.map((item) => item.seq)).toEqual([seq]);
    // Whoever is in it is told of it by now, so the other would have been.
    const heardBy = async ({ id }: Person) => (await env.ACCOUNTS.getByName(id).holds()).rooms;
    const told = async () => (await heardBy(eve)).some((one) => one.id === room.id && one.seq === seq);
    await vi.waitUntil(told, { timeout: 20_000 });
    expect((await heardBy(ben)).map(({ id }) => id)).not.toContain(room.id);
    expect([socket.texts.length, account.texts.length]).toEqual([heard, toldBefore]);
  }, 60_000);

  it('somebody whose account is deleted, with a token that has minutes to live', async () => {
    const carla = await newPerson();
    await room.join(carla);
    const { ticket } = await ask(routes.getTicket, { params: { id: room.id }, token: carla.token });
    const socket = await openSocket(room.id, carla);
    await ask(routes.deleteAccount, { token: carla.token, body: { password: carla.password } });
    expect((await socket.closed).code).toBe(4401);
    const query = { ticket };
    const headers = { upgrade: 'websocket' };
    const late = await request(routes.openSocket, { params: { id: room.id }, query, headers });
    expect((await problemIn(late)).type).toBe('/problems/ticket-invalid');
    await expectNothing(carla, [...refused, 'session-revoked']);
  }, 60_000);

  it('a session that was signed out: no ticket, no socket, no key, from that moment', async () => {
    const dan = await newPerson();
    await room.join(dan);
    const { ticket } = await ask(routes.getTicket, { params: { id: room.id }, token: dan.token });
    const socket = await openSocket(room.id, dan);
    const account = await accountSocket(dan);
    await ask(routes.logout, { body: { refreshToken: dan.refreshToken } });
    expect((await socket.closed).code).toBe(4401);
    expect(await account.closed).toBe(4401);
    const headers = { upgrade: 'websocket' };
    const { token } = dan;
    const params = { id: room.id };
    const answers = await Promise.all([
      request(routes.openSocket, { params, query: { ticket }, headers }),
      request(routes.getTicket, { params, token }),
      request(routes.getAccountTicket, { params: { id: dan.id }, token }),
      request(routes.getBackup, { token, query: { room: room.id } }),
      request(routes.putBackup, {
        token,
        body: { entries: [{ id: random(32), chatroomId: room.id, sealed: random(200) }] },
      }),
    ]);
    const types = (await Promise.all(answers.map(problemIn))).map(({ type }) => type);
    expect(types).toEqual(['/problems/ticket-invalid', ...Array(4).fill('/problems/session-revoked')]);
  }, 60_000);

  it('was tried at every door that there is', () => {
    const ofRooms = Object.entries(routes).filter(
      ([, { path }]) =>
        path.startsWith('/chatrooms/') || path.startsWith('/files/') || path.startsWith('/users/'),
    );
    expect(ofRooms.filter(([, route]) => !tried.has(route)).map(([name]) => name)).toEqual([]);
  });
});

/** What an account's socket hears. */
async function accountSocket({ id, token }: Person) {
  const params = { id };
  const { ticket } = await ask(routes.getAccountTicket, { params, token });
  const headers = { upgrade: 'websocket' };
  const { webSocket } = await request(routes.openAccountSocket, { params, query: { ticket }, headers });
  const texts: string[] = [];
  const closed = new Promise<number>((resolve) =>
    webSocket!.addEventListener('close', ({ code }) => resolve(code)),
  );
  webSocket!.addEventListener('message', ({ data }) => texts.push(String(data)));
  webSocket!.accept();
  return {
    texts,
    closed,
    until: (done: (texts: string[]) => boolean) => vi.waitUntil(() => done(texts), { timeout: 20_000 }),
  };
}
