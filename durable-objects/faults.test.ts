// What a room must survive that the runtime or the clock does to it; e2e/faults.test.ts has what happens to whole systems.
import { evictDurableObject } from 'cloudflare:test';
import { afterEach, expect, it, vi } from 'vitest';
import { type History, historyFaults } from '../local/testing/history.ts';
import { newRoom, outgoing, random, type TestRoom, value } from './test/room.ts';
import { open, type TestSocket } from './test/socket.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Three members, who talk by socket, by REST and to one another alone, `rounds` times; `between` happens after each message. */
async function talk(
  room: TestRoom,
  rounds: number,
  between: (round: number) => Promise<unknown>,
): Promise<History> {
  const people = [room.owner, ...(await room.members(2))];
  const sockets = await Promise.all(people.map((userId) => open(room, userId)));
  const sent: { id: string; box: string; only?: string }[] = [];
  const acknowledged: { id: string; seq: number }[] = [];
  let acks = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [i, socket] of sockets.entries()) {
      const box = random(50);
      const reader = people[(i + 1) % people.length]!;
      if (round % 3 === 0) {
        const message = outgoing('', { box });
        sent.push({ id: message.id, box });
        acknowledged.push(value(await room.stub.send(socket.userId, message)));
      } else {
        const recipient = round % 3 === 1 ? {} : { recipient: `${reader}:1` };
        const id = socket.say('', { box, ...recipient });
        sent.push({ id, box, ...('recipient' in recipient ? { only: reader } : {}) });
        const of = (frames: readonly TestSocket['received'][number][]) =>
          frames.find((frame) => frame.t === 'ack' && frame.id === id);
        acknowledged.push((await socket.until(of)) as { id: string; seq: number });
        acks++;
      }
      await between(round);
    }
  }
  expect(acks).toBeGreaterThan(rounds);
  const fence = outgoing('', { box: random(50) });
  sent.push(fence);
  acknowledged.push(value(await room.stub.send(room.owner, fence)));
  for (const socket of sockets)
    await socket.until(() => socket.messages.at(-1)?.id === fence.id || undefined);
  return {
    sent,
    acknowledged,
    witnesses: sockets.map(({ userId, messages }) => ({ name: userId, seen: messages })),
  };
}

it('an object that is evicted after every message loses, doubles and reorders nothing', async () => {
  const room = await newRoom();
  const history = await talk(room, 6, () => evictDurableObject(room.stub));
  expect(history.witnesses[0]!.seen.length).toBeGreaterThan(12);
  expect(historyFaults(history)).toEqual([]);
});

it('a clock that jumps by days, ahead and back, with and without sleep between, changes nothing of that', async () => {
  const room = await newRoom();
  const start = Date.now();
  const days = [3, -2, 0, 40, -40, 0.001];
  const history = await talk(room, days.length, async (round) => {
    vi.useFakeTimers({ toFake: ['Date'], now: start + days[round]! * 86_400_000 });
    if (round % 2 === 0) await evictDurableObject(room.stub);
  });
  expect(historyFaults(history)).toEqual([]);
  // Nor does time run backwards for those who read.
  const times = (history.witnesses[0]!.seen as TestSocket['messages']).map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});
