import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRoomSecret } from '../../../../crypto/room/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import type { ServerFrame } from '../../../../protocol/socket.ts';
import { Typing } from './typing.ts';

type Passed = Extract<ServerFrame, { t: 'ephemeral' }>;

/** Ana and Ben in a room that passes on what they say for a moment; `sent` is what Ana's device sent. */
function anaAndBen({ secret = toBase64(createRoomSecret()), hasOthers = true } = {}) {
  const people = new Set(['ana', 'ben']);
  const sent: Passed[] = [];
  const common = { hasOthers: () => hasOthers, isMember: (id: string) => people.has(id) };
  const ben = new Typing({ ...common, me: 'ben', secret, transmit: () => {} });
  const ana = new Typing({
    ...common,
    me: 'ana',
    secret,
    transmit: (frame) => {
      if (frame.t === 'ephemeral') sent.push({ ...frame, from: 'ana' });
    },
  });
  return { ana, ben, people, sent };
}

/** Waits until so many frames have been sealed. */
const sealed = (sent: readonly Passed[], count: number) => vi.waitUntil(() => sent.length === count);

describe('who is typing', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }));
  afterEach(() => vi.useRealTimers());

  it('is told once in three seconds, and when they have stopped', async () => {
    const { ana, ben, sent } = anaAndBen();
    for (let i = 0; i < 31; i++) {
      ana.write(true);
      vi.advanceTimersByTime(100);
    }
    await sealed(sent, 2);
    ana.write(false);
    ana.write(false);
    await sealed(sent, 3);
    // Nothing tells a beginning from an end, but who opens it.
    expect(new Set(sent.map(({ box }) => box.length)).size).toBe(1);
    ben.take(sent[0]!);
    await vi.waitUntil(() => ben.who.get().length === 1);
    expect(ben.who.get()).toEqual(['ana']);
    ben.take(sent[2]!);
    await vi.waitUntil(() => ben.who.get().length === 0);
  });

  it('is over when nothing is heard for seconds, or the line is lost', async () => {
    const { ana, ben, sent } = anaAndBen();
    ana.write(true);
    await sealed(sent, 1);
    ben.take(sent[0]!);
    await vi.waitUntil(() => ben.who.get().length === 1);
    vi.advanceTimersByTime(7_000);
    expect(ben.who.get()).toEqual([]);
    ana.write(true);
    await sealed(sent, 2);
    ben.take(sent[1]!);
    await vi.waitUntil(() => ben.who.get().length === 1);
    ben.clear();
    expect(ben.who.get()).toEqual([]);
  });

  it('costs nothing for who is alone', async () => {
    const { ana, sent } = anaAndBen({ hasOthers: false });
    ana.write(true);
    ana.write(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual([]);
  });

  it('is not believed when the service made it up, repeats it, or says that it was somebody else', async () => {
    const { ana, ben, people, sent } = anaAndBen();
    people.add('carla');
    ana.write(true);
    await sealed(sent, 1);
    ana.write(false);
    await sealed(sent, 2);
    const [began, stopped] = sent as [Passed, Passed];
    const shown: (readonly string[])[] = [];
    ben.who.subscribe((who) => shown.push(who));
    ben.take({ ...began, from: 'carla' });
    ben.take({ ...began, from: 'a stranger' });
    ben.take({ ...began, box: began.box.replace(/.{4}$/, 'AAAA') });
    for (const frame of [began, stopped, began]) ben.take(frame);
    const { ana: other, sent: forged } = anaAndBen();
    other.write(true);
    await sealed(forged, 1);
    ben.take(forged[0]!);
    await vi.waitUntil(() => shown.length >= 2);
    vi.advanceTimersByTime(1);
    ana.write(true);
    await sealed(sent, 3);
    ben.take(sent[2]!);
    await vi.waitUntil(() => shown.length >= 3);
    expect(shown).toEqual([['ana'], [], ['ana']]);
  });
});
