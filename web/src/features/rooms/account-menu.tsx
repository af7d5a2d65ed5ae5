import { useNavigate } from '@solidjs/router';
import ChevronsUpDown from 'lucide-solid/icons/chevrons-up-down';
import Download from 'lucide-solid/icons/download';
import LogOut from 'lucide-solid/icons/log-out';
import Save from 'lucide-solid/icons/save';
import Settings from 'lucide-solid/icons/settings';
import { createSignal, Show } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { pictureUrl } from '../../engine/solid/picture.ts';
import { m } from '../../language/index.ts';
import { setTheme, theme } from '../../ui/appearance.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { canInstall, install } from '../../ui/install-offer.ts';
import { Menu, MenuChoice, MenuChoices, MenuItem, MenuLine } from '../../ui/menu.tsx';

/** Who is signed in, with what belongs to them. */
export function AccountMenu() {
  const engine = useEngine();
  const navigate = useNavigate();
  const session = useObservable(() => engine.session);
  const me = () => {
    const state = session();
    return state.kind === 'signed-in' ? state.me : undefined;
  };
  const [leaving, setLeaving] = createSignal(false);
  /** A guest's account is kept at the top of the settings. */
  const keep = () => navigate('/settings');

  return (
    <Show when={me()}>
      {(person) => (
        <>
          <Menu
            placement="top-start"
            class="flex min-h-14 w-full items-center gap-3 rounded-xl px-2.5 py-1.5 text-start transition-colors hover:bg-hover"
            trigger={
              <>
                <Avatar
                  id={person().id}
                  name={person().name}
                  picture={pictureUrl(person().picture)}
                  class="size-9 text-[0.8125rem]"
                />
                <span class="min-w-0 flex-1">
                  <span class="block truncate text-[0.9375rem]/5 font-semibold">{person().name}</span>
                  <span class="block truncate text-[0.8125rem]/4.5 text-muted">
                    {person().guest ? m.rooms_guest() : person().email}
                  </span>
                </span>
                <span class="sr-only">{m.rooms_account()}</span>
                <ChevronsUpDown class="size-4 shrink-0 text-muted" />
              </>
            }
          >
            <MenuChoices label={m.app_colours()} value={theme()} onChange={setTheme}>
              <MenuChoice value="system">{m.app_automatic()}</MenuChoice>
              <MenuChoice value="light">{m.app_light()}</MenuChoice>
              <MenuChoice value="dark">{m.app_dark()}</MenuChoice>
            </MenuChoices>
            <MenuLine />
            <Show when={person().guest}>
              <MenuItem icon={<Save class="size-4.5" />} onSelect={keep}>
                {m.rooms_keepAccount()}
              </MenuItem>
            </Show>
            <MenuItem icon={<Settings class="size-4.5" />} onSelect={() => navigate('/settings')}>
              {m.rooms_settings()}
            </MenuItem>
            <Show when={canInstall()}>
              <MenuItem icon={<Download class="size-4.5" />} onSelect={install}>
                {m.rooms_install()}
              </MenuItem>
            </Show>
            <MenuItem icon={<LogOut class="size-4.5" />} onSelect={() => setLeaving(true)}>
              {m.rooms_signOut()}
            </MenuItem>
          </Menu>
          <Confirm
            open={leaving()}
            onClose={() => setLeaving(false)}
            confirmLabel={m.rooms_signOut()}
            explain={sentence}
            {...(person().guest
              ? {
                  title: m.rooms_signOutGuestTitle(),
                  description: m.rooms_signOutGuestText(),
                  cancelLabel: m.rooms_keepAccount(),
                  instead: { onChoose: keep, closeLabel: m.rooms_stay() },
                }
              : {
                  title: m.rooms_signOutTitle(),
                  description: m.rooms_signOutText(),
                  cancelLabel: m.rooms_stay(),
                })}
            onConfirm={() => engine.logout()}
          />
        </>
      )}
    </Show>
  );
}
