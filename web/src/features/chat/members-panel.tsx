import { useNavigate } from '@solidjs/router';
import ChevronLeft from 'lucide-solid/icons/chevron-left';
import Crown from 'lucide-solid/icons/crown';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import Images from 'lucide-solid/icons/images';
import LockKeyhole from 'lucide-solid/icons/lock-keyhole';
import LogOut from 'lucide-solid/icons/log-out';
import Pencil from 'lucide-solid/icons/pencil';
import ScanQrCode from 'lucide-solid/icons/scan-qr-code';
import Search from 'lucide-solid/icons/search';
import ShieldCheck from 'lucide-solid/icons/shield-check';
import User from 'lucide-solid/icons/user';
import UserMinus from 'lucide-solid/icons/user-minus';
import UserPlus from 'lucide-solid/icons/user-plus';
import X from 'lucide-solid/icons/x';
import { createSignal, For, onCleanup, onMount, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import type { Role } from '../../../../protocol/roster.ts';
import { sentence } from '../../engine/solid/context.tsx';
import { keyed, useObservable } from '../../engine/solid/observable.ts';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { Member, Room, RoomView, Trust } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconButton, iconButton } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { later } from '../../ui/later.ts';
import { useExtraWide } from '../../ui/media.ts';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { Once } from '../../ui/once.tsx';
import { VerifiedMark } from '../../ui/verified.tsx';
import { openFind } from '../find/index.ts';
import { mayBecome, mayInvite, mayLeave, mayRemove } from './may.ts';
import type { Target } from './timeline.tsx';
import { TimerMenu } from './timer-menu.tsx';

const IdentityDialog = later(async () => (await import('./identity-dialog.tsx')).IdentityDialog);

const Gallery = later(async () => (await import('../inspect/index.ts')).Gallery);
const InspectDialog = later(async () => (await import('../inspect/index.ts')).InspectDialog);

export interface MembersPanelProps {
  room: Room;
  view: RoomView;
  onClose: () => void;
  onInvite: () => void;
  /** Goes to a message. */
  onShow: (target: Target) => void;
  /** Opens the safety number with a member. */
  onSafety: (memberId: string) => void;
}

const icons = { owner: Crown, admin: ShieldCheck, member: User } as const;

const notThem = (trust: Trust) =>
  trust === 'changed' || trust === 'contradicted' ? m.chat_notThem({ trust }) : undefined;

const line =
  'flex min-h-12 w-full items-center gap-3 rounded-xl px-2.5 text-start text-[0.9375rem] transition-colors hover:bg-hover';

/** Who is in the room, and the way out of it: a third column, or over the conversation where there is no space. */
export function MembersPanel(props: MembersPanelProps) {
  const navigate = useNavigate();
  const extraWide = useExtraWide();
  const here = useObservable(() => props.room.present);
  const members = keyed(
    () => props.view.members,
    (member) => member.id,
    (a, b) => a.name === b.name && a.role === b.role && a.trust === b.trust,
  );
  const [removing, setRemoving] = createSignal<Member>();
  const [becoming, setBecoming] = createSignal<{ member: Member; role: Role }>();
  const [problem, setProblem] = createSignal<string>();
  /** What its maker can't take back alone is asked about first. */
  const become = (member: Member, role: Role) => {
    setProblem(undefined);
    if (role === 'owner' || member.isMe) setBecoming({ member, role });
    else props.room.setRole(member.id, role).catch((error) => setProblem(sentence(error)));
  };
  const [leaving, setLeaving] = createSignal(false);
  const [naming, setNaming] = createSignal(false);
  const [gathered, setGathered] = createSignal(false);
  const [inspecting, setInspecting] = createSignal(false);
  let panel!: HTMLElement;
  onMount(() => {
    if (extraWide()) return;
    const before = document.activeElement;
    panel.focus();
    // When it closes, what it covered is inert until the next turn.
    onCleanup(() => queueMicrotask(() => before instanceof HTMLElement && before.focus()));
  });

  const leave = async () => {
    await props.room.leave();
    navigate('/', { replace: true });
  };

  return (
    <aside
      ref={panel}
      tabindex={-1}
      aria-label={m.chat_details()}
      class="absolute inset-0 z-20 flex shrink-0 flex-col bg-canvas outline-none md:start-auto md:w-88 md:border-s md:border-line md:shadow-float xl:static xl:w-80 xl:shadow-none"
    >
      <header class="flex min-h-17 items-center gap-1 px-2 pt-[max(0.5rem,env(safe-area-inset-top))] pb-2 md:ps-5">
        <IconButton label={m.chat_close()} tip="none" class="md:hidden" onClick={props.onClose}>
          <ChevronLeft class="size-6" />
        </IconButton>
        <h2 class="flex-1 text-[1.0625rem] font-semibold tracking-tight">{m.chat_members()}</h2>
        <IconButton label={m.chat_close()} tip="left" class="max-md:hidden" onClick={props.onClose}>
          <X class="size-5" />
        </IconButton>
      </header>
      <div class="min-h-0 flex-1 overflow-y-auto px-2.5 pb-4">
        <Show when={mayInvite(props.view)}>
          <button type="button" class={line} onClick={props.onInvite}>
            <span class="inline-flex size-9 shrink-0 items-center justify-center rounded-full bg-accent-soft text-accent">
              <UserPlus class="size-4.5" />
            </span>
            <span class="font-semibold text-accent">{m.chat_invitePeople()}</span>
          </button>
        </Show>
        <button type="button" class={line} onClick={() => openFind(`in:"${props.view.name}" `)}>
          <span class="inline-flex size-9 shrink-0 items-center justify-center rounded-full bg-surface text-muted">
            <Search class="size-4.5" />
          </span>
          {m.chat_findHere()}
        </button>
        <button type="button" class={line} onClick={() => setGathered(true)} data-testid="gallery-open">
          <span class="inline-flex size-9 shrink-0 items-center justify-center rounded-full bg-surface text-muted">
            <Images class="size-4.5" />
          </span>
          {m.chat_gallery()}
        </button>
        <Show when={mayInvite(props.view)}>
          <button type="button" class={line} onClick={() => setNaming(true)} data-testid="identity">
            <span class="inline-flex size-9 shrink-0 items-center justify-center rounded-full bg-surface text-muted">
              <Pencil class="size-4.5" />
            </span>
            {m.chat_identity()}
          </button>
        </Show>
        <Show when={!props.view.gone}>
          <TimerMenu
            lasts={props.view.lasts}
            class={line}
            onChoose={(seconds) => {
              setProblem(undefined);
              props.room.setTimer(seconds).catch((error) => setProblem(sentence(error)));
            }}
          />
        </Show>
        <Show when={problem()}>
          <p role="alert" class="mx-2.5 my-2 rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-danger">
            {problem()}
          </p>
        </Show>
        <ul class="mt-2 border-t border-line pt-2">
          <For each={members()}>
            {(entry) => (
              <li class="flex min-h-13 items-center gap-3 ps-2.5" data-testid="member">
                <span class="relative flex shrink-0">
                  <Avatar
                    id={entry.key}
                    name={entry.value().name}
                    picture={pictureUrl(entry.value().picture)}
                  />
                  <Show when={here().includes(entry.key)}>
                    <span
                      role="img"
                      aria-label={m.chat_here()}
                      class="absolute -end-0.5 -bottom-0.5 size-3 rounded-full border-2 border-canvas bg-accent"
                    />
                  </Show>
                </span>
                <span class="min-w-0 flex-1 text-[0.9375rem]">
                  <span class="flex items-center gap-1.5">
                    <span class="truncate">{entry.value().name}</span>
                    <Show when={entry.value().isMe}>
                      <span class="shrink-0 text-muted">({m.chat_memberYou()})</span>
                    </Show>
                    <Show when={entry.value().trust === 'verified'}>
                      <VerifiedMark label={m.chat_verified()} />
                    </Show>
                  </span>
                  <Show when={notThem(entry.value().trust)}>
                    {(words) => (
                      <button
                        type="button"
                        class="-mx-1 block max-w-full truncate rounded-sm px-1 text-[0.8125rem]/4.5 font-semibold text-danger hover:underline"
                        onClick={() => props.onSafety(entry.key)}
                      >
                        {words()}
                      </button>
                    )}
                  </Show>
                </span>
                <span class="shrink-0 text-[0.8125rem] text-muted last:pe-2.5">
                  {m.chat_roles({ role: entry.value().role })}
                </span>
                <Show when={!entry.value().isMe || mayBecome(props.view, entry.value()).length > 0}>
                  <Menu
                    label={m.chat_memberActions({ name: entry.value().name })}
                    class={iconButton('none')}
                    trigger={<Ellipsis class="size-5" />}
                  >
                    <Show when={!entry.value().isMe}>
                      <MenuItem
                        icon={<ScanQrCode class="size-4.5" />}
                        onSelect={() => props.onSafety(entry.key)}
                      >
                        {m.chat_safetyNumber()}
                      </MenuItem>
                    </Show>
                    <For each={mayBecome(props.view, entry.value())}>
                      {(role) => (
                        <MenuItem
                          icon={<Dynamic component={icons[role]} class="size-4.5" />}
                          onSelect={() => become(entry.value(), role)}
                        >
                          {m.chat_become({ role })}
                        </MenuItem>
                      )}
                    </For>
                    <Show when={mayRemove(props.view, entry.value())}>
                      <MenuItem
                        danger
                        icon={<UserMinus class="size-4.5" />}
                        onSelect={() => setRemoving(entry.value())}
                      >
                        {m.chat_remove()}
                      </MenuItem>
                    </Show>
                  </Menu>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </div>
      <footer class="border-t border-line px-2.5 pt-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
        <button
          type="button"
          class="flex w-full gap-3 rounded-xl px-2.5 py-2.5 text-start text-[0.8125rem]/4.5 text-pretty text-muted hover:bg-hover"
          onClick={() => setInspecting(true)}
          data-testid="inspect"
        >
          <LockKeyhole class="mt-px size-4 shrink-0" />
          <span>
            {m.chat_encryption()} <span class="font-semibold text-accent">{m.chat_whatServerSees()}</span>
          </span>
        </button>
        <Show when={!props.view.gone && !mayLeave(props.view)}>
          <p class="px-2.5 pb-2.5 text-[0.8125rem]/4.5 text-pretty text-muted">{m.chat_onlyOwner()}</p>
        </Show>
        <Show when={mayLeave(props.view)}>
          <button
            type="button"
            class={`${line} text-danger`}
            onClick={() => setLeaving(true)}
            data-testid="leave"
          >
            <LogOut class="mx-0.5 size-4.5 shrink-0" />
            {m.chat_leave()}
          </button>
        </Show>
      </footer>
      <Once when={naming()}>
        <IdentityDialog
          room={props.room}
          view={props.view}
          open={naming()}
          onClose={() => setNaming(false)}
        />
      </Once>
      <Once when={gathered()}>
        <Gallery
          room={props.room}
          open={gathered()}
          onClose={() => setGathered(false)}
          onShow={({ id, seq }) => {
            setGathered(false);
            props.onShow({ message: id, ...(seq !== undefined && { seq }) });
          }}
        />
      </Once>
      <Once when={inspecting()}>
        <InspectDialog room={props.room} open={inspecting()} onClose={() => setInspecting(false)} />
      </Once>
      <Confirm
        open={removing() !== undefined}
        onClose={() => setRemoving(undefined)}
        title={m.chat_removeTitle({ name: removing()?.name ?? '' })}
        description={m.chat_removeText({ name: removing()?.name ?? '' })}
        confirmLabel={m.chat_removeConfirm()}
        cancelLabel={m.chat_cancel()}
        explain={sentence}
        onConfirm={async () => {
          const member = removing();
          if (member) await props.room.remove(member.id);
        }}
      />
      <Confirm
        open={becoming() !== undefined}
        onClose={() => setBecoming(undefined)}
        title={
          (becoming()?.member.isMe ?? false)
            ? m.chat_giveUpOwnerTitle()
            : m.chat_becomeOwnerTitle({ name: becoming()?.member.name ?? '' })
        }
        description={
          (becoming()?.member.isMe ?? false)
            ? m.chat_giveUpOwnerText()
            : m.chat_becomeOwnerText({ name: becoming()?.member.name ?? '' })
        }
        confirmLabel={m.chat_becomeConfirm({ role: becoming()?.role ?? 'owner' })}
        cancelLabel={m.chat_cancel()}
        explain={sentence}
        onConfirm={async () => {
          const change = becoming();
          if (change) await props.room.setRole(change.member.id, change.role);
        }}
      />
      <Confirm
        open={leaving()}
        onClose={() => setLeaving(false)}
        title={m.chat_leaveTitle({ room: props.view.name })}
        description={m.chat_leaveText()}
        confirmLabel={m.chat_leave()}
        cancelLabel={m.chat_cancel()}
        explain={sentence}
        onConfirm={leave}
      />
    </aside>
  );
}
