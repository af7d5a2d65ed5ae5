import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

const nextTurn = () => new Promise<void>((done) => setTimeout(done, 0));

it('works at once when idle, then once for all that was asked for in a turn, and rests', async () => {
  let worked = 0;
  const turns = new Turns(() => worked++);
  turns.ask();
  expect(worked).toBe(1);
  for (let i = 0; i < 100; i++) turns.ask();
  expect(worked).toBe(1);
  await nextTurn();
  expect(worked).toBe(2);
  for (let i = 0; i < 100; i++) turns.ask();
  await nextTurn();
  expect(worked).toBe(3);
  await nextTurn();
  expect(worked).toBe(3);
  turns.ask();
  expect(worked).toBe(4);
});

it('goes on after work that failed', async () => {
  let worked = 0;
  const turns = new Turns(() => {
    if (++worked === 1) throw new Error('no space');
  });
  expect(() => turns.ask()).toThrow('no space');
  await nextTurn();
  turns.ask();
  expect(worked).toBe(2);
});
