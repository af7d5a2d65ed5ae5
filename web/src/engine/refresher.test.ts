import { expect, it } from 'vitest';
import { Refresher } from './refresher.ts';

it('never runs twice at once, and who asks while it runs gets the next run', async () => {
  let running = 0;
  let runs = 0;
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const refresher = new Refresher(async () => {
    expect(++running).toBe(1);
    await gates[runs++]!.promise;
    running--;
  });
  const first = refresher.run();
  await Promise.resolve();
  const others = [refresher.run(), refresher.run(), refresher.run()];
  gates[0]!.resolve();
  await first;
  expect(runs).toBe(1);
  gates[1]!.resolve();
  await Promise.all(others);
  await refresher.idle();
  expect(runs).toBe(2);
});

it('a run that fails is told to who asked, and hinders none after it', async () => {
  let fails = true;
  const refresher = new Refresher(async () => {
    if (fails) throw new Error('no');
  });
  await expect(refresher.run()).rejects.toThrow('no');
  fails = false;
  await expect(refresher.run()).resolves.toBeUndefined();
});
