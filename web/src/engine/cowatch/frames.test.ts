import { describe, expect, it } from 'vitest';
import { createRoomSecret, openWatch, sealWatch, vouchFor } from '../../../../crypto/room/index.ts';
import { generateKeyPair } from '../../../../crypto/signal/index.ts';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import { mayFollow, type Said, type Timeline } from '../../../../protocol/cowatch.ts';
import { WatchFrames, WatchVoice } from './frames.ts';

const [room, otherRoom, watch, otherWatch, film] = [1, 2, 3, 4, 5].map(
  (n) => `01890000-0000-7000-8000-00000000000${n}`,
) as [string, string, string, string, string];
const [ana, ben, mallory] = [7, 8, 9].map((n) => `01890000-0000-7000-8000-00000000000${n}`) as [
  string,
  string,
  string,
];

/** A room of Ana, Ben and Mallory; what is heard there, and who may speak. */
function people() {
  const secret = toBase64(createRoomSecret());
  const keys = new Map([ana, ben, mallory].map((id) => [id, generateKeyPair()]));
  const identityOf = (id: string) => {
    const pair = keys.get(id);
    return pair && toBase64(pair.publicKey);
  };
  const optionsOf = (me: string, where = room) => ({ room: where, secret, me, identityOf });
  return {
    secret,
    keys,
    optionsOf,
    ears: new WatchFrames(optionsOf('nobody')),
    voice: (me: string, where = watch, inRoom = room) =>
      WatchVoice.create(optionsOf(me, inRoom), where, async (watcher) =>
        vouchFor(keys.get(me)!.privateKey, inRoom, watcher),
      ),
  };
}

/** What somebody hears of a box that the service says is from `from`. */
async function hear(
  ears: WatchFrames,
  from: string,
  box: Uint8Array<ArrayBuffer>,
): Promise<Said | undefined> {
  const frame = await ears.open(from, box);
  return frame && (await ears.read(from, frame))?.said;
}

const reaction: Said = { t: 'react', emoji: '🎉' };
const fresh = { rev: 1, mediaId: film, pos: 0, at: 1, rate: 1, paused: false, without: [] };
const beatOf = (tl: Timeline): Said => ({
  t: 'beat',
  term: 1,
  run: { rev: tl.rev, seq: 0, phase: 'gather', pos: 0, at: 0, waiting: [] },
  tl,
});

describe('a frame of a watch', () => {
  it('is heard by members, once, by whichever way it comes first, in any order', async () => {
    const { ears, voice } = people();
    const anas = await voice(ana);
    const [one, two] = [await anas.seal(reaction), await anas.seal({ t: 'bye' })];
    expect(await hear(ears, ana, two)).toEqual({ t: 'bye' });
    expect(await hear(ears, ana, one)).toEqual(reaction);
    expect(await hear(ears, ana, one)).toBeUndefined();
    expect(await hear(ears, ana, two)).toBeUndefined();
  });

  it('that comes twice at once counts once', async () => {
    const { ears, voice } = people();
    const box = await (await voice(ana)).seal(reaction);
    const heard = await Promise.all([hear(ears, ana, box), hear(ears, ana, box)]);
    expect(heard.filter(Boolean)).toHaveLength(1);
  });

  it('is nothing when the service alters it, says that it is somebody else’s, or puts it into another room', async () => {
    const { ears, voice, optionsOf } = people();
    const box = await (await voice(ana)).seal(reaction);
    for (const at of [0, 20, box.length - 1])
      expect(await hear(ears, ana, box.with(at, box[at]! ^ 1))).toBeUndefined();
    expect(await hear(ears, ben, box)).toBeUndefined();
    expect(await hear(new WatchFrames(optionsOf('nobody', otherRoom)), ana, box)).toBeUndefined();
    expect(await hear(ears, ana, box)).toEqual(reaction);
  });

  it('shows the service nothing, not even its exact length', async () => {
    const { voice } = people();
    const anas = await voice(ana);
    const boxes = [await anas.seal(reaction), await anas.seal({ t: 'ping', to: anas.watcher, id: 1 })];
    expect(new Set(boxes.map(({ length }) => length)).size).toBe(1);
    expect(toBase64(boxes[0]!)).not.toContain(toBase64(utf8('react')).slice(0, 6));
  });

  it('is nothing from who is no member any more', async () => {
    const { ears, voice, keys } = people();
    const bens = await voice(ben);
    const [one, two] = [await bens.seal(reaction), await bens.seal(reaction)];
    expect(await hear(ears, ben, one)).toEqual(reaction);
    keys.delete(ben);
    expect(await hear(ears, ben, two)).toBeUndefined();
  });

  it('cannot be made up by a member in another’s name, even with the service’s help', async () => {
    const { ears, secret, keys, optionsOf, voice } = people();
    // Mallory knows the room secret, and vouches for her own key; the service says that it is Ana's.
    const forged = await WatchVoice.create(optionsOf(ana), watch, async (watcher) =>
      vouchFor(keys.get(mallory)!.privateKey, room, watcher),
    );
    expect(await hear(ears, ana, await forged.seal(reaction))).toBeUndefined();
    // Nor can she change what Ana signed.
    const anas = await voice(ana);
    const opened = await openWatch(fromBase64(secret), ana, await anas.seal(reaction));
    const changed = { ...JSON.parse(fromUtf8(opened)), text: JSON.stringify({ t: 'bye' }) };
    const box = await sealWatch(fromBase64(secret), ana, utf8(JSON.stringify(changed)));
    expect(await hear(ears, ana, box)).toBeUndefined();
  });
});

describe('a state of the film', () => {
  it('may be passed on by anybody, and is still its author’s', async () => {
    const { ears, voice } = people();
    const [anas, bens] = [await voice(ana), await voice(ben)];
    const state = await anas.sign(fresh, { n: 1, host: ana, control: 'everyone' });
    expect(await hear(ears, ben, await bens.seal(beatOf(state)))).toMatchObject({
      tl: { mark: { by: ana } },
    });
  });

  it.each<[string, (state: Timeline) => Timeline]>([
    ['another place', (state) => ({ ...state, pos: 7 })],
    ['another author', (state) => ({ ...state, mark: { ...state.mark, by: mallory } })],
    ['other rules', (state) => ({ ...state, rules: { ...state.rules, host: mallory } })],
    ['more who are not waited for', (state) => ({ ...state, without: [state.mark.watcher] })],
  ])('is nothing with %s', async (_, change) => {
    const { ears, voice } = people();
    const [anas, mallorys] = [await voice(ana), await voice(mallory)];
    const state = await anas.sign(fresh, { n: 1, host: ana, control: 'everyone' });
    expect(await hear(ears, mallory, await mallorys.seal(beatOf(change(state))))).toBeUndefined();
  });

  it('is nothing in another watch than it was signed for', async () => {
    const { ears, voice } = people();
    const state = await (await voice(ana)).sign(fresh, { n: 1, host: ana, control: 'everyone' });
    const elsewhere = await voice(ben, otherWatch);
    expect(await hear(ears, ben, await elsewhere.seal(beatOf(state)))).toBeUndefined();
  });

  it('is obeyed when its author may control by the host’s rules, the newest of them', async () => {
    const { voice } = people();
    const [anas, bens] = [await voice(ana), await voice(ben)];
    const nobodyIsGone = () => false;
    const open = await anas.sign(fresh, { n: 1, host: ana, control: 'everyone' });
    const closed = await anas.sign({ ...open, rev: 2 }, { n: 2, host: ana, control: 'host' });
    const bensWish = await bens.sign({ ...closed, rev: 3 });
    const bensRules = await bens.sign({ ...closed, rev: 3 }, { n: 3, host: ben, control: 'everyone' });
    const underOldRules = await bens.sign({ ...open, rev: 3 });
    expect(mayFollow(open, closed, nobodyIsGone)).toBe(true);
    expect(mayFollow(closed, bensWish, nobodyIsGone)).toBe(false);
    expect(mayFollow(closed, bensRules, nobodyIsGone)).toBe(false);
    expect(mayFollow(closed, underOldRules, nobodyIsGone)).toBe(false);
    expect(mayFollow(closed, bensRules, (user) => user === ana)).toBe(true);
    const named = await anas.sign({ ...closed, rev: 3 }, { n: 3, host: ana, control: [ben] });
    expect(mayFollow(named, await bens.sign({ ...named, rev: 4 }), nobodyIsGone)).toBe(true);
  });

  it('fits a frame with all the names that it may have', async () => {
    const { ears, voice } = people();
    const anas = await voice(ana);
    const names = Array(8).fill(ana);
    const state = await anas.sign(
      { ...fresh, pos: 12345.678901234567, at: 1234567890123.4565, without: Array(8).fill(anas.watcher) },
      { n: 999_999, host: ana, control: names },
    );
    const beat = beatOf(state) as Extract<Said, { t: 'beat' }>;
    const long = { ...beat, run: { ...beat.run, waiting: Array(8).fill(anas.watcher) } };
    const box = await anas.seal(long);
    expect(toBase64(box).length).toBeLessThanOrEqual((4096 * 4) / 3 + 1);
    expect(await hear(ears, ana, box)).toEqual(long);
  });
});
