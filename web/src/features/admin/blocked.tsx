import { createSignal, Show } from 'solid-js';
import type { BlockedHash } from '../../../../protocol/rest/admin.ts';
import { Hash } from '../../../../protocol/scalars.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { AskWhy, type Deed } from './ask-why.tsx';
import { createPages, Facts } from './list.tsx';
import { PickList } from './pick-list.tsx';
import { useDesk } from './state.ts';

type Blocked = BlockedHash & { readonly id: string };

/** What no upload may complete with, by its hash; admins block and unblock. */
export function BlockedHashes() {
  const { console } = useDesk();
  const [typed, setTyped] = createSignal('');
  const [wrong, setWrong] = createSignal(false);
  const [deed, setDeed] = createSignal<Deed>();
  const pages = createPages<Blocked>(async (cursor) => {
    const { items, next } = await console.api('listBlocked', {
      query: { limit: 50, ...(cursor !== undefined && { cursor }) },
    });
    return { items: items.map((item) => ({ ...item, id: item.hash })), next };
  });
  const block = (hash: string) =>
    setDeed({
      title: m.admin_blockTitle(),
      text: m.admin_blockText(),
      confirm: m.admin_block(),
      harm: true,
      act: async (reason) => {
        await console.api('block', { body: { hash, reason } });
        setTyped('');
        await pages.reload();
      },
    });
  const unblock = (hash: string): Deed => ({
    title: m.admin_unblockTitle(),
    text: m.admin_unblockText(),
    confirm: m.admin_unblock(),
    harm: false,
    act: async (reason) => {
      await console.api('unblock', { params: { hash }, body: { reason } });
      await pages.reload();
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const hash = Hash.safeParse(typed().trim());
    setWrong(!hash.success);
    if (hash.success) block(hash.data);
  };
  const isAdmin = () => console.me.role === 'admin';
  return (
    <>
      <PickList
        pages={pages}
        label={m.admin_tabs({ tab: 'blocked' })}
        empty={m.admin_noBlocked()}
        bar={
          <Show
            when={isAdmin()}
            fallback={<p class="text-[0.8125rem] text-muted">{m.admin_blockAdmins()}</p>}
          >
            <form class="flex flex-1 flex-wrap items-end gap-2" onSubmit={submit}>
              <label class="min-w-0 flex-1 text-[0.8125rem] font-semibold text-muted">
                {m.admin_hash()}
                <input
                  class="mt-0.5 block h-9 w-full rounded-md border border-edge bg-raised px-2.5 font-mono text-[0.8125rem] font-normal text-ink pointer-coarse:h-11"
                  value={typed()}
                  autocomplete="off"
                  spellcheck={false}
                  aria-invalid={wrong()}
                  aria-describedby={wrong() ? 'hash-wrong' : undefined}
                  onInput={(event) => setTyped(event.currentTarget.value)}
                  data-testid="hash"
                />
              </label>
              <Button type="submit" class="min-h-9!" data-testid="block">
                {m.admin_block()}
              </Button>
              <Show when={wrong()}>
                <p id="hash-wrong" role="alert" class="w-full text-[0.8125rem] text-danger">
                  {m.admin_hashWrong()}
                </p>
              </Show>
            </form>
          </Show>
        }
        row={(item) => (
          <span class="block">
            <span class="block truncate font-mono text-[0.8125rem]">{item.hash}</span>
            <span class="block truncate text-[0.8125rem] text-muted">{item.reason}</span>
          </span>
        )}
        detail={(it) => (
          <Facts
            facts={[
              [m.admin_hash(), <span class="font-mono text-[0.8125rem]">{it().hash}</span>],
              [m.admin_why(), it().reason],
              [m.admin_files(), it().fileId ?? m.admin_unknown()],
              [m.admin_created(), formatDateTime(Date.parse(it().createdAt))],
            ]}
          />
        )}
        deeds={(it, ask) => (
          <Show when={isAdmin()}>
            <Button onClick={() => ask(unblock(it().hash))} data-testid="unblock">
              {m.admin_unblock()}
            </Button>
          </Show>
        )}
      />
      <AskWhy deed={deed()} onClose={() => setDeed(undefined)} />
    </>
  );
}
