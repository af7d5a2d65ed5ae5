export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

/** What is written as an address; trailing punctuation belongs to the sentence, not to the link. */
export const address = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}…]/giu;

/** Splits a message into text and links. Only http and https become links. */
export function pieces(text: string): Piece[] {
  const out: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(address)) {
    let found = match[0];
    // a closing bracket stays when its opening one is inside the address
    if (text[match.index + found.length] === ')' && found.split('(').length > found.split(')').length)
      found += ')';
    if (!URL.canParse(found)) continue;
    if (match.index > from) out.push({ kind: 'text', text: text.slice(from, match.index) });
    out.push({ kind: 'link', text: found, href: found });
    from = match.index + found.length;
  }
  if (from < text.length) out.push({ kind: 'text', text: text.slice(from) });
  return out;
}
