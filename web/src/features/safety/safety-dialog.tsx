import BadgeCheck from 'lucide-solid/icons/badge-check';
import Check from 'lucide-solid/icons/check';
import ScanQrCode from 'lucide-solid/icons/scan-qr-code';
import ShieldAlert from 'lucide-solid/icons/shield-alert';
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  type JSX,
  Match,
  on,
  onCleanup,
  Show,
  Switch,
} from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import type { Member, Room, SafetyNumber } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { AttemptProblem, createAttempt } from '../../ui/attempt.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { QrCode } from './qr-code.tsx';
import { Scanner } from './scanner.tsx';

export interface SafetyDialogProps {
  room: Room;
  member: Member;
  open: boolean;
  onClose: () => void;
}

/** Compares the safety number with a member, by camera or by eye, and keeps that it was compared. */
export function SafetyDialog(props: SafetyDialogProps) {
  const [number, setNumber] = createSignal<SafetyNumber>();
  const [problem, setProblem] = createSignal<string>();
  const isStranger = () => props.member.trust === 'changed' || props.member.trust === 'contradicted';
  const title = () => {
    if (!isStranger()) return m.safety_title({ name: props.member.name });
    const { trust, name } = props.member;
    return trust === 'changed' ? m.safety_changedTitle({ name }) : m.safety_contradictedTitle({ name });
  };
  /** The room's view brings a new object of the same member with everything that happens there. */
  const compared = createMemo(() => (props.open && !isStranger() ? props.member.id : undefined));
  createEffect(
    on(compared, (id) => {
      setNumber(undefined);
      setProblem(undefined);
      if (id === undefined) return;
      let over = false;
      onCleanup(() => {
        over = true;
      });
      props.room.safetyNumber(id).then(
        (found) => over || setNumber(found),
        (error: unknown) => over || setProblem(sentence(error)),
      );
    }),
  );

  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      title={title()}
      description={isStranger() ? undefined : m.safety_text({ name: props.member.name })}
      closeLabel={m.safety_close()}
    >
      <Switch
        fallback={
          <p role="status" class="flex h-72 items-center justify-center gap-3 text-muted">
            <Spinner class="size-5 text-accent" />
            {m.safety_working()}
          </p>
        }
      >
        <Match when={isStranger()}>
          <Stranger room={props.room} member={props.member} />
        </Match>
        <Match when={problem()}>
          {(text) => (
            <p role="alert" class="mt-5 rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-danger">
              {text()}
            </p>
          )}
        </Match>
        <Match when={number()}>
          {(known) => <Comparison room={props.room} member={props.member} number={known()} />}
        </Match>
      </Switch>
    </Dialog>
  );
}

/** Somebody else under a known name: there is nothing to compare. */
function Stranger(props: { room: Room; member: Member }) {
  const [problem, setProblem] = createSignal<string>();
  const unmark = () =>
    props.room.unmark(props.member.id).catch((error: unknown) => setProblem(sentence(error)));
  return (
    <div data-testid="stranger">
      <p class="mt-3 text-[0.9375rem]/6 text-pretty">
        {props.member.trust === 'changed'
          ? m.safety_changedText({ name: props.member.name })
          : m.safety_contradictedText()}
      </p>
      <Show when={props.member.trust === 'contradicted'}>
        <p class="mt-4 text-sm/5 text-pretty text-muted">{m.safety_goOn()}</p>
        <Button class="mt-4 w-full sm:w-auto" onClick={unmark} data-testid="unmark">
          {m.safety_unmark()}
        </Button>
      </Show>
      <Show when={problem()}>
        {(text) => (
          <p role="alert" class="mt-3 text-sm/5 text-danger">
            {text()}
          </p>
        )}
      </Show>
    </div>
  );
}

const groupsOf = (digits: string): string[] => digits.match(/.{5}/g) ?? [];

function Comparison(props: { room: Room; member: Member; number: SafetyNumber }) {
  const [scanning, setScanning] = createSignal(false);
  const [result, setResult] = createSignal<'match' | 'mismatch'>();
  const [hint, setHint] = createSignal<string>();
  const attempt = createAttempt(sentence);
  let scanButton: HTMLButtonElement | undefined;
  let markButton: HTMLButtonElement | undefined;
  const verified = () => props.member.trust === 'verified';

  const scan = () => {
    setResult(undefined);
    setHint(undefined);
    attempt.say(undefined);
    setScanning(true);
  };
  const stop = () => {
    setScanning(false);
    setHint(undefined);
  };
  const onCode = async (text: string) => {
    try {
      const check = await props.room.checkCode(props.member.id, text);
      if (!scanning()) return;
      if (check === 'no-code') return setHint(m.safety_noCode());
      stop();
      setResult(check);
      queueMicrotask(() => (check === 'match' && !verified() ? markButton : scanButton)?.focus());
    } catch (error) {
      stop();
      attempt.say(sentence(error));
    }
  };
  const mark = () =>
    attempt.run(async () => {
      const { room, member, number } = props;
      await (verified() ? room.unmark(member.id) : room.markVerified(member.id, number.code));
      setResult(undefined);
    });

  return (
    <>
      <div class="mt-5 flex justify-center">
        <Show
          when={scanning()}
          fallback={
            <QrCode
              text={props.number.code}
              label={m.safety_code({ name: props.member.name })}
              class="size-52 rounded-2xl border border-line"
            />
          }
        >
          <Scanner
            class="aspect-square w-full max-w-72 rounded-2xl"
            onCode={onCode}
            onProblem={(text) => {
              stop();
              attempt.say(text);
            }}
          />
        </Show>
      </div>
      <div aria-live="polite" data-testid="comparison" data-result={result()}>
        <Switch>
          <Match when={scanning()}>
            <p class="mt-3 text-center text-sm/5 text-pretty text-muted">
              {hint() ?? m.safety_aim({ name: props.member.name })}
            </p>
          </Match>
          <Match when={result() === 'match'}>
            <Result icon={<Check class="size-5" />} title={m.safety_match()}>
              {m.safety_matchText({ name: props.member.name })}
            </Result>
          </Match>
          <Match when={result() === 'mismatch'}>
            <Result bad icon={<ShieldAlert class="size-5" />} title={m.safety_mismatch()}>
              {m.safety_mismatchText({ name: props.member.name })}
            </Result>
          </Match>
          <Match when={verified()}>
            <Result
              icon={<BadgeCheck class="size-5" />}
              title={m.safety_verified({ name: props.member.name })}
            >
              {m.safety_verifiedText()}
            </Result>
          </Match>
        </Switch>
      </div>
      <Show when={!scanning()}>
        <Digits digits={props.number.digits} />
      </Show>
      <AttemptProblem attempt={attempt} />
      <div class="mt-6 flex flex-col gap-2.5">
        <div class="flex flex-wrap gap-2.5 *:flex-auto">
          <Show when={'mediaDevices' in navigator}>
            <Button ref={scanButton} onClick={() => (scanning() ? stop() : scan())} data-testid="scan">
              <Show when={!scanning()}>
                <ScanQrCode class="size-4.5" />
              </Show>
              {scanning() ? m.safety_stopScanning() : m.safety_scan()}
            </Button>
          </Show>
          <Show when={!scanning()}>
            <CopyButton
              text={groupsOf(props.number.digits).join(' ')}
              label={m.safety_copy()}
              done={m.safety_copied()}
              refused={m.safety_copyRefused()}
            />
          </Show>
        </div>
        {/* One button for both, so that the focus stays where it was pressed. */}
        <Show when={!scanning() && (verified() || result() !== 'mismatch')}>
          <Button
            ref={markButton}
            variant={verified() ? 'quiet' : 'primary'}
            class="min-h-12"
            busy={attempt.busy()}
            onClick={mark}
            data-testid={verified() ? 'unmark' : 'verify'}
          >
            <Show when={!verified()}>
              <BadgeCheck class="size-4.5" />
            </Show>
            {verified() ? m.safety_unmark() : m.safety_verify()}
          </Button>
        </Show>
      </div>
    </>
  );
}

function Result(props: { bad?: boolean; icon: JSX.Element; title: string; children: JSX.Element }) {
  return (
    <div
      class={`mt-4 flex gap-3 rounded-xl px-4 py-3 text-sm/5 ${props.bad ? 'bg-danger-soft text-danger' : 'bg-accent-soft text-accent'}`}
    >
      <span class="shrink-0" aria-hidden="true">
        {props.icon}
      </span>
      <div>
        <p class="font-semibold">{props.title}</p>
        <p class="text-pretty text-ink">{props.children}</p>
      </div>
    </div>
  );
}

/** Twelve groups of five; read aloud digit by digit, not as numbers. */
function Digits(props: { digits: string }) {
  return (
    <div class="mt-5" data-testid="digits">
      <h3 class="sr-only">{m.safety_digits()}</h3>
      <div class="mx-auto grid w-fit grid-cols-4 gap-x-5 gap-y-1.5 font-mono text-[1.0625rem]/6 tracking-wide tabular-nums">
        <For each={groupsOf(props.digits)}>
          {(group) => (
            <span>
              <span aria-hidden="true">{group}</span>
              <span class="sr-only">{[...group].join(' ')}, </span>
            </span>
          )}
        </For>
      </div>
    </div>
  );
}
