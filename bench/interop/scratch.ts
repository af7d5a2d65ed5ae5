// libsignal-client in a scratch folder outside the repository, removed afterwards.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Libsignal } from './libsignal-api.ts';

const name = '@signalapp/libsignal-client';

/** A scratch folder that holds one version of libsignal-client. */
export interface Scratch {
  readonly directory: string;
  remove(): void;
}

/** Installs a version of libsignal-client with npm. Throws an Error that says why when it can't be had here. */
export async function installLibsignal(version: string): Promise<Scratch> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-libsignal-'));
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  try {
    await npm(['install', '--prefix', directory, '--no-audit', '--no-fund', `${name}@${version}`]);
    await loadLibsignal(directory);
    return { directory, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The library in a folder that `installLibsignal` made. */
export async function loadLibsignal(directory: string): Promise<Libsignal> {
  const file = createRequire(join(directory, 'package.json')).resolve(name);
  return (await import(pathToFileURL(file).href)) as Libsignal;
}

function npm(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`npm could not install ${name}: ${said.trim().split('\n').at(-1)}`));
    });
  });
}
