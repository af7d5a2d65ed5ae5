import type { ManifestHead } from '../../../../protocol/manifest.ts';
import { m } from '../../language/index.ts';
import { isPlayable, kindOf } from './kinds.ts';

/** What a film or sound lacks, as a sentence that says what can be done; undefined where it lacks nothing, and for any other file. */
export function shortcomingOf(head: ManifestHead): string | undefined {
  const { flaw, size } = head;
  const playable = isPlayable(head);
  if (flaw === 'no-index') return m.files_noIndex();
  if (flaw === 'cut') return playable ? m.files_cut() : m.files_cutTooSoon();
  if (playable || !['film', 'sound'].includes(kindOf(head))) return undefined;
  return size === 0 ? m.files_empty() : m.files_cannotPlay();
}
