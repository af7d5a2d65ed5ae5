import BadgeCheck from 'lucide-solid/icons/badge-check';

/** The mark beside the name of somebody whose safety number was compared. */
export function VerifiedMark(props: { label: string; class?: string }) {
  return (
    <span class={`inline-flex shrink-0 text-accent ${props.class ?? ''}`} role="img" aria-label={props.label}>
      <BadgeCheck class="size-4" aria-hidden="true" />
    </span>
  );
}
