import { isContent } from '../../../../protocol/content.ts';
import type { Role } from '../../../../protocol/roster.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { ProblemError } from '../api.ts';
import { inBackground } from '../background.ts';
import { RoomCall } from '../calls/call.ts';
import { RoomWatch } from '../cowatch/room-watch.ts';
import { type Observable, Subject } from '../observable.ts';
import { Refresher } from '../refresher.ts';
import type { Bus } from '../store/bus.ts';
import { newKinds } from '../store/kinds.ts';
import type { Row } from '../store/store.ts';
import type { OpenedFile } from '../transfers/types.ts';
import {
  type AsStored,
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
import type { BackupUpload } from './backup-upload.ts';
import { Company } from './company.ts';
import { RoomDraft } from './draft.ts';
import { RoomFeed } from './feed.ts';
import { RoomFiles } from './files.ts';
import { asStored, inspect } from './inspection.ts';
import { Invites } from './invites.ts';
import { RoomLook } from './look.ts';
import { heirOf, Membership } from './membership.ts';
import { MessageWindow } from './message-window.ts';
import { Outbox } from './outbox.ts';
import { pinned } from './pins.ts';
import { Profiles } from './profiles.ts';
import { withReaders } from './readers.ts';
import { everythingIn, filesIn, type Reader } from './reading.ts';
import { reportMessage } from './report.ts';
import { Requests } from './requests.ts';
import { Saying } from './saying.ts';
import type { Pooled, SocketPool } from './socket-pool.ts';
import { buildTimeline } from './timeline.ts';
import { RoomTrust } from './trust.ts';
import { RoomUploads } from './uploads.ts';
import { firstView, roomView } from './view.ts';

export interface RoomContext {
  readonly session: Session;
  readonly bus: Bus;
  readonly backups: BackupUpload;
  readonly origin: string;
  readonly sockets: SocketPool;
  /** The room in whose call this tab is. */
  readonly inCall: Subject<string | undefined>;
  /** The stored room changed: the list of rooms shows it. */
  readonly onChange: (row: Row<'rooms'>) => void;
  /** Somebody was verified, or is not any more: that holds in every room. */
  readonly onTrust: () => Promise<void>;
}

/** One room, live: its members, socket, outbox and timeline. */
export class LiveRoom implements Room, Pooled {
  readonly id: string;
  readonly view: Subject<RoomView>;
  readonly call: RoomCall;
  readonly watch: RoomWatch;
  readonly #company: Company;
  readonly #context: RoomContext;
  readonly #membership: Membership;
  readonly #trust: RoomTrust;
  readonly #outbox: Outbox;
  readonly #files: RoomFiles;
  readonly #uploads: RoomUploads;
  readonly #invites: Invites;
  readonly #requests: Requests;
  readonly #feed: RoomFeed;
  readonly #window: MessageWindow;
  /** What is shown of messages, by these. */
  readonly #made = new WeakMap<Row<'messages'>, TimelineItem>();
  readonly #draft: RoomDraft;
  readonly #saying: Saying;
  readonly #look: RoomLook;
  readonly #profiles: Profiles;
  #row: Row<'rooms'>;
  /** Up to where there is something to read, as far as this account was told. */
  #heard = 0;
  /** Whether something waits to be sent. */
  #leaving = false;
  #closed = false;
  readonly #rendering = new Refresher(() => this.#render());
  readonly #reading = new Refresher(() => this.#read());

  private constructor(context: RoomContext, row: Row<'rooms'>) {
    const { session } = context;
    this.id = row.id;
    this.#context = context;
    this.#row = row;
    this.#membership = new Membership({
      session,
      room: row.id,
      secret: row.secret,
      onGrowth: () => this.#rosterGrew(),
    });
    this.#trust = new RoomTrust({
      session,
      room: row.id,
      membership: this.#membership,
      onChange: () => this.render(),
    });
    this.#outbox = new Outbox({
      session,
      room: row.id,
      roster: this.#membership.log,
      transmit: (frame) => this.#feed.transmit({ t: 'send', ...frame }),
      onChange: () => this.changed(),
      onSealed: () => context.backups.soon(),
    });
    this.#uploads = new RoomUploads({
      session,
      room: row.id,
      members: () => this.#trust.recipients(),
      announce: (content, messageId) => this.#saying.file(content, messageId),
      lasts: () => this.#row.lasts,
      onChange: () => this.#show(),
    });
    this.#files = new RoomFiles({
      session,
      room: row.id,
      onEnd: (fileId) => this.#uploads.ended(fileId),
    });
    this.#invites = new Invites({
      session,
      room: row.id,
      secret: row.secret,
      membership: this.#membership,
      origin: context.origin,
    });
    this.#requests = new Requests({
      session,
      room: row.id,
      secret: row.secret,
      membership: this.#membership,
      invites: this.#invites,
      origin: context.origin,
      name: () => this.#row.name,
      onChange: () => this.#show(),
    });
    this.call = new RoomCall({
      session,
      room: row.id,
      transmit: (frame) => this.#feed.transmit(frame),
      isMember: (userId) => this.#membership.isMember(userId),
      name: (userId) => this.name(userId),
      inCall: context.inCall,
      onChange: () => this.#show(),
    });
    this.watch = new RoomWatch({
      session,
      room: row.id,
      secret: row.secret,
      transmit: (frame) => this.#feed.transmit(frame),
      data: this.call.data,
      identityOf: (userId) => this.#membership.identityOf(userId),
      onChange: () => this.#show(),
    });
    const me = session.account.id;
    this.#company = new Company({
      session,
      membership: this.#membership,
      row: () => this.#row,
      patch: (change) => this.#patch(change),
      transmit: (frame) => this.#feed.transmit(frame),
      onChange: () => this.#show(),
    });
    this.#window = new MessageWindow(() => session.store, row.id);
    this.#saying = new Saying({
      session,
      room: row.id,
      membership: this.#membership,
      outbox: this.#outbox,
      window: this.#window,
      lasts: () => this.#row.lasts,
      mustBeIn: () => this.#mustBeIn(),
      onSaid: () => context.bus.tell({ kind: 'room', id: row.id }),
    });
    this.#look = new RoomLook({
      session,
      membership: this.#membership,
      saying: this.#saying,
      row: () => this.#row,
    });
    this.#profiles = new Profiles({
      session,
      membership: this.#membership,
      saying: this.#saying,
      row: () => this.#row,
    });
    this.#draft = new RoomDraft({
      store: () => session.store,
      room: row.id,
      onKept: () => context.onChange(this.#row),
    });
    this.#feed = new RoomFeed({
      context,
      room: row.id,
      membership: this.#membership,
      outbox: this.#outbox,
      files: this.#files,
      call: this.call,
      watch: this.watch,
      company: this.#company,
      requests: this.#requests,
      profiles: this.#profiles,
      row: () => this.#row,
      patch: (change) => this.#patch(change),
      changed: () => this.changed(),
      over: (reason) => this.#over(reason),
      onState: () => this.#show(),
    });
    this.view = new Subject<RoomView>(firstView(row, me));
  }

  /** Opens a stored room: shows what this browser has. Connects when the pool of sockets has a place for it. */
  static async open(context: RoomContext, row: Row<'rooms'>): Promise<LiveRoom> {
    const room = new LiveRoom(context, row);
    await room.#membership.restore(row.roster);
    await room.#window.open();
    await room.#draft.open();
    await room.#profiles.open();
    await room.render();
    if (!row.gone) inBackground(room.#uploads.goOn(), 'going on with uploads');
    inBackground(room.#profiles.tell(), 'saying who one is');
    if (newKinds(row).size > 0) inBackground(room.#understand(), 'taking in what is understood by now');
    return room;
  }

  async #understand(): Promise<void> {
    const { session, bus } = this.#context;
    await session.keys.understand(this.id);
    await this.changed();
    bus.tell({ kind: 'room', id: this.id });
  }

  get typing(): Observable<readonly string[]> {
    return this.#company.typing.who;
  }

  writes(on: boolean): void {
    this.#company.typing.write(on && !this.#row.gone);
  }

  get present(): Observable<readonly string[]> {
    return this.#company.presence.who;
  }

  looks(on: boolean): void {
    this.#company.presence.look(on && !this.#row.gone);
  }

  get connected(): boolean {
    return this.#feed.connected;
  }

  /** Read to the end, nothing to say, nobody looking, no file on its way. */
  get idle(): boolean {
    const read = this.#row.since !== undefined && this.#row.cursor >= this.#heard;
    const online = this.#feed.connection === 'online';
    const quiet = !this.#leaving && !this.#uploads.busy && !this.call.busy && !this.watch.busy;
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
    if (now) this.#trust.want();
  }

  get row(): Row<'rooms'> {
    return this.#row;
  }

  name(userId: string): string {
    return this.#membership.name(userId);
  }

  send(text: string, replyTo?: string): Promise<void> {
    this.#company.typing.write(false);
    return this.#saying.text(text, replyTo);
  }

  edit(messageId: string, text: string): Promise<void> {
    return this.#saying.edit(messageId, text);
  }

  forward(text: string): Promise<void> {
    return this.#saying.forward(text);
  }

  async pin({ id, seq }: { id: string; seq?: number }, on: boolean): Promise<void> {
    // What has no place in the log yet can't be pointed to.
    if (seq !== undefined) await this.#saying.pin(id, seq, on);
  }

  setTimer(seconds: number): Promise<void> {
    return this.#saying.say({ kind: 'timer', lasts: seconds });
  }

  async delete(item: TextItem | FileItem): Promise<void> {
    if (item.seq === undefined) return this.discard(item.id);
    if (item.kind === 'file') await this.deleteFile(item);
    await this.#saying.say({ kind: 'delete', target: item.id, seq: item.seq });
  }

  react(messageId: string, emoji: string, on: boolean): Promise<void> {
    return this.#saying.say({ kind: 'reaction', target: messageId, emoji, ...(!on && { remove: true }) });
  }

  report(item: TextItem | FileItem, report: Report): Promise<void> {
    return reportMessage(this.#context.session, this.id, this.#window.messages, item, report);
  }

  async reach(messageId: string, seq?: number): Promise<boolean> {
    const here = () => this.#window.messages.some(({ id }) => id === messageId);
    if (seq !== undefined) await this.#window.growTo(seq);
    while (!here() && !this.#window.complete) await this.#window.grow();
    await this.render();
    return here();
  }

  get draft(): string {
    return this.#draft.text;
  }

  keepDraft(text: string): Promise<void> {
    return this.#draft.keep(text);
  }

  /** Tells the others that this device is new, so that they give it their keys, or another one gone, so that they give it none. */
  announceDevice(deviceId = this.#context.session.account.deviceId): Promise<void> {
    const own = deviceId === this.#context.session.account.deviceId;
    return this.#saying.say({ kind: 'device', deviceId, ...(own && { fresh: true }) });
  }

  retry(messageId: string): Promise<void> {
    return this.#outbox.retry(messageId);
  }

  async discard(messageId: string): Promise<void> {
    await this.#uploads.cancel(messageId);
    await this.#outbox.discard(messageId);
    await this.render();
  }

  sendFile(file: File, options?: SendFileOptions): Promise<void> {
    this.#mustBeIn();
    return this.#uploads.send(file, options);
  }

  async resumeFile(item: FileItem, file?: File): Promise<void> {
    this.#mustBeIn();
    await this.#uploads.resume(item.fileId, file);
  }

  /** Gives up what is being sent: this browser is about to forget its keys. */
  abandonUploads(): Promise<void> {
    return this.#uploads.abandon();
  }

  openFile(item: FileItem): Promise<OpenedFile> {
    return this.#files.open(item);
  }

  async deleteFile(item: FileItem): Promise<void> {
    await this.#context.session.api('deleteFile', { params: { id: item.fileId } });
    await this.#uploads.ended(item.fileId);
    await this.keepPlace(item.fileId, undefined);
  }

  placeIn(fileId: string): Promise<number | undefined> {
    return this.#files.placeIn(fileId);
  }

  keepPlace(fileId: string, seconds: number | undefined): Promise<void> {
    return this.#files.keepPlace(fileId, seconds);
  }

  async loadOlder(): Promise<boolean> {
    await this.#window.grow();
    await this.render();
    return !this.#window.complete;
  }

  markRead(): void {
    this.#company.reads.read();
  }

  rename(name: string): Promise<void> {
    return this.#look.rename(name);
  }

  setPicture(jpeg: Uint8Array | undefined): Promise<void> {
    return this.#look.setPicture(jpeg);
  }

  arrange({ placing, muted }: { placing?: Placing; muted?: boolean }): Promise<void> {
    return this.#patch(({ placing: before, ...row }) => {
      const place = placing === undefined ? before : placing === 'list' ? undefined : placing;
      return { ...row, ...(place && { placing: place }), ...(muted !== undefined && { muted }) };
    });
  }

  invite(terms?: { expiresInHours?: number; uses?: number }): Promise<string> {
    return this.#invites.create(terms);
  }

  invites(): readonly OpenInvite[] {
    return this.#invites.open();
  }

  revokeInvite(key: string): Promise<void> {
    return this.#invites.revoke(key);
  }

  async askingLink(expiresInHours: number): Promise<string> {
    const link = await this.#requests.open(expiresInHours);
    await this.render();
    return link;
  }

  async endAsking(): Promise<void> {
    await this.#requests.close();
    await this.#requests.refresh();
  }

  letIn(userId: string): Promise<void> {
    return this.#requests.letIn(userId);
  }

  decline(userId: string): Promise<void> {
    return this.#requests.decline(userId);
  }

  async setRole(userId: string, role: Role): Promise<void> {
    await this.#membership.append(
      (link) => {
        const is = this.#membership.members.find((member) => member.userId === userId);
        return is?.role === role ? undefined : { ...link, kind: 'role', user: userId, role };
      },
      (entry) => this.#context.session.api('patchRoom', { params: { id: this.id }, body: { entry } }),
    );
  }

  async remove(userId: string): Promise<void> {
    await this.#membership.append(
      (link) => (this.#membership.isMember(userId) ? { ...link, kind: 'removed', user: userId } : undefined),
      (entry) =>
        this.#context.session.api('removeMember', { params: { id: this.id, userId }, body: { entry } }),
    );
  }

  files(before?: number, limit = 30): Promise<FileItem[]> {
    return filesIn(this.#reader(), this.#window, before, limit);
  }

  /** All that was said here, as far as this device can read it, oldest first. */
  everything(): Promise<TimelineItem[]> {
    return everythingIn(this.#reader(), this.#context.session.store);
  }

  #reader(): Reader {
    const { log } = this.#membership;
    const joinedAs = (userId: string) => this.#membership.joinedAs(userId);
    return { me: this.#context.session.account.id, log, name: (userId) => this.name(userId), joinedAs };
  }

  inspect(): Promise<Inspection> {
    return inspect(this.#context.session, this.#membership);
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
    return this.#profiles.tell();
  }

  /** Somebody was verified, or is not any more, in this tab or another. */
  trustChanged(): Promise<void> {
    return this.#trust.changed();
  }

  /** Leaves for good: whoever is its only owner makes somebody else one first. Alone in it, they take the room along. */
  async leaveForGood(): Promise<void> {
    const heir = heirOf(this.#membership.members, this.#context.session.account.id);
    if (heir) await this.setRole(heir, 'owner');
    await this.leave();
  }

  async leave(): Promise<void> {
    await this.#membership
      .append(
        (link) => ({ ...link, kind: 'left' }),
        (entry) => this.#context.session.api('leaveRoom', { params: { id: this.id }, body: { entry } }),
      )
      .catch((error) => {
        // Nobody heard that it was done the last time.
        if (!(error instanceof ProblemError && error.is('not-a-member'))) throw error;
      });
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

  #show(): void {
    inBackground(this.render(), 'showing a room');
  }

  async #read(): Promise<void> {
    if (this.#closed) return;
    const { store } = this.#context.session;
    const row = await store.get('rooms', this.id);
    if (!row) return;
    const { repairs, profiles } = this.#row;
    this.#row = row;
    if (profiles !== row.profiles) await this.#profiles.open();
    if (repairs !== row.repairs) await this.#window.reload();
    const { log } = this.#membership;
    if (row.roster.length > log.entries.length && (await this.#membership.restore(row.roster)))
      this.#outbox.flush();
    await this.#window.follow();
    await this.render();
    this.#context.onChange(row);
    this.#trust.rosterChanged();
  }

  async #render(): Promise<void> {
    if (this.#closed) return;
    const me = this.#context.session.account.id;
    const { log } = this.#membership;
    const name = (userId: string) => this.name(userId);
    const { messages, complete } = this.#window;
    const trust = this.#trust.known;
    const outbox = await this.#outbox.rows();
    this.#leaving = outbox.some((row) => row.problem === undefined);
    if (this.#leaving) this.#outbox.flushEventually();
    if (this.#leaving && !this.connected) this.want(true);
    if (this.idle) this.#context.sockets.settle();
    const here = new Set(outbox.length > 0 ? messages.map((message) => message.id) : []);
    const timeline = buildTimeline({
      me,
      messages,
      made: this.#made,
      outbox: outbox.filter((row) => !here.has(row.id)),
      sending: this.#uploads.sending,
      interrupted: await this.#uploads.interrupted(),
      history: log.history,
      complete,
      before: this.#row.before || this.#row.missed !== undefined,
      wasMember: (userId, head) => log.wasMember(userId, head),
      isVerified: (userId) => trust.get(userId) === 'verified',
      name,
      joinedAs: (userId) => this.#membership.joinedAs(userId),
    });
    const reads = [...this.#company.reads.others].filter(([userId]) => this.#membership.isMember(userId));
    this.view.set(
      roomView({
        me,
        row: this.#row,
        membership: this.#membership,
        trust,
        connection: this.#feed.connection,
        timeline: withReaders(timeline, new Map(reads), name),
        hasOlder: !complete,
        requests: this.#requests.waiting,
        asking: this.#requests.until,
        pins: await pinned(this.#row, timeline, this.#context.session.store, name),
      }),
    );
  }

  async close(): Promise<void> {
    await this.#outbox.close();
    this.call.leave();
    this.watch.close();
    this.#uploads.close();
    this.#company.close();
    this.#profiles.close();
    this.#files.close();
    this.#closed = true;
    this.#context.sockets.forget(this);
    await this.#trust.close();
    await this.#feed.close();
    await this.#draft.close();
    await this.#reading.idle();
    await this.#rendering.idle();
  }

  connect(): void {
    if (!this.#closed && !this.#row.gone) this.#feed.connect();
  }

  disconnect(): void {
    this.#feed.disconnect();
  }

  /** Messages have disappeared from the store. */
  async erased(messages: readonly Row<'messages'>[]): Promise<void> {
    await this.changed();
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
    const { log, roster } = this.#membership;
    const fresh = log.history.filter(({ seq }) => seq >= this.#row.roster.length);
    const role = roster.members.get(this.#context.session.account.id)?.role;
    await this.#patch((row) => ({
      ...row,
      role: role ?? row.role,
      roster: row.roster.length >= log.entries.length ? row.roster : [...log.entries],
    }));
    this.#outbox.flush();
    this.call.rosterChanged();
    inBackground(this.#look.greet(fresh), 'telling somebody new about the room');
    this.#profiles.greet(fresh);
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
