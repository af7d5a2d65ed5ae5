// That the documentation leads where it says: every relative link, every heading that one names, every command.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './worker-process.ts';

const pages = globSync('**/*.md', {
  cwd: root,
  exclude: (name) => /^(node_modules|dist|\.\w+)$/.test(name),
}).sort();
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
/** Code shows links and headings that are none. */
const prose = (text: string): string =>
  text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ''));

/** The anchors that GitHub gives a page's headings. */
const anchors = (text: string): Set<string> =>
  new Set(
    [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

describe.each(pages)('%s', (page) => {
  it('links to what is there', () => {
    const broken: string[] = [];
    for (const [, target = ''] of prose(read(page)).matchAll(/\]\(<?([^)\s>]+)>?\)/g)) {
      // The forge's own pages, beside the repository's.
      if (/^(https?:|mailto:)/.test(target) || target.startsWith('../../security/')) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : normalize(join(dirname(page), path));
      if (!existsSync(join(root, file))) broken.push(target);
      else if (anchor !== undefined && file.endsWith('.md') && !anchors(read(file)).has(anchor))
        broken.push(target);
    }
    expect(broken).toEqual([]);
  });

  it('names commands that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const tasks = [...read('local/run.mjs').matchAll(/^ {2}(\w+): \['/gm)].map(([, task]) => task);
    const text = read(page);
    const named = [...text.matchAll(/npm (?:run (?:--silent )?([a-z][\w:-]*)|(start|test)\b)/g)].map(
      ([, run, own]) => run ?? own,
    );
    for (const name of named) expect(Object.keys(scripts), `npm run ${name}`).toContain(name);
    for (const [, task] of text.matchAll(/node local\/run\.mjs (\w+)/g)) expect(tasks, task).toContain(task);
  });
});

it('can be reached from the front page, all of it', () => {
  const seen = new Set<string>();
  const follow = (page: string): void => {
    if (seen.has(page) || !page.endsWith('.md') || !existsSync(join(root, page))) return;
    seen.add(page);
    for (const [, target = ''] of prose(read(page)).matchAll(/\]\(<?([^)\s#>]+)/g))
      follow(normalize(join(dirname(page), target)));
  };
  follow('README.md');
  const guides = pages.filter((page) => /^(docs|ops)\/|^[A-Z]+\.md$/.test(page));
  expect(guides.filter((page) => !seen.has(page))).toEqual([]);
});
