import { isContent } from '../../../../protocol/content.ts';
import type { Role } from '../../../../protocol/roster.ts';
import { m } from '../../language/index.ts';
import { inBackground } from '../background.ts';
import type { RoomCall } from '../calls/call.ts';
import type { RoomWatch } from '../cowatch/room-watch.ts';
import { type Observable, Subject } from '../observable.ts';
import { Refresher } from '../refresher.ts';
import { lacksFaces, newKinds } from '../store/kinds.ts';
import type { Row } from '../store/store.ts';
import type { OpenedFile } from '../transfers/types.ts';
import {
  type AsStored,
  type Begun,
  type CodeCheck,
  EngineError,
  type FileItem,
  type Inspection,
  type OpenInvite,
  type Placing,
  type Report,
  type Room,
  type RoomView,
  type SafetyNumber,
  type SendFileOptions,
  type TextItem,
  type TimelineItem,
} from '../types.ts';
import { asStored, inspect } from './inspection.ts';
import { heirOf } from './membership.ts';
import { makeParts, type RoomContext, type RoomParts } from './parts.ts';
import { pinned } from './pins.ts';
import { withReaders } from './readers.ts';
import { everythingIn, filesIn, type Reader } from './reading.ts';
import { reportMessage } from './report.ts';
import type { Pooled } from './socket-pool.ts';
import { buildTimeline } from './timeline.ts';
import { firstView, roomView } from './view.ts';

/** One room, live: its members, socket, outbox and timeline. */
export class LiveRoom implements Room, Pooled {
  readonly id: string;
  readonly view: Subject<RoomView>;
  readonly call: RoomCall;
  readonly watch: RoomWatch;
  readonly #context: RoomContext;
  readonly #parts: RoomParts;
  /** What is shown of messages, by these. */
  readonly #made = new WeakMap<Row<'messages'>, TimelineItem>();
  #row: Row<'rooms'>;
  /** Up to where there is something to read, as far as this account was told. */
  #heard = 0;
  /** Whether something waits to be sent. */
  #leaving = false;
  #closed = false;
  readonly #rendering = new Refresher(() => this.#render());
  readonly #reading = new Refresher(() => this.#read());

  private constructor(context: RoomContext, row: Row<'rooms'>) {
    this.id = row.id;
    this.#context = context;
    this.#row = row;
    this.#parts = makeParts(context, row, {
      row: () => this.#row,
      patch: (change) => this.#patch(change),
      changed: () => this.changed(),
      render: () => this.render(),
      show: () => inBackground(this.render(), 'showing a room'),
      rosterGrew: () => this.#rosterGrew(),
      mustBeIn: () => this.#mustBeIn(),
      over: (reason) => this.#over(reason),
    });
    this.call = this.#parts.call;
    this.watch = this.#parts.watch;
    this.view = new Subject<RoomView>(firstView(row, context.session.account.id));
  }

  /** Opens a stored room: shows what this browser has. Connects when the pool of sockets has a place for it. */
  static async open(context: RoomContext, row: Row<'rooms'>): Promise<LiveRoom> {
    const room = new LiveRoom(context, row);
    await room.#parts.membership.restore(row.roster);
    await room.#parts.window.open();
    await room.#parts.draft.open();
    await room.#parts.profiles.open();
    await room.render();
    if (!row.gone) inBackground(room.#parts.uploads.goOn(), 'going on with uploads');
    inBackground(room.#parts.profiles.tell(), 'saying who one is');
    if (lacksFaces(row) && !row.gone) inBackground(room.#askWho(), 'asking who the others are');
    if (newKinds(row).size > 0) inBackground(room.#understand(), 'taking in what is understood by now');
    return room;
  }

  /** Who told this browser who they are with the keys that they gave it told a version that did not listen. */
  #askWho(): Promise<void> {
    const { deviceId } = this.#context.session.account;
    return this.#parts.saying.say({ kind: 'device', deviceId, unheard: true });
  }

  async #understand(): Promise<void> {
    const { session, bus } = this.#context;
    await session.keys.understand(this.id);
    await this.changed();
    bus.tell({ kind: 'room', id: this.id });
  }

  get typing(): Observable<readonly string[]> {
    return this.#parts.company.typing.who;
  }

  writes(on: boolean): void {
    this.#parts.company.typing.write(on && !this.#row.gone);
  }

  get present(): Observable<readonly string[]> {
    return this.#parts.company.presence.who;
  }

  looks(on: boolean): void {
    this.#parts.company.presence.look(on && !this.#row.gone);
  }

  get connected(): boolean {
    return this.#parts.feed.connected;
  }

  /** Read to the end, nothing to say, nobody looking, no file on its way. */
  get idle(): boolean {
    const read = this.#row.since !== undefined && this.#row.cursor >= this.#heard;
    const online = this.#parts.feed.connection === 'online';
    const quiet = !this.#leaving && !this.#parts.uploads.busy && !this.call.busy && !this.watch.busy;
    return online && read && quiet && !this.view.observed;
  }

  /** The account was told that there are messages up to `seq`. */
  stirred(seq: number): void {
    this.#heard = Math.max(this.#heard, seq);
    if (this.#row.cursor < seq) this.want();
  }

  /** Asks for a socket: there is something to read; or, what can't wait (`now`), something to say, or somebody looks. */
  want(now = false): void {
    if (!this.#row.gone && !this.#closed) this.#context.sockets.want(this, now);
    if (now) this.#parts.trust.want();
  }

  get row(): Row<'rooms'> {
    return this.#row;
  }

  name(userId: string): string {
    return this.#parts.membership.name(userId);
  }

  send(text: string, replyTo?: string): Promise<void> {
    this.#parts.company.typing.write(false);
    return this.#parts.saying.text(text, replyTo);
  }

  edit(messageId: string, text: string): Promise<void> {
    return this.#parts.saying.edit(messageId, text);
  }

  forward(text: string): Promise<void> {
    return this.#parts.saying.forward(text);
  }

  async pin({ id, seq }: { id: string; seq?: number }, on: boolean): Promise<void> {
    // What has no place in the log yet can't be pointed to.
    if (seq !== undefined) await this.#parts.saying.pin(id, seq, on);
  }

  setTimer(seconds: number): Promise<void> {
    return this.#parts.saying.say({ kind: 'timer', lasts: seconds });
  }

  async delete(item: TextItem | FileItem): Promise<void> {
    if (item.seq === undefined) return this.discard(item.id);
    if (item.kind === 'file') await this.deleteFile(item);
    await this.#parts.saying.say({ kind: 'delete', target: item.id, seq: item.seq });
  }

  react(messageId: string, emoji: string, on: boolean): Promise<void> {
    return this.#parts.saying.say({
      kind: 'reaction',
      target: messageId,
      emoji,
      ...(!on && { remove: true }),
    });
  }

  report(item: TextItem | FileItem, report: Report): Promise<void> {
    return reportMessage(this.#context.session, this.id, this.#parts.window.messages, item, report);
  }

  async reach(messageId: string, seq?: number): Promise<boolean> {
    const here = () => this.#parts.window.messages.some(({ id }) => id === messageId);
    if (seq !== undefined) await this.#parts.window.growTo(seq);
    // It is no older than its own place, though it may be gone.
    const past = () => seq !== undefined && (this.#parts.window.messages[0]?.seq ?? 0) <= seq;
    while (!here() && !past() && !this.#parts.window.complete) await this.#parts.window.grow();
    await this.render();
    return here();
  }

  get draft(): string {
    return this.#parts.draft.text;
  }

  keepDraft(text: string): Promise<void> {
    return this.#parts.draft.keep(text);
  }

  get begun(): Begun | undefined {
    return this.#parts.draft.begun;
  }

  begin(begun: Begun | undefined): Promise<void> {
    return this.#parts.draft.begin(begun);
  }

  /** Tells the others that this device is new, so that they give it their keys, or another one gone, so that they give it none. */
  announceDevice(deviceId = this.#context.session.account.deviceId): Promise<void> {
    const own = deviceId === this.#context.session.account.deviceId;
    return this.#parts.saying.say({ kind: 'device', deviceId, ...(own && { fresh: true }) });
  }

  retry(messageId: string): Promise<void> {
    return this.#parts.outbox.retry(messageId);
  }

  async discard(messageId: string): Promise<void> {
    await this.#parts.uploads.cancel(messageId);
    await this.#parts.outbox.discard(messageId);
    await this.render();
  }

  sendFile(file: File, options?: SendFileOptions): Promise<void> {
    this.#mustBeIn();
    return this.#parts.uploads.send(file, options);
  }

  async resumeFile(item: FileItem, file?: File): Promise<void> {
    this.#mustBeIn();
    await this.#parts.uploads.resume(item.fileId, file);
  }

  /** Gives up what is being sent: this browser is about to forget its keys. */
  abandonUploads(): Promise<void> {
    return this.#parts.uploads.abandon();
  }

  openFile(item: FileItem): Promise<OpenedFile> {
    return this.#parts.files.open(item);
  }

  async deleteFile(item: FileItem): Promise<void> {
    await this.#context.session.api('deleteFile', { params: { id: item.fileId } });
    await this.#parts.uploads.ended(item.fileId);
    await this.keepPlace(item.fileId, undefined);
  }

  placeIn(fileId: string): Promise<number | undefined> {
    return this.#parts.files.placeIn(fileId);
  }

  keepPlace(fileId: string, seconds: number | undefined): Promise<void> {
    return this.#parts.files.keepPlace(fileId, seconds);
  }

  async loadOlder(): Promise<boolean> {
    await this.#parts.window.grow();
    await this.render();
    return !this.#parts.window.complete;
  }

  markRead(): void {
    this.#parts.company.reads.read();
  }

  rename(name: string): Promise<void> {
    return this.#parts.look.rename(name);
  }

  setPicture(jpeg: Uint8Array | undefined): Promise<void> {
    return this.#parts.look.setPicture(jpeg);
  }

  arrange({ placing, muted }: { placing?: Placing; muted?: boolean }): Promise<void> {
    return this.#patch(({ placing: before, ...row }) => {
      const place = placing === undefined ? before : placing === 'list' ? undefined : placing;
      return { ...row, ...(place && { placing: place }), ...(muted !== undefined && { muted }) };
    });
  }

  invite(terms?: { expiresInHours?: number; uses?: number }): Promise<string> {
    return this.#parts.invites.create(terms);
  }

  invites(): readonly OpenInvite[] {
    return this.#parts.invites.open();
  }

  revokeInvite(key: string): Promise<void> {
    return this.#parts.invites.revoke(key);
  }

  async askingLink(expiresInHours: number): Promise<string> {
    const link = await this.#parts.requests.open(expiresInHours);
    await this.render();
    return link;
  }

  async endAsking(): Promise<void> {
    await this.#parts.requests.close();
    await this.#parts.requests.refresh();
  }

  letIn(userId: string): Promise<void> {
    return this.#parts.requests.letIn(userId);
  }

  decline(userId: string): Promise<void> {
    return this.#parts.requests.decline(userId);
  }

  setRole(userId: string, role: Role): Promise<void> {
    return this.#parts.membership.setRole(userId, role);
  }

  remove(userId: string): Promise<void> {
    return this.#parts.membership.remove(userId);
  }

  files(before?: number, limit = 30): Promise<FileItem[]> {
    return filesIn(this.#reader(), this.#parts.window, before, limit);
  }

  /** All that was said here, as far as this device can read it, oldest first. */
  everything(): Promise<TimelineItem[]> {
    return everythingIn(this.#reader(), this.#context.session.store);
  }

  #reader(): Reader {
    const { log } = this.#parts.membership;
    const joinedAs = (userId: string) => this.#parts.membership.joinedAs(userId);
    return { me: this.#context.session.account.id, log, name: (userId) => this.name(userId), joinedAs };
  }

  inspect(): Promise<Inspection> {
    return inspect(this.#context.session, this.#parts.membership);
  }

  asStored(): Promise<AsStored> {
    return asStored(this.#context.session, this.id);
  }

  safetyNumber(userId: string): Promise<SafetyNumber> {
    return this.#context.session.keys.safetyNumber(this.id, userId);
  }

  checkCode(userId: string, scanned: string): Promise<CodeCheck> {
    return this.#context.session.keys.checkCode(this.id, userId, scanned);
  }

  async markVerified(userId: string, code: string): Promise<void> {
    await this.#context.session.keys.markVerified(this.id, userId, code);
    await this.#context.onTrust();
  }

  async unmark(userId: string): Promise<void> {
    await this.#context.session.keys.unmark(userId);
    await this.#context.onTrust();
  }

  /** This person has chosen another name or picture. */
  profileChanged(): Promise<void> {
    return this.#parts.profiles.tell();
  }

  /** Somebody was verified, or is not any more, in this tab or another. */
  trustChanged(): Promise<void> {
    return this.#parts.trust.changed();
  }

  /** Leaves for good: whoever is its only owner makes somebody else one first. Alone in it, they take the room along. */
  async leaveForGood(): Promise<void> {
    const heir = heirOf(this.#parts.membership.members, this.#context.session.account.id);
    if (heir) await this.setRole(heir, 'owner');
    await this.leave();
  }

  async leave(): Promise<void> {
    await this.#parts.membership.leave();
    await this.#over('left');
  }

  /** Something in the store may have changed (another tab, a new batch): reads what is new and shows it. */
  changed(): Promise<void> {
    return this.#reading.run();
  }

  /** Shows the present state. */
  render(): Promise<void> {
    return this.#rendering.run();
  }

  async #read(): Promise<void> {
    if (this.#closed) return;
    const { store } = this.#context.session;
    const row = await store.get('rooms', this.id);
    if (!row) return;
    const { repairs, profiles } = this.#row;
    this.#row = row;
    if (profiles !== row.profiles) await this.#parts.profiles.open();
    if (repairs !== row.repairs) await this.#parts.window.reload();
    const { log } = this.#parts.membership;
    if (row.roster.length > log.entries.length && (await this.#parts.membership.restore(row.roster)))
      this.#parts.outbox.flush();
    await this.#parts.window.follow();
    await this.render();
    this.#context.onChange(row);
    this.#parts.trust.rosterChanged();
  }

  async #render(): Promise<void> {
    if (this.#closed) return;
    const me = this.#context.session.account.id;
    const { log } = this.#parts.membership;
    const name = (userId: string) => this.name(userId);
    const { messages, complete } = this.#parts.window;
    const trust = this.#parts.trust.known;
    const outbox = await this.#parts.outbox.rows();
    this.#leaving = outbox.some((row) => row.problem === undefined);
    if (this.#leaving) this.#parts.outbox.flushEventually();
    if (this.#leaving && !this.connected) this.want(true);
    if (this.idle) this.#context.sockets.settle();
    const here = new Set(outbox.length > 0 ? messages.map((message) => message.id) : []);
    const timeline = buildTimeline({
      me,
      messages,
      made: this.#made,
      outbox: outbox.filter((row) => !here.has(row.id)),
      sending: this.#parts.uploads.sending,
      interrupted: await this.#parts.uploads.interrupted(),
      history: log.history,
      complete,
      before: this.#row.before || this.#row.missed !== undefined,
      wasMember: (userId, head) => log.wasMember(userId, head),
      isVerified: (userId) => trust.get(userId) === 'verified',
      name,
      joinedAs: (userId) => this.#parts.membership.joinedAs(userId),
    });
    const reads = [...this.#parts.company.reads.others].filter(([userId]) =>
      this.#parts.membership.isMember(userId),
    );
    this.view.set(
      roomView({
        me,
        row: this.#row,
        membership: this.#parts.membership,
        trust,
        connection: this.#parts.feed.connection,
        timeline: withReaders(timeline, new Map(reads), name),
        hasOlder: !complete,
        requests: this.#parts.requests.waiting,
        asking: this.#parts.requests.until,
        pins: await pinned(this.#row, timeline, this.#context.session.store, name),
      }),
    );
  }

  async close(): Promise<void> {
    await this.#parts.outbox.close();
    this.call.leave();
    this.watch.close();
    this.#parts.uploads.close();
    this.#parts.company.close();
    this.#parts.profiles.close();
    this.#parts.files.close();
    this.#closed = true;
    this.#context.sockets.forget(this);
    await this.#parts.trust.close();
    await this.#parts.feed.close();
    await this.#parts.draft.close();
    await this.#reading.idle();
    await this.#rendering.idle();
  }

  connect(): void {
    if (!this.#closed && !this.#row.gone) this.#parts.feed.connect();
  }

  disconnect(): void {
    this.#parts.feed.disconnect();
  }

  /** Messages have disappeared from the store. */
  async erased(messages: readonly Row<'messages'>[]): Promise<void> {
    await this.changed();
    if (messages.some(({ id }) => id === this.begun?.id)) await this.begin(undefined);
    for (const { content, sender } of messages) {
      if (!isContent(content, 'file')) continue;
      await this.keepPlace(content.fileId, undefined);
      // The service does so too; who sent it need not wait for that.
      if (sender === this.#context.session.account.id)
        await this.#context.session.api('deleteFile', { params: { id: content.fileId } }).catch(() => {});
    }
  }

  #mustBeIn(): void {
    if (this.#row.gone) throw new EngineError('gone', m.engine_notMember());
  }

  async #rosterGrew(): Promise<void> {
    const { log, roster } = this.#parts.membership;
    const fresh = log.history.filter(({ seq }) => seq >= this.#row.roster.length);
    const role = roster.members.get(this.#context.session.account.id)?.role;
    await this.#patch((row) => ({
      ...row,
      role: role ?? row.role,
      roster: row.roster.length >= log.entries.length ? row.roster : [...log.entries],
    }));
    this.#parts.outbox.flush();
    this.call.rosterChanged();
    inBackground(this.#parts.look.greet(fresh), 'telling somebody new about the room');
    this.#parts.profiles.greet(fresh);
  }

  async #patch(change: (row: Row<'rooms'>) => Row<'rooms'> | Promise<Row<'rooms'>>): Promise<void> {
    const { session, bus } = this.#context;
    await session.locks.run('crypto', async () => {
      const row = await session.store.get('rooms', this.id);
      if (row) await session.store.write([{ table: 'rooms', key: this.id, value: await change(row) }]);
    });
    await this.changed();
    bus.tell({ kind: 'room', id: this.id });
  }

  async #over(reason: NonNullable<RoomView['gone']>): Promise<void> {
    this.call.leave();
    this.watch.close();
    await this.#patch((row) => ({ ...row, gone: row.gone ?? reason }));
    this.disconnect();
    this.#context.sockets.forget(this);
  }
}
