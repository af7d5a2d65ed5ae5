/** Numbers, times and lists as people read them, in the page's language; bytes, seconds and milliseconds in. */

/** The language that this page is in, as `<html lang>` names it. */
export const pageLocale = (): string | undefined => globalThis.document?.documentElement.lang || undefined;

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** `1.4 GB`, `312 kB`, `0 B`: decimal units, as storage is sold and file managers of most systems count. */
export function formatBytes(bytes: number, locale = pageLocale()): string {
  let step = 0;
  let value = Math.max(0, bytes);
  // 999.5 would be written as 1000 of the smaller unit
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1000;
    step++;
  }
  const text = new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: step === 0 ? 'narrow' : 'short',
    maximumFractionDigits: step > 1 && value < 99.5 ? 1 : 0,
  }).format(value);
  // The short word for bytes is "byte"; the narrow one stands too close.
  return step === 0 ? text.replace(/(\d)(\p{L})/u, '$1 $2') : text;
}

/** `4:07`, `1:02:33`: a length or a position in a film. */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const pad = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** How long something will still take, rounded the way a person would say it: `40 sec`, `3 min`, `1 hr 20 min`. */
export function formatTimeLeft(seconds: number, locale = pageLocale()): string {
  const unit = (value: number, name: 'second' | 'minute' | 'hour') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value);
  if (seconds < 10) return unit(Math.max(1, Math.ceil(seconds)), 'second');
  if (seconds < 57.5) return unit(Math.round(seconds / 5) * 5, 'second');
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return unit(minutes, 'minute');
  const rest = minutes % 60;
  const hours = unit(Math.floor(minutes / 60), 'hour');
  return rest === 0 ? hours : `${hours} ${unit(rest, 'minute')}`;
}

/** The time of day, as the locale writes it. */
export const formatTime = (at: number, locale = pageLocale()): string =>
  new Date(at).toLocaleTimeString(locale, { hour: 'numeric', minute: '2-digit' });

/** Days between two moments by the calendar of this time zone: 0 today, 1 yesterday. */
export function daysAgo(at: number, now: number): number {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnight(now) - midnight(at)) / 86_400_000);
}

/** `Today`, `Yesterday`, `Friday`, `3 November`, `3 November 2025`: where a line begins with it, or is nothing else. */
export function formatDay(at: number, now: number, locale = pageLocale()): string {
  const day = dayInSentence(at, now, locale);
  return day.charAt(0).toLocaleUpperCase(locale) + day.slice(1);
}

/** As `formatDay`, in the middle of a sentence: `today`, `yesterday`. */
export function dayInSentence(at: number, now: number, locale = pageLocale()): string {
  const ago = daysAgo(at, now);
  if (ago === 0 || ago === 1)
    return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-ago, 'day');
  const date = new Date(at);
  if (ago > 1 && ago < 7) return date.toLocaleDateString(locale, { weekday: 'long' });
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString(locale, {
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

/** For lists: the time today, the weekday this week, else the short date. */
export function formatMoment(at: number, now: number, locale = pageLocale()): string {
  const ago = daysAgo(at, now);
  if (ago <= 0) return formatTime(at, locale);
  if (ago < 7) return new Date(at).toLocaleDateString(locale, { weekday: 'short' });
  return new Date(at).toLocaleDateString(locale, { day: 'numeric', month: 'short' });
}

/** Day and time, in full for whom it matters. */
export const formatDateTime = (
  at: number,
  dateStyle: 'short' | 'long' = 'short',
  locale = pageLocale(),
): string => new Date(at).toLocaleString(locale, { dateStyle, timeStyle: 'short' });

/** `Ana, Ben and Carla`. */
export const formatList = (names: readonly string[], locale = pageLocale()): string =>
  new Intl.ListFormat(locale, { type: 'conjunction' }).format(names);

/** `1,234.5` */
export const formatNumber = (value: number, locale = pageLocale()): string =>
  new Intl.NumberFormat(locale).format(value);

/** `45%`, of a part of 1. */
export const formatPercent = (part: number, locale = pageLocale()): string =>
  new Intl.NumberFormat(locale, { style: 'percent' }).format(part);

const lives = [
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How long something lasts, as a person would say it: `1 day`, `5 minutes`; seconds in. */
export function formatLife(seconds: number, locale = pageLocale()): string {
  const [unit, length] = lives.find(([, each]) => seconds >= each && seconds % each === 0) ?? ['second', 1];
  const style = { style: 'unit', unit, unitDisplay: 'long' } as const;
  return new Intl.NumberFormat(locale, style).format(seconds / length);
}
