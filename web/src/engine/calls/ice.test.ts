import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ice, relayLast } from './ice.ts';

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
  const ice: Ice = new Ice(servers('first'), ask, () => told.push(ice.servers[0]?.username));
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

describe('a relay that fell silent', () => {
  const relays = [
    'turn:one.example.org',
    'turns:one.example.org:443?transport=tcp',
    'turn:two.example.org:99',
  ];
  const given = [
    { urls: ['stun:one.example.org', ...relays], username: 'u', credential: 'c' },
    { urls: ['turn:three.example.org?transport=tcp'] },
  ];
  const order = (url: string) => relayLast(given, url).flatMap(({ urls }) => urls);

  it('comes after all others, each with its own credentials', () => {
    expect(order('turn:two.example.org:99?transport=udp').at(-1)).toBe('turn:two.example.org:99');
    expect(relayLast(given, 'turn:two.example.org:99?transport=udp')).toHaveLength(5);
    expect(relayLast(given, 'turn:two.example.org:99?transport=udp').at(-1)).toMatchObject({ username: 'u' });
  });

  it('is known by what its address stands for, and its other ways are other relays', () => {
    expect(order('turn:one.example.org:3478?transport=udp').at(-1)).toBe('turn:one.example.org');
    expect(order('turn:three.example.org:3478?transport=tcp').at(-1)).toBe(
      'turn:three.example.org?transport=tcp',
    );
  });

  it('leaves all as it is where the path went by none', () => {
    expect(relayLast(given, 'stun:one.example.org')).toEqual(given);
  });
});
