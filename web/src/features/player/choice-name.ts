import type { Choice } from '../../engine/media/index.ts';
import { pageLocale } from '../../ui/format.ts';

/** What a track is called: its name, its language in the reader's own, or its number. */
export function choiceName(
  choice: Choice,
  index: number,
  numbered: (number: number) => string,
  locale = pageLocale(),
): string {
  const language = choice.language && languageName(choice.language, locale);
  if (language && choice.name) return `${language} (${choice.name})`;
  return language || choice.name || numbered(index + 1);
}

function languageName(code: string, locale: string | undefined): string {
  try {
    const name = new Intl.DisplayNames(locale, { type: 'language' }).of(twoLetters[code] ?? code) ?? code;
    return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  } catch {
    // Films carry all sorts of things there.
    return code;
  }
}

/** ISO 639-2/B codes that browsers don't know as the languages they are. */
const twoLetters: Readonly<Record<string, string>> = {
  alb: 'sq',
  arm: 'hy',
  baq: 'eu',
  bur: 'my',
  chi: 'zh',
  cze: 'cs',
  dut: 'nl',
  fre: 'fr',
  geo: 'ka',
  ger: 'de',
  gre: 'el',
  ice: 'is',
  mac: 'mk',
  mao: 'mi',
  may: 'ms',
  per: 'fa',
  rum: 'ro',
  slo: 'sk',
  tib: 'bo',
  wel: 'cy',
};
