import { createResource, For, Show } from 'solid-js';
import { m } from '../../language/index.ts';

const steps = [1, 2, 3, 4] as const;
const colours = ['bg-danger', 'bg-danger', 'bg-warn', 'bg-accent', 'bg-accent'] as const;

/** How well a new password would stand, while it is typed. It advises and forbids nothing. */
export function PasswordStrength(props: {
  password: string;
  /** What others know of the person: name, email. */
  about: readonly string[];
}) {
  const [strength] = createResource(
    () => (props.password ? { password: props.password, about: props.about } : undefined),
    async ({ password, about }) => {
      // The form does without it: offline, or where it can't be loaded.
      const loaded = await import('./estimate.ts').catch(() => undefined);
      return loaded?.estimate(password, about);
    },
  );
  const known = () => (props.password ? strength.latest : undefined);
  const colour = (step: number): string => {
    const level = known();
    return level !== undefined && (level >= step || step === 1) ? colours[level]! : 'bg-line';
  };
  return (
    // It has its place from the beginning: whoever presses what stands below, just as it comes, would press beside it.
    <div aria-live="polite" data-testid="strength">
      <div class="mt-2.5 flex gap-1" aria-hidden="true">
        <For each={steps}>{(step) => <span class={`h-1 flex-1 rounded-full ${colour(step)}`} />}</For>
      </div>
      <p class="mt-1.5 min-h-5 text-sm/5 max-[23rem]:min-h-10 text-muted">
        <Show when={known() !== undefined}>{m.auth_strength({ level: known() ?? 0 })}</Show>
      </p>
    </div>
  );
}
