/**
 * Text as a search compares it: small letters without accents. As long as `text` is, character by character, so that a place in
 * one is the same place in the other. `text` should be in NFC.
 */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length && !beyondAscii.test(lower)) return lower;
  let out = '';
  for (const char of text) {
    const bare = char.normalize('NFD').replace(marks, '').toLowerCase();
    const small = char.toLowerCase();
    out += bare.length === char.length ? bare : small.length === char.length ? small : char;
  }
  return out;
}

const beyondAscii = /[^\0-\x7f]/;
const marks = /\p{M}/gu;
const wordChar = /[\p{L}\p{N}]/u;
/** Scripts that put no spaces between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/** Where a word of `folded` begins with `word`, from `from` on; −1 where none does. Both folded. */
export function indexOfWord(folded: string, word: string, from = 0): number {
  for (let at = folded.indexOf(word, from); at >= 0; at = folded.indexOf(word, at + 1)) {
    const before = folded[at - 1];
    if (before === undefined || !wordChar.test(before) || unspaced.test(word)) return at;
  }
  return -1;
}

/** The stretches of `text` that a search for `words` (folded) has found, in order, none overlapping: begin and end. */
export function marksOf(text: string, words: readonly string[]): readonly (readonly [number, number])[] {
  const folded = fold(text);
  const found: [number, number][] = [];
  for (const word of words)
    for (let at = indexOfWord(folded, word); at >= 0; at = indexOfWord(folded, word, at + word.length))
      found.push([at, at + word.length]);
  const out: [number, number][] = [];
  for (const [begin, end] of found.sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last && begin <= last[1]) last[1] = Math.max(last[1], end);
    else out.push([begin, end]);
  }
  return out;
}
