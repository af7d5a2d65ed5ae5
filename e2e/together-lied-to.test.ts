// Watching together by the app's engines, without a screen, past a service that lies: the films are made up, all else is real.
import { uuidv7 } from 'uuidv7';
import { describe, expect, it, vi } from 'vitest';
import type { ClientFrame, ServerFrame } from '../protocol/socket.ts';
import { FakeScreen } from '../web/src/engine/cowatch/testing/world.ts';
import { type Engine, until } from '../web/src/engine/index.ts';
import type { JoinedWatch, WatchView } from '../web/src/engine/types.ts';
import { idOf, register, twoInARoom, untilOnline, untilText, untilView } from './headless.ts';
import { engines, liar, startLying, system } from './lied-to.ts';

startLying();

const film = uuidv7();
type Passing = Extract<ServerFrame, { t: 'ephemeral' }>;

/** Ana, past the liar, and Ben watch a film that Ana has begun. */
async function bothWatch() {
  const { ana, ben, room, link } = await twoInARoom({ ana: liar.url, ben: system.url });
  engines.push(ana, ben);
  await ana.room(room).watch.start(film, 0);
  const anas = await show(ana, room);
  const bens = await comeToo(ben, room);
  return { ana, ben, room, link, anas, bens };
}

/** Somebody's film, made up. */
async function show(engine: Engine, room: string, mediaId = film) {
  const watching = await until(engine.room(room).watch.view, isJoined);
  const screen = new FakeScreen(() => performance.now());
  watching.joined.show(mediaId, screen);
  return { watch: watching.joined, screen };
}

async function comeToo(engine: Engine, room: string) {
  await until(engine.room(room).watch.view, ({ running }) => running !== undefined);
  await engine.room(room).watch.join();
  return show(engine, room);
}

const isJoined = (view: WatchView): view is WatchView & { joined: JoinedWatch } => view.joined !== undefined;
const untilPhase = (watch: JoinedWatch, phase: string) => until(watch.view, (view) => view.phase === phase);

describe('watching together past a service that lies', () => {
  it('begins, is seen by the others, and is controlled by each', async () => {
    const { anas, bens } = await bothWatch();
    await Promise.all([untilPhase(anas.watch, 'playing'), untilPhase(bens.watch, 'playing')]);
    bens.watch.pause();
    await untilPhase(anas.watch, 'paused');
    anas.watch.seek(100);
    anas.watch.play();
    await Promise.all([untilPhase(anas.watch, 'playing'), untilPhase(bens.watch, 'playing')]);
    // A film makes no event while it plays.
    await expect.poll(() => bens.screen.truth, { timeout: 30_000 }).toBeGreaterThan(100);
    expect(bens.watch.view.get().others.map(({ userId }) => userId)).toHaveLength(1);
  });

  it('begins anew for who begins one just as the last of those who watched has gone', async () => {
    const { ana, ben, room, anas } = await bothWatch();
    await until(anas.watch.view, ({ others }) => others.length === 1);
    anas.watch.leave();
    // Ben's goodbye comes when Ana has begun to join him.
    const late: Passing[] = [];
    liar.toClient = (frame) => {
      if (frame.t !== 'ephemeral') return [frame];
      late.push(frame);
      return [];
    };
    const leaving = until(ben.room(room).watch.view, ({ joined }) => joined === undefined);
    ben.room(room).watch.view.get().joined!.leave();
    await leaving;
    // The last of what he says of it.
    for (let said = -1; said !== late.length; ) {
      said = late.length;
      await ben.room(room).send(`good night ${said}`);
      await untilText(ana, room, `good night ${said}`);
    }
    const another = uuidv7();
    const starting = ana.room(room).watch.start(another, 0);
    await until(ana.room(room).watch.view, isJoined);
    liar.say(late.at(-1)!);
    await starting;
    const { joined } = await until(ana.room(room).watch.view, isJoined);
    expect((await until(joined.view, ({ messageId }) => messageId !== undefined)).messageId).toBe(another);
  });

  it('goes by nothing that the service alters, repeats, or says is another’s', async () => {
    const { ana, ben, anas, bens } = await bothWatch();
    await Promise.all([untilPhase(anas.watch, 'playing'), untilPhase(bens.watch, 'playing')]);
    // All that Ben's device says while he stops the film, and lets it go on.
    const heard: Passing[] = [];
    liar.toClient = (frame) => {
      if (frame.t === 'ephemeral') heard.push(frame);
      return [frame];
    };
    bens.watch.pause();
    await untilPhase(anas.watch, 'paused');
    bens.watch.play();
    await untilPhase(anas.watch, 'playing');
    const states = new Set<string>();
    const stop = anas.watch.view.subscribe(({ phase }) => states.add(phase));
    const changed = (box: string, at: number) =>
      `${box.slice(0, at)}${box[at] === 'A' ? 'B' : 'A'}${box.slice(at + 1)}`;
    for (const frame of heard) {
      liar.say(frame);
      liar.say({ ...frame, from: idOf(ana) });
      liar.say({ ...frame, box: changed(frame.box, 600) });
    }
    // Ben's next word comes after all that.
    bens.watch.react('🎉');
    await new Promise<void>((resolve) => {
      const off = anas.watch.onReaction((userId) => {
        if (userId !== idOf(ben)) return;
        off();
        resolve();
      });
    });
    stop();
    expect([...states].filter((phase) => phase !== 'playing')).toEqual([]);
    expect(anas.watch.view.get().others).toHaveLength(1);
  });

  it('shows the service nothing of it', async () => {
    const sent: ClientFrame[] = liar.sent;
    const { anas } = await bothWatch();
    await untilPhase(anas.watch, 'playing');
    const boxes = sent.flatMap((frame) => (frame.t === 'ephemeral' ? [frame.box] : []));
    expect(boxes.length).toBeGreaterThan(1);
    const seen = boxes.map((box) => Buffer.from(box, 'base64url').toString('latin1')).join();
    for (const word of ['paused', 'mediaId', 'beat', film]) expect(seen).not.toContain(word);
  });

  it('is not controlled by who may not, nor by who is no member any more', async () => {
    const { ana, ben, room, anas, bens } = await bothWatch();
    await Promise.all([untilPhase(anas.watch, 'playing'), untilPhase(bens.watch, 'playing')]);
    anas.watch.allow('host');
    await until(bens.watch.view, ({ control }) => control === 'host');
    expect(bens.watch.view.get().mayControl).toBe(false);
    bens.watch.pause();
    await expect(ben.room(room).watch.start(uuidv7(), 0)).rejects.toMatchObject({ reason: 'may-not' });
    anas.watch.allow([idOf(ben)]);
    await until(bens.watch.view, ({ mayControl }) => mayControl);
    expect(anas.watch.view.get().phase).toBe('playing');
    bens.watch.pause();
    await untilPhase(anas.watch, 'paused');
    await ana.room(room).remove(idOf(ben));
    await until(anas.watch.view, ({ others }) => others.length === 0);
    await until(ben.room(room).watch.view, ({ joined }) => joined === undefined);
  });

  it('goes on when the one who led it is gone without a word, and takes in somebody new', async () => {
    const { ana, room, link, anas, bens } = await bothWatch();
    await Promise.all([untilPhase(anas.watch, 'playing'), untilPhase(bens.watch, 'playing')]);
    liar.cut();
    await until(bens.watch.view, ({ others }) => others.length === 0);
    expect(bens.watch.view.get().phase).toBe('playing');
    const carla = await register(system.url, 'Carla');
    engines.push(carla);
    await carla.join(link);
    await untilOnline(carla, room);
    const carlas = await comeToo(carla, room);
    await untilPhase(carlas.watch, 'playing');
    carlas.watch.pause();
    await untilPhase(bens.watch, 'paused');
    // And whoever was cut off comes back into the same.
    liar.mend();
    await untilView(ana, room, ({ connection }) => connection === 'online');
    await untilPhase(anas.watch, 'paused');
    await until(anas.watch.view, ({ others }) => others.length === 2);
  });

  it('is one when two begin at the same time', async () => {
    const { ana, ben, room } = await twoInARoom({ ana: liar.url, ben: system.url });
    engines.push(ana, ben);
    await Promise.all([ana.room(room).watch.start(film, 0), ben.room(room).watch.start(film, 0)]);
    for (const engine of [ana, ben]) {
      const { view } = engine.room(room).watch;
      await vi.waitUntil(() => view.get().joined?.view.get().others.length === 1, { timeout: 60_000 });
    }
  });
});
