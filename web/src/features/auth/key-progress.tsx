import type { RunningKeyWork } from '../../engine/solid/key-work.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Progress } from '../../ui/progress.tsx';

/** How far work on keys is, with the way to give it up while there is one. `label` names the work. */
export function KeyProgress(props: { work: RunningKeyWork; label: string }) {
  return (
    <div class="flex items-center gap-4">
      <Progress value={props.work.progress() ?? 1} label={props.label} />
      <Button
        variant="quiet"
        class="-my-2 shrink-0"
        unavailable={!props.work.canCancel()}
        onClick={props.work.cancel}
        data-testid="cancel"
      >
        {m.auth_cancel()}
      </Button>
    </div>
  );
}
