import type { ManifestHead } from '../../../../protocol/manifest.ts';
import { m } from '../../language/index.ts';
import { formatNumber } from '../../ui/format.ts';
import { hasSanePixels, isKnownPicture, isPlayable, kindOf, rareLabel } from './kinds.ts';

/**
 * What a film, sound or picture lacks, as a sentence that says what can be done; undefined where it lacks nothing, and for any other file.
 * `undrawable`: the browser has tried to draw it, or says that it can't.
 */
export function shortcomingOf(head: ManifestHead, undrawable: boolean): string | undefined {
  const rare = head.type.startsWith('image/') && !isKnownPicture(head.type);
  if (rare) return undrawable ? m.files_previewKind({ type: rareLabel(head) }) : undefined;
  if (kindOf(head) === 'picture') return ofPicture(head, undrawable);
  const { flaw, size, duration } = head;
  const playable = isPlayable(head);
  if (flaw === 'no-index') return m.files_noIndex();
  if (flaw === 'cut' && playable) return m.files_cut();
  // Of one whose length is known enough is there: it is too large to be played in one piece.
  if (flaw === 'cut' && duration === undefined) return m.files_cutTooSoon();
  if (playable || !['film', 'sound'].includes(kindOf(head))) return undefined;
  return size === 0 ? m.files_empty() : m.files_cannotPlay();
}

function ofPicture(head: ManifestHead, undrawable: boolean): string | undefined {
  const { flaw, size, width = 0, height = 0 } = head;
  if (size === 0) return m.files_pictureEmpty();
  if (!hasSanePixels(head))
    return m.files_pictureLarge({ width: formatNumber(width), height: formatNumber(height) });
  if (flaw === 'cut') return undrawable ? m.files_pictureCutTooSoon() : m.files_pictureCut();
  return undrawable ? m.files_previewFailed() : undefined;
}
