import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRoomSecret, openPassing, unpad } from '../../../../crypto/room/index.ts';
import { fromBase64, fromUtf8, toBase64 } from '../../../../protocol/bytes.ts';
import type { ServerFrame } from '../../../../protocol/socket.ts';
import { Ephemerals } from './ephemerals.ts';
import { Presence } from './presence.ts';
import { Typing } from './typing.ts';

type Passed = Extract<ServerFrame, { t: 'ephemeral' }>;

/** A room that passes on nothing by itself: `sent` is what devices sent, and a test hands it on. */
function newRoom(...names: string[]) {
  const secret = toBase64(createRoomSecret());
  const people = new Set(names);
  /** Who has switched both off. */
  const silent = new Set<string>();
  const sent: Passed[] = [];
  const device = (me: string) => {
    const ephemerals = new Ephemerals({
      me,
      secret,
      isMember: (id) => people.has(id),
      wanted: () => !silent.has(me),
      transmit: (frame) => {
        if (frame.t === 'ephemeral') sent.push({ ...frame, from: me });
      },
    });
    return {
      ephemerals,
      typing: new Typing(ephemerals, me, () => people.size > 1),
      presence: new Presence(ephemerals, me, () => people.size),
    };
  };
  return { secret, people, silent, sent, device };
}

/** Waits until so many frames have been sealed. */
const sealed = (sent: readonly Passed[], count: number) => vi.waitUntil(() => sent.length === count);

const insideOf = async (secret: string, { from, box }: Passed) =>
  JSON.parse(fromUtf8(unpad(await openPassing(fromBase64(secret), from, box))));

beforeEach(() =>
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }),
);
afterEach(() => vi.useRealTimers());

describe('what is said for a moment', () => {
  it('is not believed when the service made it up, repeats it, or says that it was somebody else', async () => {
    const { people, sent, device } = newRoom('ana', 'ben', 'carla');
    const [ana, ben] = [device('ana'), device('ben')];
    ana.typing.write(true);
    ana.typing.write(false);
    await sealed(sent, 2);
    const [began, stopped] = sent as [Passed, Passed];
    const shows = async (frame: Passed) => {
      await ben.ephemerals.take(frame);
      return ben.typing.who.get();
    };
    const other = newRoom('ana', 'ben');
    other.device('ana').typing.write(true);
    await sealed(other.sent, 1);
    expect(await shows(other.sent[0]!)).toEqual([]);
    expect(await shows({ ...began, from: 'carla' })).toEqual([]);
    expect(await shows({ ...began, box: began.box.replace(/.{4}$/, 'AAAA') })).toEqual([]);
    expect(await shows(began)).toEqual(['ana']);
    expect(await shows(stopped)).toEqual([]);
    expect(await shows(began)).toEqual([]);
    ana.typing.write(true);
    await sealed(sent, 3);
    people.delete('ana');
    expect(await shows(sent[2]!)).toEqual([]);
    people.add('ana');
    expect(await shows(sent[2]!)).toEqual(['ana']);
  });

  it('looks the same to the service, whatever it is', async () => {
    const { sent, device } = newRoom('ana', 'ben');
    const ana = device('ana');
    ana.typing.write(true);
    ana.typing.write(false);
    ana.presence.look(true);
    ana.presence.look(false);
    await sealed(sent, 4);
    expect(new Set(sent.map(({ box }) => box.length)).size).toBe(1);
  });
});

describe('who has switched it off', () => {
  it('says nothing, and sees nothing', async () => {
    const { silent, sent, device } = newRoom('ana', 'ben');
    const [ana, ben] = [device('ana'), device('ben')];
    silent.add('ana');
    ana.typing.write(true);
    ana.typing.write(false);
    ana.presence.look(true);
    ana.presence.look(false);
    ben.typing.write(true);
    await sealed(sent, 1);
    await ana.ephemerals.take(sent[0]!);
    expect(sent.map(({ from }) => from)).toEqual(['ben']);
    expect(ana.typing.who.get()).toEqual([]);
  });

  it('is taken for gone as soon as it is said again', async () => {
    const { silent, sent, device } = newRoom('ana', 'ben');
    const [ana, ben] = [device('ana'), device('ben')];
    ana.presence.look(true);
    await sealed(sent, 1);
    await ben.ephemerals.take(sent[0]!);
    expect(ben.presence.who.get()).toEqual(['ana']);
    silent.add('ana');
    vi.advanceTimersByTime(20_000);
    await sealed(sent, 2);
    await ben.ephemerals.take(sent[1]!);
    expect(ben.presence.who.get()).toEqual([]);
  });
});

describe('who is typing', () => {
  it('is told once in three seconds, and when they have stopped', async () => {
    const { sent, device } = newRoom('ana', 'ben');
    const [ana, ben] = [device('ana'), device('ben')];
    for (let i = 0; i < 31; i++) {
      ana.typing.write(true);
      vi.advanceTimersByTime(100);
    }
    await sealed(sent, 2);
    ana.typing.write(false);
    ana.typing.write(false);
    await sealed(sent, 3);
    await ben.ephemerals.take(sent[0]!);
    expect(ben.typing.who.get()).toEqual(['ana']);
    await ben.ephemerals.take(sent[2]!);
    expect(ben.typing.who.get()).toEqual([]);
  });

  it('is over when nothing is heard for seconds, or the line is lost', async () => {
    const { sent, device } = newRoom('ana', 'ben');
    const [ana, ben] = [device('ana'), device('ben')];
    ana.typing.write(true);
    await sealed(sent, 1);
    await ben.ephemerals.take(sent[0]!);
    expect(ben.typing.who.get()).toEqual(['ana']);
    vi.advanceTimersByTime(7_000);
    expect(ben.typing.who.get()).toEqual([]);
    ana.typing.write(true);
    await sealed(sent, 2);
    await ben.ephemerals.take(sent[1]!);
    expect(ben.typing.who.get()).toEqual(['ana']);
    ben.ephemerals.lost();
    expect(ben.typing.who.get()).toEqual([]);
  });

  it('costs nothing for who is alone', async () => {
    const { people, secret, sent, device } = newRoom('ana');
    const ana = device('ana');
    ana.typing.write(true);
    ana.typing.write(false);
    people.add('ben');
    vi.advanceTimersByTime(10_000);
    const at = Date.now();
    ana.typing.write(true);
    await vi.waitUntil(() => sent.length > 0);
    // Frames leave in order: the first is of now, so there was none before.
    expect(await insideOf(secret, sent[0]!)).toEqual({ kind: 'typing', on: true, at });
  });
});

describe('who is here', () => {
  it('is known to who comes later, and over when they turn away', async () => {
    const { sent, device } = newRoom('ana', 'ben');
    const [ana, ben] = [device('ana'), device('ben')];
    ana.presence.look(true);
    await sealed(sent, 1);
    // Ben's socket was not there yet. He comes, and Ana's device answers.
    ben.presence.look(true);
    await sealed(sent, 2);
    await ana.ephemerals.take(sent[1]!);
    expect(ana.presence.who.get()).toEqual(['ben']);
    vi.advanceTimersByTime(300);
    await sealed(sent, 3);
    await ben.ephemerals.take(sent[2]!);
    expect(ben.presence.who.get()).toEqual(['ana']);
    ana.presence.look(false);
    // Ben's own answer, which nobody needs, is the last word of this greeting.
    vi.advanceTimersByTime(300);
    await sealed(sent, 5);
    const left = sent.slice(3).find(({ from }) => from === 'ana')!;
    await ben.ephemerals.take(left);
    expect(ben.presence.who.get()).toEqual([]);
  });

  it('is said again while they stay, so that it ends by itself when they vanish', async () => {
    const { sent, device } = newRoom('ana', 'ben');
    const [ana, ben] = [device('ana'), device('ben')];
    ana.presence.look(true);
    for (let beat = 1; beat <= 4; beat++) {
      await sealed(sent, beat);
      await ben.ephemerals.take(sent[beat - 1]!);
      expect(ben.presence.who.get()).toEqual(['ana']);
      vi.advanceTimersByTime(20_000);
    }
    vi.advanceTimersByTime(30_000);
    expect(ben.presence.who.get()).toEqual([]);
  });

  it('holds while another window of theirs looks', async () => {
    const { secret, sent, device } = newRoom('ana', 'ben');
    const [window, other] = [device('ana'), device('ana')];
    window.presence.look(true);
    other.presence.look(true);
    await sealed(sent, 2);
    vi.advanceTimersByTime(1);
    other.presence.look(false);
    await sealed(sent, 3);
    await window.ephemerals.take(sent[2]!);
    vi.advanceTimersByTime(300);
    await sealed(sent, 4);
    expect(await insideOf(secret, sent[3]!)).toMatchObject({ kind: 'presence', on: true });
  });

  it('is said by nobody in a large room, nor by who has turned away', async () => {
    const { people, sent, device } = newRoom(...Array.from({ length: 31 }, (_, i) => `member ${i}`));
    const one = device('member 1');
    one.presence.look(true);
    vi.advanceTimersByTime(60_000);
    people.delete('member 2');
    vi.advanceTimersByTime(20_000);
    await sealed(sent, 1);
    one.presence.look(false);
    await sealed(sent, 2);
    one.ephemerals.connected();
    vi.advanceTimersByTime(60_000);
    one.typing.write(true);
    await sealed(sent, 3);
  });
});
