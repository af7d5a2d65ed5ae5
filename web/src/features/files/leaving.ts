import type { Upload } from '../../engine/transfers/types.ts';

const running = new Set<Upload>();
const ask = (event: BeforeUnloadEvent) => event.preventDefault();

/** While `upload` runs, the browser asks before the page is closed or reloaded: the upload would end with it. */
export function askBeforeLeaving(upload: Upload): void {
  if (running.has(upload)) return;
  running.add(upload);
  window.addEventListener('beforeunload', ask);
  const over = () => {
    running.delete(upload);
    if (running.size === 0) window.removeEventListener('beforeunload', ask);
  };
  upload.done.then(over, over);
}
