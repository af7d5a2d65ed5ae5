import Check from 'lucide-solid/icons/check';
import Copy from 'lucide-solid/icons/copy';
import Share from 'lucide-solid/icons/share';
import { createEffect, createSignal, createUniqueId, Match, on, onCleanup, Show, Switch } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import type { Room, RoomView } from '../../engine/types.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { strings } from './strings.ts';

const hours = 7 * 24;

/** Makes an invite link and helps to hand it on. The same link is shown for as long as the room stays open here. */
export function InviteDialog(props: { room: Room; view: RoomView; open: boolean; onClose: () => void }) {
  const id = createUniqueId();
  const [link, setLink] = createSignal<string>();
  const [problem, setProblem] = createSignal<string>();
  const [copied, setCopied] = createSignal(false);
  let field: HTMLInputElement | undefined;
  let busy = false;

  const make = async () => {
    if (busy) return;
    busy = true;
    setProblem(undefined);
    try {
      setLink(await props.room.invite({ expiresInHours: hours }));
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      busy = false;
    }
  };
  createEffect(
    on(
      () => props.open,
      (open) => {
        setCopied(false);
        if (open && !link()) void make();
      },
    ),
  );

  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link() ?? '');
    } catch {
      // No permission, or not a secure page: the old way, on the selected field.
      field?.select();
      if (!document.execCommand('copy')) return;
    }
    setCopied(true);
    clearTimeout(timer);
    timer = setTimeout(() => setCopied(false), 3000);
  };
  const share = () =>
    // A dismissed share sheet rejects; that is an answer, not a failure.
    navigator.share({ url: link() ?? '' }).catch(() => undefined);

  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      title={strings.inviteTitle(props.view.name)}
      description={strings.inviteText}
      closeLabel={strings.close}
    >
      <Switch>
        <Match when={problem()}>
          <p role="alert" class="mt-5 rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-danger">
            {problem()}
          </p>
          <Button class="mt-4" onClick={make}>
            {strings.retry}
          </Button>
        </Match>
        <Match when={!link()}>
          <p role="status" class="mt-5 flex h-12 items-center gap-3 text-muted">
            <Spinner class="size-5 text-accent" />
            {strings.makingLink}
          </p>
        </Match>
        <Match when={link()}>
          <label for={id} class="sr-only">
            {strings.inviteLink}
          </label>
          <input
            id={id}
            ref={field}
            readOnly
            value={link()}
            class="mt-5 h-12 w-full rounded-lg border border-line bg-surface px-3.5 text-base text-ellipsis text-ink sm:text-[0.9375rem]"
            data-testid="invite-link"
            onFocus={(event) => event.currentTarget.select()}
          />
          <p class="mt-2 text-sm/5 text-pretty text-muted">{strings.inviteNote}</p>
          <div class="mt-6 flex flex-col gap-2.5 sm:flex-row-reverse">
            <Button variant="primary" class="min-h-12 sm:min-w-36" onClick={copy} data-testid="copy">
              <Show when={copied()} fallback={<Copy class="size-4.5" />}>
                <Check class="size-4.5" />
              </Show>
              <span aria-live="polite">{copied() ? strings.copied : strings.copy}</span>
            </Button>
            <Show when={'share' in navigator}>
              <Button class="min-h-12" onClick={share}>
                <Share class="size-4.5" />
                {strings.share}
              </Button>
            </Show>
          </div>
        </Match>
      </Switch>
    </Dialog>
  );
}
