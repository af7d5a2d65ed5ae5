import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import type { RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';

/** Milliseconds for which words stand: they may be taken back. */
const stands = 5000;
/** Milliseconds in which several messages are told as one. */
const gather = 1000;

/** Tells a screen reader what others say: the words without times, several at once as a number. */
export function Announcer(props: { view: RoomView }) {
  const [said, setSaid] = createSignal('');
  let fresh: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let forgetting: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => {
    clearTimeout(timer);
    clearTimeout(forgetting);
  });

  const lastSeq = () => props.view.timeline.findLast((item) => item.seq !== undefined)?.seq ?? 0;
  let heard = lastSeq();
  createEffect(
    on(
      () => props.view.timeline,
      (timeline) => {
        for (const item of timeline) {
          if (item.seq === undefined || item.seq <= heard || item.mine) continue;
          if (item.kind === 'text')
            fresh.push(m.chat_announce({ author: item.authorName, text: item.text.slice(0, 300) }));
          else if (item.kind === 'file') fresh.push(m.chat_announceFile({ author: item.authorName }));
        }
        heard = lastSeq();
        if (!fresh.length || timer) return;
        timer = setTimeout(() => {
          setSaid(fresh.length > 2 ? m.chat_announceMany({ count: fresh.length }) : fresh.join('. '));
          fresh = [];
          timer = undefined;
          clearTimeout(forgetting);
          forgetting = setTimeout(() => setSaid(''), stands);
        }, gather);
      },
      { defer: true },
    ),
  );
  return (
    <div class="sr-only" aria-live="polite">
      {said()}
    </div>
  );
}
