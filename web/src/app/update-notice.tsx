import { createSignal, Show } from 'solid-js';
import { m } from '../language/index.ts';
import { Button } from '../ui/button.tsx';
import { isOutdated, update } from './install.ts';
import { Notice } from './notice.tsx';

/** Says that there is a new version, for who has the app open for days. */
export function UpdateNotice() {
  const [later, setLater] = createSignal(false);
  return (
    <Show when={isOutdated() && !later()}>
      <Notice
        role="status"
        title={m.app_update_title()}
        text={m.app_update_text()}
        close={m.app_update_later()}
        testId="update"
        onClose={() => setLater(true)}
      >
        <Button variant="primary" class="mt-3" onClick={update} data-testid="update-now">
          {m.app_broken_reload()}
        </Button>
      </Notice>
    </Show>
  );
}
