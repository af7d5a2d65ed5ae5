import { address, pieces } from './links.ts';

/** What stands in a line. */
export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | { readonly kind: 'strong' | 'em' | 'strike'; readonly inside: readonly Inline[] };

/** Lines that belong together: as they are, quoted, or code. */
export type Block =
  | { readonly kind: 'text' | 'quote'; readonly inside: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string };

const marks = { '**': 'strong', '*': 'em', _: 'em', '~~': 'strike' } as const;
/** How deep marks may stand in each other. */
const deepest = 4;

// Marks hug their words and stand between words: 2*3*4 and snake_case stay what they are. The bound keeps it linear.
const inline = new RegExp(
  `\`([^\`\\n]+)\`|${address.source}|(?<![\\p{L}\\p{N}])(\\*\\*|~~|\\*|_)(?=\\S)(.{1,2000}?)(?<=\\S)\\2(?![\\p{L}\\p{N}])`,
  'gu',
);
const fence = /^```[^\n`]*\n([\s\S]*?)\n?```[ \t]*(?:\n|$)/gmu;

/** Reads a message: the little Markdown that people type. Everything else is text, and no text gets lost but the marks. */
export function markdown(text: string): Block[] {
  const blocks: Block[] = [];
  let from = 0;
  for (const match of text.matchAll(fence)) {
    blocks.push(...paragraphs(text.slice(from, match.index).replace(/\n$/, '')));
    blocks.push({ kind: 'code', text: match[1]! });
    from = match.index + match[0].length;
  }
  blocks.push(...paragraphs(text.slice(from)));
  return blocks;
}

/** Whether what is written on after `text` stands in a block of code, which has begun and not ended. */
export const endsInCode = (text: string): boolean => /^```[^\n`]*(?:\n|$)/mu.test(text.replace(fence, ''));

function paragraphs(text: string): Block[] {
  const blocks: { kind: 'text' | 'quote'; lines: string[] }[] = [];
  for (const line of text === '' ? [] : text.split('\n')) {
    const quoted = /^> ?(?=.)/u.exec(line);
    const kind = quoted ? 'quote' : 'text';
    const last = blocks.at(-1);
    const words = line.slice(quoted?.[0].length ?? 0);
    if (last?.kind === kind) last.lines.push(words);
    else blocks.push({ kind, lines: [words] });
  }
  return blocks.map(({ kind, lines }) => ({ kind, inside: inlines(lines.join('\n'), 0) }));
}

function inlines(text: string, depth: number): Inline[] {
  const out: Inline[] = [];
  let from = 0;
  for (const match of depth < deepest ? text.matchAll(inline) : []) {
    const [whole, code, mark, words] = match;
    // An address stays with the text around it, so that its own reader finds where it ends.
    if (code === undefined && mark === undefined) continue;
    out.push(...pieces(text.slice(from, match.index)));
    if (code !== undefined) out.push({ kind: 'code', text: code });
    else out.push({ kind: marks[mark as keyof typeof marks], inside: inlines(words!, depth + 1) });
    from = match.index + whole.length;
  }
  return [...out, ...pieces(text.slice(from))];
}

/** The words without marks, for where there is one line for them. */
export function plain(text: string): string {
  const words = (each: Block | Inline): string =>
    'inside' in each ? each.inside.map(words).join('') : each.text;
  return markdown(text).map(words).join('\n');
}
