import { createSignal, For, Show } from 'solid-js';
import type { AdminUser, UserRole } from '../../../../protocol/rest/admin.ts';
import { isGuest, normaliseEmail } from '../../../../protocol/spelling.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { formatDateTime, formatNumber } from '../../ui/format.ts';
import type { Deed } from './ask-why.tsx';
import { createPages, Facts } from './list.tsx';
import { PickList } from './pick-list.tsx';
import { useDesk } from './state.ts';

/** What an account is called here: a guest's has no email, and is told from others by the end of its id. */
const nameOf = ({ id, email }: AdminUser): string =>
  isGuest(email) ? m.admin_guest({ id: id.slice(-6) }) : email;

/** Accounts: who they are, what may be done to them. */
export function Users() {
  const { console } = useDesk();
  const [typed, setTyped] = createSignal('');
  const pages = createPages<AdminUser>((cursor) => {
    const email = normaliseEmail(typed());
    return console.api('listUsers', {
      query: { limit: 50, ...(email && { email }), ...(cursor !== undefined && { cursor }) },
    });
  });
  const change = (item: AdminUser, body: { status: AdminUser['status'] } | { role: UserRole }): Deed => {
    const texts =
      'role' in body
        ? [m.admin_roleTitle({ role: body.role }), m.admin_roleText(), m.admin_makeRole({ role: body.role })]
        : body.status === 'suspended'
          ? [m.admin_suspendTitle(), m.admin_suspendText(), m.admin_suspend()]
          : [m.admin_reinstateTitle(), m.admin_reinstateText(), m.admin_reinstate()];
    const [title = '', text = '', confirm = ''] = texts;
    return {
      ...{ title, text, confirm },
      harm: 'status' in body && body.status === 'suspended',
      act: async (reason) =>
        void pages.replace(
          await console.api('patchUser', { params: { id: item.id }, body: { ...body, reason } }),
        ),
    };
  };
  /** What the service would refuse is not offered. */
  const mayAct = (item: AdminUser) =>
    item.id !== console.me.id && (console.me.role === 'admin' || item.role === 'user');
  const otherRoles = (item: AdminUser) =>
    console.me.role === 'admin'
      ? (['user', 'moderator', 'admin'] as const).filter((role) => role !== item.role)
      : [];
  return (
    <PickList
      pages={pages}
      label={m.admin_tabs({ tab: 'users' })}
      empty={m.admin_noUsers()}
      bar={
        <form
          class="flex flex-1 items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void pages.reload();
          }}
        >
          <label class="flex-1 text-[0.8125rem] font-semibold text-muted">
            {m.admin_findUser()}
            <input
              type="email"
              class="mt-0.5 block h-9 w-full rounded-md border border-edge bg-raised px-2.5 text-[0.9375rem] font-normal text-ink pointer-coarse:h-11"
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
          <Button type="submit" class="min-h-9!">
            {m.admin_find()}
          </Button>
        </form>
      }
      row={(item) => (
        <span class="flex gap-3">
          <span class="min-w-0 flex-1 truncate">{nameOf(item)}</span>
          <Show when={item.role !== 'user'}>
            <span class="text-accent">{m.admin_roles({ role: item.role })}</span>
          </Show>
          <Show when={item.status === 'suspended'}>
            <span class="text-danger">{m.admin_statuses({ status: 'suspended' })}</span>
          </Show>
        </span>
      )}
      detail={(it) => (
        <>
          <h2 class="mb-3 text-xl/7 font-semibold wrap-anywhere">{nameOf(it())}</h2>
          <Facts
            facts={[
              [m.admin_account(), it().id],
              [m.admin_state(), m.admin_statuses({ status: it().status })],
              [m.admin_created(), formatDateTime(Date.parse(it().createdAt))],
              [m.admin_devices(), formatNumber(it().devices)],
              [m.admin_tabs({ tab: 'rooms' }), formatNumber(it().rooms)],
              [m.admin_verifiedReports(), formatNumber(it().reports)],
            ]}
          />
        </>
      )}
      deeds={(it, ask) => (
        <Show when={mayAct(it())}>
          <Show
            when={it().status === 'active'}
            fallback={
              <Button onClick={() => ask(change(it(), { status: 'active' }))} data-testid="reinstate">
                {m.admin_reinstate()}
              </Button>
            }
          >
            <Button
              variant="danger"
              onClick={() => ask(change(it(), { status: 'suspended' }))}
              data-testid="suspend"
            >
              {m.admin_suspend()}
            </Button>
          </Show>
          <For each={otherRoles(it())}>
            {(role) => (
              <Button onClick={() => ask(change(it(), { role }))}>{m.admin_makeRole({ role })}</Button>
            )}
          </For>
        </Show>
      )}
    />
  );
}
