import Share from 'lucide-solid/icons/share';
import {
  batch,
  createEffect,
  createMemo,
  createSignal,
  createUniqueId,
  For,
  Match,
  on,
  Show,
  Switch,
} from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import type { Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { createAttempt } from '../../ui/attempt.tsx';
import { Button } from '../../ui/button.tsx';
import { now } from '../../ui/clock.ts';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { dayInSentence, formatLife, formatTime } from '../../ui/format.ts';
import { Spinner } from '../../ui/spinner.tsx';
import { Switch as Toggle } from '../../ui/switch.tsx';

/** How long a link lets people in, in hours, and how many. */
const lives = [1, 24, 7 * 24, 30 * 24];
const counts = [1, 5, 20, 100];

/** Until when a link lasts: the hour on its last day. */
const deadline = (at: number) => (at - now() < 86_400_000 ? formatTime(at) : dayInSentence(at, now()));

/** Makes an invite link and helps to hand it on. The same link is shown for as long as the room stays open here. */
export function InviteDialog(props: { room: Room; view: RoomView; open: boolean; onClose: () => void }) {
  const id = createUniqueId();
  const [link, setLink] = createSignal<string>();
  /** What the link shown is good for, whatever is chosen for the next one: for so many hours, to come in or to ask by. */
  const [made, setMade] = createSignal({ asking: false, hours: 7 * 24 });
  const attempt = createAttempt(sentence);
  const [hours, setHours] = createSignal(7 * 24);
  const [uses, setUses] = createSignal(20);
  /** Whether who has the link is let in by somebody, one by one. */
  const [asks, setAsks] = createSignal(false);

  const make = () =>
    attempt.run(async () => {
      const terms = { asking: asks(), hours: hours() };
      const next = await (terms.asking
        ? props.room.askingLink(terms.hours)
        : props.room.invite({ expiresInHours: terms.hours, uses: uses() }));
      // Together: a link is judged by its kind whether it is over.
      batch(() => {
        setLink(next);
        setMade(terms);
      });
    });
  /** The links that let people in now; `view` changes whenever they do. */
  const links = createMemo(
    on([() => props.open, () => props.view, link], ([open]) => (open ? props.room.invites() : [])),
  );
  const [ending, setEnding] = createSignal<string>();
  const end = async (key: string, task: () => Promise<void>) => {
    setEnding(key);
    attempt.say(undefined);
    try {
      await task();
    } catch (error) {
      attempt.say(sentence(error));
    } finally {
      setEnding(undefined);
    }
  };
  // A link that was ended, used up or has run out is not to be handed on.
  createEffect(() => {
    const open = links();
    const over = made().asking ? props.view.asking === undefined : !open.some((each) => each.link === link());
    if (props.open && link() && over) setLink(undefined);
  });
  createEffect(
    on(
      () => props.open,
      (open) => {
        if (open && !link()) void make();
      },
    ),
  );

  const description = () => {
    const life = formatLife(made().hours * 3600);
    return made().asking ? m.chat_askingText({ life }) : m.chat_inviteText({ life });
  };
  const share = () =>
    // A dismissed share sheet rejects; that is an answer, not a failure.
    navigator.share({ url: link() ?? '' }).catch(() => undefined);

  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      title={m.chat_inviteTitle({ room: props.view.name })}
      description={description()}
      closeLabel={m.chat_close()}
    >
      <Switch>
        <Match when={attempt.problem()}>
          <p role="alert" class="mt-5 rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-danger">
            {attempt.problem()}
          </p>
          <Button class="mt-4" onClick={make}>
            {m.chat_retry()}
          </Button>
        </Match>
        <Match when={!link() && !attempt.busy()}>
          <Button class="mt-5" onClick={make} data-testid="make-link">
            {m.chat_makeLink()}
          </Button>
        </Match>
        <Match when={!link()}>
          <p role="status" class="mt-5 flex h-12 items-center gap-3 text-muted">
            <Spinner class="size-5 text-accent" />
            {m.chat_makingLink()}
          </p>
        </Match>
        <Match when={link()}>
          <label for={id} class="sr-only">
            {m.chat_inviteLink()}
          </label>
          <input
            id={id}
            readOnly
            value={link()}
            class="mt-5 h-12 w-full shrink-0 rounded-lg border border-line bg-surface px-3.5 text-base text-ellipsis text-ink sm:text-[0.9375rem]"
            data-testid="invite-link"
            onFocus={(event) => event.currentTarget.select()}
          />
          <p class="mt-2 text-sm/5 text-pretty text-muted">
            {made().asking ? m.chat_askingNote() : m.chat_inviteNote()}
          </p>
          <div class="mt-6 flex flex-col gap-2.5 sm:flex-row-reverse">
            <CopyButton
              variant="primary"
              class="min-h-12 sm:min-w-36"
              text={link() ?? ''}
              label={m.chat_copy()}
              done={m.chat_copied()}
              refused={m.chat_copyRefused()}
              data-testid="copy"
            />
            <Show when={'share' in navigator}>
              <Button class="min-h-12" onClick={share}>
                <Share class="size-4.5" />
                {m.chat_share()}
              </Button>
            </Show>
          </div>
        </Match>
      </Switch>
      <Show when={link()}>
        <details class="mt-5">
          <summary class="min-h-11 rounded-md py-2.5 text-[0.9375rem] font-semibold text-accent">
            {m.chat_otherTerms()}
          </summary>
          <div class="py-2">
            <Toggle
              label={m.chat_asking()}
              hint={m.chat_askingHint()}
              on={asks()}
              onChange={setAsks}
              data-testid="asking"
            />
          </div>
          <div class="flex flex-wrap items-end gap-3 pb-1">
            <Choice
              label={m.chat_linkLasts()}
              options={lives}
              name={(value) => formatLife(value * 3600)}
              value={hours()}
              onChange={setHours}
            />
            <Show when={!asks()}>
              <Choice
                label={m.chat_linkUses()}
                options={counts}
                name={(count) => m.chat_people({ count })}
                value={uses()}
                onChange={setUses}
              />
            </Show>
            <Button onClick={make} busy={attempt.busy()} data-testid="make-link">
              {m.chat_makeLink()}
            </Button>
          </div>
        </details>
      </Show>
      <Show when={links().length || props.view.asking}>
        <h3 class="mt-7 text-sm font-semibold text-muted">{m.chat_openLinks()}</h3>
        <ul class="mt-1 max-h-44 overflow-y-auto">
          <Show when={props.view.asking}>
            {(until) => (
              <OpenLink
                which={m.chat_askingLink()}
                until={m.chat_askingUntil({ day: deadline(until()) })}
                busy={ending() === 'asking'}
                onEnd={() => end('asking', () => props.room.endAsking())}
                data-testid="asking-link"
              />
            )}
          </Show>
          <For each={links()}>
            {(each) => {
              const which = () =>
                each.link && each.link === link()
                  ? m.chat_linkThis()
                  : each.mine
                    ? m.chat_linkMine()
                    : m.chat_linkBy({ name: each.by });
              const until = () => m.chat_linkUntil({ day: deadline(each.expires), uses: each.usesLeft });
              return (
                <OpenLink
                  which={which()}
                  until={until()}
                  busy={ending() === each.key}
                  onEnd={() => end(each.key, () => props.room.revokeInvite(each.key))}
                  data-testid="open-link"
                />
              );
            }}
          </For>
        </ul>
      </Show>
    </Dialog>
  );
}

/** A link that lets people in, or by which they ask, until it is ended. */
function OpenLink(props: {
  which: string;
  until: string;
  busy: boolean;
  onEnd: () => void;
  'data-testid': string;
}) {
  return (
    <li class="flex min-h-13 items-center gap-3" data-testid={props['data-testid']}>
      <span class="min-w-0 flex-1">
        <span class="block truncate text-[0.9375rem]">{props.which}</span>
        <span class="block text-[0.8125rem]/4.5 text-muted">{props.until}</span>
      </span>
      <Button
        variant="quiet"
        busy={props.busy}
        aria-label={m.chat_endLinkOf({ which: props.which, until: props.until })}
        onClick={() => props.onEnd()}
      >
        {m.chat_endLink()}
      </Button>
    </li>
  );
}

/** One of a few numbers. */
function Choice(props: {
  label: string;
  options: readonly number[];
  name: (value: number) => string;
  value: number;
  onChange: (value: number) => void;
}) {
  return (
    <label class="flex flex-col gap-1 text-[0.8125rem] font-semibold text-muted">
      {props.label}
      <select
        class="h-11 rounded-lg border border-edge bg-raised px-3 text-[0.9375rem] font-normal text-ink"
        value={props.value}
        onChange={(event) => props.onChange(Number(event.currentTarget.value))}
      >
        <For each={props.options}>{(value) => <option value={value}>{props.name(value)}</option>}</For>
      </select>
    </label>
  );
}
