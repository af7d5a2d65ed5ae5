import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import config from '../vite.config.ts';
import { importsOf } from './arrows.ts';
import { root } from './worker-process.ts';

/** `web/ui` shows the primitives to who works on them (`npm run dev`, at `/ui/`). */
it('the page of primitives is no part of what is built: neither a page of the build nor imported by one', () => {
  const { input } = config.build!.rolldownOptions as { input: string[] };
  expect(input.map((page) => relative(root, page).replaceAll('\\', '/'))).toEqual([
    'web/index.html',
    'web/admin/index.html',
  ]);
  const sources = globSync('{web/src,protocol,crypto}/**/*.{ts,tsx}', { cwd: root });
  const imports = sources.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));
  expect(imports.length).toBeGreaterThan(500);
  expect(imports.filter(({ specifier }) => /\.\.\/ui\/(page|index\.html)/.test(specifier))).toEqual([]);
});

it('it shows every primitive', () => {
  const page = readFileSync(join(root, 'web/ui/page.tsx'), 'utf8');
  const primitives = globSync('web/src/ui/*.tsx', { cwd: root }).map(
    (file) => /(\w|-)+(?=\.tsx$)/.exec(file)![0],
  );
  // Once keeps what was opened once, and shows nothing itself.
  expect(primitives.filter((name) => name !== 'once' && !page.includes(`'../src/ui/${name}.tsx'`))).toEqual(
    [],
  );
});
