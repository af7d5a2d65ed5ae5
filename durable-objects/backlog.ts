/** How many characters one socket may be sent beyond what it is known to have read. */
export const mostUnread = 4 * 1024 * 1024;
/** After so many it is asked. */
const askAfter = 256 * 1024;

/**
 * What went to one socket and may still lie on its way, in the memory of whoever carries it: the runtime tells no object how
 * much that is. So the client is asked now and then by a `mark` in line with everything else, whose number it can't know
 * before it has read that far. In memory only: sleep forgives.
 */
export class Backlog {
  #unread = 0;
  /** The mark that is out, and how much went before it. */
  #asked: { readonly mark: number; readonly before: number } | undefined;

  /** So many characters more are to be sent; says whether they may be. */
  add(characters: number): boolean {
    this.#unread += characters;
    return this.#unread <= mostUnread;
  }

  /** The mark to send now; undefined while it is early, or one is out. */
  ask(): number | undefined {
    if (this.#asked || this.#unread < askAfter) return undefined;
    const mark = crypto.getRandomValues(new Uint32Array(1))[0]!;
    this.#asked = { mark, before: this.#unread };
    return mark;
  }

  /** The client has sent `mark` back; says whether that is the one that is out. */
  read(mark: number): boolean {
    if (this.#asked?.mark !== mark) return false;
    this.#unread -= this.#asked.before;
    this.#asked = undefined;
    return true;
  }
}
