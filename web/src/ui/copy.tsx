import Check from 'lucide-solid/icons/check';
import Copy from 'lucide-solid/icons/copy';
import { type Accessor, createSignal, Show } from 'solid-js';
import { Button, type ButtonProps } from './button.tsx';
import { createMoment } from './moment.ts';

/** What became of a copy: for a moment when it was made, until the next one when the browser refused it. */
export type Copied = 'done' | 'refused' | undefined;

/** Copying into the clipboard, and what became of it. `copy` answers whether it was done. */
export function createCopy(): [copied: Accessor<Copied>, copy: (text: string) => Promise<boolean>] {
  const [done, setDone] = createMoment();
  const [refused, setRefused] = createSignal(false);
  const copy = async (text: string) => {
    const written = await write(text);
    setDone(written);
    setRefused(!written);
    return written;
  };
  return [() => (done() ? 'done' : refused() ? 'refused' : undefined), copy];
}

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No permission, or not a secure page: the old way.
    const put = (event: ClipboardEvent) => {
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
    };
    document.addEventListener('copy', put, { once: true });
    const done = document.execCommand('copy');
    document.removeEventListener('copy', put);
    return done;
  }
}

export interface CopyButtonProps extends Pick<ButtonProps, 'variant' | 'class'> {
  text: string;
  label: string;
  /** Said and shown in its place when it was done. */
  done: string;
  /** Said and shown below when the browser refuses: what a person does instead. */
  refused: string;
  'data-testid'?: string;
}

/** A button that copies, and says whether it did. */
export function CopyButton(props: CopyButtonProps) {
  const [copied, copy] = createCopy();
  return (
    <div class={`flex min-h-11 flex-col gap-1.5 ${props.class ?? ''}`}>
      <Button
        variant={props.variant ?? 'outline'}
        class="min-h-[inherit]"
        data-testid={props['data-testid']}
        onClick={() => void copy(props.text)}
      >
        <Show when={copied() === 'done'} fallback={<Copy class="size-4.5" />}>
          <Check class="size-4.5" />
        </Show>
        <span aria-live="polite">{copied() === 'done' ? props.done : props.label}</span>
      </Button>
      <Show when={copied() === 'refused'}>
        <p role="alert" class="text-sm/5 text-pretty text-danger">
          {props.refused}
        </p>
      </Show>
    </div>
  );
}
