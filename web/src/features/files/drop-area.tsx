import Upload from 'lucide-solid/icons/upload';
import { createSignal, type JSX, Show } from 'solid-js';
import { m } from '../../language/index.ts';

export interface DropAreaProps {
  enabled: boolean;
  /** Where it would go. */
  room: string;
  onDrop: (transfer: DataTransfer) => void;
  inert?: boolean;
  class?: string;
  children: JSX.Element;
}

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** Takes files that are dropped on it, and says so while they hover. */
export function DropArea(props: DropAreaProps) {
  // Entering a child leaves its parent: only the balance says whether the pointer is outside.
  let depth = 0;
  const [over, setOver] = createSignal(false);
  const settle = (next: number) => {
    depth = Math.max(0, next);
    setOver(depth > 0);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has a keyboard twin, the button "Send a file"
    <div
      class={props.class}
      inert={props.inert}
      onDragEnter={(event) => {
        if (!props.enabled || !carriesFiles(event)) return;
        event.preventDefault();
        settle(depth + 1);
      }}
      onDragOver={(event) => {
        if (!carriesFiles(event)) return;
        // also where nothing can be sent: else the browser would leave the page and open the file
        event.preventDefault();
        if (event.dataTransfer) event.dataTransfer.dropEffect = props.enabled ? 'copy' : 'none';
      }}
      onDragLeave={() => settle(depth - 1)}
      onDrop={(event) => {
        if (!carriesFiles(event)) return;
        // A player takes subtitles for itself.
        const taken = event.defaultPrevented;
        event.preventDefault();
        settle(0);
        if (props.enabled && !taken && event.dataTransfer) props.onDrop(event.dataTransfer);
      }}
    >
      {props.children}
      <Show when={over()}>
        <div class="pointer-events-none absolute inset-0 z-10 bg-canvas/95 p-3 sm:p-5">
          <div class="flex h-full flex-col items-center justify-center rounded-3xl border-2 border-dashed border-accent bg-accent-soft/80 px-6 text-center">
            <Upload class="size-9 text-accent" stroke-width={1.75} />
            <p class="mt-4 text-xl/7 font-semibold tracking-tight text-balance wrap-anywhere">
              {m.files_drop({ room: props.room })}
            </p>
            <p class="mt-1 text-[0.9375rem] text-muted">{m.files_dropText()}</p>
          </div>
        </div>
      </Show>
    </div>
  );
}
