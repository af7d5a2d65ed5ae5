import { A, useLocation, useNavigate, useParams } from '@solidjs/router';
import {
  createEffect,
  createMemo,
  createSignal,
  Match,
  on,
  onCleanup,
  Show,
  type Signal,
  Switch,
} from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { Faces } from '../../engine/solid/faces.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import type { FileItem, Member, Room, TextItem } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { onCloseRequest } from '../../ui/close-request.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { createCopy } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { later } from '../../ui/later.ts';
import { useExtraWide } from '../../ui/media.ts';
import { Once } from '../../ui/once.tsx';
import { CallPanel } from '../call/index.ts';
import { WatchPanel } from '../cowatch/index.ts';
import { askBeforeLeaving, DropArea, pickFiles, sendOptions } from '../files/index.ts';
import { Announcer } from './announcer.tsx';
import { BlockedBar, FailedBar, GoneBar, ProblemBar, WarningBar } from './bars.tsx';
import { Composer } from './composer.tsx';
import { createIntent } from './intent.ts';
import { lookAt } from './looking.ts';
import { PinnedBar } from './pinned-bar.tsx';
import { RequestBar } from './request-bar.tsx';
import { RoomHeader } from './room-header.tsx';
import { createSelection } from './selection.ts';
import { SelectionBar } from './selection-bar.tsx';
import { type Target, Timeline } from './timeline.tsx';
import { Typing } from './typing.tsx';

const EmojiPicker = later(async () => (await import('./emoji-picker.tsx')).EmojiPicker);
const ForwardDialog = later(async () => (await import('./forward-dialog.tsx')).ForwardDialog);
const InviteDialog = later(async () => (await import('./invite-dialog.tsx')).InviteDialog);
const MembersPanel = later(async () => (await import('./members-panel.tsx')).MembersPanel);
const SafetyDialog = later(async () => (await import('../safety/index.ts')).SafetyDialog);

const ReportDialog = later(async () => (await import('../report/index.ts')).ReportDialog);

const spoken = ({ authorName, text }: TextItem): string => `${authorName}: ${text}`;

/** The room that the address names. */
export function RoomScreen() {
  const engine = useEngine();
  const params = useParams<{ room: string }>();
  const rooms = useObservable(() => engine.rooms);
  // The list says when a room appears: it may be made or joined on another device at this moment.
  const known = createMemo(() => rooms().some((room) => room.id === params.room));
  const room = createMemo(() => (known() ? engine.room(params.room) : undefined));
  return (
    <Show when={room()} keyed fallback={<NoSuchRoom />}>
      {(open) => (
        <Faces room={open}>
          <OpenRoom room={open} />
        </Faces>
      )}
    </Show>
  );
}

/** As far as this browser knows: one that is new to the account has yet to ask. */
function NoSuchRoom() {
  const engine = useEngine();
  const complete = useObservable(() => engine.roomsComplete);
  return (
    <div class="h-full" classList={{ 'appear-late': !complete() }}>
      <Empty
        title={complete() ? m.chat_noRoom() : m.chat_looking()}
        text={complete() ? m.chat_noRoomText() : m.chat_lookingText()}
      >
        <A
          href="/"
          class="inline-flex min-h-11 items-center rounded-lg border border-line bg-raised px-4 font-semibold hover:bg-hover"
        >
          {m.chat_toRooms()}
        </A>
      </Empty>
    </div>
  );
}

/** The message that the way here led to. It is taken out of the history, so that a reload shows the room as ever. */
function useTarget(): Signal<Target | undefined> {
  const location = useLocation<Target>();
  const navigate = useNavigate();
  const [target, setTarget] = createSignal<Target>();
  createEffect(() => {
    const { state, pathname } = location;
    if (state?.message === undefined) return;
    setTarget({ message: state.message, ...(state.seq !== undefined && { seq: state.seq }) });
    navigate(pathname, { replace: true, state: null, scroll: false });
  });
  return [target, setTarget];
}

function OpenRoom(props: { room: Room }) {
  const engine = useEngine();
  const view = useObservable(() => props.room.view);
  const [target, setTarget] = useTarget();
  const navigate = useNavigate();
  const watch = useObservable(() => props.room.watch.view);
  const watching = () => watch().joined !== undefined;
  lookAt(() => props.room);
  const extraWide = useExtraWide();
  const unread = engine.rooms.get().find((room) => room.id === props.room.id)?.unread ?? 0;
  const [details, setDetails] = createSignal(false);
  const [inviting, setInviting] = createSignal(false);
  const [comparing, setComparing] = createSignal<string>();
  const [problem, setProblem] = createSignal<string>();
  const [intent, setIntent] = createIntent(props.room);
  const [deleting, setDeleting] = createSignal<readonly (TextItem | FileItem)[]>();
  const [forwarding, setForwarding] = createSignal<readonly (TextItem | FileItem)[]>();
  const selection = createSelection(view);
  const [reacting, setReacting] = createSignal<TextItem | FileItem>();
  const [reporting, setReporting] = createSignal<TextItem | FileItem>();
  const impostor = createMemo(() => view().members.find(({ trust }) => trust === 'contradicted'));
  /** The last one stays while the dialog closes. */
  const compared = createMemo<Member | undefined>(
    (before) => view().members.find(({ id }) => id === comparing()) ?? before,
  );
  const reported = createMemo<TextItem | FileItem | undefined>((before) => reporting() ?? before);
  /** How many are to be deleted; the last number stays while the question closes. */
  const several = createMemo((before: number) => deleting()?.length ?? before, 0);
  const covered = () => details() && !extraWide();

  const sendFiles = async (found: readonly File[], voice?: true) => {
    setProblem(undefined);
    try {
      await Promise.all(
        found.map((file) => props.room.sendFile(file, { ...sendOptions(file), ...(voice && { voice }) })),
      );
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  const [copied, copy] = createCopy();
  const copyItems = async (items: readonly TextItem[]) => {
    const [only, ...more] = items;
    const words = only && more.length === 0 ? only.text : items.map(spoken).join('\n');
    if (!(await copy(words))) setProblem(m.chat_copyRefused());
    else if (problem() === m.chat_copyRefused()) setProblem(undefined);
  };
  const deeds = {
    react: (item: TextItem | FileItem, emoji: string, on: boolean) =>
      void props.room.react(item.id, emoji, on).catch((error) => setProblem(sentence(error))),
    reply: (item: TextItem | FileItem) => setIntent({ kind: 'reply', item }),
    edit: (item: TextItem) => setIntent({ kind: 'edit', item }),
    askDelete: (item: TextItem | FileItem) => setDeleting([item]),
    select: (item: TextItem | FileItem) => selection.begin(item.id),
    pin: (item: TextItem | FileItem, on: boolean) =>
      void props.room.pin(item, on).catch((error) => setProblem(sentence(error))),
    copy: (items: readonly TextItem[]) => void copyItems(items),
    askForward: (item: TextItem | FileItem) => setForwarding([item]),
    askEmoji: setReacting,
    askReport: setReporting,
  };
  createEffect(() => {
    for (const item of view().timeline)
      if (item.kind === 'file' && item.upload) askBeforeLeaving(item.upload);
  });
  const take = (transfer: DataTransfer) => {
    const { files, folders } = pickFiles(transfer);
    void sendFiles(files);
    // After it: what begins anew has no problem yet.
    if (folders) setProblem(m.chat_folders());
  };

  onCloseRequest(covered, () => setDetails(false));
  createEffect(
    on(covered, (now) => {
      if (!now) return;
      const onKey = (event: KeyboardEvent) => {
        if (event.key === 'Escape' && !event.defaultPrevented) setDetails(false);
      };
      window.addEventListener('keydown', onKey);
      onCleanup(() => window.removeEventListener('keydown', onKey));
    }),
  );

  return (
    <div class="flex h-full">
      <DropArea
        class="relative flex min-w-0 flex-1 flex-col"
        enabled={!view().gone && !impostor()}
        room={view().name}
        inert={covered()}
        onDrop={take}
      >
        <RoomHeader
          room={props.room}
          view={view()}
          onProblem={setProblem}
          details={details()}
          onDetails={() => setDetails(!details())}
          onInvite={() => setInviting(true)}
        />
        <Show when={view().warnings.length}>
          <WarningBar warnings={view().warnings} />
        </Show>
        <RequestBar room={props.room} view={view()} onProblem={setProblem} />
        <PinnedBar
          pins={view().pins}
          enabled={!view().gone}
          onJump={({ id, seq }) => setTarget({ message: id, seq })}
          onUnpin={({ id, seq }) =>
            void props.room.pin({ id, seq }, false).catch((error) => setProblem(sentence(error)))
          }
        />
        {/* While a film is watched, it and the faces stand beside the talk, or above it on a phone; nothing is made anew for it. */}
        <div class={watching() ? 'flex min-h-0 flex-1 flex-col lg:flex-row' : 'contents'}>
          <div class={watching() ? 'flex min-h-0 shrink-0 flex-col lg:min-w-0 lg:flex-1' : 'contents'}>
            <WatchPanel room={props.room} view={view()} onProblem={setProblem} />
            <CallPanel room={props.room} view={view()} small={watching()} onProblem={setProblem} />
          </div>
          <div
            class={
              watching()
                ? 'flex min-h-0 flex-1 flex-col border-line lg:w-96 lg:flex-none lg:border-s'
                : 'contents'
            }
          >
            <Timeline
              room={props.room}
              view={view()}
              unread={unread}
              deeds={deeds}
              selection={selection}
              target={target()}
              onProblem={setProblem}
              onInvite={() => setInviting(true)}
            />
            <Typing room={props.room} view={view()} copied={copied() === 'done'} />
            <Announcer view={view()} />
            <FailedBar room={props.room} view={view()} />
            <Show when={problem()}>
              {(text) => <ProblemBar text={text()} onDismiss={() => setProblem(undefined)} />}
            </Show>
            <Switch>
              <Match when={view().gone}>
                {(reason) => <GoneBar text={m.chat_gone({ why: reason() })} />}
              </Match>
              <Match when={impostor()}>
                {(member) => <BlockedBar name={member().name} onWhy={() => setComparing(member().id)} />}
              </Match>
              <Match when={!view().gone}>
                <Show when={selection.active()}>
                  <SelectionBar
                    selection={selection}
                    onCopy={deeds.copy}
                    onForward={setForwarding}
                    onDelete={setDeleting}
                  />
                </Show>
                {/* It keeps what was pasted, or is being recorded. */}
                <div class={selection.active() ? 'hidden' : 'contents'}>
                  <Composer
                    room={props.room}
                    view={view()}
                    intent={intent()}
                    onIntent={setIntent}
                    onProblem={setProblem}
                    onFiles={sendFiles}
                  />
                </div>
              </Match>
            </Switch>
          </div>
        </div>
      </DropArea>
      <Show when={details()}>
        <MembersPanel
          room={props.room}
          view={view()}
          onClose={() => setDetails(false)}
          onInvite={() => setInviting(true)}
          onShow={(message) => {
            if (covered()) setDetails(false);
            setTarget(message);
          }}
          onSafety={setComparing}
        />
      </Show>
      <Show when={compared()}>
        {(member) => (
          <SafetyDialog
            room={props.room}
            member={member()}
            open={comparing() !== undefined && view().members.some(({ id }) => id === comparing())}
            onClose={() => setComparing(undefined)}
          />
        )}
      </Show>
      <Show when={reported()}>
        {(item) => (
          <ReportDialog
            room={props.room}
            item={item()}
            open={reporting() !== undefined}
            onClose={() => setReporting(undefined)}
          />
        )}
      </Show>
      <Confirm
        open={deleting() !== undefined}
        onClose={() => setDeleting(undefined)}
        title={several() > 1 ? m.chat_deleteMany({ count: several() }) : m.chat_deleteTitle()}
        description={m.chat_deleteText()}
        confirmLabel={m.chat_delete()}
        cancelLabel={m.chat_cancel()}
        explain={sentence}
        onConfirm={async () => {
          for (const item of deleting() ?? []) await props.room.delete(item);
          selection.end();
        }}
      />
      <Once when={forwarding()}>
        <ForwardDialog
          room={props.room}
          items={forwarding()}
          onClose={() => setForwarding(undefined)}
          onDone={(room) => {
            selection.end();
            navigate(`/r/${room}`);
          }}
        />
      </Once>
      <Once when={reacting()}>
        <EmojiPicker
          open={reacting() !== undefined}
          onClose={() => setReacting(undefined)}
          onChoose={(emoji) => {
            const item = reacting();
            setReacting(undefined);
            if (item) deeds.react(item, emoji, true);
          }}
        />
      </Once>
      <Once when={inviting()}>
        <InviteDialog room={props.room} view={view()} open={inviting()} onClose={() => setInviting(false)} />
      </Once>
    </div>
  );
}
