// What we are made of: the lock file, the licences of what runs, and what the registry knows against any of it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../local/worker-process.ts';

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  /** Came inside of another package, whose hash covers it. */
  readonly inBundle?: boolean;
}

const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));
const lock = read('package-lock.json') as { lockfileVersion: number; packages: Record<string, Locked> };
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

describe('package-lock.json', () => {
  it('has every package by a hash of its content, from the registry by https, and none from elsewhere', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(packages.length).toBeGreaterThan(100);
    for (const [path, { integrity, resolved, link, inBundle }] of packages) {
      if (!inBundle) expect(integrity, path).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
      // Without an address npm asks the registry that it is set to; with one it must be npm's.
      if (resolved !== undefined) expect(resolved, path).toMatch(/^https:\/\/registry\.npmjs\.org\/.+\.tgz$/);
      expect(link, path).toBeUndefined();
    }
  });

  it('pins what package.json names, exactly', () => {
    const { dependencies, devDependencies } = read('package.json') as Record<string, Record<string, string>>;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
  });

  it('runs no script of a package when it is installed', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
  });
});

describe('licences', () => {
  /** Of what people's browsers, the Worker or its database door run. MPL-2.0 asks that changes of its files be published; we make none. */
  const permitted = [
    'MIT',
    'Apache-2.0',
    'ISC',
    'BSD-2-Clause',
    'BSD-3-Clause',
    '0BSD',
    'MPL-2.0',
    'Unlicense',
    'CC0-1.0',
    'BlueOak-1.0.0',
  ];

  const licenceOf = (path: string, { license }: Locked): string => {
    if (license) return license;
    const own = read(`${path}/package.json`).license;
    return typeof own === 'string' ? own : 'none';
  };
  /** Whether every way that an SPDX expression leaves is permitted in one of its alternatives. */
  const allows = (expression: string): boolean =>
    expression
      .replace(/[()]/g, '')
      .split(/ OR /i)
      .some((way) => way.split(/ AND /i).every((name) => permitted.includes(name.trim())));

  it('of what runs are permissive, or weak in their reach', () => {
    const others = packages
      .filter(([, { dev }]) => !dev)
      .map(([path, locked]) => [path, licenceOf(path, locked)] as const)
      .filter(([, licence]) => !allows(licence));
    expect(others).toEqual([]);
  });

  it('of what only builds and tests are no AGPL', () => {
    for (const [path, { license = '' }] of packages) expect(license, path).not.toMatch(/AGPL/);
  });

  it('would tell', () => {
    expect(allows('GPL-3.0')).toBe(false);
    expect(allows('(MIT OR GPL-3.0)')).toBe(true);
    expect(allows('MIT AND AGPL-3.0')).toBe(false);
  });
});

describe('npm audit', () => {
  it('knows nothing grave against what runs, where the registry can be asked', (context) => {
    const { stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], {
      cwd: root,
      encoding: 'utf8',
      timeout: 60_000,
      shell: process.platform === 'win32',
    });
    let report: { metadata?: { vulnerabilities?: Record<string, number> } } = {};
    try {
      report = JSON.parse(stdout);
    } catch {
      // No answer at all.
    }
    const found = report.metadata?.vulnerabilities;
    if (found === undefined) {
      const why = /audit endpoint|ENOAUDIT|404|405/i.test(stdout + stderr)
        ? 'has no audit endpoint'
        : 'could not be reached';
      console.log(`The registry that npm is set to ${why}: nothing was asked about known vulnerabilities.`);
      context.skip();
      return;
    }
    expect({ high: found.high, critical: found.critical }).toEqual({ high: 0, critical: 0 });
  });
});
