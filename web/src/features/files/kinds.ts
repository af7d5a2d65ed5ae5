import { largestWhole, type ManifestHead, mostPixels } from '../../../../protocol/manifest.ts';
import { showingOf } from '../../ui/showing.ts';

export type Kind = 'film' | 'sound' | 'picture' | 'document' | 'archive' | 'other';

/** Only what every browser draws; SVG is left out, it is a document with its own ideas. */
const pictures = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif']);
const archives = /(zip|tar|gzip|compressed|7z|rar)/;
const documents = /^text\/|pdf|document|spreadsheet|presentation|msword|json|rtf/;

/** What kind of thing a file is, by its manifest. */
export function kindOf(head: ManifestHead): Kind {
  if (head.tracks?.some((track) => track.kind === 'video') || head.type.startsWith('video/')) return 'film';
  if (head.tracks?.some((track) => track.kind === 'audio') || head.type.startsWith('audio/')) return 'sound';
  if (pictures.has(head.type)) return 'picture';
  if (archives.test(head.type)) return 'archive';
  return documents.test(head.type) ? 'document' : 'other';
}

/** Whether the player takes it: what was made ready for streaming; sound in its own container, and a film there that its sender could read. */
export const isPlayable = ({ layout, type, size, duration, flaw }: ManifestHead): boolean =>
  layout === 'tracks' ||
  (type.startsWith('audio/') && flaw === undefined) ||
  (type.startsWith('video/') && duration !== undefined && size <= largestWhole);

/** Bytes up to which a picture is fetched and drawn by itself. */
const largestDrawn = 12 * 2 ** 20;

/** Whether a picture has no more pixels than can be drawn, as far as they were counted. */
export const hasSanePixels = ({ width = 1, height = 1 }: ManifestHead): boolean =>
  width * height <= mostPixels;

/** Whether a file is a picture that is drawn into its card. */
export const isDrawn = (head: ManifestHead): boolean =>
  kindOf(head) === 'picture' && head.size > 0 && head.size <= largestDrawn && hasSanePixels(head);

/** Whether a file is neither played nor drawn into its card, and yet can be looked at, in a frame of its own. */
export function opensApart(head: ManifestHead): boolean {
  const kind = kindOf(head);
  if (kind === 'film' || kind === 'sound' || isDrawn(head)) return false;
  return kind === 'picture' ? head.size > 0 && hasSanePixels(head) : showingOf(head) !== undefined;
}

/** Whether every browser knows pictures of this type. */
export const isKnownPicture = (type: string): boolean => pictures.has(type) || type === 'image/svg+xml';

/** Whether this browser says that it draws no pictures of this type; where it doesn't say, trying tells. */
export async function refusesPicture(type: string): Promise<boolean> {
  if (!type.startsWith('image/') || isKnownPicture(type) || typeof ImageDecoder === 'undefined') return false;
  return ImageDecoder.isTypeSupported(type).then(
    (supported) => !supported,
    () => false,
  );
}

/** What a picture of a rare kind is called: HEIC also where its name says something else. */
export const rareLabel = ({ name, type }: ManifestHead): string =>
  typeLabel({ name: /^image\/hei[cf]/.test(type) ? '' : name, type });

/** `MP4`, `PDF`: the name's own ending when it is a plain one, else what the type says. */
export function typeLabel(head: Pick<ManifestHead, 'name' | 'type'>): string {
  const ending = /\.([a-z0-9]{1,5})$/i.exec(head.name)?.[1];
  return (ending ?? head.type.split(/[/;+]/)[1] ?? '').slice(0, 12).toUpperCase();
}
