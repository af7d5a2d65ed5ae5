import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, endsInCode, type Inline, markdown, plain } from './markdown.ts';

const text = (words: string): Inline => ({ kind: 'text', text: words });
const one = (...inside: Inline[]): Block[] => [{ kind: 'text', inside }];

describe('the Markdown of messages', () => {
  it.each<[string, Block[]]>([
    ['plain', one(text('plain'))],
    [
      '**bold** and *so* and _so_',
      one(
        { kind: 'strong', inside: [text('bold')] },
        text(' and '),
        { kind: 'em', inside: [text('so')] },
        text(' and '),
        { kind: 'em', inside: [text('so')] },
      ),
    ],
    ['~~gone~~', one({ kind: 'strike', inside: [text('gone')] })],
    ['a `b*c*` d', one(text('a '), { kind: 'code', text: 'b*c*' }, text(' d'))],
    [
      '**bold _and_ more**',
      one({ kind: 'strong', inside: [text('bold '), { kind: 'em', inside: [text('and')] }, text(' more')] }),
    ],
    ['2*3*4, snake_case_name, * and *', one(text('2*3*4, snake_case_name, * and *'))],
    ['**open', one(text('**open'))],
    [
      'see https://a.example/x_y_z_ and _so_',
      one(
        text('see '),
        { kind: 'link', text: 'https://a.example/x_y_z_', href: 'https://a.example/x_y_z_' },
        text(' and '),
        { kind: 'em', inside: [text('so')] },
      ),
    ],
    [
      '> quoted\n> more\nanswer',
      [
        { kind: 'quote', inside: [text('quoted\nmore')] },
        { kind: 'text', inside: [text('answer')] },
      ],
    ],
    [
      'before\n```ts\nlet a = `*`;\n```\nafter',
      [
        { kind: 'text', inside: [text('before')] },
        { kind: 'code', text: 'let a = `*`;' },
        { kind: 'text', inside: [text('after')] },
      ],
    ],
    ['<b>no</b> javascript:alert(1)', one(text('<b>no</b> javascript:alert(1)'))],
    ['>', one(text('>'))],
  ])('%j', (source, blocks) => {
    expect(markdown(source)).toEqual(blocks);
  });

  it.each([
    ['```', true],
    ['words\n```ts', true],
    ['```\nconst a = 1;', true],
    ['```\na\n```', false],
    ['```\na\n```\nwords', false],
    ['```\na\n```\n```\nb', true],
    ['', false],
    ['words ```', false],
    ['```a``` words', false],
  ])('%j goes on in code: %s', (source, goesOn) => expect(endsInCode(source)).toBe(goesOn));

  it('loses nothing but marks', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '*', '_', '~', '`', '>', '\n', 'é') });
    fc.assert(
      fc.property(letters, (source) => {
        const kept = (value: string) => value.replace(/[*_~`>\s]/gu, '');
        expect(kept(plain(source))).toBe(kept(source));
      }),
      { numRuns: 2000 },
    );
  });

  it('is quick with hostile input', () => {
    for (const hostile of ['**a ', '_a', '`', '> ', '```\n', '*_~~'].map((part) =>
      part.repeat(16_000 / part.length),
    )) {
      const start = performance.now();
      markdown(hostile);
      expect(performance.now() - start).toBeLessThan(1000);
    }
  });
});
