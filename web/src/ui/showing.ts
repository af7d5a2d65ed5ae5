/** How a file can be shown. */
export type Showing = 'image' | 'video' | 'audio' | 'text' | 'pdf';

const texts =
  /^(text\/|application\/(json|xml|javascript|ecmascript|yaml|toml|sql|x-(sh|yaml|subrip|ndjson))(;|$))/;
/** By its ending, what systems have no type for. */
const textEndings =
  /\.(txt|text|md|markdown|log|csv|tsv|json|jsonl|xml|ya?ml|toml|ini|conf|cfg|env|srt|vtt|ass|sh|bat|ps1|py|rb|rs|go|c|h|cc|cpp|hpp|java|kt|swift|m?js|cjs|jsx|mts|tsx|css|scss|html?|vue|sql|tex|bib|diff|patch|eml|ics|vcf|gpx|geojson)$/i;

/**
 * How a file can be shown, by its type, or its name where it has none; undefined for what runs, or needs a program of its own. As an
 * image, an SVG runs no scripts and loads nothing; HTML is shown as the text that it is.
 */
export function showingOf({
  type,
  name,
}: {
  readonly type: string;
  readonly name: string;
}): Showing | undefined {
  if (type === 'application/pdf' || (isUnknown(type) && /\.pdf$/i.test(name))) return 'pdf';
  if (texts.test(type) || (isUnknown(type) && textEndings.test(name))) return 'text';
  const kind = type.split('/', 1)[0];
  return (['image', 'video', 'audio'] as const).find((each) => each === kind);
}

const isUnknown = (type: string): boolean => type === '' || type === 'application/octet-stream';
