import Forward from 'lucide-solid/icons/forward';
import { m } from '../../language/index.ts';

/** Says of a message that somebody had said it elsewhere. */
export function ForwardedMark() {
  return (
    <p class="mb-0.5 flex items-center gap-1.5 text-[0.8125rem]/4.5 text-muted" data-testid="forwarded">
      <Forward class="size-3.5" />
      {m.chat_forwarded()}
    </p>
  );
}
