import { describe, expect, it } from 'vitest';
import { estimate } from './estimate.ts';

describe('estimate', () => {
  it.each(['password', '12345678', 'qwertyui', 'iloveyou'])('knows %s from the lists', (password) =>
    expect(estimate(password, [])).toBe(0),
  );

  it('takes what others know of the person for no secret', () => {
    expect(estimate('florentinabauer', [])).toBe(4);
    expect(estimate('florentinabauer', ['florentina.bauer@example.org'])).toBeLessThan(2);
  });

  it('finds words that do not belong together hard to guess', () =>
    expect(estimate('velvet otter paints gravel', [])).toBe(4));

  it('is quick to answer for a whole page of text', () =>
    expect(estimate('ab3 '.repeat(5000), [])).toBeDefined());
});
