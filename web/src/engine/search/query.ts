import { fold } from './fold.ts';

/** What a search asks for; everything in it must hold. Words and names are folded. */
export interface Query {
  /** Each begins a word of what was said; several in quotes stand together. */
  readonly words: readonly string[];
  /** One of these names is the author's; `me` is the reader. */
  readonly from: readonly string[];
  /** One of these is in the room's name. */
  readonly in: readonly string[];
  readonly has: readonly Having[];
  /** Said before this moment, and from that one on; milliseconds. */
  readonly before?: number;
  readonly after?: number;
}
const havings = ['file', 'link'] as const;
export type Having = (typeof havings)[number];

const parts = /(from|in|has|before|after):(?:"([^"]*)"|(\S*))|"([^"]+)"|(\S+)/giu;

/**
 * Reads what somebody typed: words, "words together", `from:`, `in:`, `has:file`, `has:link`, `before:` and `after:` with a day, month or
 * year of this time zone (`2026-11-03`, `2026-11`, `2026`, `today`, `yesterday`). What is none of these is a word.
 */
export function parseQuery(text: string, now = Date.now()): Query {
  const [words, from, rooms, has]: [string[], string[], string[], Having[]] = [[], [], [], []];
  let [before, after]: [number | undefined, number | undefined] = [undefined, undefined];
  for (const [whole, key, quoted, bare, together, word] of text.normalize('NFC').matchAll(parts)) {
    const value = fold((quoted ?? bare ?? '').trim());
    const day = startOf(value, now);
    const having = havings.find((each) => each === value);
    switch (key?.toLowerCase()) {
      case 'from':
        if (value) from.push(value.replace(/^@/, ''));
        break;
      case 'in':
        if (value) rooms.push(value);
        break;
      case 'has':
        if (having) has.push(having);
        else if (value) words.push(fold(whole));
        break;
      case 'before':
        if (day !== undefined) before = Math.min(day, before ?? day);
        break;
      case 'after':
        if (day !== undefined) after = Math.max(day, after ?? day);
        break;
      default:
        words.push(fold((together ?? word ?? '').trim()));
    }
  }
  return {
    words: words.filter((each) => each !== ''),
    from,
    in: rooms,
    has,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}

/** Whether a query asks for anything at all. */
export const asks = (query: Query): boolean =>
  query.words.length + query.from.length + query.in.length + query.has.length > 0 ||
  query.before !== undefined ||
  query.after !== undefined;

/** When a day, month or year begins here; undefined for what is none. */
function startOf(text: string, now: number): number | undefined {
  if (text === 'today') return new Date(now).setHours(0, 0, 0, 0);
  if (text === 'yesterday') {
    const midnight = new Date(new Date(now).setHours(0, 0, 0, 0));
    return midnight.setDate(midnight.getDate() - 1);
  }
  const [, year, month = '1', day = '1'] = /^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  // 2026-02-31 is no day.
  return date.getMonth() === Number(month) - 1 ? date.getTime() : undefined;
}
