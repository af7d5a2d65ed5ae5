import { Show } from 'solid-js';
import type { Findings } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { now } from '../../ui/clock.ts';
import { dayInSentence } from '../../ui/format.ts';

const day = (at: number) => dayInSentence(at, now());

/** What was looked through, and what can't be; how much was found is said aloud. */
export function Reach(props: { findings: Findings; asked: boolean }) {
  const more = () => props.findings.total - props.findings.messages.length;
  const cut = () => {
    const [first, ...others] = props.findings.cut;
    if (!first) return undefined;
    if (others.length > 0) return m.find_cutMany({ count: others.length + 1 });
    return first.since === undefined
      ? m.find_cutJoined({ room: first.name })
      : m.find_cut({ room: first.name, since: day(first.since) });
  };
  return (
    <footer
      class="shrink-0 border-t border-line px-5 pt-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))] text-[0.8125rem]/4.5 text-pretty text-muted"
      data-testid="reach"
    >
      <p class="sr-only" role="status">
        {props.asked ? m.find_found({ count: props.findings.total }) : ''}
      </p>
      <Show when={props.asked && more() > 0}>
        <p>{m.find_more({ count: more() })}</p>
      </Show>
      <p>
        {props.findings.since === undefined
          ? m.find_reachNothing()
          : m.find_reach({ count: props.findings.searched, since: day(props.findings.since) })}{' '}
        {cut()}
      </p>
    </footer>
  );
}
