import { Tabs } from '@kobalte/core/tabs';
import type { Room } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { KeysTab } from './keys-tab.tsx';
import { ServerTab } from './server-tab.tsx';

const tab =
  'min-h-11 flex-1 rounded-lg px-1.5 py-1 text-[0.9375rem]/5 font-semibold text-muted transition-colors hover:text-ink data-selected:bg-accent-soft data-selected:text-ink';

/** For who wants to look: what the server has of the room, and what this device has checked. */
export function InspectDialog(props: { room: Room; open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      title={m.inspect_title()}
      description={m.inspect_text()}
      closeLabel={m.inspect_close()}
    >
      <Tabs class="mt-5">
        <Tabs.List class="flex gap-1 rounded-xl bg-surface p-1" aria-label={m.inspect_tabs()}>
          <Tabs.Trigger value="server" class={tab}>
            {m.inspect_sees()}
          </Tabs.Trigger>
          <Tabs.Trigger value="keys" class={tab}>
            {m.inspect_keys()}
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="server">
          <ServerTab room={props.room} />
        </Tabs.Content>
        <Tabs.Content value="keys">
          <KeysTab room={props.room} />
        </Tabs.Content>
      </Tabs>
    </Dialog>
  );
}
