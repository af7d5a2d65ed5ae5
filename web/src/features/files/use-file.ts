import { type Accessor, createMemo, createResource, createSignal } from 'solid-js';
import type { ManifestHead } from '../../../../protocol/manifest.ts';
import { reasonOf, sentence } from '../../app/engine.tsx';
import { useObservable } from '../../app/observable.ts';
import { Subject } from '../../engine/observable.ts';
import type { Arrived, OpenedFile, UploadProgress } from '../../engine/transfers/types.ts';
import type { FileItem, Room } from '../../engine/types.ts';

const underWay = new Set(['preparing', 'uploading', 'paused', 'waiting']);
const noUpload = new Subject<UploadProgress | undefined>(undefined);
const nothingArrived = new Subject<Arrived | undefined>(undefined);
/** Failures that trying again does not mend. */
const final = new Set(['deleted', 'no-key', 'damaged']);

export interface FileState {
  /** What the file is, once known. */
  readonly head: Accessor<ManifestHead | undefined>;
  /** One's own upload, while it is not finished. */
  readonly uploading: Accessor<UploadProgress | undefined>;
  readonly opened: Accessor<OpenedFile | undefined>;
  readonly arrived: Accessor<Arrived | undefined>;
  /** Why it can't be opened. */
  readonly problem: Accessor<{ text: string; deleted: boolean; retry: boolean } | undefined>;
  retry(): void;
  /** Shows it as deleted, before the room says so. */
  markDeleted(): void;
}

/** Follows a file of the timeline: its upload here, then the opened file. */
export function useFile(item: Accessor<FileItem>, room: Room): FileState {
  const [gone, setGone] = createSignal(false);
  const upload = createMemo(() => item().upload);
  const progress = useObservable<UploadProgress | undefined>(() => upload()?.progress ?? noUpload);
  const uploading = createMemo(() => {
    const now = progress();
    return now && underWay.has(now.state) ? now : undefined;
  });
  // A failed upload says so in its progress; the card has nothing to add.
  const [ownHead] = createResource(upload, (own) =>
    own.head.then(
      ({ head }) => head,
      () => undefined,
    ),
  );
  const [opening, { refetch }] = createResource(
    () => item().commitment !== '' && !uploading() && item().fileId,
    () => room.openFile(item()),
  );
  const opened = createMemo(() => (opening.state === 'ready' ? opening() : undefined));
  const arrived = useObservable<Arrived | undefined>(() => opened()?.arrived ?? nothingArrived);

  return {
    head: () => opened()?.head ?? (ownHead.state === 'ready' ? ownHead() : undefined),
    uploading,
    opened,
    arrived,
    problem: createMemo(() => {
      const error: unknown = opening.state === 'errored' ? opening.error : undefined;
      const deleted = gone() || arrived()?.failed === 'deleted' || reasonOf(error) === 'deleted';
      if (deleted) return { text: '', deleted, retry: false };
      return error ? { text: sentence(error), deleted, retry: !final.has(reasonOf(error) ?? '') } : undefined;
    }),
    retry: () => void refetch(),
    markDeleted: () => setGone(true),
  };
}
