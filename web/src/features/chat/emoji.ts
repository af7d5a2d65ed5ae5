import { fold, indexOfWord } from '../../engine/search/fold.ts';
import { type Locale, m } from '../../language/index.ts';

export interface Emoji {
  readonly emoji: string;
  readonly name: string;
  /** By what it is found, folded. */
  readonly words: readonly string[];
}
export interface EmojiGroup {
  readonly name: string;
  readonly emoji: readonly Emoji[];
}

/** How Unicode groups them. */
type Group = Parameters<typeof m.chat_emojiGroup>[0]['group'];

/** What this browser can draw, and the contract lets be given (`protocol/content.ts`). */
const known = /^\p{RGI_Emoji}$/v;

/** An emoji in another language than English, in which the list itself is. */
interface Translated {
  readonly unicode: string;
  readonly label: string;
  readonly tags?: readonly string[];
}
const translations: Partial<Record<Locale, () => Promise<{ default: readonly Translated[] }>>> = {
  de: () => import('emojibase-data/de/compact.json'),
};

/** Lists differ in where they put this selector. */
const bare = (emoji: string): string => emoji.replaceAll('\ufe0f', '');

/**
 * Unicode's emoji by group, with names and words in `locale`; English words find them in any. Fetched from our own origin
 * when first asked for.
 */
export async function loadEmoji(locale: Locale): Promise<EmojiGroup[]> {
  const [{ default: groups }, { default: words }, translation] = await Promise.all([
    import('unicode-emoji-json/data-by-group.json'),
    import('emojilib/dist/emoji-en-US.json'),
    translations[locale]?.(),
  ]);
  const keywords = words as Record<string, readonly string[]>;
  const translated = new Map(translation?.default.map((each) => [bare(each.unicode), each] as const));
  return groups.map(({ slug, emojis }) => ({
    name: m.chat_emojiGroup({ group: slug as Group }),
    emoji: emojis
      .filter(({ emoji }) => known.test(emoji))
      .map(({ emoji, name: title }) => {
        const { label = title, tags = [] } = translated.get(bare(emoji)) ?? {};
        const english = [title, ...(keywords[emoji] ?? []).map((word) => word.replaceAll('_', ' '))];
        return { emoji, name: label, words: [label, ...tags, ...english].map(fold) };
      }),
  }));
}

/** Those of which a word begins so; those whose own name does, first. */
export function findEmoji(groups: readonly EmojiGroup[], text: string): Emoji[] {
  const word = fold(text.trim());
  const found = groups.flatMap(({ emoji }) =>
    emoji.filter(({ words }) => words.some((each) => indexOfWord(each, word) >= 0)),
  );
  const rank = ({ words }: Emoji) =>
    words[0]!.startsWith(word) ? 0 : indexOfWord(words[0]!, word) >= 0 ? 1 : 2;
  return found.sort((a, b) => rank(a) - rank(b));
}

const key = 'stream-chat.emoji';
const mostRecent = 24;

/** What was taken last in this browser, the newest first. */
export function recentEmoji(): string[] {
  return (localStorage.getItem(key) ?? '').split(' ').filter((emoji) => known.test(emoji));
}

export function rememberEmoji(emoji: string): void {
  const others = recentEmoji().filter((each) => each !== emoji);
  localStorage.setItem(key, [emoji, ...others].slice(0, mostRecent).join(' '));
}
