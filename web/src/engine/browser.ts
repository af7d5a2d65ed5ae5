import { m } from '../language/index.ts';
import { startRemoteHost } from './crypto/remote.ts';
import { createEngine } from './index.ts';
import type { Engine } from './types.ts';

/** The engine as a page runs it: this origin, the cookie, and the keys in a worker of their own. */
export function createBrowserEngine(): Engine {
  return createEngine({
    origin: location.origin,
    storeName: 'stream-chat',
    transport: 'cookie',
    deviceName: browserName(navigator.userAgent),
    startHost: startRemoteHost(spawn),
  });
}

/** Whether this browser knows passkeys (WebAuthn). */
export const offersPasskeys = (): boolean => 'PublicKeyCredential' in window;

const spawn = () =>
  new Worker(new URL('./crypto/host.worker.ts', import.meta.url), { type: 'module', name: 'keys' });

/** "Firefox on Linux": as much as a person needs to tell their browsers apart. */
export function browserName(agent: string): string {
  const first = (names: readonly (readonly [RegExp, string])[], other: string) =>
    names.find(([pattern]) => pattern.test(agent))?.[1] ?? other;
  const browser = first(
    [
      [/Edg\//, 'Edge'],
      [/OPR\//, 'Opera'],
      [/Firefox\/|FxiOS\//, 'Firefox'],
      [/Chrome\/|CriOS\//, 'Chrome'],
      [/Safari\//, 'Safari'],
    ],
    'Browser',
  );
  const system = first(
    [
      [/iPhone/, 'iPhone'],
      [/iPad/, 'iPad'],
      [/Android/, 'Android'],
      [/Windows/, 'Windows'],
      [/Mac OS X/, 'Mac'],
      [/Linux|CrOS/, 'Linux'],
    ],
    '',
  );
  return system ? m.engine_browserOn({ browser, system }) : browser;
}
