// Which folder may import which (ARCHITECTURE.md): the rules, and what a source file imports.
import { posix } from 'node:path';
import { parseSync } from 'vite';

export interface Import {
  /** As written. */
  specifier: string;
  /** Nothing of it is left when the code runs. */
  typeOnly: boolean;
}

/** What a folder's files may import of ours besides the folder itself. */
const arrows: Record<string, string[]> = {
  protocol: [],
  crypto: ['protocol'],
  'durable-objects': ['protocol'],
  worker: ['durable-objects', 'protocol'],
  web: ['crypto', 'protocol'],
};

/** Inside web/src likewise: ui and language know nothing of ours, the engine knows no screen, features know no app. */
const webArrows: Record<string, string[]> = {
  ui: [],
  engine: ['language'],
  language: [],
  sw: ['engine', 'language'],
  features: ['engine', 'language', 'ui'],
  app: ['features', 'engine', 'language', 'ui'],
};

const isTest = (file: string) => /\.test\.tsx?$|\/(test|testing)\//.test(file);

/**
 * All that `code` imports: static, dynamic and type imports, re-exports, and modules named by
 * `new URL('…', import.meta.url)`, as workers are.
 */
export function importsOf(file: string, code: string): Import[] {
  const found: Import[] = [];
  visit(parseSync(file, code).program, (node) => {
    const specifier = stringOf(node.source) ?? workerAddress(node);
    if (specifier === undefined) return;
    found.push({ specifier, typeOnly: node.type === 'TSImportType' || isTypeOnly(node) });
  });
  return found;
}

/**
 * What is wrong with an import of ours, in a sentence, or undefined.
 *
 * @param file path from the project's directory, with slashes
 */
export function violation(file: string, { specifier, typeOnly }: Import): string | undefined {
  if (!specifier.startsWith('.') && !specifier.startsWith('/')) return undefined;
  const target = posix.join(posix.dirname(file), specifier).replace(/[?#].*$/, '');
  const [from = ''] = file.split('/');
  const [to = ''] = target.split('/');
  const allowed = arrows[from];
  if (allowed === undefined) return undefined;
  // Tests may set up what they test with anything that doesn't depend on it.
  const helpers = isTest(file) ? ['local', 'crypto', 'protocol', 'e2e'] : [];
  if (to !== from && ![...allowed, ...helpers].includes(to)) {
    return `${file} imports ${target}: ${from} may import ${[from, ...allowed].join(', ')}.`;
  }
  if (
    from === 'worker' &&
    to === 'durable-objects' &&
    !typeOnly &&
    file !== 'worker/index.ts' &&
    !isTest(file)
  ) {
    return `${file} imports ${target}: worker may import types alone of durable-objects.`;
  }
  return from === 'web' && to === 'web'
    ? webViolation(file, target)
    : from === 'web'
      ? uiViolation(file, target)
      : undefined;
}

function webViolation(file: string, target: string): string | undefined {
  const [, fromSrc, from = '', feature] = file.split('/');
  const [, toSrc, to = '', otherFeature, ...inside] = target.split('/');
  const allowed = webArrows[from];
  if (fromSrc !== 'src' || toSrc !== 'src' || allowed === undefined) return undefined;
  if (to in webArrows && to !== from && !allowed.includes(to)) {
    return `${file} imports ${target}: web/src/${from} may import ${[from, ...allowed].join(', ')}.`;
  }
  const face = inside.length === 1 && /^index\.tsx?$/.test(inside[0] ?? '');
  if (to === 'features' && !(from === 'features' && feature === otherFeature) && !face) {
    return `${file} imports ${target}: a feature's inside is its own, others import its index.`;
  }
  return undefined;
}

function uiViolation(file: string, target: string): string | undefined {
  return file.startsWith('web/src/ui/') && !isTest(file)
    ? `${file} imports ${target}: web/src/ui imports nothing of ours.`
    : undefined;
}

type Node = { type: string } & Record<string, unknown>;

function visit(value: unknown, seen: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, seen);
  } else if (typeof value === 'object' && value !== null) {
    if ('type' in value && typeof value.type === 'string') seen(value as Node);
    for (const child of Object.values(value)) visit(child, seen);
  }
}

function stringOf(value: unknown): string | undefined {
  const literal = value as { type?: unknown; value?: unknown } | null | undefined;
  return literal?.type === 'Literal' && typeof literal.value === 'string' ? literal.value : undefined;
}

/** `new URL('./x.ts', import.meta.url)` */
function workerAddress(node: Node): string | undefined {
  const [address, base] = (node.arguments ?? []) as [unknown?, Node?];
  const isUrl = node.type === 'NewExpression' && (node.callee as Node).name === 'URL';
  return isUrl && (base?.object as Node | undefined)?.type === 'MetaProperty' ? stringOf(address) : undefined;
}

function isTypeOnly(node: Node): boolean {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const specifiers = (node.specifiers ?? []) as Node[];
  return (
    specifiers.length > 0 && specifiers.every((one) => one.importKind === 'type' || one.exportKind === 'type')
  );
}
