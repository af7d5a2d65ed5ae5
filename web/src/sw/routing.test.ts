import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shellOf, wayOf } from './routing.ts';

const origin = 'https://chat.example';
const files = new Set(['/', '/assets/index-abc.js', '/manifest.webmanifest']);
const way = (path: string, change: { method?: string; mode?: string } = {}) =>
  wayOf({ method: 'GET', mode: 'cors', url: new URL(path, origin).href, ...change }, origin, files);

describe('wayOf', () => {
  it.each(['/', '/r/0198', '/invite', '/invite#secret', '/share', '/settings/devices'])(
    '%s is a page of the app',
    (path) => expect(way(path, { mode: 'navigate' })).toBe('page'),
  );

  it.each([
    '/docs',
    '/openapi.json',
    '/admin',
    '/admin/reports',
    '/healthz',
    '/metrics',
    '/invited',
    '/report',
  ])('opening %s goes to the network', (path) => expect(way(path, { mode: 'navigate' })).toBe('pass'));

  it('keeps the files of the build', () => {
    expect(way('/assets/index-abc.js')).toBe('shell');
    expect(way('/manifest.webmanifest')).toBe('shell');
  });

  it.each([
    '/assets/index-old.js',
    '/assets/index-abc.js?x',
    '/auth/me',
    '/chatrooms/1/messages',
    '/files/1',
    '/cdn-cgi/local/r2/s3/stream-chat-files/files/1/0?X-Amz-Signature=x',
    'https://storage.example/files/1/0',
    'https://elsewhere.example/assets/index-abc.js',
    '/',
  ])('never touches %s', (path) => expect(way(path)).toBe('pass'));

  it('keeps what is shared, and only that', () => {
    expect(way('/share', { method: 'POST', mode: 'navigate' })).toBe('share');
    expect(way('/share', { method: 'POST' })).toBe('pass');
    expect(way('https://elsewhere.example/share', { method: 'POST', mode: 'navigate' })).toBe('pass');
  });

  it('never touches what changes something', () => {
    expect(way('/', { method: 'POST', mode: 'navigate' })).toBe('pass');
    expect(way('/assets/index-abc.js', { method: 'HEAD' })).toBe('pass');
  });
});

describe('shellOf', () => {
  it('leaves out the admin page, the crawlers’ file, and what only shows documents', () => {
    const apart = [
      '/viewer.html',
      '/assets/pdf.min-x.mjs',
      '/assets/pdf.worker.min-x.mjs',
      '/assets/pdf-cmaps-x.js',
      '/licenses/cmaps.txt',
      '/assets/jbig2-x.wasm',
    ];
    const files = ['/', '/admin/', '/assets/a.js', '/assets/pdf-parts-x.js', '/robots.txt', ...apart];
    expect(shellOf(files)).toEqual(['/', '/assets/a.js', '/assets/pdf-parts-x.js']);
  });
});

describe('manifest.webmanifest', () => {
  const web = new URL('../../public', import.meta.url).pathname;
  const manifest = JSON.parse(readFileSync(`${web}/manifest.webmanifest`, 'utf8')) as {
    [list in 'icons' | 'shortcuts' | 'file_handlers']: { src: string; url: string; action: string }[];
  } & { start_url: string; share_target: { action: string } };

  it('leads to pages of the app, and to icons that there are', () => {
    const { start_url, share_target, shortcuts, file_handlers, icons } = manifest;
    const led = [start_url, ...shortcuts.map(({ url }) => url), ...file_handlers.map(({ action }) => action)];
    for (const path of led) expect(way(path, { mode: 'navigate' }), path).toBe('page');
    expect(way(share_target.action, { method: 'POST', mode: 'navigate' })).toBe('share');
    for (const { src } of icons) expect(existsSync(web + src), src).toBe(true);
  });
});
