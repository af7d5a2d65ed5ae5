// What a room must survive under load: after each fault, what every client saw is compared with what was acknowledged.
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { mostUnread } from '../durable-objects/backlog.ts';
import { openPGlite } from '../local/postgres.ts';
import { type History, historyFaults } from '../local/testing/history.ts';
import { maxBox } from '../protocol/socket.ts';
import { texts, twoInARoom, untilView } from './headless.ts';
import { openLiar } from './liar.ts';
import { openLine } from './line.ts';
import { type RestUser, random, restUser } from './rest.ts';
import { freshSystem, type TestSystem } from './system.ts';
import { sharedRoom, Witness, type WitnessOptions } from './witness.ts';

const seed = Number(process.env.FAULT_SEED) || Math.floor(Math.random() * 2 ** 31);
/** How long Postgres is away, in seconds: several attempts of the outbox fail. */
const outage = Number(process.env.FAULT_OUTAGE) || 60;
/** How often the two apps lose power; odd rounds break the line instead. */
const rounds = Number(process.env.FAULT_ROUNDS) || 4;
const crowd = 500;
/** Within how many seconds all of them are back; FAULT_WITHIN on a machine that is busy with other things. */
const within = Number(process.env.FAULT_WITHIN) || 5;

let state = seed;
/** The next of a row of numbers from 0 to 1 that `seed` makes (mulberry32). */
function chance(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => [chance(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

let system: TestSystem;
let users: RestUser[];
/** What every room of this file should hold in the end. */
const histories = new Map<string, History>();

beforeAll(async () => {
  console.log(`FAULT_SEED=${seed}`);
  system = await freshSystem({ web: false });
  users = await Promise.all([1, 2, 3].map(() => restUser(system.url)));
}, 400_000);
afterAll(() => system?.remove());

/** Three members in a new room, and `people` who are silent; `how` changes the ways of each of the three. */
async function gathering({
  how = () => ({}),
  people = [],
}: {
  how?: (i: number) => Partial<WitnessOptions>;
  people?: readonly RestUser[];
} = {}) {
  const [owner, ...others] = users as [RestUser, ...RestUser[]];
  const room = await sharedRoom(owner, [...others, ...people]);
  const witnesses = ['Ana', 'Ben', 'Carla'].map(
    (name, i) => new Witness({ name, user: users[i]!, room, url: system.url, ...how(i) }),
  );
  await Promise.all(witnesses.map((witness) => witness.online()));
  return { room, witnesses };
}

/** Everybody talks every `pause` ms until `fault` is over: by socket in a little burst, to one person alone, and by REST. */
async function talking(
  witnesses: readonly Witness[],
  fault: () => Promise<unknown>,
  pause = 100,
): Promise<void> {
  let over = false;
  let turns = 0;
  const talk = witnesses.map(async (witness, i) => {
    const other = (i + 1) % witnesses.length;
    while (!over) {
      turns++;
      witness.say(...Array.from({ length: 3 }, () => random(200)));
      witness.whisper({ name: witnesses[other]!.name, user: users[other]! }, random(100));
      await Promise.all([witness.post(random(100)), new Promise((next) => setTimeout(next, pause))]);
    }
  });
  try {
    await fault();
  } finally {
    over = true;
  }
  await Promise.all(talk);
  expect(turns).toBeGreaterThan(witnesses.length);
}

/** Waits until everybody has everything, and looks for faults. */
async function judge(room: string, witnesses: readonly Witness[]): Promise<void> {
  await Promise.all(witnesses.map((witness) => witness.settled()));
  const fence = random(20);
  await witnesses[0]!.post(fence);
  await Promise.all(witnesses.map((witness) => witness.hears(fence)));
  const history = {
    sent: witnesses.flatMap(({ sent }) => sent),
    acknowledged: witnesses.flatMap(({ acknowledged }) => acknowledged),
    witnesses,
  };
  histories.set(room, history);
  expect(historyFaults(history)).toEqual([]);
  await Promise.all(witnesses.map((witness) => witness.close()));
}

describe('nothing is lost, nothing comes twice, and all have one order', () => {
  it(`while Postgres says nothing for ${outage} s`, async () => {
    const { room, witnesses } = await gathering();
    await talking(witnesses, async () => {
      const before = witnesses[0]!.seen.length;
      system.freezeDatabase();
      try {
        await new Promise((over) => setTimeout(over, outage * 1000));
        // Nobody had to wait for it.
        expect(witnesses[0]!.seen.length - before).toBeGreaterThan(outage * 5);
      } finally {
        system.thawDatabase();
      }
    });
    await judge(room, witnesses);
  });

  it('when the machine loses power in the middle of bursts, three times', { timeout: 400_000 }, async () => {
    const { room, witnesses } = await gathering();
    await talking(witnesses, async () => {
      for (let i = 0; i < 3; i++) {
        await witnesses[i]!.sees(witnesses[i]!.seen.length + 10);
        await new Promise((moment) => setTimeout(moment, chance() * 500));
        await system.crash();
      }
    });
    await judge(room, witnesses);
  });

  it('when one answer in five gets lost, and frames come twice and in another order', async () => {
    const liar = await openLiar(system.url);
    let lost = 0;
    const { room, witnesses } = await gathering({
      how: (i) => ({
        ...(i < 2 && { url: liar.url }),
        mangle: (frames) => shuffled([...frames, ...frames.filter(() => chance() < 0.3)]),
      }),
    });
    liar.answer = ({ path }, reply) => {
      if (!path.endsWith('/ticket') && chance() < 0.2) {
        lost++;
        throw new Error('lost');
      }
      return reply;
    };
    // A socket whose answer is lost is a socket that breaks.
    liar.toClient = (frame) => {
      if (frame.t !== 'ack' || chance() >= 0.02) return [frame];
      lost++;
      liar.cut();
      liar.mend();
      return [];
    };
    await talking(witnesses.slice(0, 2), () =>
      vi.waitUntil(() => lost > 20, { timeout: 60_000, interval: 20 }),
    );
    liar.repent();
    await judge(room, witnesses);
    await liar.close();
  });

  it(`for two apps with their keys, through ${rounds} power cuts and broken lines at any moment`, {
    timeout: 120_000 + rounds * 15_000,
  }, async () => {
    const line = await openLine(system.port);
    const { ana, ben, room } = await twoInARoom({ ana: system.url, ben: line.url });
    const said: string[] = [];
    const talk = async (name: string, app: typeof ana, round: number) => {
      for (let n = 0; n < 12; n++) {
        const text = `${name} ${round} ${n}`;
        said.push(text);
        await app.room(room).send(text);
        await new Promise((next) => setTimeout(next, chance() * 80));
      }
    };
    for (let round = 0; round < rounds; round++) {
      const talking = Promise.all([talk('Ana', ana, round), talk('Ben', ben, round)]);
      await new Promise((moment) => setTimeout(moment, chance() * 500));
      if (round % 2 === 0) await system.crash();
      else await line.cut();
      await talking;
    }
    const complete = await Promise.all(
      [ana, ben].map((one) => untilView(one, room, (view) => texts(view).length >= said.length)),
    );
    expect(texts(complete[0]!)).toEqual(texts(complete[1]!));
    expect(texts(complete[0]!).toSorted()).toEqual(said.toSorted());
    for (const { timeline } of complete)
      expect(timeline.filter(({ kind }) => kind === 'unreadable')).toEqual([]);
    await Promise.all([ana.close(), ben.close()]);
    await line.close();
  });
});

it('a client that stops reading is let go at a bound, and the others go on', async () => {
  const { room, witnesses } = await gathering();
  const { body } = await users[2]!.call('POST', `/chatrooms/${room}/ticket`);
  const address = `${system.url.replace('http', 'ws')}/chatrooms/${room}/socket?ticket=${body.ticket}`;
  const deaf = new WebSocket(address, { perMessageDeflate: false });
  let characters = 0;
  deaf.on('message', (data) => {
    characters += String(data).length;
  });
  const closed = once(deaf, 'close');
  await once(deaf, 'open');
  deaf.send(JSON.stringify({ t: 'hello', since: 0 }));
  await once(deaf, 'message');
  deaf.pause();
  // Twice as much as one socket may be behind.
  const box = random(maxBox);
  const posts = Math.ceil((2 * mostUnread) / box.length / witnesses.length);
  for (let i = 0; i < posts; i++) await Promise.all(witnesses.map((witness) => witness.post(box)));
  await Promise.all(witnesses.map((witness) => witness.sees(posts * witnesses.length)));
  deaf.resume();
  expect((await closed)[0]).toBe(1013);
  expect(characters).toBeGreaterThan(mostUnread / 2);
  expect(characters).toBeLessThan(mostUnread + 1_000);
  await judge(room, witnesses);
});

it(`a deploy closes ${crowd} sockets at once: everybody is back and has caught up within ${within} s`, {
  timeout: 400_000,
}, async () => {
  const line = await openLine(system.port);
  // A person has at most fifty.
  const people = await Promise.all(Array.from({ length: crowd / 40 }, () => restUser(system.url)));
  const { room, witnesses } = await gathering({ people });
  const many = Array.from({ length: crowd }, (_, i) => {
    const user = people[i % people.length]!;
    return new Witness({ name: `${i}`, user, room, url: line.url });
  });
  await Promise.all(many.map((witness) => witness.online()));
  let cut = 0;
  await talking(
    witnesses,
    async () => {
      await Promise.all(many.map((witness) => witness.sees(10)));
      cut = performance.now();
      line.cut();
      await Promise.all(many.map((witness) => witness.backAfter(cut)));
    },
    1_000,
  );
  const seconds = many.map(({ caughtUp }) => (caughtUp.at(-1)! - cut) / 1000).sort((a, b) => a - b);
  const at = (share: number) => seconds[Math.ceil(share * crowd) - 1]!.toFixed(1);
  console.log(`${crowd} back and caught up: p50 ${at(0.5)} s, p99 ${at(0.99)} s, all after ${at(1)} s`);
  expect(seconds.at(-1)!).toBeLessThan(within);
  await judge(room, [...witnesses, ...many]);
  await line.close();
});

it('and Postgres has all of it too, in the same places', async () => {
  expect(histories.size).toBeGreaterThan(0);
  // Each room's last message is Ana's, and the outbox keeps the order.
  const last = [...histories.values()].map(({ witnesses }) => witnesses[0]!.seen.at(-1)!.id);
  const exported = async () => JSON.stringify((await users[0]!.call('GET', '/auth/me/export')).body);
  await vi.waitUntil(
    async () => {
      const text = await exported();
      return last.every((id) => text.includes(id));
    },
    { timeout: 60_000, interval: 10_000 },
  );
  await system.stop();
  const { pool, close } = await openPGlite(join(system.dataDir, 'postgres'));
  const query = 'select chatroom_id as room, seq::int, id, cipher_text as box from messages order by seq';
  const { rows } = await pool.query<{ room: string; seq: number; id: string; box: string }>(query);
  await close();
  for (const [room, history] of histories) {
    const witness = { name: 'Postgres', seen: rows.filter((row) => row.room === room) };
    const sent = history.sent.map(({ id, box }) => ({ id, box }));
    expect(historyFaults({ ...history, sent, witnesses: [witness] })).toEqual([]);
  }
});
