import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Ice } from './ice.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const lifetime = 600_000;
const servers = (username: string) => ({
  iceServers: [{ urls: ['turn:relay.example.org'], username }],
  expiresAt: Date.now() + lifetime,
});

it('credentials are replaced when four fifths of their life are over, and again after a failure, until the call ends', async () => {
  const told: (string | undefined)[] = [];
  let asked = 0;
  const ask = async () => {
    if (++asked === 2) throw new Error('away');
    return servers(`number ${asked}`);
  };
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const ice = new Ice(servers('first'), ask, ([server]) => told.push(server?.username));
  await vi.advanceTimersByTimeAsync(lifetime * 0.79);
  expect(asked).toBe(0);
  await vi.advanceTimersByTimeAsync(lifetime * 0.02);
  expect(told).toEqual(['number 1']);
  expect(ice.servers[0]?.username).toBe('number 1');
  // The second time fails, and what is left of their life is enough for another.
  await vi.advanceTimersByTimeAsync(lifetime);
  expect(told).toContain('number 3');
  const before = asked;
  ice.close();
  await vi.advanceTimersByTimeAsync(lifetime * 3);
  expect(asked).toBe(before);
});
