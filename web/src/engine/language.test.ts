import { afterEach, expect, it } from 'vitest';
import { problem, problems } from '../../../protocol/problem.ts';
import { m, speak, spoken } from '../language/index.ts';
import { fromAnswer, toAnswer } from './answer.ts';
import { ProblemError } from './api.ts';
import { EngineError } from './types.ts';

afterEach(() => speak('en'));

it('is English where nobody chose', () => {
  expect(spoken()).toBe('en');
  expect(m.engine_notMember()).toBe('You are not in this room any more.');
});

it('is what a worker was told, and its failures reach the page in it', async () => {
  speak('de');
  const answer = await toAnswer(Promise.reject(new EngineError('too-long', m.engine_tooLong())));
  expect(() => fromAnswer(answer)).toThrow('Diese Nachricht ist zu lang. Schick sie als Datei.');
});

it('words what the service refuses by its type; in English by what the service says', () => {
  const refused = problem('email-taken', 'There is an account for ana@example.org.');
  expect(new ProblemError(refused).message).toBe('There is an account for ana@example.org.');
  speak('de');
  expect(new ProblemError(refused).message).toBe('Zu dieser E-Mail gibt es schon ein Konto.');
  // Each type has a sentence of its own: none falls back to the service's English.
  for (const type of Object.keys(problems) as (keyof typeof problems)[])
    expect(new ProblemError(problem(type, 'in English')).message).not.toBe('in English');
});

it('says why a message can’t be read, and shows the sentences that earlier versions stored', () => {
  speak('de');
  expect(m.engine_unreadable({ reason: 'malformed' })).toBe('Sie hat nicht die richtige Form.');
  expect(m.engine_unreadable({ reason: 'It is malformed.' })).toBe('It is malformed.');
});
