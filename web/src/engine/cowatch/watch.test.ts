import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World } from './testing/world.ts';

const film = { mediaId: '01890000-0000-7000-8000-000000000001', pos: 0 };

/** So many people watch, and their films play. */
async function watching(count: number, line = {}, seed = 1) {
  const world = new World(line, seed);
  const people = Array.from({ length: count }, (_, i) =>
    world.come(['ana', 'ben', 'carla', 'dan', 'eva'][i]!),
  );
  await people[0]!.watch.begin(film);
  await world.until(() => world.allPlay);
  await world.pass(6_000);
  return { world, people };
}

describe('people who watch together', () => {
  it('are at the same place, whatever their clocks say', async () => {
    const { world } = await watching(4);
    const seen: number[] = [];
    for (let i = 0; i < 100; i++) {
      await world.pass(50);
      seen.push(world.apart);
    }
    seen.sort((one, other) => one - other);
    expect(seen[50]).toBeLessThan(0.016);
    expect(seen[95]).toBeLessThan(0.04);
  });

  it('stop, jump and go on together, whoever of them says so', async () => {
    const { world, people } = await watching(3);
    const [, ben, carla] = people;
    expect(await ben!.watch.wish({ paused: true })).toBe(true);
    await world.until(() => people.every(({ screen }) => screen.paused), 500);
    await world.pass(500);
    expect(world.apart).toBeLessThan(0.015);
    expect(await carla!.watch.wish({ pos: 600, paused: false })).toBe(true);
    await world.until(() => world.allPlay, 1_000);
    await world.pass(1_500);
    for (const { screen } of people) expect(screen.truth).toBeGreaterThan(600.5);
    expect(world.apart).toBeLessThan(0.05);
  });

  it('begin 600 ms after a jump, and what the players take', async () => {
    const { world, people } = await watching(2);
    for (const { screen } of people) screen.jumpTakes = 0;
    await people[1]!.watch.wish({ pos: 1000 });
    await world.until(() => people.every(({ screen }) => screen.truth > 1000), 600);
  });

  it('wait for a film that stalls, go back to where it did, and go on', async () => {
    const { world, people } = await watching(3);
    const [ana, ben, carla] = people;
    ben!.screen.starve(true);
    const place = ben!.screen.truth;
    await world.until(() => ana!.screen.paused && carla!.screen.paused, 1_500);
    await world.pass(8_000);
    expect(ana!.watch.run?.waiting).toEqual([ben!.watcher]);
    expect(ana!.screen.paused).toBe(true);
    ben!.screen.starve(false);
    await world.until(() => world.allPlay, 1_500);
    await world.pass(1_000);
    for (const { screen } of people) expect(screen.truth).toBeLessThan(place + 2.5);
    expect(world.apart).toBeLessThan(0.05);
  });

  it('are told what they wait for, and when it is something else', async () => {
    const { world, people } = await watching(2);
    const [ana, ben] = people;
    ben!.screen.starve(true);
    ben!.screen.cause = 'loading';
    await world.until(() => ana!.screen.paused && ana!.causes[0] === 'loading');
    // Nothing else changes.
    await world.pass(2_000);
    ben!.screen.cause = 'uploader';
    await world.until(() => ana!.causes[0] === 'uploader', 1_000);
  });

  it('do not wait for a hiccup', async () => {
    const { world, people } = await watching(2);
    people[1]!.screen.starve(true);
    await world.pass(700);
    people[1]!.screen.starve(false);
    for (let i = 0; i < 40; i++) {
      await world.pass(50);
      expect(people[0]!.screen.paused).toBe(false);
    }
  });

  it('go on without somebody by choice, who catches up alone', async () => {
    const { world, people } = await watching(3);
    const [ana, ben, carla] = people;
    ben!.screen.starve(true);
    await world.until(() => ana!.screen.paused);
    await carla!.watch.wish({ without: [ben!.watcher] });
    await world.until(() => !ana!.screen.paused && !carla!.screen.paused, 1_500);
    await world.pass(5_000);
    expect(ana!.screen.paused).toBe(false);
    ben!.screen.starve(false);
    await world.pass(3_000);
    expect(world.apart).toBeLessThan(0.05);
  });

  it('do not wait longer than four seconds for somebody who says nothing', async () => {
    const { world, people } = await watching(3);
    const [ana, ben, carla] = people;
    ben!.leaving = (said) =>
      said.t === 'here' ? { ...said, report: { ...said.report, rev: 1, seq: 0 } } : said;
    await ana!.watch.wish({ pos: 100 });
    const took = await world.until(
      () => !ana!.screen.paused && !carla!.screen.paused && ana!.screen.truth > 100,
    );
    expect(took).toBeGreaterThan(3_900);
    expect(took).toBeLessThan(4_700);
  });

  it('take in who comes late, without stopping', async () => {
    const { world, people } = await watching(2);
    await world.pass(20_000);
    const late = world.come('carla');
    for (let i = 0; i < 100; i++) {
      await world.pass(50);
      expect(people[0]!.screen.paused).toBe(false);
    }
    expect(late.watch.others.map(({ userId }) => userId)).toEqual(['ana', 'ben']);
    expect(world.apart).toBeLessThan(0.05);
  });

  it('are moved by nobody who does not know yet where they are', async () => {
    const { world, people } = await watching(2);
    const late = world.come('carla');
    await world.until(() => late.watch.state !== undefined);
    expect(late.watch.goal).toBeUndefined();
    expect(await late.watch.wish({ paused: true })).toBe(false);
    await world.until(() => late.watch.goal !== undefined);
    expect(people[0]!.screen.truth).toBeGreaterThan(5);
    expect(await late.watch.wish({ paused: true })).toBe(true);
  });

  it.each(['vanishes', 'says goodbye'])(
    'replace a leader who %s within two seconds, and lose no step',
    async (how) => {
      const { world, people } = await watching(4);
      const [ana, ...others] = people;
      if (how === 'says goodbye') ana!.watch.close();
      ana!.gone = true;
      const leaders = () => new Set(others.map(({ watch }) => watch.leader));
      await world.until(() => leaders().size === 1 && !leaders().has(ana!.watcher), 2_000);
      for (let i = 0; i < 60; i++) {
        await world.pass(50);
        expect(world.apart).toBeLessThan(0.05);
        for (const { screen } of others) expect(screen.paused).toBe(false);
      }
      await others[0]!.watch.wish({ paused: true });
      await world.until(() => people.every(({ screen, gone }) => gone || screen.paused), 500);
    },
  );

  it('replace a leader who vanishes before anybody knew their time', async () => {
    const world = new World();
    const ana = world.come('ana');
    await ana.watch.begin({ mediaId: 'film', pos: 0 });
    ana.leaving = (said) => (said.t === 'pong' ? undefined : said);
    const others = [world.come('ben'), world.come('carla')];
    await world.until(() => others.every(({ watch }) => watch.state !== undefined));
    ana.gone = true;
    await world.until(() => others.filter(({ watch }) => watch.leads).length === 1, 5_000);
    await world.until(() => world.allPlay, 5_000);
    await world.pass(3_000);
    expect(world.apart).toBeLessThan(0.05);
    expect(others.filter(({ watch }) => watch.leads)).toHaveLength(1);
  });

  it('have one leader when the one who was cut off comes back', async () => {
    const { world, people } = await watching(3);
    const [ana] = people;
    ana!.leaving = () => undefined;
    await world.until(() => people.some((person) => person !== ana && person.watch.leads));
    ana!.leaving = (said) => said;
    await world.pass(2_000);
    expect(new Set(people.map(({ watch }) => watch.leader)).size).toBe(1);
    expect(people.filter(({ watch }) => watch.leads)).toHaveLength(1);
    expect(world.apart).toBeLessThan(0.05);
  });

  it('obey only whom the host lets', async () => {
    const { world, people } = await watching(3);
    const [ana, ben, carla] = people;
    expect(await ben!.watch.rule({ control: 'host' })).toBe(false);
    expect(await ana!.watch.rule({ control: 'host' })).toBe(true);
    await world.pass(200);
    expect(ana!.screen.paused).toBe(false);
    expect(await ben!.watch.wish({ paused: true })).toBe(false);
    // Ben's page is another program, which asks nobody.
    const state = ben!.watch.state!;
    const mark = { ...state.mark, by: 'ben' };
    world.send(ben!, { t: 'tl', tl: { ...state, rev: state.rev + 1, paused: true, mark } });
    const rules = { ...state.rules, n: state.rules.n + 1, control: 'everyone' as const, mark };
    world.send(ben!, { t: 'tl', tl: { ...state, rev: state.rev + 1, paused: true, rules, mark } });
    await world.pass(1_000);
    expect(people.map(({ screen }) => screen.paused)).toEqual([false, false, false]);
    await ana!.watch.rule({ control: ['carla'] });
    await world.pass(200);
    expect(await carla!.watch.wish({ paused: true })).toBe(true);
    await world.until(() => people.every(({ screen }) => screen.paused), 500);
  });

  it('are not stopped by somebody who takes the lead and may not control', async () => {
    const { world, people } = await watching(3);
    const [ana, ben, carla] = people;
    await ana!.watch.rule({ control: 'host' });
    await world.pass(200);
    const state = ben!.watch.state!;
    const tl = { ...state, rev: 99, pos: 3000, mark: { ...state.mark, by: 'ben' } };
    world.send(ben!, {
      t: 'beat',
      term: 9,
      run: { rev: 99, seq: 0, phase: 'hold', pos: 3000, at: 0, waiting: [] },
      tl,
    });
    await world.pass(3_000);
    for (const { watch, screen } of [ana!, carla!]) {
      expect(watch.state?.rev).toBe(state.rev);
      expect(screen.truth).toBeLessThan(100);
    }
  });

  it('get another host when theirs is gone', async () => {
    const { world, people } = await watching(3);
    const [ana, ...others] = people;
    await ana!.watch.rule({ control: 'host' });
    await world.pass(200);
    ana!.gone = true;
    await world.until(() => others.every(({ watch }) => watch.state?.rules.host !== 'ana'), 20_000);
    const [host] = others.filter(({ watch }) => watch.mayControl);
    await host!.watch.wish({ paused: true });
    await world.until(() => others.every(({ screen }) => screen.paused), 500);
  });

  it('agree in the end when two press at once', async () => {
    const { world, people } = await watching(3);
    const [ana, ben, carla] = people;
    await Promise.all([
      ben!.watch.wish({ pos: 500 }),
      carla!.watch.wish({ pos: 900 }),
      ana!.watch.wish({ pos: 700 }),
    ]);
    await world.pass(6_000);
    const marks = people.map(({ watch }) => watch.state!.mark.by);
    expect(new Set(marks).size).toBe(1);
    expect(world.apart).toBeLessThan(0.05);
  });

  it('lose no wish to a change of who may do what, nor that to a wish', async () => {
    const { world, people } = await watching(3);
    const [ana, ben] = people;
    await Promise.all([
      ben!.watch.wish({ paused: true }),
      ana!.watch.rule({ control: 'everyone', host: 'ben' }),
    ]);
    await world.pass(3_000);
    for (const { watch, screen } of people) {
      expect(watch.state!.rules.host).toBe('ben');
      expect(screen.paused).toBe(true);
    }
  });

  it('find the end where the film has ended', async () => {
    const { world, people } = await watching(2);
    await people[0]!.watch.wish({ pos: people[0]!.screen.duration - 1 });
    await world.pass(5_000);
    const late = world.come('carla');
    late.screen.loaded = false;
    await world.pass(3_000);
    late.screen.loaded = true;
    await world.pass(3_000);
    expect(late.screen.truth).toBeGreaterThan(late.screen.duration - 1);
  });

  it('see each other’s reactions', async () => {
    const { world, people } = await watching(2);
    people[0]!.watch.react('🎉');
    await world.pass(100);
    expect(people[1]!.reactions).toEqual(['ana 🎉']);
  });

  it('may leave it to themselves to be in step, or be ahead on purpose', async () => {
    const { world, people } = await watching(2);
    const [ana, ben] = people;
    ben!.follower.offset = 0.3;
    await world.pass(5_000);
    expect(ben!.screen.truth - ana!.screen.truth).toBeCloseTo(0.3, 1);
    ben!.follower.correcting = false;
    ben!.follower.offset = 0;
    await world.pass(5_000);
    expect(ben!.screen.truth - ana!.screen.truth).toBeCloseTo(0.3, 1);
    await ana!.watch.wish({ paused: true });
    await world.until(() => ben!.screen.paused, 500);
  });

  it(
    'find each other on any line, whatever they do',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.record({
            seed: fc.integer({ min: 1, max: 1e6 }),
            count: fc.integer({ min: 2, max: 5 }),
            delay: fc.integer({ min: 5, max: 150 }),
            loss: fc.constantFrom(0, 0.02, 0.1),
            deeds: fc.array(
              fc.tuple(
                fc.nat(4),
                fc.constantFrom('pause', 'play', 'seek', 'rate', 'stall', 'vanish'),
                fc.integer({ min: 0, max: 2_000 }),
              ),
              { maxLength: 6 },
            ),
          }),
          async ({ seed, count, delay, loss, deeds }) => {
            const { world, people } = await watching(count, { delay, jitter: delay / 3, loss }, seed);
            for (const [who, deed, then] of deeds) {
              const here = people.filter(({ gone }) => !gone);
              const person = here[who % here.length]!;
              if (deed === 'pause') await person.watch.wish({ paused: true });
              if (deed === 'play') await person.watch.wish({ paused: false });
              if (deed === 'seek') await person.watch.wish({ pos: 100 + then });
              if (deed === 'rate') await person.watch.wish({ rate: then > 1_000 ? 1.5 : 1 });
              if (deed === 'stall') {
                person.screen.starve(true);
                world.after(then, () => person.screen.starve(false));
              }
              if (deed === 'vanish' && here.length > 2) person.gone = true;
              await world.pass(then);
            }
            // Somebody says the last word, and all of them come to it.
            await world.pass(8_000);
            const here = people.filter(({ gone }) => !gone);
            await here[0]!.watch.wish({ paused: false, pos: 2_000, rate: 1 });
            await world.pass(12_000);
            // Where words get lost, the lead may change hands at any time.
            await world.until(
              () =>
                new Set(here.map(({ watch }) => watch.leader)).size === 1 &&
                new Set(here.map(({ watch }) => watch.state!.rev)).size === 1 &&
                here.every(({ screen }) => !screen.paused) &&
                world.apart < 0.08,
              2_000,
            );
          },
        ),
        { numRuns: 25 },
      ),
    60_000,
  );
});
