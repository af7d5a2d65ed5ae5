import { describe, expect, it } from 'vitest';
import { check, place } from './check.ts';

const ana = { email: 'ana@example.org', password: 'four words in row', name: 'Ana', code: '' };

describe('check', () => {
  it('recovering takes a code and a new password, and no name', () => {
    const found = check({ ...ana, name: '', password: 'short' }, 'recover');
    expect(Object.keys(found).sort()).toEqual(['code', 'password']);
    expect(check({ ...ana, name: '', code: 'ABCD' }, 'recover')).toEqual({});
  });

  it('lets a whole form pass', () => {
    expect(check(ana, 'register')).toEqual({});
    expect(check({ ...ana, name: '' }, 'sign-in')).toEqual({});
  });

  it.each(['', '  ', 'ana', 'ana@', 'ana@example', 'a na@example.org'])('refuses the email "%s"', (email) =>
    expect(Object.keys(check({ ...ana, email }, 'register'))).toEqual(['email']),
  );

  it('counts characters of a new password, not code units', () => {
    expect(check({ ...ana, password: '🦊🦊🦊🦊' }, 'register').password).toBeDefined();
    expect(check({ ...ana, password: '12345678' }, 'register').password).toBeUndefined();
  });

  it('takes any existing password at sign-in, except none', () => {
    expect(check({ ...ana, password: 'short' }, 'sign-in')).toEqual({});
    expect(check({ ...ana, password: '' }, 'sign-in').password).toBeDefined();
  });

  it.each(['register', 'guest'] as const)('wants a name that is seen: %s', (mode) =>
    expect(check({ ...ana, name: ' \t' }, mode).name).toBeDefined(),
  );

  it('wants nothing else of a guest', () =>
    expect(check({ email: '', password: '', name: 'Ben', code: '' }, 'guest')).toEqual({}));
});

describe('place', () => {
  it.each([
    ['email-taken', 'email'],
    ['wrong-credentials', 'password'],
    ['rate-limited', 'form'],
    [undefined, 'form'],
  ] as const)('puts %s beside %s', (reason, field) => {
    const placed = place(reason, 'A sentence.', 'sign-in');
    expect(Object.keys(placed)).toEqual([field]);
    expect(placed[field]).toMatch(/\.$/);
  });

  it('what speaks against a recovery code stands beside the code', () => {
    for (const reason of ['bad-code', 'wrong-credentials'])
      expect(place(reason, 'A sentence.', 'recover')).toEqual({ code: 'A sentence.' });
  });
});
