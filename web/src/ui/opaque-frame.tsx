import { createSignal, onCleanup } from 'solid-js';
import type { Showing } from './showing.ts';

export interface OpaqueFrameProps {
  blob: Blob;
  showing: Showing;
  /** What the frame is called, for who can't see it. */
  title: string;
  class?: string;
  /** `locked`: a PDF that wants a password. */
  onFail: (why: 'failed' | 'locked') => void;
  /** Escape was pressed inside, where the page doesn't hear it. */
  onEscape?: () => void;
}

/**
 * Shows a file that nobody vouches for in a frame of an opaque origin: whatever the file makes of it, nothing of ours is in its reach, and by its
 * own policy (`public/_headers`) it reaches nothing. What pdf.js needs is handed in with the file.
 */
export function OpaqueFrame(props: OpaqueFrameProps) {
  const [state, setState] = createSignal('loading');
  let frame!: HTMLIFrameElement;
  // Its origin is opaque, so it has no name to send to. What goes there is what it is to show.
  const post = (message: object) => frame.contentWindow?.postMessage(message, '*');
  const fail = (why: 'failed' | 'locked') => {
    setState('failed');
    props.onFail(why);
  };
  const begin = async () => {
    const { blob, showing: kind, title: label } = props;
    const parts = kind === 'pdf' ? await import('./pdf-parts.ts').then(({ pdfScripts }) => pdfScripts()) : {};
    post({ kind, blob, label, ...parts });
  };
  const give = async (part: unknown) => {
    const { pdfPart } = await import('./pdf-parts.ts');
    post({ part, bytes: await pdfPart(String(part)).catch(() => undefined) });
  };
  const onMessage = ({ source, data }: MessageEvent<{ state?: unknown; part?: unknown } | null>) => {
    if (source !== frame.contentWindow) return;
    if (data?.state === 'ready') begin().catch(() => fail('failed'));
    else if (data?.state === 'part') void give(data.part);
    else if (data?.state === 'shown') setState('shown');
    else if (data?.state === 'escape') props.onEscape?.();
    else if (data?.state === 'failed' || data?.state === 'locked') fail(data.state);
  };
  window.addEventListener('message', onMessage);
  onCleanup(() => window.removeEventListener('message', onMessage));
  return (
    <iframe
      ref={frame}
      title={props.title}
      class={props.class}
      sandbox="allow-scripts"
      src="/viewer"
      data-testid="viewer"
      data-state={state()}
    />
  );
}
