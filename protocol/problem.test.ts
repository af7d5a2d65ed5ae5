import { expect, it } from 'vitest';
import { Problem, problem, problems, problemType } from './problem.ts';

it('every problem fits its own schema and is known again by its type', () => {
  for (const type of Object.keys(problems) as (keyof typeof problems)[]) {
    const document = Problem.parse(JSON.parse(JSON.stringify(problem(type, 'a detail'))));
    expect(problemType(document)).toBe(type);
    expect(document.status).toBeGreaterThanOrEqual(400);
  }
});

it('takes a type of another version for an internal one', () => {
  expect(problemType({ type: '/problems/from-the-future', title: 'x', status: 400 })).toBe('internal');
});
