import { describe, expect, it } from 'vitest';
import { pieces } from './links.ts';

const links = (text: string) => pieces(text).flatMap((piece) => (piece.kind === 'link' ? [piece.href] : []));

describe('pieces', () => {
  it.each([
    ['see https://example.org/a.', ['https://example.org/a']],
    ['(https://example.org/a)', ['https://example.org/a']],
    ['https://example.org/a_(b) and more', ['https://example.org/a_(b)']],
    ['http://localhost:8787/invite#AbC-_1', ['http://localhost:8787/invite#AbC-_1']],
    ['https://a.example/x, https://b.example/y!', ['https://a.example/x', 'https://b.example/y']],
    ['javascript:alert(1) data:text/html,x file:///etc/passwd', []],
    ['xhttps://example.org', []],
    ['https://', []],
  ])('%s', (text, expected) => expect(links(text)).toEqual(expected));

  it('loses no character', () => {
    const text = 'a https://example.org/x, (b) https://example.org/y_(z)\nend';
    expect(
      pieces(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });
});
