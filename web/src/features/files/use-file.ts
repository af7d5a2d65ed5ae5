import {
  type Accessor,
  createEffect,
  createMemo,
  createResource,
  createSignal,
  on,
  onCleanup,
} from 'solid-js';
import type { ManifestHead } from '../../../../protocol/manifest.ts';
import { Subject } from '../../engine/observable.ts';
import { reasonOf, sentence } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import type { Arrived, OpenedFile, UploadProgress } from '../../engine/transfers/types.ts';
import type { FileItem, Room } from '../../engine/types.ts';
import { m } from '../../language/index.ts';

const underWay = new Set(['queued', 'preparing', 'uploading', 'paused', 'waiting']);
const noUpload = new Subject<UploadProgress | undefined>(undefined);
const nothingArrived = new Subject<Arrived | undefined>(undefined);
/** Milliseconds without anything new after which an upload of somebody else counts as stalled: a slow line's largest object. */
const stallsAfter = 120_000;
/** Of one that was begun longer ago than that, when it is opened: when its last piece came is not told. */
const provesWithin = 30_000;
/** Milliseconds of opening a file after which a missing connection is worth a word. */
const waitsAfter = 2000;
/** Failures that trying again does not mend. */
const final = new Set(['deleted', 'no-key', 'damaged']);

/** What was opened before, so that a card that scrolls back into view is whole at once and nothing moves. */
const openedBefore = new WeakMap<Room, Map<string, OpenedFile>>();

export interface FileState {
  /** What the file is, once known. */
  readonly head: Accessor<ManifestHead | undefined>;
  /** One's own upload, while it is not finished. */
  readonly uploading: Accessor<UploadProgress | undefined>;
  readonly opened: Accessor<OpenedFile | undefined>;
  readonly arrived: Accessor<Arrived | undefined>;
  /** It is not whole, and nothing has come for a while: its sender has the room in front of them, or is not seen here. */
  readonly stalled: Accessor<'here' | 'away' | undefined>;
  /** It can't be opened as long as there is no connection. */
  readonly cutOff: Accessor<boolean>;
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
  const before = openedBefore.get(room) ?? new Map<string, OpenedFile>();
  openedBefore.set(room, before);
  const openable = () => item().commitment !== '' && item().state !== 'failed' && !uploading();
  const [opening, { refetch }] = createResource(
    () => openable() && !before.has(item().fileId) && item().fileId,
    async (fileId) => {
      const file = await room.openFile(item());
      before.set(fileId, file);
      return file;
    },
  );
  const opened = createMemo(() => {
    const fresh = opening.state === 'ready' ? opening() : undefined;
    return openable() ? (fresh ?? before.get(item().fileId)) : undefined;
  });
  const arrived = useObservable<Arrived | undefined>(() => opened()?.arrived ?? nothingArrived);

  const [quiet, setQuiet] = createSignal(false);
  createEffect(
    on(arrived, (now, before) => {
      setQuiet(false);
      if (!now || now.complete || now.failed) return;
      const patience = before ? stallsAfter : Math.max(provesWithin, item().at + stallsAfter - Date.now());
      const timer = setTimeout(() => setQuiet(true), patience);
      onCleanup(() => clearTimeout(timer));
    }),
  );
  const present = useObservable(() => room.present);
  const stalled = createMemo(() =>
    quiet() ? (present().includes(item().author) ? 'here' : 'away') : undefined,
  );

  const view = useObservable(() => room.view);
  const [slow, setSlow] = createSignal(false);
  createEffect(() => {
    if (!opening.loading) return;
    const timer = setTimeout(() => setSlow(true), waitsAfter);
    onCleanup(() => {
      clearTimeout(timer);
      setSlow(false);
    });
  });
  const cutOff = createMemo(() => slow() && view().connection !== 'online');

  return {
    stalled,
    cutOff,
    head: () => opened()?.head ?? (ownHead.state === 'ready' ? ownHead() : undefined),
    uploading,
    opened,
    arrived,
    problem: createMemo(() => {
      const error: unknown = opening.state === 'errored' ? opening.error : undefined;
      const deleted = gone() || arrived()?.failed === 'deleted' || reasonOf(error) === 'deleted';
      if (deleted) return { text: '', deleted, retry: false };
      const failed = arrived()?.failed;
      if (failed && failed !== 'cancelled')
        return {
          text: failed === 'damaged' ? m.files_damaged() : m.files_unreadable(),
          deleted,
          retry: false,
        };
      return error ? { text: sentence(error), deleted, retry: !final.has(reasonOf(error) ?? '') } : undefined;
    }),
    retry: () => void refetch(),
    markDeleted: () => setGone(true),
  };
}
