import { describe, expect, it } from 'vitest';
import type { ManifestHead } from '../../../../protocol/manifest.ts';
import { isDrawn, isPlayable, kindOf, opensApart, typeLabel } from './kinds.ts';

const head = (change: Partial<ManifestHead>): ManifestHead => ({
  v: 1,
  name: 'x',
  type: '',
  size: 1,
  prefix: '',
  layout: 'raw',
  ...change,
});

describe('kindOf', () => {
  it.each([
    [{ type: 'video/mp4' }, 'film'],
    [{ type: '', tracks: [{ kind: 'video', mime: 'video/mp4' }] }, 'film'],
    [{ type: 'application/ogg', tracks: [{ kind: 'audio', mime: 'audio/webm' }] }, 'sound'],
    [{ type: 'image/png' }, 'picture'],
    [{ type: 'image/svg+xml' }, 'other'],
    [{ type: 'application/pdf' }, 'document'],
    [{ type: 'application/zip' }, 'archive'],
    [{ type: '' }, 'other'],
  ] as const)('%j is a %s', (change, kind) =>
    expect(kindOf(head(change as Partial<ManifestHead>))).toBe(kind),
  );
});

describe('isPlayable', () => {
  it('offers to play what was made ready, not a film that could not be', () => {
    expect(isPlayable(head({ type: 'video/mp4', layout: 'tracks' }))).toBe(true);
    expect(isPlayable(head({ type: 'video/x-msvideo' }))).toBe(false);
    expect(isPlayable(head({ type: 'audio/mpeg' }))).toBe(true);
    expect(isPlayable(head({ type: 'video/mp4' }))).toBe(false);
    expect(isPlayable(head({ type: 'video/mp4', duration: 3 }))).toBe(true);
    expect(isPlayable(head({ type: 'video/mp4', duration: 3, size: 2 ** 31 }))).toBe(false);
  });
});

describe('a picture', () => {
  it.each([
    [{}, true, false],
    [{ size: 0 }, false, false],
    // Too much to be fetched unasked.
    [{ size: 20 * 2 ** 20 }, false, true],
    // Small to be sent, and 1.6 GB in memory.
    [{ width: 20_000, height: 20_000 }, false, false],
    [{ width: 8000, height: 6000 }, true, false],
    [{ type: 'image/heic' }, false, true],
    [{ type: 'image/svg+xml' }, false, true],
  ])('%j is drawn into its card: %s; opened apart: %s', (change, drawn, apart) => {
    const picture = head({ type: 'image/png', ...change });
    expect([isDrawn(picture), opensApart(picture)]).toEqual([drawn, apart]);
  });
});

describe('typeLabel', () => {
  it.each([
    ['Iceland.MP4', 'video/mp4', 'MP4'],
    ['notes', 'text/plain', 'PLAIN'],
    ['archive.tar.gz', 'application/gzip', 'GZ'],
    ['no ending.', '', ''],
    ['a.verylongending', 'application/pdf', 'PDF'],
  ])('%s of type "%s" reads %s', (name, type, label) => expect(typeLabel({ name, type })).toBe(label));
});
