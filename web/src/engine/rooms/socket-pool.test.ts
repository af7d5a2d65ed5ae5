import { describe, expect, it } from 'vitest';
import { type Pooled, SocketPool } from './socket-pool.ts';

class FakeLine implements Pooled {
  connected = false;
  idle = true;
  connect(): void {
    this.connected = true;
  }
  disconnect(): void {
    this.connected = false;
  }
}

const lines = (count: number) => Array.from({ length: count }, () => new FakeLine());
const connected = (all: readonly FakeLine[]) => all.map((line) => (line.connected ? 1 : 0)).join('');

describe('a pool of sockets', () => {
  it('connects all while there is room', () => {
    const all = lines(3);
    const pool = new SocketPool(3);
    for (const line of all) pool.want(line);
    expect(connected(all)).toBe('111');
  });

  it('takes the place of the idle one that wanted its own longest ago', () => {
    const all = lines(4);
    const pool = new SocketPool(3);
    for (const line of all.slice(0, 3)) pool.want(line);
    pool.want(all[0]!);
    pool.want(all[3]!);
    expect(connected(all)).toBe('1011');
  });

  it('takes no place from one that is busy: whoever comes waits until one is idle', () => {
    const all = lines(4);
    const pool = new SocketPool(2);
    for (const line of all) line.idle = false;
    for (const line of all) pool.want(line);
    expect(connected(all)).toBe('1100');
    all[1]!.idle = true;
    pool.settle();
    expect(connected(all)).toBe('1010');
    pool.forget(all[0]!);
    all[0]!.disconnect();
    pool.settle();
    expect(connected(all)).toBe('0011');
  });

  it('lets nobody wait who is looked at, and goes back to its limit when it can', () => {
    const all = lines(3);
    const pool = new SocketPool(2);
    for (const line of all) line.idle = false;
    pool.want(all[0]!);
    pool.want(all[1]!);
    pool.want(all[2]!, true);
    expect(connected(all)).toBe('111');
    all[0]!.idle = true;
    pool.settle();
    expect(connected(all)).toBe('011');
  });

  it('comes back to one that lost its place when that wants it again', () => {
    const all = lines(3);
    const pool = new SocketPool(2);
    for (const line of all) pool.want(line);
    expect(connected(all)).toBe('011');
    pool.want(all[0]!);
    expect(connected(all)).toBe('101');
  });
});
