import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';
import { root } from './worker-process.ts';

type Message = string | [{ declarations?: string[]; match: Record<string, string> }];

const settings = JSON.parse(
  readFileSync(join(root, 'web/messages/project.inlang/settings.json'), 'utf8'),
) as { locales: string[]; 'plugin.inlang.messageFormat': { pathPattern: string[] } };
const files = settings['plugin.inlang.messageFormat'].pathPattern.map((path) => basename(path));
const read = (locale: string) =>
  Object.fromEntries(
    files.flatMap((file) =>
      Object.entries(
        JSON.parse(readFileSync(join(root, 'web/messages', locale, file), 'utf8')) as Record<string, Message>,
      ),
    ),
  );

/** The parameters of a message: what its texts name, and what it is chosen by, without what it works out itself. */
function parameters(message: Message): string[] {
  const [texts, chosenBy, declared] =
    typeof message === 'string'
      ? [[message], [], []]
      : [
          Object.values(message[0].match),
          Object.keys(message[0].match).flatMap((key) =>
            key.split(',').map((part) => part.trim().split('=')[0]!),
          ),
          message[0].declarations ?? [],
        ];
  const own = new Set(declared.flatMap((line) => /^local (\w+)/.exec(line)?.[1] ?? []));
  const inputs = declared.flatMap((line) => /^input (\w+)/.exec(line)?.[1] ?? []);
  const named = texts.flatMap((text) => [...text.matchAll(/(?<!\\)\{(\w+)\}/g)].map((found) => found[1]!));
  return [...new Set([...named, ...chosenBy, ...inputs].filter((name) => !own.has(name)))].sort();
}

describe('messages', () => {
  const english = read('en');

  it('are in files that the project names, one a feature', () => {
    for (const locale of settings.locales)
      expect(globSync('*.json', { cwd: join(root, 'web/messages', locale) }).sort()).toEqual(
        [...files].sort(),
      );
    for (const file of files)
      for (const key of Object.keys(JSON.parse(readFileSync(join(root, 'web/messages/en', file), 'utf8'))))
        expect(key).toMatch(new RegExp(`^${basename(file, '.json')}_`));
  });

  it.each(settings.locales.filter((locale) => locale !== 'en'))(
    'are all there in %s, with the same parameters',
    (locale) => {
      const translated = read(locale);
      expect(Object.keys(translated).sort()).toEqual(Object.keys(english).sort());
      const shape = (all: Record<string, Message>) =>
        Object.fromEntries(Object.entries(all).map(([key, message]) => [key, parameters(message)]));
      expect(shape(translated)).toEqual(shape(english));
    },
  );

  it.each(settings.locales)('have every plural form that %s knows', (locale) => {
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const [key, message] of Object.entries(read(locale))) {
      if (typeof message === 'string') continue;
      const plurals = (message[0].declarations ?? []).flatMap(
        (line) => /^local (\w+) = \w+: plural/.exec(line)?.[1] ?? [],
      );
      const matches = Object.keys(message[0].match);
      for (const name of plurals)
        for (const form of forms)
          expect(
            matches.some((match) => match.includes(`${name}=${form}`)),
            `${key}: ${name}=${form}`,
          ).toBe(true);
    }
  });

  it('are the only place of words: no screen has any of its own', () => {
    const screens = globSync('web/src/{app,features,ui}/**/*.tsx', { cwd: root });
    expect(screens.length).toBeGreaterThan(50);
    expect(screens.flatMap((file) => wordsIn(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  it('are the only place of sentences, in all that runs in a browser', () => {
    const sources = globSync('web/src/**/*.{ts,tsx}', { cwd: root }).filter(
      (file) => !/\.test\.|\/testing\/|language.compiled/.test(file),
    );
    expect(sources.length).toBeGreaterThan(300);
    expect(sources.flatMap((file) => sentencesIn(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  it.each([
    ["throw new EngineError('gone', 'You are not in this room any more.')", 1],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code that is judged
    ['warn(`${name(id)} sees another member list.`)', 1],
    ["const names = { a: 'Sent a file' }", 1],
    ["console.warn('the store could not be opened'); throw new Error('Something is not as we wrote it.')", 0],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code that is judged
    ['const look = `${quiet} rounded-full bg-accent`', 0],
  ])('sentences are known by how they begin: %s', (code, count) => {
    expect(sentencesIn('x.ts', code)).toHaveLength(count);
  });

  it.each([
    ['a text', '<p>Try again</p>'],
    ['an expression', "<p>{open ? 'Close' : title}</p>"],
    ['a label', '<button aria-label="Close">{icon}</button>'],
    ['a template', '<p>{`All people`}</p>'],
  ])('would be missed as %s', (_what, jsx) => {
    expect(wordsIn('x.tsx', `const x = ${jsx};`)).toHaveLength(1);
  });
});

type Node = { type: string } & Record<string, unknown>;
const spoken =
  /^(aria-label|aria-description|aria-valuetext|alt|label|title|text|placeholder|hint|description)$/;
/** Words as people write them: the product's name and units (ms) are the same in every language. */
const isWords = (text: string) => /\p{L}{3}/u.test(text.replaceAll('Stream Chat', ''));

/** Where a screen shows words that are in its own code: `file: words`. */
function wordsIn(file: string, code: string): string[] {
  const found: string[] = [];
  const visit = (value: unknown, shown: boolean): void => {
    if (Array.isArray(value)) for (const item of value) visit(item, shown);
    else if (typeof value === 'object' && value !== null) {
      const node = value as Node;
      if (node.type === 'JSXText' && isWords(node.value as string))
        found.push(`${file}: ${String(node.value).trim()}`);
      if (node.type === 'JSXAttribute') {
        visit(node.value, spoken.test(nameOf(node.name)));
        return;
      }
      if (node.type === 'JSXElement' || node.type === 'JSXFragment') {
        visit(node.openingElement, false);
        visit(node.children, true);
        return;
      }
      if (shown && node.type === 'Literal' && typeof node.value === 'string' && isWords(node.value))
        found.push(`${file}: ${node.value}`);
      if (shown && node.type === 'TemplateElement' && isWords((node.value as { raw: string }).raw))
        found.push(`${file}: ${(node.value as { raw: string }).raw}`);
      // What a call takes or an element is chosen by is no word yet.
      const passes =
        /^(JSXExpressionContainer|ConditionalExpression|LogicalExpression|TemplateLiteral|ParenthesizedExpression)$/;
      for (const [key, child] of Object.entries(node))
        visit(child, shown && passes.test(node.type) && key !== 'test' && key !== 'expressions');
    }
  };
  visit(parseSync(file, code).program, false);
  return found;
}

/** Names of things, which no language changes, and what an earlier version stored. */
const noSentences: ReadonlySet<string> = new Set([
  'Dolby Digital (AC-3)',
  'Dolby Digital Plus (E-AC-3)',
  'Its key never reached this device.',
  'Stream Chat passkey v1',
]);

/**
 * Strings that read like a sentence: a capital letter and words after it, or what is filled in, words and a stop: `file: sentence`.
 * What programmers alone read is in an `Error`, or begins small. Single words are not seen.
 */
function sentencesIn(file: string, code: string): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (typeof value === 'object' && value !== null) {
      const node = value as Node;
      if (node.type === 'NewExpression' && /^(Type|Range)?Error$/.test(nameOf(node.callee))) return;
      const text =
        node.type === 'Literal' && typeof node.value === 'string'
          ? node.value
          : node.type === 'TemplateLiteral'
            ? (node.quasis as { value: { raw: string } }[]).map((part) => part.value.raw).join('…')
            : '';
      const begins = /^\p{Lu}\S*( \S+)* \p{Ll}{2}/u.test(text) || /^… .*\p{Ll}[.,?]( |$)/u.test(text);
      if (begins && isWords(text) && !noSentences.has(text)) found.push(`${file}: ${text}`);
      for (const child of Object.values(node)) visit(child);
    }
  };
  visit(parseSync(file, code).program);
  return found;
}

function nameOf(name: unknown): string {
  return String((name as { name?: unknown }).name ?? '');
}
