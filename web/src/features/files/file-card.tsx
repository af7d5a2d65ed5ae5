import Archive from 'lucide-solid/icons/archive';
import AudioLines from 'lucide-solid/icons/audio-lines';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import Eye from 'lucide-solid/icons/eye';
import File from 'lucide-solid/icons/file';
import FileText from 'lucide-solid/icons/file-text';
import FileX from 'lucide-solid/icons/file-x';
import Film from 'lucide-solid/icons/film';
import Image from 'lucide-solid/icons/image';
import Play from 'lucide-solid/icons/play';
import Popcorn from 'lucide-solid/icons/popcorn';
import Trash from 'lucide-solid/icons/trash';
import {
  createEffect,
  createResource,
  createSignal,
  type JSX,
  lazy,
  Match,
  onCleanup,
  Show,
  Suspense,
  Switch,
} from 'solid-js';
import { Dynamic } from 'solid-js/web';
import type { ManifestHead } from '../../../../protocol/manifest.ts';
import { sentence } from '../../engine/solid/context.tsx';
import type { FileItem, Room } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { iconButton } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { formatBytes, formatDuration } from '../../ui/format.ts';
import { later } from '../../ui/later.ts';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { Once } from '../../ui/once.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { Arriving } from './arriving.tsx';
import { Interrupted } from './interrupted.tsx';
import { isDrawn, isPlayable, type Kind, kindOf, opensApart, refusesPicture, typeLabel } from './kinds.ts';
import { Picture } from './picture.tsx';
import { SaveButton } from './save-button.tsx';
import { SavingState } from './saving-state.tsx';
import { Sending } from './sending.tsx';
import { shortcomingOf } from './shortcoming.ts';
import { Stage } from './stage.tsx';
import { TextAction } from './text-action.tsx';
import { useFile } from './use-file.ts';
import { useSaving } from './use-saving.ts';

const Preview = later(async () => (await import('./preview.tsx')).Preview);
const Player = lazy(async () => ({ default: (await import('../player/index.ts')).Player }));

const icons: Record<Kind, typeof File> = {
  film: Film,
  sound: AudioLines,
  picture: Image,
  document: FileText,
  archive: Archive,
  other: File,
};

export interface FileCardProps {
  item: FileItem;
  room: Room;
  /** What is said above its name. */
  above?: JSX.Element;
  /** Time and state of its message. */
  meta: JSX.Element;
  onPlaying: (playing: boolean) => void;
}

/** A file in the timeline: what it is, how far it has come, and what can be done with it. */
export function FileCard(props: FileCardProps) {
  const file = useFile(() => props.item, props.room);
  const saving = useSaving();
  const [playing, setPlaying] = createSignal(false);
  const [deleting, setDeleting] = createSignal(false);
  const [reading, setReading] = createSignal(false);
  const [undrawable, setUndrawable] = createSignal(false);
  const kind = () => {
    const head = file.head();
    return head ? kindOf(head) : 'other';
  };
  /** Only a sound is called a voice message, whatever its sender says. */
  const voice = () => props.item.voice && (!file.head() || kind() === 'sound');
  const known = () =>
    voice() ? props.item.name : (file.head()?.name ?? props.item.interrupted?.name ?? props.item.name);
  const name = () => known() ?? m.files_file();
  const waits = () => file.uploading()?.state === 'queued' || props.item.problem !== undefined;
  const playable = () => {
    const head = file.head();
    return file.opened() !== undefined && head !== undefined && isPlayable(head);
  };
  /** It plays as far as it has come; anything else once all of it is there. */
  const streamed = () => file.opened()?.head.layout === 'tracks';
  const title = () => {
    if (file.problem() || file.cutOff()) return m.files_file();
    return file.uploading() ? m.files_preparing() : m.files_opening();
  };
  const headIf = (is: (head: ManifestHead) => boolean) => {
    const head = file.head();
    return head && is(head) ? head : undefined;
  };
  /** A film has its stage from when its head is known, one's own too while it is still sent. */
  const film = () => headIf((head) => kindOf(head) === 'film' && isPlayable(head));
  const openedIf = (is: (head: ManifestHead) => boolean) => {
    const opened = file.opened();
    return opened && is(opened.head) ? opened : undefined;
  };
  const shortcoming = () => {
    if (file.cutOff()) return m.files_cutOff();
    const opened = file.problem() ? undefined : file.opened();
    return opened && shortcomingOf(opened.head, undrawable());
  };
  const incomplete = () => {
    const arrived = file.arrived();
    return arrived && !arrived.complete && !arrived.failed ? arrived : undefined;
  };

  // Read beforehand, so that whoever plays waits for nothing. Where it can't be read, a film begins at its beginning.
  const [place] = createResource(
    () => playable() && props.item.fileId,
    (fileId) => props.room.placeIn(fileId).catch(() => undefined),
  );

  const [refusal, setRefusal] = createSignal<string>();
  const shareable = () => props.item.state === 'sent' && kind() === 'film';
  /** On the card, one's own too while it is still sent; a player has its own button. */
  const offered = () => {
    const head = file.head();
    const there = file.uploading() !== undefined || file.opened() !== undefined;
    return shareable() && !playing() && there && head !== undefined && isPlayable(head);
  };
  const watchTogether = async (seconds: number) => {
    setRefusal(undefined);
    setPlaying(false);
    await props.room.watch.start(props.item.id, seconds).catch((error) => setRefusal(sentence(error)));
  };

  createEffect(() => {
    const head = file.head();
    if (head) void refusesPicture(head.type).then((refused) => refused && setUndrawable(true));
  });
  createEffect(() => props.onPlaying(playing()));
  onCleanup(() => props.onPlaying(false));

  return (
    <Switch>
      <Match when={file.problem()?.deleted}>
        <div
          class="flex items-center gap-2.5 rounded-2xl border border-dashed border-edge px-3.5 py-2.5 text-sm/5 text-muted"
          data-testid="file-card"
        >
          <FileX class="size-4.5 shrink-0" />
          {m.files_deleted()}
        </div>
      </Match>
      <Match when={true}>
        <div
          class="w-104 max-w-full overflow-hidden rounded-2xl"
          classList={{ 'bg-accent-soft': props.item.mine, 'bg-surface': !props.item.mine }}
          data-testid="file-card"
        >
          <Switch>
            <Match when={playing() && file.opened()}>
              {(opened) => (
                <Suspense
                  fallback={
                    <Stage
                      width={opened().head.width}
                      height={opened().head.height}
                      poster={opened().head.poster}
                      busy
                    />
                  }
                >
                  <Player
                    file={opened()}
                    uploaderName={props.item.authorName}
                    stalled={file.stalled() !== undefined}
                    place={{
                      startAt: place() ?? 0,
                      keep: (seconds) =>
                        void props.room.keepPlace(props.item.fileId, seconds).catch(() => {}),
                    }}
                    onSave={() => void saving.save(opened())}
                    onTogether={shareable() ? (seconds) => void watchTogether(seconds) : undefined}
                  />
                </Suspense>
              )}
            </Match>
            <Match when={film()}>
              {(head) => (
                <Stage
                  width={head().width}
                  height={head().height}
                  poster={head().poster}
                  duration={head().duration}
                  label={playLabel(name(), head().duration)}
                  onPlay={file.opened() && (() => setPlaying(true))}
                />
              )}
            </Match>
            <Match when={headIf(isDrawn)}>
              {(head) => (
                <Picture
                  head={head()}
                  file={incomplete() ? undefined : file.opened()}
                  onFail={() => setUndrawable(true)}
                />
              )}
            </Match>
          </Switch>
          <div class="flex min-h-16 items-center gap-3 py-2.5 pe-1.5 ps-3">
            <Switch>
              <Match when={playable() && kind() === 'sound' && !playing()}>
                <button
                  type="button"
                  class="inline-flex size-11 shrink-0 items-center justify-center rounded-full bg-accent text-on-accent hover:bg-accent-hover"
                  aria-label={m.files_playFile({ name: name() })}
                  data-testid="play"
                  onClick={() => setPlaying(true)}
                >
                  <Play class="size-5 translate-x-px fill-current" />
                </button>
              </Match>
              <Match when={!film()}>
                <span class="inline-flex size-11 shrink-0 items-center justify-center rounded-xl bg-canvas/70 text-accent">
                  <Show
                    when={file.head() || file.problem() || file.cutOff() || props.item.interrupted || waits()}
                    fallback={<Spinner />}
                  >
                    <Dynamic component={icons[kind()]} class="size-5" />
                  </Show>
                </span>
              </Match>
            </Switch>
            <div class="min-w-0 flex-1 py-0.5">
              {props.above}
              <p class="line-clamp-2 text-[0.9375rem]/5 font-semibold wrap-anywhere" data-testid="file-name">
                <bdi>{known() ?? title()}</bdi>
              </p>
              <p class="mt-0.5 flex flex-wrap items-center gap-x-2 text-[0.8125rem]/4.5 text-muted tabular-nums">
                <Show when={file.head()}>
                  {(head) => (
                    <span>
                      {[
                        ...(voice() ? [] : [typeLabel(head()), formatBytes(head().size)]),
                        head().duration && (playing() || !film()) ? formatDuration(head().duration ?? 0) : '',
                      ]
                        .filter(Boolean)
                        .join(' · ')}
                    </span>
                  )}
                </Show>
                {props.meta}
              </p>
            </div>
            <Show when={!props.item.interrupted && file.opened()}>
              {(opened) => <SaveButton file={opened()} name={name()} saving={saving} />}
            </Show>
            <Show when={props.item.mine && props.item.state === 'sent' && !file.uploading()}>
              <Menu
                label={m.files_more({ name: name() })}
                class={`${iconButton('none')} -ms-3`}
                trigger={<Ellipsis class="size-5" />}
              >
                <MenuItem danger icon={<Trash class="size-4.5" />} onSelect={() => setDeleting(true)}>
                  {m.files_remove()}
                </MenuItem>
              </Menu>
            </Show>
          </div>
          <div class="px-3 empty:hidden">
            <Show when={offered()}>
              <TextAction
                icon={Popcorn}
                label={m.files_watchTogether({ name: name() })}
                onPress={() => void watchTogether(0)}
                data-testid="watch-together"
              >
                {m.files_together()}
              </TextAction>
            </Show>
            <Show when={!props.item.interrupted && !undrawable() && openedIf(opensApart)}>
              <TextAction
                icon={Eye}
                label={m.files_openFile({ name: name() })}
                onPress={() => setReading(true)}
                data-testid="open"
              >
                {m.files_open()}
              </TextAction>
            </Show>
            <Show when={props.item.upload}>
              {(upload) => (
                <Sending
                  upload={upload()}
                  progress={file.uploading()}
                  onCancel={() => void props.room.discard(props.item.id)}
                />
              )}
            </Show>
            <Show when={!props.item.mine && !file.problem()}>
              <Arriving
                name={props.item.authorName}
                arrived={incomplete()}
                size={file.head()?.size ?? 1}
                stalled={file.stalled()}
                startable={streamed() && !playing()}
              />
            </Show>
            <Show when={!file.uploading() && props.item.interrupted}>
              <Interrupted item={props.item} room={props.room} />
            </Show>
            <Show when={props.item.mine && !props.item.upload && !props.item.interrupted && incomplete()}>
              <p class="pb-3 text-[0.8125rem]/4.5 text-pretty text-danger" data-testid="own-stopped">
                {m.files_ownStopped()}
              </p>
            </Show>
            <Show when={shortcoming()}>
              {(text) => (
                <p class="pb-3 text-[0.8125rem]/4.5 text-pretty text-muted" data-testid="shortcoming">
                  {text()}
                </p>
              )}
            </Show>
            <SavingState saving={saving} />
            <Show when={refusal()}>
              <p role="alert" class="pb-3 text-[0.8125rem]/4.5 text-pretty text-danger">
                {refusal()}
              </p>
            </Show>
            <Show when={file.problem()}>
              {(problem) => (
                <div class="flex items-center gap-2 pb-2">
                  <p class="flex-1 py-1 text-[0.8125rem]/4.5 text-pretty text-danger">{problem().text}</p>
                  <Show when={problem().retry}>
                    <button
                      type="button"
                      class="-me-1 min-h-11 rounded-lg px-2.5 text-sm font-semibold hover:bg-hover"
                      onClick={file.retry}
                    >
                      {m.files_retry()}
                    </button>
                  </Show>
                </div>
              )}
            </Show>
          </div>
          <Once when={reading()}>
            <Show when={file.opened()}>
              {(opened) => (
                <Preview
                  open={reading()}
                  file={opened()}
                  onClose={() => setReading(false)}
                  onSave={() => void saving.save(opened())}
                />
              )}
            </Show>
          </Once>
          <Confirm
            open={deleting()}
            onClose={() => setDeleting(false)}
            title={m.files_removeTitle({ name: name() })}
            description={m.files_removeText()}
            confirmLabel={m.files_removeConfirm()}
            cancelLabel={m.files_cancel()}
            explain={sentence}
            onConfirm={async () => {
              await props.room.deleteFile(props.item);
              file.markDeleted();
            }}
          />
        </div>
      </Match>
    </Switch>
  );
}

const playLabel = (name: string, seconds: number | undefined) =>
  seconds === undefined
    ? m.files_playFile({ name })
    : m.files_playFilm({ name, length: formatDuration(seconds) });
