import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeLock } from './lock.ts';

describe('the lock of a data directory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'stream-chat-lock-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const write = (holder: object | string) =>
    writeFileSync(join(directory, 'lock.json'), typeof holder === 'string' ? holder : JSON.stringify(holder));

  it('is refused while another process has it, and names that process', async () => {
    const script = `
      import { takeLock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
      takeLock(${JSON.stringify(directory)});
      process.stdout.write('taken');
      process.stdin.resume();`;
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise((done) => holder.once('close', done));
    await new Promise((taken) => holder.stdout.once('data', taken));
    expect(() => takeLock(directory)).toThrow(`in use by another Stream Chat (process ${holder.pid})`);
    holder.kill('SIGKILL');
    await ended;
    takeLock(directory).release();
  });

  it('can be taken again after it was released', () => {
    takeLock(directory).release();
    takeLock(directory).release();
  });

  it('is taken over from a process that has ended', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    write({ pid, began: '1' });
    expect(takeLock(directory).endedWorker).toBe(false);
    expect(JSON.parse(readFileSync(join(directory, 'lock.json'), 'utf8'))).toMatchObject({
      pid: process.pid,
    });
  });

  it('is taken over where another process has been given the number since', () => {
    write({ pid: process.ppid, began: 'long ago' });
    takeLock(directory).release();
  });

  it('is taken over when it was half written', () => {
    write('{"pid":');
    takeLock(directory).release();
  });

  it('ends the Worker that a killed launcher left', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const worker = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], { detached: true });
    const ended = new Promise((done) => worker.once('exit', (_code, signal) => done(signal)));
    const mine = takeLock(directory);
    mine.noteWorker(worker.pid as number);
    const { worker: noted } = JSON.parse(readFileSync(join(directory, 'lock.json'), 'utf8'));
    mine.release();
    write({ pid, began: '1', worker: noted });
    expect(takeLock(directory).endedWorker).toBe(true);
    expect(await ended).toBe('SIGKILL');
  });
});
