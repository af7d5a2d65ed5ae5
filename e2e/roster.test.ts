// A service that turns against people who sit in a room: it forks, reorders and cuts the log of who is in it.
import { uuidv7 } from 'uuidv7';
import { describe, expect, it } from 'vitest';
import { accountKeys } from '../crypto/account/index.ts';
import { type InviteSecret, readFragment } from '../crypto/room/index.ts';
import { generateKeyPair, type KeyPair } from '../crypto/signal/index.ts';
import { fromBase64 } from '../protocol/bytes.ts';
import { entryHash, type SignedEntry } from '../protocol/roster.ts';
import { type RoomView, until } from '../web/src/engine/index.ts';
import { Store } from '../web/src/engine/store/store.ts';
import { entryAfter, joinAfter } from './forge.ts';
import { idOf, openEngine, texts, untilOnline, untilText, untilView } from './headless.ts';
import { engines, liar, person, startLying, system } from './lied-to.ts';

startLying();

const mallory = { id: uuidv7(), keys: generateKeyPair() };

/** Ben's room, into which came Ana, who is behind the liar, and Carla after her. */
async function sitting() {
  const store = `sitting-${crypto.randomUUID()}`;
  const bensStore = `ben-${crypto.randomUUID()}`;
  const ben = await person('Ben', system.url, bensStore);
  const room = await ben.createRoom('The usual');
  const link = await ben.room(room).invite();
  const ana = await person('Ana', liar.url, store);
  await ana.join(link);
  const carla = await person('Carla');
  await carla.join(link);
  for (const engine of [ana, ben, carla])
    await untilView(engine, room, (view) => view.members.length === 3 && view.connection === 'online');
  const bensKeys = await identityOf(bensStore);
  return { ana, ben, carla, room, store, bensKeys, invite: readFragment(link)! };
}

/** The member list that a browser has verified. */
async function rosterOf(storeName: string, room: string): Promise<SignedEntry[]> {
  const store = await Store.open(storeName);
  const { roster } = (await store.get('rooms', room))!;
  store.close();
  return roster;
}

async function identityOf(storeName: string): Promise<KeyPair> {
  const store = await Store.open(storeName);
  const { secret } = (await store.get('secrets', 'me'))!;
  store.close();
  return accountKeys(fromBase64(secret)).identity;
}

/** From now on the service says that this is the room's member list. */
async function tell(room: string, roster: readonly SignedEntry[]): Promise<void> {
  const head = await entryHash(roster.at(-1)!);
  liar.answer = ({ path }, reply) =>
    path.startsWith(`/chatrooms/${room}/members`) ? { ...(reply as object), roster } : reply;
  liar.toClient = (frame) => {
    if (frame.t === 'roster') return [];
    return [frame.t === 'welcome' ? { ...frame, head } : frame];
  };
  liar.cut();
  liar.mend();
}

const readers = () =>
  new Set(liar.sent.flatMap((frame) => (frame.t === 'send' ? (frame.recipient ?? []) : [])));
const names = (view: RoomView) => view.members.map(({ name }) => name).sort();

describe('the member list that somebody has seen', () => {
  it.each<
    [string, RegExp, (roster: SignedEntry[], room: string, invite: InviteSecret) => Promise<SignedEntry[]>]
  >([
    [
      'with an entry in place of another, just as well signed: somebody who has the link, instead of Carla',
      /rewrote/,
      async (roster, room, invite) => {
        const before = roster.slice(0, -1);
        return [...before, await joinAfter(room, before, mallory.id, mallory.keys, invite)];
      },
    ],
    [
      'in another order',
      /rewrote/,
      async (roster) => [...roster.slice(0, -2), roster.at(-1)!, roster.at(-2)!],
    ],
    ['without its end', /dropped entries/, async (roster) => roster.slice(0, -1)],
    [
      'with somebody put behind it who follows an earlier entry',
      /wrong|follow|order|fork/,
      async (roster, room, invite) => [
        ...roster,
        await joinAfter(room, roster.slice(0, -1), mallory.id, mallory.keys, invite),
      ],
    ],
  ])(
    '%s: it is refused and named, also after a reload; what is said goes by the true one',
    async (_, told, lie) => {
      const { ana, ben, carla, room, store, invite } = await sitting();
      const roster = await rosterOf(store, room);
      await tell(room, await lie(roster, room, invite));
      const warned = (view: RoomView) => view.warnings.some((each) => told.test(each));
      expect(names(await untilView(ana, room, warned))).toEqual(['Ana', 'Ben', 'Carla']);
      await ana.close();
      const later = await openEngine({ url: liar.url, storeName: store });
      engines.push(later);
      expect(names(await untilView(later, room, warned))).toEqual(['Ana', 'Ben', 'Carla']);

      await later.room(room).send('who hears this?');
      for (const engine of [ben, carla]) {
        const { timeline, warnings } = await untilText(engine, room, 'who hears this?');
        expect(timeline.filter(({ doubt }) => doubt !== undefined)).toEqual([]);
        expect(warnings).toEqual([]);
      }
      expect(readers()).toEqual(new Set([`${idOf(ben)}:1`, `${idOf(carla)}:1`]));
      expect(await rosterOf(store, room)).toEqual(roster);

      // When it tells the truth again, that goes on from where it was.
      liar.repent();
      await ben.room(room).remove(idOf(carla));
      await untilView(later, room, (view) => view.members.length === 2);
      await later.room(room).send('without Carla');
      await untilText(ben, room, 'without Carla');
      expect(texts(carla.room(room).view.get())).toEqual(['who hears this?']);
    },
  );
});

describe('two member lists that both follow from what was seen', () => {
  it('cannot be kept up while people talk: each side is told who sees another one', async () => {
    const { ana, ben, carla, room, store, bensKeys } = await sitting();
    const roster = await rosterOf(store, room);
    // What Ben had signed for the same place, say, and the service had refused then.
    const promoted = { kind: 'role', user: idOf(carla), role: 'admin' } as const;
    await tell(room, [...roster, await entryAfter(room, roster, idOf(ben), bensKeys, promoted)]);
    await untilView(ana, room, ({ members }) => members.some(({ role }) => role === 'admin'));
    await ben.room(room).setRole(idOf(ana), 'admin');
    await ben.room(room).send('as Ben sees it');
    const anas = await untilView(ana, room, (view) => view.warnings.length > 0);
    expect(anas.warnings).toEqual([expect.stringMatching(/^Ben sees another member list/)]);
    expect(
      anas.timeline.find((each) => each.kind === 'text' && each.text === 'as Ben sees it'),
    ).toHaveProperty('doubt');
    await ana.room(room).send('as Ana sees it');
    const bens = await untilView(ben, room, (view) => view.warnings.length > 0);
    expect(bens.warnings).toEqual([expect.stringMatching(/^Ana sees another member list/)]);

    // The truth contradicts what Ana was shown: that, too, is named, and never taken back quietly.
    liar.repent();
    liar.cut();
    liar.mend();
    await untilView(ana, room, (view) => view.warnings.some((each) => each.includes('rewrote')));
  });
});

describe('somebody else under the name of who was verified', () => {
  it('gets nothing, and nobody does, until the mark is taken back; then the others do', async () => {
    const { ana, ben, room } = await sitting();
    const { code } = await ana.room(room).safetyNumber(idOf(ben));
    await ana.room(room).markVerified(idOf(ben), code);
    await untilView(ana, room, (view) => view.members.some(({ trust }) => trust === 'verified'));

    // Dora and the service bring an impostor into a room of hers.
    const dora = await person('Dora');
    const trap = await dora.createRoom('A trap');
    const link = await dora.room(trap).invite();
    const impostor = generateKeyPair();
    const ghosts: SignedEntry[] = [];
    await ana.join(link);
    await untilOnline(ana, trap);
    liar.answer = async ({ path }, reply) => {
      if (!path.startsWith(`/chatrooms/${trap}/members`)) return reply;
      const { roster, ...rest } = reply as { roster: SignedEntry[] };
      ghosts[0] ??= await joinAfter(trap, roster, idOf(ben), impostor, readFragment(link)!);
      return { ...rest, roster: [...roster, ghosts[0]] };
    };
    liar.toClient = (frame) => [frame.t === 'welcome' ? { ...frame, head: 'A'.repeat(43) } : frame];
    liar.cut();
    liar.mend();
    const view = await untilView(ana, trap, ({ members }) =>
      members.some(({ trust }) => trust === 'contradicted'),
    );
    expect(view.warnings).toEqual([expect.stringMatching(/is not who you verified/)]);

    const before = liar.sent.length;
    await ana.room(trap).send('for whom?');
    const { timeline } = await untilView(ana, trap, (shown) =>
      shown.timeline.some((each) => each.kind === 'text' && each.state === 'failed'),
    );
    const failed = timeline.find((each) => each.kind === 'text')!;
    expect(failed).toMatchObject({ problem: expect.stringMatching(/not who you verified/) });
    const file = new File(['secret'], 'secret.txt');
    await expect(ana.room(trap).sendFile(file)).rejects.toMatchObject({ reason: 'contradicted' });
    expect(liar.sent.slice(before).filter(({ t }) => t === 'send')).toEqual([]);

    await ana.room(trap).unmark(idOf(ben));
    await ana.room(trap).retry(failed.id);
    await untilText(dora, trap, 'for whom?');
    const given = liar.sent
      .slice(before)
      .flatMap((frame) => (frame.t === 'send' ? (frame.recipient ?? []) : []));
    expect(given).toEqual([`${idOf(dora)}:1`]);
    await until(ana.room(trap).view, ({ warnings }) =>
      warnings.some((each) => each.includes('get no keys from you')),
    );
  });
});
