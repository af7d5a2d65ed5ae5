/** One subtitle: seconds, and WebVTT cue text (W3C WebVTT, section 3.4). */
export interface Cue {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A cue as a block of a WebVTT file, with the empty line after it. */
export const cueBlock = ({ start, end, text }: Cue): string =>
  `${timestamp(start)} --> ${timestamp(end)}\n${text}\n\n`;

/** What a WebVTT file begins with. */
export const cueHeader = 'WEBVTT\n\n';

function timestamp(seconds: number): string {
  const all = Math.max(0, Math.round(seconds * 1000));
  const part = (unit: number, of: number, digits: number) =>
    String(Math.floor(all / unit) % of).padStart(digits, '0');
  return `${part(3_600_000, 100, 2)}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
}

/**
 * The cues of a SubRip (.srt) or WebVTT (.vtt) text, in its order. What is neither, and what a cue says of its place on the
 * screen, is left out; nothing is refused.
 */
export function parseCues(text: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of text.replace(/\r\n?/g, '\n').split(/\n{2,}/)) {
    const lines = block.split('\n').filter((line, i, all) => line !== '' || (i > 0 && i < all.length - 1));
    const at = lines.findIndex((line) => line.includes('-->'));
    const [from = '', to = ''] = at < 0 || at > 1 ? [] : lines[at]!.split('-->');
    const start = secondsOf(from);
    const end = secondsOf(to);
    const said = cueText(lines.slice(at + 1).join('\n'));
    if (start !== undefined && end !== undefined && end > start && said)
      cues.push({ start, end, text: said });
  }
  return cues;
}

/** `01:02:03,456`, `02:03.456`. */
function secondsOf(text: string): number | undefined {
  const [, hours = '0', minutes, seconds] =
    /^\s*(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:[.,]\d{1,3})?)/.exec(text) ?? [];
  if (minutes === undefined || seconds === undefined) return undefined;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'));
}

/** Cue text out of what SubRip and its kin write: italics, bold and underline stay, every other mark goes. */
export const cueText = (text: string): string =>
  text
    .replace(/\{\\[^}]*\}/g, '')
    .replace(/<(?!\/?[ibu]>)\/?[a-z\d][^<>]*>/gi, '')
    .replace(/&(?!(amp|lt|gt|nbsp|lrm|rlm|#\d+);)/g, '&amp;')
    .replace(/<(?!\/?[ibu]>)/gi, '&lt;')
    .replaceAll('-->', '--&gt;')
    // An empty line would end the cue.
    .replace(/\n\s*\n/g, '\n')
    .trim();

/** Cue text that shows `text` as it is. */
export const plainCueText = (text: string): string =>
  cueText(text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
